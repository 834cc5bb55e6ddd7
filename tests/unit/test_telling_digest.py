"""The daily digest: at seven, once a day whatever happens, and true."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import time

import pytest
from sqlalchemy import insert, update

from robots.audit.chain import verify
from robots.audit.writing import note
from robots.store.schema import breakers, messages, runs
from robots.worker.left_for_later import FINISH_IN_CASE
from tests.unit.told_people import EVERYBODY, Place, assert_told, new_run, text_of

DIGEST = EVERYBODY + 'kinds = ["start", "breaker", "password", "schedule", "silence", "failed"]\ndigest = true\n'
EMPTY = "0 körningar, inget väntar på dig"


@pytest.fixture
def place(place: Place) -> Place:
    place.write(DIGEST)
    place.at("2026-11-09 09:00")
    return place


def a_day(place: Place) -> None:
    """What happened on one day, of every kind."""
    for number in range(3):
        place.run_ended("handed_over", "Inga ritningar", at="2026-11-09 10:00", case_number=f"KC-{number}")
    place.run_ended("handed_over", "Inga ritningar", at="2026-11-09 10:00", count=11)
    place.run_ended("done", at="2026-11-09 11:00", count=31)
    place.run_ended("handed_over", "Sekretess", at="2026-11-09 12:00", case_number="KC-20", in_case=False)
    place.run_ended("cancelled", "Avbruten", at="2026-11-09 12:00")
    place.run_ended("done", at="2026-11-09 12:00", task="read_inbox")
    place.run_ended("done", at="2026-11-09 12:00", dry_run=True)
    place.run_ended("failed", "Felaktig inställning", at="2026-11-10 03:00", case_number="KC-21")
    again = place.run_ended("failed", "Felaktig inställning", at="2026-11-10 04:00", case_number="KC-22")
    place.run_ended("done", at="2026-11-10 07:00", case_number="KC-30")  # of the next day
    place.start("asked", "2026-11-10 01:00", "Ingen schemaläggare var igång då.")
    place.start("asked", "2026-11-10 02:00", "Ingen schemaläggare var igång då.")
    with place.store.begin() as connection:
        request = f"told-again-{again}"
        connection.execute(update(runs).where(runs.c.id == again).values(request=request))
        new_run(connection, place.moment, state="queued", request=request)  # a person has ordered it anew
        new_run(connection, place.moment, state="queued", task=FINISH_IN_CASE.name)
        connection.execute(
            insert(breakers).values(
                system="drawing_archive", robot="", state="open", why="503", met_by="ada", opened_at=place.moment
            )
        )
        connection.execute(update(messages).values(state="given_up"))
    file = place.settings.config_dir / "robots.toml"
    file.write_text(f"{file.read_text('utf-8')}password_until = {{ all = 2026-11-17 }}\n", "utf-8")


def test_the_digest_of_a_day_is_true(place: Place) -> None:
    place.run_ended("failed", "Ett meddelande som ingen fick", at="2026-11-09 09:30")
    place.look()
    a_day(place)
    assert place.at("2026-11-10 06:59")[:1] != []  # what is told as it happens; the digest is not among it
    before = len(place.office.delivered)
    place.at("2026-11-10 07:00")
    digest = place.office.delivered[before]
    assert digest["Subject"] == "Robotarna 10 november: 50 körningar, 8 saker väntar på dig"
    assert_told("digest", digest)


def test_a_day_when_nothing_happened_says_so(place: Place) -> None:
    assert place.at("2026-11-10 07:00") == [f"Robotarna 10 november: {EMPTY}"]
    assert_told("digest_empty", *place.office.delivered)


def test_it_tells_how_far_the_audit_has_come(place: Place) -> None:
    with place.store.begin() as connection:
        note(connection, "gun", "looked", "K-5")
    place.at("2026-11-10 07:00")
    (told,) = [text_of(mail) for mail in place.office.delivered]
    assert f"Händelseloggens ankare: {verify(place.store).head}" in " ".join(told.split())


def test_it_comes_once_a_day_whatever_restarts(place: Place) -> None:
    subjects = []
    for day in (10, 11, 12):
        for clock in ("06:59:59", "07:00:00", "07:00:01", "07:30:00", "23:59:59"):
            subjects += place.at(f"2026-11-{day} {clock}")
    assert subjects == [f"Robotarna {day} november: {EMPTY}" for day in (10, 11, 12)]


def test_two_tellers_send_one(place: Place) -> None:
    place.now = "2026-11-10 07:00"
    with ThreadPoolExecutor(2) as threads:
        list(threads.map(lambda teller: teller.look_round(), [place.teller(), place.teller()]))
    place.look()
    assert len(place.outbox()) == 1


def test_a_digest_that_nobody_made_in_time_is_made_later_and_what_was_missed_stands_in_the_next(place: Place) -> None:
    place.run_ended("done", at="2026-11-09 12:00")
    assert place.at("2026-11-12 09:30") == ["Robotarna 12 november: 1 körning, inget väntar på dig"]
    assert "Från 9 november kl. 07:00 till 12 november kl. 07:00." in text_of(place.office.delivered[-1])
    assert place.at("2026-11-12 10:00") == []


@pytest.mark.parametrize("day", ["2026-10-25", "2027-03-28"], ids=["clocks back", "clocks forward"])
def test_it_comes_at_seven_also_on_the_days_when_the_clocks_change(place: Place, day: str) -> None:
    place.now = f"{day} 01:00"
    place.write(DIGEST.replace("[drift]", "[ny]"))
    place.look()
    shown = [place.at(f"{day} {clock}") for clock in ("02:30", "06:59", "07:00", "08:00")]
    assert [len(subjects) for subjects in shown] == [0, 0, 1, 0]


def test_the_hour_is_a_setting(place: Place) -> None:
    place.set(digest_at=time(15, 30))
    place.at("2026-11-09 16:00")
    assert place.at("2026-11-10 15:29") == []
    assert len(place.at("2026-11-10 15:30")) == 1


def test_it_tells_of_the_readers_own_runs_only(place: Place) -> None:
    place.write(DIGEST + 'owners = ["Omsorg"]\n')
    place.run_ended("done", at="2026-11-09 12:00")
    assert place.at("2026-11-10 07:00") == [f"Robotarna 10 november: {EMPTY}"]


def test_who_wants_none_gets_none(place: Place) -> None:
    place.write(EVERYBODY)
    assert place.at("2026-11-10 07:00") == []
