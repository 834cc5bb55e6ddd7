"""``@effect``: a driver's method that changes something happens once, whatever dies on the way.

The method itself only fills in a form and commits it. Everything round it is here: the ledger, the look before and the
look afterwards, the wait until the system has settled, and the person who is asked when nobody can tell.
"""

from __future__ import annotations

import inspect
import time
from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from robots.effects import MOST_ARMINGS, Effect, State
from robots.errors import (
    ApplicationException,
    CommitsStopped,
    DryRunStop,
    EffectDuplicate,
    EffectLost,
    EffectRefused,
    EffectUncertain,
    EffectUnverified,
    SessionLost,
    SeveralMatches,
)
from robots.systems.driver import Committing, Driver
from robots.systems.view import PlaywrightError

D = TypeVar("D", bound=Driver)
P = ParamSpec("P")
DRY_RUN_RECEIPT = "(provkörning, inget sparat)"
# Between two looks for something that the system may still be about to show.
LOOK_AGAIN_SECONDS = 0.5


def effect(
    *, found_by: Callable[..., str | None] | None, control: Callable[..., bool] | None = None
) -> Callable[[Callable[Concatenate[D, P], None]], Callable[Concatenate[D, P], str]]:
    """Declare that a method changes the system, and how the change is found again.

    ``found_by(driver, mark=…)`` returns the receipt of the change that carries the mark, or None where the page says
    in words that there is none; it is also given those of the effect's arguments that it asks for by name. Two hits
    must raise ``SeveralMatches``. ``control`` tells whether a record that is known to be there is found in the same
    way: without it a page that shows nothing to anybody would count as proof of absence. ``found_by=None`` means that
    nothing can be looked for; such an effect is never made a second time.

    The decorated method needs ``once=``, the effect's name within the run in words for people; inside the method
    ``once`` is the mark. It returns the receipt.
    """

    def declare(method: Callable[Concatenate[D, P], None]) -> Callable[Concatenate[D, P], str]:
        signature = inspect.signature(method)
        if "once" not in signature.parameters:
            raise TypeError(f"{method.__qualname__} changes something and must take once=")

        @wraps(method)
        def perform(self: D, /, *args: P.args, **kwargs: P.kwargs) -> str:
            bound = signature.bind(self, *args, **kwargs)
            bound.apply_defaults()
            return _Performance(self, method, bound.arguments, found_by, control).perform()

        perform.__effect__ = True  # type: ignore[attr-defined]  # what the contract suite looks for
        return perform

    return declare


class _Performance:
    """One effect being made sure of."""

    def __init__(
        self,
        driver: Driver,
        method: Callable[..., None],
        arguments: dict[str, Any],
        found_by: Callable[..., str | None] | None,
        control: Callable[..., bool] | None,
    ) -> None:
        self.driver = driver
        self.method = method
        self.arguments = {k: v for k, v in arguments.items() if k not in ("self", "once")}
        self.once: str = arguments["once"]
        self.found_by = found_by
        self.control = control
        self.ledger = driver.bench.ledger
        self.recorder = driver.bench.recorder
        self.answered = False
        self.let_go: float | None = None  # when this process stopped waiting for the answer to its click
        self.settle = driver.bench.settings.settle_seconds

    def perform(self) -> str:
        effect = self.ledger.intend(self.driver.system, self.method.__name__, self.once)
        if effect.state is State.CONFIRMED:
            self.recorder.event("effect_known", f"Redan gjort: {self.once}", receipt=effect.receipt, mark=effect.mark)
            return effect.receipt or ""
        if effect.state is State.DUPLICATE:
            raise self._twice(effect)
        if effect.may_have_happened:
            self.ledger.demand_owner_gone(effect)
            receipt = self._look_until_settled(effect)
        else:
            receipt = self._look(effect, certain=False)
        while receipt is None:
            if self._attempt(effect) is None:
                return DRY_RUN_RECEIPT
            receipt = self._look_until_settled(effect)
            if receipt is None:  # armed again or not depends on how often it has been
                effect = self.ledger.read(effect.key)
        self.ledger.confirm(effect, receipt, "sedd i systemet i en ny sökning")
        self.recorder.event("effect_confirmed", self.once, receipt=receipt, mark=effect.mark, system=effect.system)
        return receipt

    def _attempt(self, effect: Effect) -> bool | None:
        """Fill in and click. None when a dry run stopped in front of the click."""
        if effect.armed_times >= MOST_ARMINGS or (effect.armed_times and self.found_by is None):
            raise EffectUncertain(
                f"{self.driver.bench.title}: «{self.once}» har skickats {effect.armed_times} gånger utan att synas.",
                kind="Åtgärden gick inte att bekräfta",
                todo=f"Kontrollera i {self.driver.bench.title} om det är gjort (märkning {effect.mark}).",
            )
        for renewed in (False, True):
            making = self.driver._committing = Committing(effect)
            try:
                self.method(self.driver, **self.arguments, once=effect.mark)
            except DryRunStop:
                self.recorder.event("dry_run", f"Skulle ha gjort: {self.once}", mark=effect.mark)
                return None
            except (EffectRefused, EffectLost, CommitsStopped):
                raise
            except SessionLost:
                if making.clicked:
                    self.let_go = time.monotonic()
                    return True
                if renewed:
                    raise
                continue  # nothing was armed: the method's own open() logs in again
            except (ApplicationException, PlaywrightError) as error:
                if not making.clicked:
                    raise
                self.recorder.event("commit_unclear", self.once, error=str(error))
            finally:
                self.driver._committing = None
            self.answered = making.answered
            self.let_go = time.monotonic()
            if not making.clicked:
                raise RuntimeError(f"{self.method.__qualname__} ended without a commit")
            return True
        raise AssertionError("the loop returns or raises")

    def _look_until_settled(self, effect: Effect) -> str | None:
        """The receipt, or None when the system has settled and certainly does not have the change."""
        if self.found_by is None:
            return self._unseeable(effect)
        try:
            receipt = self._look(effect, certain=False)
            while receipt is None and self._age(effect) < self.settle:
                self.ledger.doubt(effect, "inte synlig ännu")
                # The system may commit later than it answers; nothing on the page tells when.
                self.driver.page.wait_for_timeout(LOOK_AGAIN_SECONDS * 1000)
                receipt = self._look(effect, certain=False)
            return receipt if receipt is not None else self._look(effect, certain=True)
        except (ApplicationException, PlaywrightError) as error:
            self.ledger.doubt(effect, f"gick inte att leta efter: {error}")
            raise EffectUnverified(
                f"{self.driver.bench.title}: det gick inte att se om «{self.once}» blev gjort. {error}", self.settle
            ) from error

    def _look(self, effect: Effect, *, certain: bool) -> str | None:
        """Look for the mark in a fresh query; with ``certain``, absence counts only if known records are found."""
        if self.found_by is None:
            return None
        try:
            receipt = self.found_by(self.driver, **self._asked_for(self.found_by), mark=effect.mark)
        except SeveralMatches:
            self.ledger.duplicate(effect, "finns mer än en gång i systemet")
            raise self._twice(effect) from None
        if receipt is None and certain:
            self.ledger.doubt(effect, "systemet säger att den inte finns")
            if self.control and not self.control(self.driver, **self._asked_for(self.control)):
                raise EffectUnverified(
                    f"{self.driver.bench.title} visar inte ens det som säkert finns; det går inte att se om "
                    f"«{self.once}» blev gjort.", self.settle,
                )  # fmt: skip
        return receipt

    def _unseeable(self, effect: Effect) -> str:
        """An effect that leaves nothing to look for: done if this very click was answered, else a person is asked."""
        if self.answered:
            return effect.mark
        raise EffectUncertain(
            f"{self.driver.bench.title}: det går inte att se efteråt om «{self.once}» blev gjort.",
            kind="Åtgärden gick inte att bekräfta",
            todo=f"Kontrollera i {self.driver.bench.title} om det är gjort (märkning {effect.mark}).",
        )

    def _age(self, effect: Effect) -> float:
        """Seconds since the change was armed, or, if that is less, since its answer was no longer waited for."""
        age = self.ledger.read(effect.key).age or 0.0
        return age if self.let_go is None else min(age, time.monotonic() - self.let_go)

    def _asked_for(self, function: Callable[..., object]) -> dict[str, Any]:
        names = inspect.signature(function).parameters
        return {name: value for name, value in self.arguments.items() if name in names}

    def _twice(self, effect: Effect) -> EffectDuplicate:
        return EffectDuplicate(
            f"{self.driver.bench.title}: «{self.once}» finns mer än en gång (märkning {effect.mark}).",
            kind="Gjort två gånger",
            todo=f"Ta bort den ena i {self.driver.bench.title} och meddela robotägaren.",
        )
