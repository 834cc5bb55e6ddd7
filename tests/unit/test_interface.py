"""A system that is reached by its programming interface: asked as often as needed, changed once, by its own list."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr

from robots.effects import Ledger, State
from robots.errors import EffectRefused, EffectUnverified, LoginFailed, PageNotRecognised, SystemDown
from robots.evidence import Recorder
from robots.settings import SystemSettings
from robots.store import Store
from robots.systems.bench import Bench
from robots.systems.login import LoginSessions
from robots.systems.once import DRY_RUN_RECEIPT, effect
from tests.sealing import keys_in
from tests.unit.benches import KEY
from tests.unit.bookings import ledger_says
from tests.unit.notes import Notes, Reader
from tests.unit.pages import Lost, PageServer, serving
from tests.unit.runs import new_attempt, new_run


class Writer(Reader):
    @effect(found_by=Reader.find_note, control=Reader.shows_notes)
    def add_note(self, text: str, *, once: str) -> None:
        self.commit("POST", "/notes", refused=_words, json={"text": text, "mark": once})


def _words(answer: httpx.Response) -> str:
    return str(answer.json()["detail"]) if answer.is_client_error else ""


@pytest.fixture
def notes() -> Notes:
    return Notes()


@pytest.fixture
def server(notes: Notes) -> Iterator[PageServer]:
    with serving(notes) as server:
        yield server


Next = Callable[..., Writer]


@pytest.fixture
def next_writer(store: Store, tmp_path: Path, server: PageServer) -> Iterator[Next]:
    """The writer of the run's next attempt."""
    run_id, begun = new_run(store), list[Writer]()

    def begin(password: str = "nyckel", *, dry_run: bool = False) -> Writer:
        ledger = Ledger(
            store, run_id=run_id, attempt_id=new_attempt(store, run_id), task="prov", case_number=None,
            subject=str(run_id),
        )  # fmt: skip
        begun.append(Writer(
            Bench(
                settings=SystemSettings(url=server.address, settle_seconds=0.2, timeout_seconds=1),
                title="Provsystemet", robot_user="ada", ask_password=lambda: SecretStr(password),
                logins=LoginSessions(store, KEY, "ada", "prov"), ledger=ledger,
                recorder=Recorder(store, tmp_path, run_id, 1, keys=keys_in(store), pictures=False), dry_run=dry_run,
            )
        ))  # fmt: skip
        return begun[-1]

    yield begin
    for writer in begun:
        writer.close()


def test_a_change_is_made_once_and_found_by_another_request(next_writer: Next, notes: Notes, store: Store) -> None:
    assert next_writer().add_note("Hej", once="anteckning") == "N-1"
    assert next_writer().add_note("Hej", once="anteckning") == "N-1"
    assert len(notes.noted) == 1
    assert ledger_says(store) == (State.CONFIRMED, 1)


@pytest.mark.parametrize("lost", ["fin", "rst", "partial"])
def test_an_answer_that_was_lost_is_looked_for_and_not_asked_for_again(
    next_writer: Next, notes: Notes, server: PageServer, lost: Lost
) -> None:
    notes.lost = lost

    assert next_writer().add_note("Hej", once="anteckning") == "N-1"

    assert (len(notes.noted), len(server.posts())) == (1, 1)


def test_what_certainly_never_came_is_sent_again(next_writer: Next, notes: Notes, server: PageServer) -> None:
    notes.commits, notes.status = False, 503
    with pytest.raises(Exception, match="skickats 3 gånger"):
        next_writer().add_note("Hej", once="anteckning")
    assert (notes.noted, len(server.posts())) == ([], 3)


def test_a_list_that_shows_nothing_to_anybody_is_no_proof(next_writer: Next, notes: Notes, server: PageServer) -> None:
    writer = next_writer()
    notes.finds, notes.lost = False, "fin"
    with pytest.raises(EffectUnverified):
        writer.add_note("Hej", once="anteckning")
    assert (len(notes.noted), len(server.posts())) == (1, 1)


def test_a_no_is_told_in_the_system_s_own_words(next_writer: Next, notes: Notes, store: Store) -> None:
    notes.status = 409
    with pytest.raises(EffectRefused, match="Ärendet är avslutat"):
        next_writer().add_note("Hej", once="anteckning")
    assert (notes.noted, ledger_says(store)) == ([], (State.REFUSED, 1))


def test_a_dry_run_sends_nothing(next_writer: Next, server: PageServer) -> None:
    assert next_writer(dry_run=True).add_note("Hej", once="anteckning") == DRY_RUN_RECEIPT
    assert server.posts() == []


def test_a_refused_key_is_tried_once_in_all(next_writer: Next, server: PageServer) -> None:
    for _ in range(3):
        with pytest.raises(LoginFailed):
            next_writer("fel").shows_notes()
    assert len(server.asked) == 1
    assert next_writer("nyckel").shows_notes()  # control: another key is let in


def test_a_system_that_is_down_says_for_how_long(next_writer: Next, notes: Notes) -> None:
    notes.down = True
    with pytest.raises(SystemDown) as told:
        next_writer().shows_notes()
    assert told.value.retry_after == 7


@pytest.mark.parametrize("pause", ["²", "9" * 400, "999999", "1e9", "-1"])
def test_a_pause_that_nobody_can_wait_for_is_none(next_writer: Next, notes: Notes, pause: str) -> None:
    notes.down, notes.pause = True, pause
    with pytest.raises(SystemDown) as told:
        next_writer().shows_notes()
    assert told.value.retry_after is None


@pytest.mark.parametrize("called", ["a\0b", "a" * 70_000])
def test_what_the_system_calls_something_that_no_address_holds_is_not_recognised(
    next_writer: Next, called: str
) -> None:
    with pytest.raises(PageNotRecognised, match="ingen adress"):
        next_writer().ask("GET", f"notes/{called}")


def test_a_system_that_nobody_answers_for_is_down(next_writer: Next, server: PageServer) -> None:
    writer = next_writer()
    server.close()
    with pytest.raises(SystemDown, match="går inte att nå"):
        writer.shows_notes()


def test_no_key_stands_in_what_is_recorded(next_writer: Next, store: Store) -> None:
    from robots.queue.runs import events_of

    writer = next_writer("hemlig-nyckel-17")
    with pytest.raises(LoginFailed) as refused:
        writer.shows_notes()
    writer.bench.recorder.flush()
    told = " ".join(f"{e.title} {e.detail}" for e in events_of(store, writer.bench.ledger._run_id))
    assert "hemlig-nyckel-17" not in told + str(refused.value)
