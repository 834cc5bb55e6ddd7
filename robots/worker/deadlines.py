"""Until when a run, and each of its steps, may take; and what is said of a slot that took longer."""

from __future__ import annotations

import asyncio


class SlotDied(Exception):
    """The slot's process ended, or was ended, while it had a run or before it was ready.

    The message tells the log why; ``words`` tell people, when a run was cut off by it. ``ordered``: a person wanted it.
    """

    def __init__(self, message: str, words: str = "", *, ordered: bool = False) -> None:
        super().__init__(message)
        self.words = words
        self.ordered = ordered


class Deadlines:
    """The clocks of one attempt, which starts now; times are the event loop's, in seconds."""

    def __init__(self, slot: int, run_id: int, run_seconds: float, step_seconds: float, sign_seconds: float) -> None:
        self._about = f"slot {slot} was ended: run {run_id}"
        self._run_seconds, self._step_seconds, self._sign_seconds = run_seconds, step_seconds, sign_seconds
        now = self._now()
        self._run_ends, self._step_ends, self._sign_ends = now + run_seconds, now + step_seconds, now + sign_seconds
        self._step = self._before = ""
        self.begun = False

    def step_begins(self, title: str) -> str:
        """The slot has told that a step begins, or with "" that it has taken up the run or is between two steps."""
        self.begun = True
        self._step, self._before = title, self._step or self._before
        self._step_ends = self._now() + self._step_seconds
        return title

    @property
    def next(self) -> float:
        """When the first of them is passed."""
        ends = min(self._run_ends, self._step_ends)
        return ends if self.begun else min(ends, self._sign_ends)

    def passed(self) -> SlotDied:
        """Which of them has been passed."""
        next_one = self.next
        step = f" i steget «{self._step}»" if self._step else f" efter steget «{self._before}»" if self._before else ""
        if next_one == self._run_ends:
            return SlotDied(
                f"{self._about} passed its deadline of {self._run_seconds:g} s{_during(self._step)}",
                f"Körningen tog längre tid än {spoken(self._run_seconds)} och avbröts{step}.",
            )
        if next_one == self._step_ends and self._step:
            return SlotDied(
                f"{self._about} passed the deadline of {self._step_seconds:g} s for a step{_during(self._step)}",
                f"Steget «{self._step}» tog längre tid än {spoken(self._step_seconds)} och avbröts.",
            )
        if next_one == self._step_ends:
            return SlotDied(
                f"{self._about} passed the deadline of {self._step_seconds:g} s for a step, outside its steps",
                f"Körningen stod stilla mellan två steg i mer än {spoken(self._step_seconds)} och avbröts.",
            )
        return SlotDied(f"{self._about} was not taken up in {self._sign_seconds:g} s")

    @staticmethod
    def _now() -> float:
        return asyncio.get_running_loop().time()


def spoken(seconds: float) -> str:
    """A time as people say it: «4 minuter», «1,5 sekunder»."""
    number, one, many = (seconds / 60, "minut", "minuter") if seconds >= 60 else (seconds, "sekund", "sekunder")
    return f"{number:g} {one if number == 1 else many}".replace(".", ",")


def _during(step: str) -> str:
    return f", in the step «{step}»" if step else ""
