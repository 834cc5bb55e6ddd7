"""What holds for every change when the process that makes it dies: another takes over, and it is made once."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest
from playwright.sync_api import Error as PlaywrightError

from robots.browser.one_send import OneSend
from robots.cases.email.post.mailed import Mailed
from robots.cli.town import Town
from robots.effects import Ledger
from robots.errors import BusinessException, EffectDuplicate, EffectUncertain
from robots.systems import once
from robots.systems.driver import Driver
from robots.systems.interface import Interface
from tests.contract.changes import AnySystem, assert_made_once, each_change, each_change_on_pages, make, one_change_each
from tests.contract.conftest import RunAtWork
from tests.contract.systems import ONCE, WASTE_COLLECTION, Change, InterfaceUnderTest, SystemUnderTest

pytestmark = pytest.mark.browser


class Killed(BaseException):
    """Stands for kill -9: nothing in the toolkit may catch it."""


def _kill(*_: object, **__: object) -> None:
    raise Killed


def _kill_when_made(town: Town, system: AnySystem) -> Callable[..., None]:
    """The click is out; the process dies once the system has made the change, before its answer is looked at."""

    def wait_and_die(self: Driver, *_: object) -> None:
        for _look in range(200):
            if town.truth(system.key):
                raise Killed
            self.page.wait_for_timeout(25)  # the request leaves while the browser's own loop runs
        raise AssertionError("the click changed nothing")

    return wait_and_die


def _kill_when_sent(sent: Callable[[Interface, httpx.Request], httpx.Response]) -> Callable[..., httpx.Response]:
    """The same for a system without pages: the answer is there, and nobody looks at it any more."""

    def send_and_die(self: Interface, request: httpx.Request) -> httpx.Response:
        answer = sent(self, request)
        if request.method != "GET":
            raise Killed
        return answer

    return send_and_die


def _die_when_delivered(deliver: Callable[..., int]) -> Callable[..., int]:
    """The same for a system that is reached by e-mail: its mail server has the mail."""

    def deliver_and_die(self: Mailed, *told: object) -> int:
        deliver(self, *told)
        raise Killed

    return deliver_and_die


def _die_at(point: str, town: Town, system: AnySystem, monkeypatch: pytest.MonkeyPatch) -> None:
    match point:
        case "before-arming":
            monkeypatch.setattr(Ledger, "arm", _kill)
        case "armed":
            monkeypatch.setattr(OneSend, "__enter__", _kill)
            monkeypatch.setattr(Ledger, "demand_still_armed", _kill)
        case "made":
            monkeypatch.setattr(Driver, "_await_answer", _kill_when_made(town, system))
            monkeypatch.setattr(Interface, "_sent", _kill_when_sent(Interface._sent))
            monkeypatch.setattr(Mailed, "_delivered", _die_when_delivered(Mailed._delivered))
        case "answered":
            monkeypatch.setattr(once._Performance, "_look_until_settled", _kill)
        case "seen":
            monkeypatch.setattr(Ledger, "confirm", _kill)


@each_change
@pytest.mark.parametrize("point", ["before-arming", "armed", "made", "answered", "seen"])
def test_a_process_that_dies(
    system: AnySystem, change: Change, point: str, run: RunAtWork, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as deadly:
        _die_at(point, town, system, deadly)
        with pytest.raises(Killed):
            make(run, system, change, town)
    run.die_and_try_again()

    receipt = make(run, system, change, town)

    assert_made_once(town, system, change, run, receipt)


@one_change_each
def test_control_without_the_look_it_is_made_again_and_two_hits_go_to_a_person(
    system: AnySystem, change: Change, run: RunAtWork, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A look that sees nothing leads to a second change; a look that sees two leads to a handover, for ever."""
    if isinstance(system, InterfaceUnderTest):
        system.unguarded(town)
    with monkeypatch.context() as deadly:
        _die_at("made", town, system, deadly)
        with pytest.raises(Killed):
            make(run, system, change, town)
    run.die_and_try_again()
    with monkeypatch.context() as blind:
        blind.setattr(once._Performance, "_look", lambda self, effect, **_: self.ledger.doubt(effect, "blind"))
        with pytest.raises(EffectUncertain):
            make(run, system, change, town)
    assert len(town.truth(system.key, change.kind)) == 3  # the one before the crash, and two re-armed ones

    for _ in range(2):
        run.try_again()
        with pytest.raises(EffectDuplicate) as handed_over:
            make(run, system, change, town)

    assert isinstance(handed_over.value, BusinessException)
    assert handed_over.value.todo
    assert len(town.truth(system.key, change.kind)) == 3
    assert run.effect_states() == {ONCE: "DUPLICATE"}


# -- given up while the answer is on its way ------------------------------------------------------------------------


def _give_up_early(town: Town, system: SystemUnderTest, change: Change, monkeypatch: pytest.MonkeyPatch) -> None:
    """The system takes 1.5 s for its answer; the driver stops waiting once the request has reached it."""
    town.fault(system.key, "slow", method="POST", path=change.commit, seconds=1.5, times=99)

    def stop_waiting(self: Driver, *_: object) -> None:
        while not posts(town):
            self.page.wait_for_timeout(25)  # the request leaves while the browser's own loop runs

    monkeypatch.setattr(Driver, "_await_answer", stop_waiting)


def posts(town: Town) -> int:
    return int(town.ask("/faults")["set"][0]["hits"])


@each_change_on_pages
def test_a_request_that_nobody_waits_for_is_not_sent_again(
    system: SystemUnderTest, change: Change, run: RunAtWork, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert system.writer is not None
    bench = run.driver(system.writer).bench  # it settles later than it answers: only the browser could send again
    bench.settings = bench.settings.model_copy(update={"settle_seconds": 4.0})
    with monkeypatch.context() as impatient:
        _give_up_early(town, system, change, impatient)
        receipt = make(run, system, change, town)

    assert posts(town) == 1
    assert_made_once(town, system, change, run, receipt)


@pytest.mark.parametrize("system", [WASTE_COLLECTION], ids=lambda s: s.key)
def test_control_let_go_of_it_is_sent_by_the_browser_itself(
    system: SystemUnderTest, run: RunAtWork, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The browser sends what was held back from it as soon as nobody stands in between; seen where the form
    lies in a frame, as in Renhållning."""

    def stay_and_die(self: once._Performance, *_: object) -> None:
        self.driver.pause(3)  # whatever the browser sends by itself leaves now
        raise Killed

    monkeypatch.setattr(OneSend, "_end_what_is_held", lambda _: None)
    monkeypatch.setattr(once._Performance, "_look_until_settled", stay_and_die)
    _give_up_early(town, system, system.changes[0], monkeypatch)

    with pytest.raises((Killed, PlaywrightError)):
        make(run, system, system.changes[0], town)

    assert posts(town) == 2
