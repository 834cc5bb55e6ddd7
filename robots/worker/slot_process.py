"""The supervisor's side of a slot: start it, give it a run, end it with everything it started."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from contextlib import suppress
from typing import Any

from loguru import logger

from robots.settings import Settings
from robots.store import Store

READY_SECONDS = 60


class SlotDied(Exception):
    """The slot's process ended while it had a run, or before it was ready."""


class SlotProcess:
    """One slot: a process group of its own, so that it can be ended with its browser and its driver."""

    def __init__(self, number: int, process: asyncio.subprocess.Process) -> None:
        self.number = number
        self._process = process

    @classmethod
    async def start(cls, number: int, settings: Settings, store: Store) -> SlotProcess:
        """Start a slot and wait until its browser is warm. Raises ``SlotDied`` when it does not get ready."""
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "robots.worker.slot",
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, start_new_session=True,
        )  # fmt: skip
        slot = cls(number, process)
        # The database's address may hold a password: it goes through the pipe, which nobody else can read.
        told = settings.model_dump(mode="json", exclude={"database_url"})
        await slot._tell(settings=told, database=store.url)
        try:
            async with asyncio.timeout(READY_SECONDS):
                await slot._hear()
        except TimeoutError:
            await slot.kill()
            raise SlotDied(f"slot {number} was not ready in {READY_SECONDS} s") from None
        return slot

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def alive(self) -> bool:
        return self._process.returncode is None

    async def carry_out(self, run_id: int, seconds: float) -> dict[str, Any]:
        """How the run's attempt ended. Raises ``SlotDied`` when the slot died, or was ended on its deadline."""
        try:
            async with asyncio.timeout(seconds):
                await self._tell(run=run_id)
                return await self._hear()
        except TimeoutError:
            logger.warning("run {} has passed its deadline of {:.0f} s; its slot is ended", run_id, seconds)
            await self.kill()
            raise SlotDied(f"run {run_id} passed its deadline") from None

    async def stop(self) -> None:
        """Let it close its browser; end it if it does not."""
        with suppress(SlotDied, TimeoutError):
            await self._tell(stop=True)
            async with asyncio.timeout(10):
                await self._process.wait()
        await self.kill()

    async def kill(self) -> None:
        """End the process and all that it started, at once."""
        if hasattr(os, "killpg"):
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
        elif self.alive:
            self._process.kill()
        await self._process.wait()

    async def _tell(self, **message: Any) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(message).encode() + b"\n")
            await self._process.stdin.drain()
        except (BrokenPipeError, ConnectionResetError):
            raise SlotDied(f"slot {self.number} has ended") from None

    async def _hear(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = await self._process.stdout.readline()
        if not line:
            await self.kill()
            raise SlotDied(f"slot {self.number} has ended")
        heard: dict[str, Any] = json.loads(line)
        return heard
