"""The supervisor's side of a slot: start it, give it a run, end it with everything it started.

What a slot does wrong stays within it: it is ended when it passes a deadline, grows too large or gives no sign of life,
and its processes and temporary files go with it.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from contextlib import suppress
from typing import Any, ClassVar

from loguru import logger
from sqlalchemy.exc import SQLAlchemyError

from robots.queue.attempts import cut_off, leave_last_words
from robots.settings import Settings
from robots.store import Store
from robots.store.processes import process as process_id
from robots.worker.deadlines import Deadlines, SlotDied
from robots.worker.family import Family
from robots.worker.slot_folder import SlotFolder, sweep

READY_SECONDS = 60.0
# A slot that rests is asked for a sign of life this often; one that gives none for so long is taken to hang. It may be
# starting its browser anew meanwhile.
ASK_SECONDS = 5.0
SIGN_SECONDS = 15.0
# How often its memory is looked at.
LOOK_SECONDS = 1.0
# How long it may take to close its browser when it is told to stop.
LEAVING_SECONDS = 10.0
# A process that ends closes its pipes a moment before its exit code can be had.
LAST_BREATH_SECONDS = 0.5
MEGABYTE = 1024 * 1024

# Settings that may hold a secret, which reach the slot by its pipe or not at all: whatever it starts could read them in
# the environment.
UNTOLD = ("RAGNHILD_DATABASE_URL", "RAGNHILD_HEARTBEAT_URL", "PGPASSWORD")

__all__ = ["SlotDied", "SlotProcess"]


class SlotProcess:
    """One slot: a process group of its own, with a folder of its own for all temporary files."""

    # What is started, as python -m would; it must speak like that one.
    module: ClassVar[str] = "robots.worker.slot"

    def __init__(
        self, number: int, process: asyncio.subprocess.Process, folder: SlotFolder, settings: Settings, store: Store
    ) -> None:
        self.number = number
        self.owner = process_id(process.pid)
        self.folder = folder
        self._process = process
        self._settings = settings
        self._store = store
        self._family = Family(folder.path, process.pid)
        self._speaking = asyncio.Lock()
        self._step = ""
        self._death: SlotDied | None = None
        self._retired = False
        self._ending: asyncio.Task[None] | None = None
        # Set when another is to take its place: it has done many runs, or has ended. The first goes on until then.
        self.worn = asyncio.Event()
        # Set when it has ended, for whatever reason, and nothing is left of it.
        self.ended = asyncio.Event()
        self._watching: list[asyncio.Task[None]] = []

    @classmethod
    async def start(
        cls, number: int, settings: Settings, store: Store, worker_id: int | None = None
    ) -> SlotProcess:  # fmt: skip
        """Start a slot and wait until its browser is warm. Raises ``SlotDied`` when it does not get ready."""
        try:
            await asyncio.to_thread(sweep, settings.data_dir)
            folder = SlotFolder(settings.data_dir)
        except OSError as error:
            raise SlotDied(f"slot {number} has no place for its temporary files: {error}") from None
        try:
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", cls.module, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
                start_new_session=True, env=_environment() | folder.environment,
            )  # fmt: skip
        except OSError as error:
            folder.remove()
            raise SlotDied(f"slot {number} could not be started: {error}") from None
        slot = cls(number, process, folder, settings, store)
        try:
            # The database's address may hold a password: it goes through the pipe, which nobody else can read.
            told = settings.model_dump(mode="json", exclude={"database_url"})
            await slot._tell(settings=told, database=store.url, worker=worker_id)
            async with asyncio.timeout(READY_SECONDS):
                await slot._hear()
        except TimeoutError:
            await slot._end()
            raise SlotDied(f"slot {number} was not ready in {READY_SECONDS:.0f} s") from None
        except BaseException:
            await slot._end()
            raise
        slot._watching = [asyncio.create_task(slot._watch()), asyncio.create_task(slot._ask())]
        return slot

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether it can take a run. Not one that has done its last and is on its way out."""
        return self._process.returncode is None and self._ending is None and not self._retired

    async def carry_out(self, run_id: int, seconds: float) -> dict[str, Any]:
        """How the run's attempt ended. Raises ``SlotDied`` when the slot died, or was ended for what it did."""
        deadlines = Deadlines(self.number, run_id, seconds, self._settings.step_minutes * 60, SIGN_SECONDS)
        async with self._speaking:
            try:
                await self._tell(run=run_id)
                told = await self._answer(run_id, deadlines)
            except SlotDied as death:
                if deadlines.begun:
                    await self._leave_words(run_id, death)
                raise
            finally:
                self._step = ""
        if told.get("worn"):
            self.worn.set()
        if told.get("last"):
            self._retired = True
            # Its browser closes while the run's outcome is already told.
            self._watching.append(asyncio.create_task(self.stop()))
        return told

    async def _answer(self, run_id: int, deadlines: Deadlines) -> dict[str, Any]:
        while True:
            try:
                async with asyncio.timeout_at(deadlines.next):
                    heard = await self._hear()
            except TimeoutError:
                raise await self._end_for(deadlines.passed()) from None
            if heard.get("run") == run_id and "step" not in heard:
                return heard
            if heard.get("run") == run_id:
                self._step = deadlines.step_begins(str(heard["step"]))

    async def _leave_words(self, run_id: int, death: SlotDied) -> None:
        """What happened, for the next attempt and for whoever reads the outcome."""
        try:
            tell = cut_off if death.ordered else leave_last_words
            await asyncio.to_thread(tell, self._store, run_id, self.owner, death.words)
        except SQLAlchemyError as error:
            logger.warning("what ended run {} could not be written ({})", run_id, type(error).__name__)

    async def retire(self) -> None:
        """Give it no other run, and let it leave when the one that it has is done."""
        self._retired = True
        async with self._speaking:
            await self.stop()

    async def stop(self) -> None:
        """Let it close its browser; end it if it does not."""
        try:
            with suppress(SlotDied, TimeoutError):
                await self._tell(stop=True)
                async with asyncio.timeout(LEAVING_SECONDS):
                    await self._process.wait()
        finally:
            await self._end()

    async def kill(self) -> None:
        """End the process and all that it started, at once, and remove its folder."""
        words = "Körningen avbröts när workern stoppades."
        await self._end_for(SlotDied(f"slot {self.number} was told to end", words, ordered=True))

    async def _end_for(self, death: SlotDied) -> SlotDied:
        """Returns what it is ended for: it may be on its way out for something else already."""
        self._death = self._death or death
        await self._end()
        return self._death

    async def _end(self) -> None:
        """Once, whoever asks, and to the end although the one who asked is cancelled."""
        if self._ending is None:
            self._ending = asyncio.create_task(self._end_all())
        await asyncio.shield(self._ending)

    async def _end_all(self) -> None:
        await asyncio.to_thread(self._end_and_remove)  # a thread, which nobody can cancel halfway
        self.ended.set()
        self.worn.set()
        with suppress(TimeoutError):  # its pipes are open as long as somebody lives who could not be killed
            async with asyncio.timeout(LEAVING_SECONDS):
                await self._process.wait()
        for task in self._watching:
            task.cancel()

    def _end_and_remove(self) -> None:
        self._family.end()
        self.folder.remove()

    async def _watch(self) -> None:
        """End it when it is too large, and clean up after it when it has ended by itself."""
        most = self._settings.slot_memory_mb
        while self._process.returncode is None:
            used = await asyncio.to_thread(self._family.memory) // MEGABYTE
            if used > most:
                death = SlotDied(
                    f"slot {self.number} was ended: it used {used} MB of memory, and {most} are allowed",
                    f"Körningen använde mer minne än {most} MB och avbröts{_in(self._step)}.",
                )
                logger.warning("{}", death)
                await self._end_for(death)
            await asyncio.sleep(LOOK_SECONDS)  # memory tells nobody that it grows
        await self._end()

    async def _ask(self) -> None:
        """Ask for a sign of life while it rests; while it has a run the run's deadlines hold."""
        while True:
            await asyncio.sleep(ASK_SECONDS)  # between two questions, as the constant says
            if self._speaking.locked():
                continue
            async with self._speaking:
                try:
                    await self._tell(ping=True)
                    async with asyncio.timeout(SIGN_SECONDS):
                        while "pong" not in await self._hear():
                            pass
                except TimeoutError:
                    death = SlotDied(f"slot {self.number} was ended: it gave no sign of life at rest")
                    logger.warning("{}", death)
                    await self._end_for(death)
                except SlotDied:
                    return

    async def _tell(self, **message: Any) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(message).encode() + b"\n")
            await self._process.stdin.drain()
        except (BrokenPipeError, ConnectionResetError):
            raise await self._ended() from None

    async def _hear(self) -> dict[str, Any]:
        """The slot's next line. Whatever is no answer is passed over, and never shown: it may hold anything."""
        assert self._process.stdout is not None
        while True:
            try:
                line = await self._process.stdout.readline()
            except ValueError:  # longer than any answer
                line = b"-"
            if not line:
                raise await self._ended()
            with suppress(ValueError):
                heard = json.loads(line)
                if isinstance(heard, dict):
                    return heard
            logger.warning("slot {} said something that is no answer", self.number)

    async def _ended(self) -> SlotDied:
        """Clean up after it, and tell why it ended."""
        with suppress(TimeoutError):
            async with asyncio.timeout(LAST_BREATH_SECONDS):
                await self._process.wait()
        await self._end()
        if self._death:
            return self._death
        code = self._process.returncode
        return SlotDied(
            f"slot {self.number} ended by itself (exit code {code})",
            f"Processen avslutades av sig själv (kod {code}){_in(self._step)}.",
        )


def _in(step: str) -> str:
    return f" i steget «{step}»" if step else ""


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name.upper() not in UNTOLD}
