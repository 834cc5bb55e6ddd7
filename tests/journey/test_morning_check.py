"""The morning check: two mornings as usual, and a new release overnight that is told before anybody meets it."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func, select, update

from robots.cli.town import Town
from robots.evidence.keys import Keys
from robots.evidence.sealed import RunEvidence
from robots.queue.engine import RetryLater
from robots.queue.runs import events_of, find_run
from robots.settings import Settings
from robots.store import Store
from robots.store.clock import span
from robots.store.schema import accepted_pages, mornings, orders
from robots.task_files import LoadedTasks
from robots.worker import mornings as kept
from robots.worker.attempt import attempt_run
from robots.worker.morning_check import ask_for_checks, checked_systems
from robots.worker.warm_browser import WarmBrowser
from tests.in_this_process import in_this_process
from tests.saying import Say, saying

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
Morning = Callable[..., list[Any]]

# What the second release changes on pages that can be reached without a case, by system: (what, name now, name before).
NEW = {
    "consumer_matters": {
        ("reworded", "Externt ärende-id", "Vår beteckning"), ("reworded", "Näringsidkare", "Motpart"),
        ("added", "Kontaktväg", ""),
    },
    "drawing_archive": {
        ("reworded", "Typ av ritning", "Ritningstyp"), ("reworded", "Sök i text", "Fritext"),
        ("added", "Arkivbildare", ""),
    },
    "family_law": {
        ("reworded", "Form för handläggning", "Handläggningsform"),
        ("reworded", "Osäkerhet om föräldraskapet", "Tvekan om föräldraskapet"), ("added", "Samtycke till e-post", ""),
    },
    "population_register": {
        ("reworded", "Ändamål med sökningen", "Orsak till sökningen"), ("reworded", "Kommentar", "Anteckning"),
        ("added", "Uppdrag", ""),
    },
}  # fmt: skip
SHORT = ("consumer_matters", "drawing_archive", "population_register")
# The pages of these that the release has changed take a case, but for the words that stand on others as well.
NEW_IN_PART = {
    "case_management": {("reworded", "Anteckningstext", "Text")},
    "civil_weddings": {("reworded", "Egen beteckning", "Referens")},
    "detail_plan_map": {("added", "Jag söker", "")},
    "income_support": {("reworded", "Vår beteckning", "Referens")},
    "registry": {("reworded", "Extern beteckning", "Extern id")},
}
NOTHING_NEW = (
    "building_permits", "customer_ledger", "fault_reports", "mobility_service", "school_placement", "school_transport",
    "waste_collection",
)  # fmt: skip
BROWSER_SYSTEMS = NEW | NEW_IN_PART | {key: set[tuple[str, str, str]]() for key in NOTHING_NEW}


@pytest.fixture
def morning(settings: Settings, store: Store, browser: WarmBrowser, tasks: LoadedTasks) -> Morning:
    """A day later than the one before, the systems are looked at. What the runs have seen."""

    def look(*systems: str, most: int = 1) -> list[Any]:
        with store.begin() as connection:
            day = span(24 * 3600)
            connection.execute(update(mornings).values(at=mornings.c.at - day))
            connection.execute(update(accepted_pages).values(at=accepted_pages.c.at - day))
            number = connection.execute(select(func.count()).select_from(mornings)).scalar_one()
            asked = ask_for_checks(
                connection, settings, systems, source="schedule", by="test", apart=f"morning {number}"
            )  # fmt: skip
        for run_id in asked.values():
            for _ in range(most):
                try:
                    attempt_run(settings, store, tasks, browser, run_id, carry=in_this_process)
                except RetryLater:
                    continue
                finally:
                    browser.prepare()
                break
        return kept.of_runs(store, list(asked.values()))

    return look


def states(rows: list[Any]) -> set[str]:
    return {row.state for row in rows}


def found(rows: list[Any], system: str) -> set[tuple[str, str, str]]:
    """What is otherwise in a system, but for fields that stand where they did not."""
    return {
        (change["what"], change["name"], change.get("before", ""))
        for row in rows
        for change in row.changes
        if row.system == system and change["what"] != "moved"
    }


def demand_told(town: Town, morning: Morning, systems: dict[str, set[tuple[str, str, str]]]) -> list[Any]:
    assert states(morning(*systems)) == {"first"}
    second = morning(*systems)
    assert [(row.page, row.changes) for row in second if row.state != "same"] == []

    for system in systems:
        town.act(system, "release", release=2)
    third = morning(*systems)
    assert {system: found(third, system) for system in systems} == systems
    assert town.truth() == []
    return third


def test_two_mornings_are_as_usual_and_a_new_release_is_told_before_anybody_meets_it(
    town: Town, morning: Morning, store: Store, settings: Settings
) -> None:
    third = demand_told(town, morning, {system: NEW[system] for system in SHORT})
    (form,) = [row for row in third if row.page == "Nytt ärende"]
    assert form.news
    told = kept.told(form)
    assert told.startswith("Konsumentärenden: ändrad sedan i går: ")
    assert "fältet «Motpart», som roboten använder, heter nu «Näringsidkare»" in told
    assert told.endswith("(sidan Nytt ärende)")
    evidence = RunEvidence.below(settings.evidence_dir, form.run_id, Keys.of(settings, store))
    assert evidence.read(form.picture)[:2] == b"\xff\xd8"
    # A picture is never taken in a system of secrecy.
    (register,) = [row for row in third if row.system == "population_register"]
    assert (register.state, register.picture) == ("missing", "")

    # The morning after, nobody is told again; when a person has accepted it, it is as usual.
    fourth = morning("drawing_archive")
    assert [(row.state, row.news) for row in fourth] == [("changed", False)]
    assert kept.accept(store, "drawing_archive", by="anna") == ["Sökning"]
    assert states(morning("drawing_archive")) == {"same"}
    with store.begin() as connection:
        (order,) = connection.execute(select(orders)).all()
    assert (order.order, order.about, order.by) == ("accept page", "drawing_archive: Sökning", "anna")


@pytest.mark.long
@pytest.mark.timeout(900)
def test_in_every_system_it_finds_what_can_be_seen_without_a_case(town: Town, morning: Morning) -> None:
    demand_told(town, morning, BROWSER_SYSTEMS)


def test_control_without_comparison_a_new_release_is_silent(
    town: Town, morning: Morning, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept, "compare", lambda before, now: ())
    morning("drawing_archive")
    town.act("drawing_archive", "release", release=2)
    assert [(row.state, row.changes) for row in morning("drawing_archive")] == [("same", [])]


def test_a_system_that_is_down_stops_no_other(town: Town, morning: Morning) -> None:
    systems = ("detail_plan_map", "drawing_archive")
    morning(*systems)
    town.fault("drawing_archive", "down", seconds=1)
    rows = {row.system: row for row in morning(*systems)}
    assert rows["detail_plan_map"].state == "same"
    assert (rows["drawing_archive"].state, rows["drawing_archive"].news) == ("unreachable", True)
    assert "svarar 503" in rows["drawing_archive"].why

    town.clear_faults()
    assert states(morning("drawing_archive")) == {"same"}


@pytest.mark.usefixtures("logged_out")
def test_a_refused_password_is_told_and_never_tried_again(
    town: Town, settings: Settings, store: Store, morning: Morning
) -> None:
    secret = settings.secrets_dir / "alfhild.consumer_matters"
    secret.write_text("fel lösenord", "utf-8")
    try:
        first = morning("consumer_matters")
        again = morning("consumer_matters")
    finally:
        secret.unlink()
    for rows in (first, again):
        assert states(rows) == {"unreachable"}
        assert find_run(store, rows[0].run_id).outcome == "handed_over"
    (system,) = [each for each in town.ask("/systems") if each["key"] == "consumer_matters"]
    assert system["failed_logins"] == 1


def test_systems_without_pages_are_asked_something(town: Town, morning: Morning) -> None:
    systems = ("easit_go", "support_management", "email")
    morning(*systems)
    rows = morning(*systems)
    assert [(row.system, row.state) for row in sorted(rows, key=lambda row: row.system)] == [
        ("easit_go", "same"), ("email", "same"), ("support_management", "same")
    ]  # fmt: skip
    town.fault("easit_go", "down")
    assert states(morning("easit_go")) == {"unreachable"}
    assert town.truth() == []


def test_every_system_that_robots_use_is_looked_at(settings: Settings) -> None:
    assert set(checked_systems(settings)) == set(BROWSER_SYSTEMS)


def test_no_run_of_a_check_takes_a_seat_in_the_case_system(morning: Morning, store: Store) -> None:
    (row,) = morning("drawing_archive")
    steps = [event.title for event in events_of(store, row.run_id) if event.kind == "step"]
    assert steps == ["Se på sidan Sökning"]


@pytest.fixture
def say(environment: dict[str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Say:
    """A command in this process, for those that only read and write in the database."""
    for name, value in environment.items():
        if name.startswith("RAGNHILD_"):
            monkeypatch.setenv(name, value)

    return saying(capsys, "morning-check")


@pytest.mark.long
def test_on_the_command_line_it_is_made_now_shown_and_accepted(
    town: Town,
    morning: Morning,
    ragnhild: Callable[..., subprocess.CompletedProcess[str]],
    say: Say,
) -> None:
    assert say("--last") == (0, "Ingen morgonkontroll är gjord ännu. Gör en: ragnhild morning-check\n")
    morning("drawing_archive")
    assert "sedd första gången" in say("--last")[1]

    town.act("drawing_archive", "release", release=2)
    made = ragnhild("morning-check", "drawing-archive", "--json")
    assert made.returncode == 3, made.stderr
    (page,) = json.loads(made.stdout)["pages"]
    assert page["state"] == "changed"
    assert "fältet «Arkivbildare» är nytt" in page["told"]
    code, shown = say("--last")
    assert code == 3
    assert page["picture"].endswith(".jpg")
    assert re.search(r"Bild i rapporten: ragnhild report K-\d+ --open", shown)
    assert "ragnhild morning-check --accept drawing_archive" in shown

    assert say("--accept", "drawing-archive") == (
        0, "drawing_archive: sidan Sökning är godkänd som den ser ut nu.\n"
    )  # fmt: skip
    assert say("--accept", "drawing-archive")[0] == 2
    assert say("--accept")[0] == 2
    assert say("bryggeriet")[0] == 2
