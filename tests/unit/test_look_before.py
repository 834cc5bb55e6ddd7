"""The filled form in a real browser: what is put before a person, and that nothing else leaves than what was seen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select, text, update

from robots.effects import State
from robots.errors import ApprovalNeeded, SystemDown
from robots.queue.approvals import answer, questions_of
from robots.queue.approvals import ask as ask_person
from robots.queue.attempts import Claimed
from robots.store import Store
from robots.store.schema import approvals, runs
from robots.systems import asking as asking_module
from robots.systems.asking import Asking
from robots.systems.documents import Document
from robots.systems.once import WAITING_RECEIPT, effect
from tests.unit.bookings import FORM, Bookings, Reader, Writer, ledger_says
from tests.unit.pages import Answer, Asked, page

pytestmark = pytest.mark.browser

# A field that the task does not fill in, with what the system has there by itself; and what a person reads beside it.
WIDER = FORM.replace(
    "<button>",
    "<label>Faktureras<select name=to><option>{payer}</option></select></label>"
    "<label><input type=checkbox name=sms checked>Skicka sms</label>"
    "<fieldset><legend>Storlek</legend><label><input type=radio name=size value=l checked>Liten</label>"
    "<label><input type=radio name=size value=s>Stor</label></fieldset>"
    "<input type=hidden name=token value={token}><input type=password value=hemligt>"
    "<dl><dt>Avgift</dt><dd>{fee} kr</dd></dl><button>",
)


@pytest.fixture
def shows(booking_system: Bookings) -> Callable[..., None]:
    """What the form holds beside what the robot fills in. The token is another one each time, as tokens are."""
    told = {"payer": "Sökanden", "fee": "500"}
    tokens = iter(range(1000))

    def form(_: Asked) -> Answer:
        return page(WIDER.format(**told, token=next(tokens)))

    booking_system.pages["/new"] = form
    return told.update


@pytest.fixture
def come_to_it(next_writer: Any, store: Store, run_id: int) -> Callable[..., str]:
    """The run's next attempt books, or asks: the receipt, or the words of the question."""

    def attempt(words: str = "en tunna", **more: Any) -> str:
        with store.begin() as connection:
            asked = connection.execute(select(approvals.c.effect_key, approvals.c.passed_at)).all()
            connection.execute(update(runs).values(state="running"))
        asking = Asking(run_id, first=True, earlier={key: passed is not None for key, passed in asked})
        writer: Writer = next_writer(asking=asking, **more)
        try:
            return str(writer.book(words, once="bokning"))
        except ApprovalNeeded as needed:
            assert asking.asked is not None
            with store.begin() as connection:
                newest = connection.execute(text("select max(id), max(number) from attempts")).one()
            claimed = Claimed(run_id, newest[0], newest[1], "prov", "ada", {}, None, False, 0)
            ask_person(store, claimed, asking.asked, asking.asked.form.shown(writer.bench.recorder.covered), minutes=30)
            return needed.what

    return attempt


def test_the_form_is_shown_as_it_is_filled_in_and_leaves_when_it_was_looked_at(
    shows: Callable[..., None], come_to_it: Callable[..., str], store: Store, booking_system: Bookings, run_id: int
) -> None:
    assert come_to_it("tunna till 811118-9802") == "bokning"
    assert (booking_system.asked, ledger_says(store)) == (0, (State.INTENDED, 0))
    [question] = questions_of(store, run_id)
    shown = {field["name"]: field["value"] for field in question.shown["fields"]}
    mark = shown.pop("Märkning")
    assert mark == question.mark
    assert shown == {
        "Text": "tunna till [personnummer]", "Faktureras": "Sökanden", "Skicka sms": "ja", "Storlek": "Liten",
    }  # fmt: skip
    assert (question.shown["page"], question.shown["facts"]) == ("Ny bokning", {"Avgift": "500 kr"})
    assert "hemligt" not in str(question.shown)
    answer(store, run_id, True, by="eva")
    assert come_to_it("tunna till 811118-9802") == "B-1"
    assert (booking_system.asked, ledger_says(store)) == (1, (State.CONFIRMED, 1))


@pytest.mark.parametrize("changed", [{"payer": "Kommunen"}, {"fee": "700"}])
def test_what_the_system_has_changed_meanwhile_is_asked_about_anew(
    shows: Callable[..., None], come_to_it: Callable[..., str], store: Store, booking_system: Bookings, run_id: int,
    changed: dict[str, str],
) -> None:  # fmt: skip
    come_to_it()
    answer(store, run_id, True, by="eva")
    shows(**changed)
    assert come_to_it() == "bokning"
    assert (booking_system.asked, [q.answer for q in questions_of(store, run_id)]) == (0, ["send", None])


def test_control_without_the_comparison_what_nobody_has_seen_is_sent(
    shows: Callable[..., None], come_to_it: Callable[..., str], store: Store, booking_system: Bookings, run_id: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(asking_module.Form, "digest", "det samma")
    come_to_it()
    answer(store, run_id, True, by="eva")
    shows(payer="Kommunen")
    assert come_to_it() == "B-1"
    assert booking_system.asked == 1


def test_in_a_system_of_the_class_sekretess_no_value_is_shown(
    shows: Callable[..., None], come_to_it: Callable[..., str], store: Store, run_id: int
) -> None:
    come_to_it(pictured=False)
    [question] = questions_of(store, run_id)
    assert question.picture == ""
    assert {field["value"] for field in question.shown["fields"]} == {"▮▮▮"}
    assert [field["name"] for field in question.shown["fields"]][:2] == ["Text", "Märkning"]


class Noting(Writer):
    @effect(found_by=Reader.find_booking, may_wait=True)
    def note(self, words: str, *, once: str) -> None:
        self._book(words, once)


@pytest.mark.parametrize("asks", [True, False])
def test_what_somebody_is_to_look_at_is_never_left_for_a_run_that_does_not_ask(
    next_writer: Any, booking_system: Bookings, run_id: int, asks: bool
) -> None:
    left: list[Any] = []
    asking = Asking(run_id, before=("anteckning",)) if asks else None
    noting = Noting(next_writer(asking=asking, leave_for_later=lambda *told: left.append(told)).bench)
    noting.book("en tunna", once="bokning")
    booking_system.pages["/new"] = Answer("", 503)
    if asks:
        with pytest.raises(SystemDown):
            noting.note("gjort", once="anteckning")
        assert left == []
    else:
        assert noting.note("gjort", once="anteckning") == WAITING_RECEIPT
        assert len(left) == 1


def test_an_effect_without_a_page_is_compared_by_what_it_was_told() -> None:
    def digest(*documents: Document, words: str = "hej") -> str:
        return asking_module.Form({"text": words, "documents": list(documents)}).digest

    plan = Document("plan.pdf", b"%PDF-1")
    assert digest(plan) == digest(Document("plan.pdf", b"%PDF-1"))
    assert len({digest(plan), digest(Document("plan.pdf", b"%PDF-2")), digest(plan, words="nej"), digest()}) == 4
    assert asking_module.written([plan, "hej"]) == "plan.pdf, hej"
