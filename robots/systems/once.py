"""``@effect``: a driver's method that changes something happens once, whatever dies on the way.

The method itself only fills in a form and commits it. Everything round it is here: the ledger, the look before and the
look afterwards, the wait until the system has settled, and the person who is asked when nobody can tell.
"""

from __future__ import annotations

import inspect
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from robots.effects import MOST_ARMINGS, Effect, State
from robots.errors import (
    ApplicationException,
    BusinessException,
    CommitsStopped,
    DryRunStop,
    EffectDuplicate,
    EffectLost,
    EffectRefused,
    EffectUncertain,
    EffectUnverified,
    RagnhildError,
    RecordLocked,
    SessionLost,
    SeveralMatches,
    SystemDown,
)
from robots.settings import EffectSettings
from robots.systems.access import SystemAccess
from robots.systems.bench import Committing
from robots.systems.view import PlaywrightError

D = TypeVar("D", bound=SystemAccess)
P = ParamSpec("P")
N = TypeVar("N", int, float)
DRY_RUN_RECEIPT = "(provkörning, inget sparat)"
WAITING_RECEIPT = "(väntar)"
# Between two looks for something that the system may still be about to show.
LOOK_AGAIN_SECONDS = 0.5


@dataclass(frozen=True)
class Declared:
    """What a driver says of one kind of change; see ``effect``."""

    found_by: Callable[..., str | None] | None
    control: Callable[..., bool] | None
    by_business_key: bool
    rearms: int
    settle_seconds: float | None
    may_wait: bool


def effect(
    *,
    found_by: Callable[..., str | None] | None,
    control: Callable[..., bool] | None = None,
    by_business_key: bool = False,
    rearms: int = MOST_ARMINGS - 1,
    settle_seconds: float | None = None,
    may_wait: bool = False,
) -> Callable[[Callable[Concatenate[D, P], None]], Callable[Concatenate[D, P], str]]:
    """Declare that a method changes the system, and how the change is found again.

    ``found_by(driver, mark=…)`` returns the receipt of the change that carries the mark, or None where the page says
    in words that there is none; it is also given those of the effect's arguments that it asks for by name. Two hits
    must raise ``SeveralMatches``. ``control`` tells whether a record that is known to be there is found in the same
    way: without it a page that shows nothing to anybody would count as proof of absence. It is given what it asks for
    by name, the mark as well. ``found_by=None`` means that nothing can be looked for; such an effect is never made a
    second time.

    ``by_business_key``: the system has no field for a mark, and ``found_by`` looks by what the change is about (the
    facility, the day, the service). What is there before anything was sent is then somebody else's, and a person gets
    the case. ``rearms``: how often it may be sent anew once it is certainly absent. ``settle_seconds``: how late the
    system may commit just this. A municipality that knows its system better says so in ``config/systems.toml``.
    ``may_wait``: it is about what the run has done (a journal note, the case's status), and is made later while the
    system is down or a colleague works there.

    The decorated method needs ``once=``, the effect's name within the run in words for people; inside the method
    ``once`` is the mark. It returns the receipt.
    """

    declared = Declared(found_by, control, by_business_key, rearms, settle_seconds, may_wait)

    def declare(method: Callable[Concatenate[D, P], None]) -> Callable[Concatenate[D, P], str]:
        signature = inspect.signature(method)
        if "once" not in signature.parameters:
            raise TypeError(f"{method.__qualname__} changes something and must take once=")

        @wraps(method)
        def perform(self: D, /, *args: P.args, **kwargs: P.kwargs) -> str:
            bound = signature.bind(self, *args, **kwargs)
            bound.apply_defaults()
            return _Performance(self, method, bound.arguments, declared).perform()

        perform.__effect__ = declared  # type: ignore[attr-defined]  # what the contract suite looks for
        return perform

    return declare


def effects_of(driver: type[SystemAccess]) -> dict[str, Declared]:
    """The changes that a driver can make, by name."""
    found = {name: getattr(getattr(driver, name), "__effect__", None) for name in dir(driver)}
    return {name: declared for name, declared in found.items() if declared}


class _Performance:
    """One effect being made sure of."""

    def __init__(
        self,
        driver: SystemAccess,
        method: Callable[..., None],
        arguments: dict[str, Any],
        declared: Declared,
    ) -> None:
        self.driver = driver
        self.method = method
        self.arguments = {k: v for k, v in arguments.items() if k not in ("self", "once")}
        self.once: str = arguments["once"]
        self.declared = declared
        self.ledger = driver.bench.ledger
        self.recorder = driver.bench.recorder
        self.answered = False
        self.let_go: float | None = None  # when this process stopped waiting for the answer to its click
        here = driver.bench.settings
        own = here.effects.get(method.__name__, EffectSettings())
        self.settle = _first(own.settle_seconds, declared.settle_seconds, here.settle_seconds)
        self.armings = min(1 + _first(own.rearms, declared.rearms), MOST_ARMINGS)

    def perform(self) -> str:
        effect = self.ledger.intend(self.driver.system, self.method.__name__, self.once)
        asking = self.driver.bench.asking
        looked_at = asking is not None and asking.concerns(effect)  # what is left for later leaves without that
        leave = self.driver.bench.leave_for_later if self.declared.may_wait and not looked_at else None
        try:
            return self._made_sure_of(effect)
        except (SystemDown, EffectUnverified, RecordLocked) as error:
            if leave is None or not self.ledger.has_made_something(besides=effect):
                raise
            leave(self.method.__name__, self.arguments, self.once)
            self.recorder.event("effect_waits", self.once, mark=effect.mark, error=str(error))
            return WAITING_RECEIPT
        except RagnhildError as error:
            if leave and self.ledger.has_made_something(besides=effect):
                error.left = self.once
            raise

    def _made_sure_of(self, effect: Effect) -> str:
        if effect.state is State.CONFIRMED:
            self.recorder.event("effect_known", f"Redan gjort: {self.once}", receipt=effect.receipt, mark=effect.mark)
            return effect.receipt or ""
        if effect.state is State.DUPLICATE:
            raise self._twice(effect)
        if self.driver.bench.dry_run and DRY_RUN_RECEIPT in self.arguments.values():
            return self._only_told(effect)  # what it is to be made in was not saved either: there is no form to show
        if effect.may_have_happened:
            self.ledger.demand_owner_gone(effect)
            receipt = self._look_until_settled(effect)
        else:
            receipt = self._look_before(effect)
        while receipt is None:
            if self._attempt(effect) is None:
                return DRY_RUN_RECEIPT
            # How often it has been armed decides whose two hits are, and whether it may be armed again.
            effect = self.ledger.read(effect.key)
            receipt = self._look_until_settled(effect)
        self.ledger.confirm(effect, receipt, "sedd i systemet i en ny sökning")
        self.recorder.event("effect_confirmed", self.once, receipt=receipt, mark=effect.mark, system=effect.system)
        return receipt

    def _attempt(self, effect: Effect) -> bool | None:
        """Fill in and click. None when a dry run stopped in front of the click."""
        if effect.armed_times >= self.armings or (effect.armed_times and self.declared.found_by is None):
            raise EffectUncertain(
                f"{self.driver.bench.title}: «{self.once}» har skickats {effect.armed_times} gånger utan att synas.",
                kind="Åtgärden gick inte att bekräfta",
                todo=f"Kontrollera i {self.driver.bench.title} om det är gjort (märkning {effect.mark}).",
            )
        for renewed in (False, True):
            making = self.driver._committing = Committing(effect, self.arguments)
            try:
                self.method(self.driver, **self.arguments, once=effect.mark)
            except DryRunStop:
                self._only_told(effect)
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

    def _only_told(self, effect: Effect) -> str:
        """What a dry run says of a change instead of making it."""
        self.recorder.event("dry_run", f"Skulle ha gjort: {self.once}", mark=effect.mark)
        return DRY_RUN_RECEIPT

    def _look_before(self, effect: Effect) -> str | None:
        """What is there before anything is sent; what a business key finds is somebody else's."""
        receipt = self._look(effect, certain=self.declared.by_business_key)
        if receipt is not None and self.declared.by_business_key:
            raise self._somebody_elses(receipt)
        return receipt

    def _look_until_settled(self, effect: Effect) -> str | None:
        """The receipt, or None when the system has settled and certainly does not have the change."""
        if self.declared.found_by is None:
            return self._unseeable(effect)
        try:
            receipt = self._look(effect, certain=False)
            while receipt is None and self._age(effect) < self.settle:
                self.ledger.doubt(effect, "inte synlig ännu")
                self.driver.pause(LOOK_AGAIN_SECONDS)
                receipt = self._look(effect, certain=False)
            return receipt if receipt is not None else self._look(effect, certain=True)
        except (ApplicationException, PlaywrightError) as error:
            self.ledger.doubt(effect, f"gick inte att leta efter: {error}")
            raise EffectUnverified(
                f"{self.driver.bench.title}: det gick inte att se om «{self.once}» blev gjort. {error}", self.settle
            ) from error

    def _look(self, effect: Effect, *, certain: bool) -> str | None:
        """Look for the mark in a fresh query; with ``certain``, absence counts only if known records are found."""
        find, control = self.declared.found_by, self.declared.control
        if find is None:
            return None
        try:
            receipt = find(self.driver, **self._asked_for(find), mark=effect.mark)
        except SeveralMatches:
            if self.declared.by_business_key and not effect.armed_times:
                raise self._somebody_elses("mer än en gång") from None
            self.ledger.duplicate(effect, "finns mer än en gång i systemet")
            raise self._twice(effect) from None
        if receipt is None and certain:
            self.ledger.doubt(effect, "systemet säger att den inte finns")
            if control and not control(self.driver, **self._asked_for(control, mark=effect.mark)):
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

    def _asked_for(self, function: Callable[..., object], **more: str) -> dict[str, Any]:
        names = inspect.signature(function).parameters
        return {name: value for name, value in (self.arguments | more).items() if name in names}

    def _somebody_elses(self, seen: str) -> BusinessException:
        return BusinessException(
            f"{self.driver.bench.title}: det som «{self.once}» skulle göra är redan gjort ({seen}).",
            kind="Redan gjort av någon annan",
            todo=f"Kontrollera i {self.driver.bench.title} vem som har gjort det och om något återstår.",
        )

    def _twice(self, effect: Effect) -> EffectDuplicate:
        return EffectDuplicate(
            f"{self.driver.bench.title}: «{self.once}» finns mer än en gång (märkning {effect.mark}).",
            kind="Gjort två gånger",
            todo=f"Ta bort den ena i {self.driver.bench.title} och meddela robotägaren.",
        )


def _first(*values: N | None) -> N:
    """The first that somebody has said something in."""
    return next(value for value in values if value is not None)
