"""The supervisor: takes jobs from the queue, gives each to a free slot, and replaces slots that die."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine
from contextlib import suppress
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from loguru import logger
from procrastinate import App
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from robots.queue.engine import JOB, AsTheAttemptSays, Connector, RetryLater, queue_of, worker_app
from robots.queue.upkeep import Upkeep, register_worker, worker_has_ended
from robots.settings import Settings
from robots.store import Store
from robots.store.clock import span
from robots.store.processes import this_process
from robots.task_files import load_tasks
from robots.worker.look_behind import look_behind_breakers
from robots.worker.needs import systems_of
from robots.worker.own_tasks import OWN_TASKS
from robots.worker.slot_process import SlotDied, SlotProcess

# Kept short: the jobs of a worker that died are taken over this soon (the slot's own death is seen at once).
HEARTBEAT_SECONDS = 1.0
STALLED_SECONDS = 5.0
PAUSE_AFTER_CRASH = 0.2
# Past by every clock: the engine would ask our own for «now».
AT_ONCE = datetime(2026, 1, 1, tzinfo=UTC)
LEAVE_BEFORE_LEASE = 0.7
PAUSE_BETWEEN_STARTS = 2.0


class Supervisor:
    """One worker of a machine. ``run`` returns when ``stop`` has been called and all runs have ended."""

    def __init__(self, settings: Settings, store: Store) -> None:
        self._settings = settings
        self._store = store
        self._free: asyncio.Queue[SlotProcess] = asyncio.Queue()
        self._slots: dict[int, SlotProcess] = {}
        # Those whose successors stand: they have a last run at most, and close their browsers.
        self._leaving: set[SlotProcess] = set()
        self._starting: set[int] = set()
        self._following = asyncio.Lock()
        self._at_work: set[asyncio.Task[None]] = set()
        self._stopping = asyncio.Event()
        self._worker: asyncio.Task[None] | None = None
        self._worker_id: int | None = None
        self._in_touch = time.monotonic()
        self.ready = asyncio.Event()

    async def run(self) -> None:
        """Work until stopped."""
        with worker_app(self._store.conninfo) as app:
            app.task(name=JOB, retry=AsTheAttemptSays())(self._carry_out)
            async with app.open_async():
                self._worker_id = await asyncio.to_thread(self._register)
                await asyncio.gather(*(self._fill(n) for n in range(self._settings.slot_count)))
                if self._stopping.is_set():  # stopped before it stood: no run is taken
                    await asyncio.gather(*(slot.stop() for slot in self._slots.values()))
                    return
                self._worker = asyncio.create_task(self._work(app))
                self._in_touch = time.monotonic()
                caring = [
                    asyncio.create_task(work) for work in (self._reap(app), self._look_after(), self._end_unseen_work())
                ]
                self.ready.set()
                logger.info("worker ready with {} slots", len(self._slots))
                try:
                    await self._worker
                finally:
                    self._stopping.set()
                    await asyncio.gather(*(slot.stop() for slot in self._all))
                    for task in caring:
                        task.cancel()
                    with suppress(SQLAlchemyError):  # of no use to a database that is away: its sign of life is over
                        await asyncio.to_thread(worker_has_ended, self._store, self._worker_id)

    def stop(self) -> None:
        """Take no new run; the runs at work are finished."""
        self._stopping.set()

    async def end_now(self) -> None:
        """As ``stop``, but the runs at work are cut off as well; they are begun again by the next worker."""
        self.stop()
        ended = self._all
        await asyncio.gather(*(slot.kill() for slot in ended))
        for slot in ended:  # a job that waits for a slot gets one that says at once that it is dead
            self._free.put_nowait(slot)

    @property
    def _all(self) -> list[SlotProcess]:
        return [*self._slots.values(), *self._leaving]

    async def _work(self, app: App) -> None:
        """Take jobs until stopped. When the database was lost the engine is let end, and another takes its place."""
        assert isinstance(app.connector, Connector)
        while not self._stopping.is_set():
            app.connector.lost.clear()
            engine = asyncio.create_task(self._take_jobs(app))
            ends = [asyncio.create_task(each.wait()) for each in (app.connector.lost, self._stopping)]
            try:
                await asyncio.wait((engine, *ends), return_when=asyncio.FIRST_COMPLETED)
            finally:
                for each in (engine, *ends):  # once: the engine takes a second time for an order to drop its jobs
                    each.cancel()
                await asyncio.wait((engine,))

    async def _take_jobs(self, app: App) -> None:
        try:
            await app.run_worker_async(
                queues=self._queues or None,  # type: ignore[arg-type]  # None is documented: all queues
                concurrency=self._settings.slot_count, listen_notify=True, delete_jobs="never",
                fetch_job_polling_interval=1.0, update_heartbeat_interval=HEARTBEAT_SECONDS,
                stalled_worker_timeout=STALLED_SECONDS, install_signal_handlers=False,
            )  # fmt: skip
        except Exception as error:  # the engine gives up on a database that is away for half a minute
            logger.warning("the queue cannot be reached ({})", type(error).__name__)
            await asyncio.sleep(HEARTBEAT_SECONDS)  # what could not be reached is asked again

    async def _carry_out(self, run_id: int) -> None:
        """One job: one attempt in a slot. Ends well, or says by ``RetryLater`` when it is to be tried again."""
        slot = await self._free.get()
        while not slot.alive and not self._stopping.is_set():  # it ended at rest; another stands, or is on its way
            slot = await self._free.get()
        try:
            told = await slot.carry_out(run_id, self._settings.run_minutes * 60)
        except SlotDied as death:
            logger.warning("{} with run {}", death, run_id)
            self._replace(slot)
            raise await self._later(PAUSE_AFTER_CRASH) from None
        except asyncio.CancelledError:
            await slot.kill()
            raise
        self._give_back(slot)
        if "retry" in told:
            raise await self._later(float(told["retry"]))

    async def _later(self, seconds: float) -> RetryLater:
        """So many seconds from now, by the clock that all workers share; by our own while the database is away."""
        with suppress(SQLAlchemyError):
            if told := await asyncio.to_thread(self._store.ask, select(func.clock_timestamp() + span(seconds))):
                return RetryLater(seconds, at=told[0])
        return RetryLater(seconds)

    def _give_back(self, slot: SlotProcess) -> None:
        if slot.alive:
            self._free.put_nowait(slot)
        else:
            self._replace(slot)

    def _replace(self, slot: SlotProcess) -> None:
        """Another slot in the place of one that has ended; once, whoever notices first."""
        if self._slots.get(slot.number) is slot:
            del self._slots[slot.number]
            if not self._stopping.is_set() and slot.number not in self._starting:
                self._background(self._fill(slot.number))

    def _background(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._at_work.add(task)
        task.add_done_callback(self._at_work.discard)

    async def _fill(self, number: int) -> None:
        """Put a slot in a place, as soon as one stands; the one that was there may leave then."""
        self._starting.add(number)
        try:
            slot = await self._started(number)
        finally:
            self._starting.discard(number)
        if slot is None:
            return
        former = self._slots.get(number)
        self._slots[number] = slot
        self._free.put_nowait(slot)
        self._background(self._replace_when_ended(slot))
        self._background(self._follow_when_worn(slot))
        if former:
            self._leaving.add(former)
            self._background(self._let_leave(former))

    async def _started(self, number: int) -> SlotProcess | None:
        """A slot, tried until it stands: a browser that is being updated comes back. None when stopped."""
        while not self._stopping.is_set():
            try:
                slot = await SlotProcess.start(number, self._settings, self._store, self._worker_id)
            except Exception as death:  # whatever it is: a place that nobody fills again is a worker that stands still
                logger.error("{}; started again in {} s", death, PAUSE_BETWEEN_STARTS)
                # What killed it at once would kill the next at once.
                await asyncio.sleep(PAUSE_BETWEEN_STARTS)
                continue
            if self._stopping.is_set():
                await slot.stop()
                return None
            return slot
        return None

    async def _replace_when_ended(self, slot: SlotProcess) -> None:
        await slot.ended.wait()
        self._replace(slot)

    async def _follow_when_worn(self, slot: SlotProcess) -> None:
        """Its successor is started while it goes on: somebody is always ready for the guide who comes now."""
        await slot.worn.wait()
        async with self._following:  # one at a time: to start costs the others' runs their time
            if self._slots.get(slot.number) is slot and not slot.ended.is_set():
                await self._fill(slot.number)

    async def _let_leave(self, slot: SlotProcess) -> None:
        try:
            await slot.retire()
        finally:
            self._leaving.discard(slot)

    def _register(self) -> int:
        me, settings = this_process(), self._settings
        return register_worker(
            self._store, me, name=settings.worker_name or me.host, slots=settings.slot_count, queues=self._queues
        )  # fmt: skip

    @cached_property
    def _queues(self) -> list[str]:
        """The queues of the tasks whose systems this worker can reach; none named means all of them."""
        reached = set(self._settings.reaches)
        if not reached:
            return []
        found = [*load_tasks(self._settings.tasks_dir).by_name.values(), *OWN_TASKS.values()]
        return [queue_of(task.name) for task in found if systems_of(self._settings, task) <= reached]

    async def _look_after(self) -> None:
        """Give a sign of life and look after what others left, once a second."""
        assert self._worker_id is not None
        settings = self._settings
        upkeep = Upkeep(
            self._store, self._worker_id, settings.answer_hours, settings.warn_hours, settings.lease_seconds
        )  # fmt: skip
        while True:
            began = time.monotonic()
            try:
                if await asyncio.to_thread(upkeep.look_round):
                    self.stop()
                await asyncio.to_thread(look_behind_breakers, settings, self._store)
                self._in_touch = began  # the sign was given after that, however long the rest took
            except SQLAlchemyError as error:
                logger.warning("the database does not answer ({})", type(error).__name__)
            # A sign of life is given by the clock; after an answer that took long the next is due already.
            await asyncio.sleep(began + HEARTBEAT_SECONDS - time.monotonic())

    async def _end_unseen_work(self) -> None:
        """Before others take this worker for gone, its robots leave the systems: their seats will be given away.

        By the clock alone: where the link is cut, a question to the database is not even refused for half a minute.
        """
        while True:
            if time.monotonic() - self._in_touch > self._settings.lease_seconds * LEAVE_BEFORE_LEASE:
                logger.error("the slots are ended: the database has been away too long")
                await asyncio.gather(*(slot.kill() for slot in self._all))
                self._in_touch = time.monotonic()
            await asyncio.sleep(HEARTBEAT_SECONDS / 4)  # time passes by itself

    async def _reap(self, app: App) -> None:
        """Give back what dead workers had taken and not begun; what they had begun ``Upkeep`` takes over sooner."""
        while True:
            try:
                for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_SECONDS):
                    logger.warning("run {} is taken over from a dead worker", job.task_kwargs.get("run_id"))
                    await app.job_manager.retry_job(job, retry_at=AT_ONCE)
            except Exception as error:  # a database that restarts is back in a moment; the reaper must not end
                logger.warning("could not look for dead workers: {}", error)
            await asyncio.sleep(HEARTBEAT_SECONDS)
