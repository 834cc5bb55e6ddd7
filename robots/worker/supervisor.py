"""The supervisor: takes jobs from the queue, gives each to a free slot, and replaces slots that die."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from loguru import logger
from procrastinate import App

from robots.queue.engine import JOB, QUEUE, AsTheAttemptSays, RetryLater, worker_app
from robots.settings import Settings
from robots.store import Store
from robots.worker.slot_process import SlotDied, SlotProcess

# Kept short: the jobs of a worker that died are taken over this soon (the slot's own death is seen at once).
HEARTBEAT_SECONDS = 1.0
STALLED_SECONDS = 5.0
PAUSE_AFTER_CRASH = 0.2
PAUSE_BETWEEN_STARTS = 2.0


class Supervisor:
    """One worker of a machine. ``run`` returns when ``stop`` has been called and all runs have ended."""

    def __init__(self, settings: Settings, store: Store) -> None:
        self._settings = settings
        self._store = store
        self._free: asyncio.Queue[SlotProcess] = asyncio.Queue()
        self._slots: dict[int, SlotProcess] = {}
        self._stopping = False
        self._worker: asyncio.Task[None] | None = None
        self.ready = asyncio.Event()

    async def run(self) -> None:
        """Work until stopped."""
        with worker_app(self._store.conninfo) as app:
            app.task(name=JOB, queue=QUEUE, retry=AsTheAttemptSays())(self._carry_out)
            async with app.open_async():
                await asyncio.gather(*(self._fill(n) for n in range(self._settings.slot_count)))
                if self._stopping:  # stopped before it stood: no run is taken
                    await asyncio.gather(*(slot.stop() for slot in self._slots.values()))
                    return
                self._worker = asyncio.create_task(self._work(app))
                reaper = asyncio.create_task(self._reap(app))
                self.ready.set()
                logger.info("worker ready with {} slots", len(self._slots))
                try:
                    await self._worker
                finally:
                    reaper.cancel()
                    self._stopping = True
                    await asyncio.gather(*(slot.stop() for slot in self._slots.values()))

    def stop(self) -> None:
        """Take no new run; the runs at work are finished."""
        if self._worker and not self._stopping:  # the engine takes a second cancelling for an order to drop its jobs
            self._worker.cancel()
        self._stopping = True

    async def end_now(self) -> None:
        """As ``stop``, but the runs at work are cut off as well; they are begun again by the next worker."""
        self.stop()
        ended = list(self._slots.values())
        await asyncio.gather(*(slot.kill() for slot in ended))
        for slot in ended:  # a job that waits for a slot gets one that says at once that it is dead
            self._free.put_nowait(slot)

    async def _work(self, app: App) -> None:
        with suppress(asyncio.CancelledError):
            await app.run_worker_async(
                queues=[QUEUE], concurrency=self._settings.slot_count, listen_notify=True, delete_jobs="never",
                fetch_job_polling_interval=1.0, update_heartbeat_interval=HEARTBEAT_SECONDS,
                stalled_worker_timeout=STALLED_SECONDS, install_signal_handlers=False,
            )  # fmt: skip

    async def _carry_out(self, run_id: int) -> None:
        """One job: one attempt in a slot. Ends well, or says by ``RetryLater`` when it is to be tried again."""
        slot = await self._free.get()
        try:
            told = await slot.carry_out(run_id, self._settings.run_minutes * 60)
        except SlotDied as death:
            logger.warning("{} with run {}", death, run_id)
            self._replace(slot)
            raise RetryLater(PAUSE_AFTER_CRASH) from None
        except asyncio.CancelledError:
            await slot.kill()
            raise
        self._give_back(slot)
        if "retry" in told:
            raise RetryLater(float(told["retry"]))

    def _give_back(self, slot: SlotProcess) -> None:
        if slot.alive:
            self._free.put_nowait(slot)
        else:
            self._replace(slot)

    def _replace(self, slot: SlotProcess) -> None:
        self._slots.pop(slot.number, None)
        if not self._stopping:
            replacing = asyncio.create_task(self._fill(slot.number))
            replacing.add_done_callback(lambda task: task.cancelled() or task.exception())

    async def _fill(self, number: int) -> None:
        """Start a slot, again and again until it stands: a browser that is being updated comes back."""
        while not self._stopping:
            try:
                slot = await SlotProcess.start(number, self._settings, self._store)
            except SlotDied as death:
                logger.error("{}; started again in {} s", death, PAUSE_BETWEEN_STARTS)
                # What killed it at once would kill the next at once.
                await asyncio.sleep(PAUSE_BETWEEN_STARTS)
                continue
            self._slots[number] = slot
            self._free.put_nowait(slot)
            return

    async def _reap(self, app: App) -> None:
        """Give the jobs of dead workers back to the queue."""
        while True:
            try:
                for job in await app.job_manager.get_stalled_jobs(queue=QUEUE, seconds_since_heartbeat=STALLED_SECONDS):
                    logger.warning("run {} is taken over from a dead worker", job.task_kwargs.get("run_id"))
                    await app.job_manager.retry_job(job)
            except Exception as error:  # a database that restarts is back in a moment; the reaper must not end
                logger.warning("could not look for dead workers: {}", error)
            await asyncio.sleep(HEARTBEAT_SECONDS)
