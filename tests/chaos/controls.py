"""The guards, each switched off in the actors of one control by patching: without it there must be duplicates."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from robots.effects import Effect, Ledger, State
from robots.errors import EffectUnverified
from robots.evidence import Recorder
from robots.store.processes import ProcessId
from robots.systems import once
from robots.worker import attempt


def for_all() -> None:
    """What holds for every actor, guards or not: shorter time, and no run set aside because it was killed often."""
    once.LOOK_AGAIN_SECONDS = 0.01
    attempt.POISON = 1_000_000


def without_evidence() -> None:
    """Neither step log nor report: half the work of an attempt, and none of its promises to the target."""

    def event(self: Recorder, kind: str, title: str, /, **detail: Any) -> None:
        """Not written."""

    def report(*_: Any, **__: Any) -> None:
        """Not written."""

    Recorder.event = event  # type: ignore[method-assign]
    vars(attempt).update(report_run=report, report_late=report)


def nothing() -> None:
    """All guards stand."""


def act_then_record() -> None:
    """As robots elsewhere do: what is recorded as done is skipped; else it is done, and recorded when answered."""

    def perform(self: Any) -> str:
        effect = self.ledger.intend(self.driver.system, self.method.__name__, self.once)
        if effect.state is State.CONFIRMED:
            return effect.receipt or ""
        self._attempt(effect)
        if not self.answered:
            raise EffectUnverified("no answer", 0.0)
        self.ledger.confirm(effect, effect.mark, "answered")
        return str(effect.mark)

    def arm(self: Ledger, effect: Effect, why: str, gate: object = None) -> None:
        """Nothing is remembered before the click."""

    def demand_still_armed(self: Ledger, effect: Effect) -> None:
        """Nothing was armed."""

    once._Performance.perform = perform  # type: ignore[method-assign]
    Ledger.arm = arm  # type: ignore[method-assign]
    Ledger.demand_still_armed = demand_still_armed  # type: ignore[method-assign]


def no_settling() -> None:
    """What is not seen at once is taken for not done."""

    def age(self: Any, effect: Effect) -> float:
        return 1e9

    once._Performance._age = age  # type: ignore[method-assign]


def no_confirmed_death() -> None:
    """Whoever has not answered for a while is taken for dead, and does not look whether it was, when it wakes up."""

    def demand_still_armed(self: Ledger, effect: Effect) -> None:
        """With this second guard there are none even now: it stands right before the request leaves."""

    ProcessId.certainly_dead = property(lambda self: True)  # type: ignore[method-assign, assignment]
    Ledger.demand_still_armed = demand_still_armed  # type: ignore[method-assign]


def no_look() -> None:
    """What is found ARMED is armed again without a look in the system."""

    def look(self: Any, effect: Effect) -> str | None:
        self.ledger.doubt(effect, "nobody looked")
        return effect.mark if self.answered else None

    once._Performance._look_until_settled = look  # type: ignore[method-assign]


CONTROLS: dict[str, Callable[[], None]] = {
    each.__name__: each for each in (nothing, act_then_record, no_settling, no_confirmed_death, no_look)
}
