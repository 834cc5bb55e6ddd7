"""What is told of an effect: to the person who takes over, in the run's own log, in the ledger's history."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import select, text, update

from robots.effects import STOPPED_COMMITS, Ledger
from robots.errors import (
    BusinessException,
    CommitsStopped,
    EffectDuplicate,
    EffectLost,
    EffectRefused,
    EffectUncertain,
    EffectUnverified,
    SeveralMatches,
    SystemDown,
)
from robots.evidence import Recorder
from robots.queue.pauses import pause
from robots.settings import SystemSettings
from robots.store import Store
from robots.store.schema import attempts, effect_history, effects, run_events
from robots.systems.bench import Bench
from robots.systems.login import LoginSessions
from robots.systems.once import DRY_RUN_RECEIPT, WAITING_RECEIPT, effect
from tests.sealing import keys_in
from tests.unit.benches import KEY
from tests.unit.bookings import ledger_says
from tests.unit.notes import Notes, Reader
from tests.unit.pages import PageServer, serving
from tests.unit.runs import new_attempt, new_run


class Finder(Reader):
    def find_only(self, mark: str) -> str | None:
        """Two are one too many."""
        found = [note["id"] for note in self.ask("GET", "/notes").json() if note["mark"] == mark]
        if len(found) > 1:
            raise SeveralMatches(f"{len(found)} anteckningar")
        return found[0] if found else None

    def find_text(self, text: str, mark: str) -> str | None:
        return self.find_only(text)


class Writer(Finder):
    @effect(found_by=Finder.find_only, control=Finder.shows_notes)
    def add_note(self, text: str, *, once: str) -> None:
        self._send(once)

    @effect(found_by=Finder.find_only, control=Finder.shows_notes, may_wait=True)
    def tell(self, text: str, *, once: str) -> None:
        self._send(once)

    @effect(found_by=Finder.find_text, control=Finder.shows_notes, by_business_key=True)
    def add_unmarked(self, text: str, *, once: str) -> None:
        self._send(text)

    @effect(found_by=Finder.find_only, control=Finder.shows_notes, rearms=0)
    def add_at_most_once(self, text: str, *, once: str) -> None:
        self._send(once)

    @effect(found_by=None)
    def call_out(self, text: str, *, once: str) -> None:
        self._send(once)

    def _send(self, mark: str) -> None:
        self.commit("POST", "/notes", refused=lambda a: a.text if a.is_client_error else "", json={"mark": mark})

    def arm(self, why: str, form: Any = None) -> None:
        super().arm(why, form)
        self.when_armed()

    def when_armed(self) -> None:
        """What a test wants to happen just there."""


@pytest.fixture
def notes() -> Iterator[tuple[Notes, PageServer]]:
    kept = Notes()
    with serving(kept) as server:
        yield kept, server


Next = Callable[..., Writer]


@pytest.fixture
def next_writer(store: Store, tmp_path: Path, notes: tuple[Notes, PageServer]) -> Iterator[Next]:
    """The writer of the run's next attempt; with ``left`` a list of what is left for later."""
    run_id, begun = new_run(store), list[Writer]()

    def begin(left: list[Any] | None = None, *, dry_run: bool = False, settle: float = 0.2) -> Writer:
        with store.begin() as connection:
            connection.execute(update(attempts).values(ended_at=text("clock_timestamp()"), ending="retry"))
        ledger = Ledger(
            store, run_id=run_id, attempt_id=new_attempt(store, run_id), task="prov", case_number=None,
            subject=str(run_id),
        )  # fmt: skip
        begun.append(Writer(
            Bench(
                settings=SystemSettings(url=notes[1].address, settle_seconds=settle, timeout_seconds=5),
                title="Provsystemet", robot_user="ada", ask_password=lambda: SecretStr("nyckel"),
                logins=LoginSessions(store, KEY, "ada", "prov"), ledger=ledger, dry_run=dry_run,
                recorder=Recorder(store, tmp_path, run_id, 1, keys=keys_in(store), pictures=False),
                leave_for_later=None if left is None else lambda *told: left.append(told),
            )
        ))  # fmt: skip
        return begun[-1]

    yield begin
    for writer in begun:
        writer.close()


def told_in_log(store: Store, *writers: Writer) -> list[tuple[str, str, dict[str, Any]]]:
    """What ``once`` itself has written there."""
    for writer in writers:
        writer.bench.recorder.flush()
    ours = ("effect_confirmed", "effect_known", "effect_waits", "commit_unclear", "dry_run")
    with store.begin() as connection:
        rows = connection.execute(select(run_events).where(run_events.c.kind.in_(ours)).order_by(run_events.c.id)).all()
    return [(row.kind, row.title, row.detail) for row in rows]


def whys(store: Store) -> list[tuple[str, str]]:
    with store.begin() as connection:
        rows = connection.execute(select(effect_history).order_by(effect_history.c.id)).all()
    return [(row.to_state, row.why) for row in rows]


# -- in the log and the history -------------------------------------------------------------------------------------


def test_what_was_made_and_what_was_known(next_writer: Next, store: Store) -> None:
    first = next_writer()
    assert first.add_note("Hej", once="anteckning") == "N-1"
    first.bench.recorder.flush()
    second = next_writer()
    assert second.add_note("Hej", once="anteckning") == "N-1"
    mark = first.bench.ledger.intend("prov", "add_note", "anteckning").mark
    assert told_in_log(store, first, second) == [
        ("effect_confirmed", "anteckning", {"receipt": "N-1", "mark": mark, "system": "prov"}),
        ("effect_known", "Redan gjort: anteckning", {"receipt": "N-1", "mark": mark}),
    ]
    assert whys(store)[-1] == ("CONFIRMED", "sedd i systemet i en ny sökning")


def test_a_dry_run_says_what_it_would_have_made(next_writer: Next, store: Store) -> None:
    writer = next_writer(dry_run=True)
    assert (
        writer.add_note("Hej", once="anteckning") == writer.add_note(DRY_RUN_RECEIPT, once="tillägg") == DRY_RUN_RECEIPT
    )
    marks = [writer.bench.ledger.intend("prov", "add_note", once).mark for once in ("anteckning", "tillägg")]
    assert told_in_log(store, writer) == [
        ("dry_run", "Skulle ha gjort: anteckning", {"mark": marks[0]}),
        ("dry_run", "Skulle ha gjort: tillägg", {"mark": marks[1]}),
    ]


def test_what_was_unclear_is_told_with_its_error(
    next_writer: Next, store: Store, notes: tuple[Notes, PageServer]
) -> None:
    notes[0].status = 503
    notes[0].lost = "fin"
    writer = next_writer(settle=2.0)
    with pytest.raises(EffectUncertain, match="har skickats 1 gånger utan att synas") as told:
        writer.add_at_most_once("Hej", once="anteckning")
    mark = writer.bench.ledger.intend("prov", "add_at_most_once", "anteckning").mark
    assert told.value.kind == "Åtgärden gick inte att bekräfta"
    assert told.value.todo == f"Kontrollera i Provsystemet om det är gjort (märkning {mark})."
    [(kind, title, detail)] = told_in_log(store, writer)
    assert (kind, title) == ("commit_unclear", "anteckning")
    assert "Provsystemet går inte att nå" in detail["error"]
    assert whys(store) == [
        ("INTENDED", "körningen vill göra den"), ("ARMED", "begäran är klar att skickas"),
        ("UNKNOWN", "inte synlig ännu"),
    ]  # fmt: skip


def test_that_it_is_certainly_absent_is_in_the_history(
    next_writer: Next, store: Store, notes: tuple[Notes, PageServer]
) -> None:
    notes[0].commits = False
    with pytest.raises(EffectUncertain):
        next_writer(settle=0.0).add_note("Hej", once="anteckning")
    assert ("UNKNOWN", "systemet säger att den inte finns") in whys(store)


def test_that_it_could_not_be_looked_for_is_in_the_history(
    next_writer: Next, store: Store, notes: tuple[Notes, PageServer]
) -> None:
    writer = next_writer(settle=3.0)
    writer.when_armed = lambda: setattr(notes[0], "down", True)  # type: ignore[method-assign]
    with pytest.raises(EffectUnverified, match="det gick inte att se om «anteckning» blev gjort") as told:
        writer.add_note("Hej", once="anteckning")
    assert told.value.settle == 3.0
    assert "Provsystemet svarar 503" in str(told.value)
    assert whys(store)[-1][0] == "UNKNOWN"
    assert whys(store)[-1][1].startswith("gick inte att leta efter: Provsystemet svarar 503")


def test_a_late_answer_gives_the_system_its_time_from_then_on(
    next_writer: Next, store: Store, notes: tuple[Notes, PageServer]
) -> None:
    """Armed an hour ago and answered just now: it has had no time to settle."""
    notes[0].commits = False
    writer = next_writer(settle=2.0)

    def long_ago() -> None:
        with store.begin() as connection:
            connection.execute(update(effects).values(armed_at=text("armed_at - interval '1 hour'")))

    writer.when_armed = long_ago  # type: ignore[method-assign]
    with pytest.raises(EffectUncertain):
        writer.add_at_most_once("Hej", once="anteckning")
    assert whys(store)[-1] == ("UNKNOWN", "inte synlig ännu")


# -- to a person ----------------------------------------------------------------------------------------------------


def test_what_is_there_twice(next_writer: Next, store: Store, notes: tuple[Notes, PageServer]) -> None:
    writer = next_writer()
    mark = writer.bench.ledger.intend("prov", "add_note", "anteckning").mark
    notes[0].noted += [mark, mark]
    for _ in range(2):
        with pytest.raises(EffectDuplicate) as told:
            next_writer().add_note("Hej", once="anteckning")
        assert str(told.value) == f"Provsystemet: «anteckning» finns mer än en gång (märkning {mark})."
        assert told.value.kind == "Gjort två gånger"
        assert told.value.todo == "Ta bort den ena i Provsystemet och meddela robotägaren."
    assert whys(store)[-1] == ("DUPLICATE", "finns mer än en gång i systemet")


@pytest.mark.parametrize(("there", "seen"), [(["Hej"], "N-1"), (["Hej", "Hej"], "mer än en gång")])
def test_what_is_somebody_elses(
    next_writer: Next, store: Store, notes: tuple[Notes, PageServer], there: list[str], seen: str
) -> None:
    notes[0].noted += there
    with pytest.raises(BusinessException) as told:
        next_writer().add_unmarked("Hej", once="anteckning")
    assert str(told.value) == f"Provsystemet: det som «anteckning» skulle göra är redan gjort ({seen})."
    assert told.value.kind == "Redan gjort av någon annan"
    assert told.value.todo == "Kontrollera i Provsystemet vem som har gjort det och om något återstår."
    assert ledger_says(store)[0] == "INTENDED"


def test_what_was_sent_and_is_there_twice_is_not_somebody_elses(
    next_writer: Next, store: Store, notes: tuple[Notes, PageServer]
) -> None:
    writer = next_writer()
    writer.when_armed = lambda: notes[0].noted.append("Hej")  # type: ignore[method-assign]
    with pytest.raises(EffectDuplicate):
        writer.add_unmarked("Hej", once="anteckning")
    assert ledger_says(store) == ("DUPLICATE", 1)


def test_what_cannot_be_looked_for(next_writer: Next, store: Store, notes: tuple[Notes, PageServer]) -> None:
    writer = next_writer()
    mark = writer.bench.ledger.intend("prov", "call_out", "utrop").mark
    notes[0].lost = "fin"
    with pytest.raises(EffectUncertain) as told:
        writer.call_out("Hej", once="utrop")
    assert str(told.value) == "Provsystemet: det går inte att se efteråt om «utrop» blev gjort."
    assert told.value.kind == "Åtgärden gick inte att bekräfta"
    assert told.value.todo == f"Kontrollera i Provsystemet om det är gjort (märkning {mark})."
    notes[0].lost = ""
    assert next_writer().call_out("Hej", once="utrop igen") == notes[0].noted[-1]  # control: it was answered


# -- stopped between arming and sending -----------------------------------------------------------------------------


def test_a_stop_between_arming_and_sending_is_a_stop(
    next_writer: Next, store: Store, notes: tuple[Notes, PageServer]
) -> None:
    writer = next_writer()

    def stop() -> None:
        pause(store, STOPPED_COMMITS, by="eva", reason="provet")

    writer.when_armed = stop  # type: ignore[method-assign]
    with pytest.raises(CommitsStopped):
        writer.add_note("Hej", once="anteckning")
    assert (notes[0].noted, told_in_log(store, writer), ledger_says(store)) == ([], [], ("ARMED", 1))


def test_what_another_attempt_has_taken_over_is_left_to_it(
    next_writer: Next, store: Store, notes: tuple[Notes, PageServer]
) -> None:
    writer = next_writer()

    def take_over() -> None:
        next_writer()

    writer.when_armed = take_over  # type: ignore[method-assign]
    with pytest.raises(EffectLost):
        writer.add_note("Hej", once="anteckning")
    assert (notes[0].noted, told_in_log(store, writer), ledger_says(store)) == ([], [], ("ARMED", 1))


# -- left for later -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("made", [True, False])
def test_what_tells_of_a_deed_waits_for_a_system_that_is_down(
    next_writer: Next, store: Store, notes: tuple[Notes, PageServer], made: bool
) -> None:
    left: list[Any] = []
    writer = next_writer(left)
    if made:
        writer.add_note("Hej", once="anteckning")
    notes[0].down = True
    if not made:
        with pytest.raises(SystemDown):
            writer.tell("Gjort", once="besked")
        assert left == []
        return
    assert writer.tell("Gjort", once="besked") == WAITING_RECEIPT
    assert left == [("tell", {"text": "Gjort"}, "besked")]
    mark = writer.bench.ledger.intend("prov", "tell", "besked").mark
    kind, title, detail = told_in_log(store, writer)[-1]
    assert (kind, title, detail["mark"]) == ("effect_waits", "besked", mark)
    assert "Provsystemet svarar 503" in detail["error"]
    with pytest.raises(SystemDown):  # control: what is a deed itself does not wait
        writer.add_note("Hej", once="en till")
    with pytest.raises(SystemDown):
        next_writer().tell("Gjort", once="besked")
    assert len(left) == 1


@pytest.mark.parametrize("made", [True, False])
def test_what_could_not_be_told_after_the_deed_is_known_to_be_all_that_is_left(
    next_writer: Next, notes: tuple[Notes, PageServer], made: bool
) -> None:
    writer = next_writer([])
    if made:
        writer.add_note("Hej", once="anteckning")
    notes[0].status = 409
    with pytest.raises(EffectRefused) as told:
        writer.tell("Gjort", once="besked")
    assert told.value.left == ("besked" if made else "")
    with pytest.raises(EffectRefused) as told:
        writer.add_note("Hej", once="en till")
    assert told.value.left == ""
