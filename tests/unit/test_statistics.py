"""The figures of a period, beside what is calculated by hand from the very same runs."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from statistics import median

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from robots.cli.check import problems_in
from robots.errors import ConfigurationError
from robots.settings import Settings
from robots.statistics.baselines import read_baselines
from robots.statistics.figures import Counts, HandoverFigures
from robots.store import Store
from robots.task_files import load_tasks
from tests.architecture.source import ROOT
from tests.unit.ended_runs import Ended, counts, task_in

MEASURED = """
[drawings.2026-09-14]
minutes = 15
handover_minutes = 4
failure_minutes = 9
source = "Tidtagning på 40 ärenden, vecka 37"

[all.2026-09-14]
handover_minutes = 6
source = "Samma tidtagning"
"""


@pytest.fixture
def ended(machine: Settings, store: Store, tmp_path: Path) -> Ended:
    return Ended.laid(machine, store, tmp_path)


def a_month(ended: Ended) -> None:
    """October: fourteen drawings and three emptyings that count, and what does not."""
    ended.run("done", "2026-10-05 10:00", count=10, waited=30, worked=90)
    ended.run("handed_over", "2026-10-05 11:00", kind="Inga ritningar", count=2)
    ended.run("failed", "2026-10-06 11:00")
    ended.run("cancelled", "2026-10-06 12:00")
    ended.run("done", "2026-10-07 12:00", task="sludge", source="inbox", count=2)
    ended.run("handed_over", "2026-10-08 12:00", kind="Sekretess", task="sludge", source="batch")
    ended.run("done", "2026-09-15 12:00", count=4)
    ended.run("done", "2026-10-05 10:00", dry_run=True)
    for own in ("finish_in_case", "read_inbox", "morning_check_registry", "look_behind_registry", "look_behind_gone"):
        ended.run("done", "2026-10-05 10:00", task=own)
    with ended.store.begin() as connection:  # still at work
        connection.execute(text("update runs set state = 'running' where id = 1"))
        connection.execute(text("delete from outcomes where run_id = 1"))


def test_a_month_counted_by_hand(ended: Ended) -> None:
    a_month(ended)
    told = ended.figures()

    assert counts(told) == Counts(runs=13, done=9, alone=9, handed_over=2, failed=1, cancelled=1)
    assert counts(told, "sludge") == Counts(runs=3, done=2, alone=2, handed_over=1)
    assert told.now.counts == Counts(runs=16, done=11, alone=11, handed_over=3, failed=1, cancelled=1)
    assert told.now.counts.share == 11 / 15
    assert told.before.counts == Counts(runs=4, done=4, alone=4)
    assert [each.task for each in told.tasks] == ["drawings", "sludge"]
    assert [(each.source, each.now.runs) for each in told.sources] == [
        ("guide", 13), ("schedule", 0), ("batch", 1), ("inbox", 2), ("api", 0),
    ]  # fmt: skip
    assert told.handovers == (
        HandoverFigures("Samhällsbyggnad", "Inga ritningar", 2, 0),
        HandoverFigures("Teknik och renhållning", "Sekretess", 1, 0),
    )


def test_what_is_no_errand_is_not_counted(ended: Ended) -> None:
    """Control for the month: the very same rows count as soon as they are no dry run and of a task of theirs."""
    ended.run("done", "2026-10-05 10:00", dry_run=True)
    ended.run("done", "2026-10-05 10:00", task="look_behind_gone")
    assert ended.figures().now.counts.runs == 0
    with ended.store.begin() as connection:
        connection.execute(text("update runs set dry_run = false, task = replace(task, 'look_behind_', 'looked_')"))
    assert ended.figures().now.counts.runs == 2


# -- tried anew -----------------------------------------------------------------------------------------------------


def test_what_a_person_orders_anew_counts_once_as_it_ended_and_not_as_done_without_a_person(ended: Ended) -> None:
    first = ended.run("failed", "2026-10-05 10:00", source="batch")
    second = ended.anew(first, "handed_over", "2026-10-05 11:00", kind="Sekretess")
    ended.anew(second, "done", "2026-10-06 09:00")
    told = ended.figures()

    assert counts(told) == Counts(runs=1, done=1, alone=0)
    assert told.now.counts.share == 0
    assert told.handovers == (HandoverFigures("Samhällsbyggnad", "Sekretess", 1, 0),)
    assert task_in(told, "drawings").now.saved.minutes == 12 - 5 - 5
    assert {each.source: each.now.runs for each in told.sources}["batch"] == 1


def test_a_month_that_is_over_is_not_changed_by_what_comes_later(ended: Ended) -> None:
    first = ended.run("handed_over", "2026-10-30 10:00")
    before = ended.figures().as_json()
    ended.anew(first, "done", "2026-11-02 09:00")
    after = ended.figures().as_json()

    assert {**after, "made_at": ""} == {**before, "made_at": ""}
    assert counts(ended.figures("2026-11-01", "2026-11-30")) == Counts(runs=1, done=1, alone=0)
    assert counts(ended.figures("2026-10-01", "2026-11-30")) == Counts(runs=1, done=1, alone=0)


def test_what_is_to_be_made_once_more_is_work_of_its_own(ended: Ended) -> None:
    first = ended.run("done", "2026-10-05 10:00")
    ended.anew(first, "done", "2026-10-06 10:00", again=1)
    assert counts(ended.figures()) == Counts(runs=2, done=2, alone=2)


# -- days -----------------------------------------------------------------------------------------------------------


def test_a_day_ends_at_midnight_in_sweden(ended: Ended) -> None:
    ended.run("done", "2026-09-30 23:59:59")
    ended.run("done", "2026-10-01 00:00")
    ended.run("done", "2026-10-31 23:59:59")
    ended.run("done", "2026-11-01 00:00")
    assert ended.figures().now.counts.runs == 2


def test_the_day_when_the_clocks_are_put_back_has_its_hours_right(ended: Ended) -> None:
    """25 October 2026 has 25 hours: 02:30 comes twice, 23:30 the day before is still summer time."""
    for moment in ("2026-10-24 21:30", "2026-10-25 00:30", "2026-10-25 01:30", "2026-10-25 22:30", "2026-10-25 23:30"):
        asked = datetime.fromisoformat(f"{moment}+00:00")
        ended.run("done", "2026-10-26 08:00", created_at=asked)
    told = ended.figures()
    assert told.hours[5][23] == 1
    assert told.hours[6][2] == 2
    assert told.hours[6][23] == 1
    assert told.hours[0][0] == 1
    assert sum(map(sum, told.hours)) == 5


def test_the_day_when_the_clocks_are_put_forward_has_its_hours_right(ended: Ended) -> None:
    for moment in ("2026-03-29 00:59", "2026-03-29 01:01"):
        ended.run("done", "2026-03-30 08:00", created_at=datetime.fromisoformat(f"{moment}+00:00"))
    told = ended.figures("2026-03-01", "2026-03-31")
    assert [told.hours[6][hour] for hour in (1, 2, 3)] == [1, 0, 1]


def test_months_of_a_longer_period_stand_by_themselves(ended: Ended) -> None:
    ended.run("done", "2026-08-31 23:30")
    ended.run("handed_over", "2026-10-01 00:30")
    told = ended.figures("2026-08-01", "2026-10-31")
    assert [(f"{each.month:%m}", each.task, each.counts.runs, each.counts.share) for each in told.months] == [
        ("08", "", 1, 1), ("09", "", 0, None), ("10", "", 1, 0), ("08", "drawings", 1, 1), ("10", "drawings", 1, 0),
    ]  # fmt: skip
    assert told.compared.first == date(2026, 5, 1)


def test_a_period_of_which_there_is_nothing(ended: Ended) -> None:
    told = ended.figures("2026-02-01", "2026-02-28")
    assert told.now.counts == Counts()
    assert told.now.counts.share is None
    assert told.now.times.whole.median is None
    assert told.now.saved.minutes == 0
    assert [(each.title, each.now.counts.runs) for each in told.tasks] == [("Boka tömning", 0), ("Skicka ritningar", 0)]
    assert told.handovers == ()


def test_a_task_that_has_gone_is_counted_by_its_name(ended: Ended) -> None:
    ended.run("done", "2026-10-05 10:00", task="bygone", count=3)
    ended.run("handed_over", "2026-10-05 10:00", task="bygone", kind="Sekretess")
    gone = task_in(told := ended.figures(), "bygone")
    assert (gone.title, gone.owner, gone.known) == ("bygone", "", False)
    assert gone.now.counts.runs == 4
    assert gone.now.saved.minutes == -5
    assert told.handovers == (HandoverFigures("", "Sekretess", 1, 0),)


def test_a_team_sees_its_own_tasks(ended: Ended) -> None:
    a_month(ended)
    told = ended.figures(owners=["Teknik och renhållning"])
    assert [each.task for each in told.tasks] == ["sludge"]
    assert told.now.counts.runs == sum(map(sum, told.hours)) == 3
    assert [each.owner for each in told.handovers] == ["Teknik och renhållning"]


def test_a_reason_tells_nothing_personal(ended: Ended) -> None:
    ended.run("handed_over", "2026-10-05 10:00", kind="Ring 070-123 45 67")
    ended.run("handed_over", "2026-10-05 10:00", kind="Ring 070-765 43 21")
    assert ended.figures().handovers == (HandoverFigures("Samhällsbyggnad", "Ring [telefon]", 2, 0),)


# -- times ----------------------------------------------------------------------------------------------------------


def test_time_in_line_and_time_at_work_are_apart(ended: Ended) -> None:
    for waited, worked in ((0, 10), (100, 20), (200, 30), (300, 40), (1000, 50)):
        ended.run("done", "2026-10-05 10:00", waited=waited, worked=worked)
    ended.run("handed_over", "2026-10-05 10:00", waited=9_999)  # its time is a person's
    times = ended.figures().now.times
    assert times.count == 5
    assert (times.queue.median, times.work.median, times.whole.median) == (200, 30, 230)
    assert times.queue.p90 == pytest.approx(300 + 0.6 * 700)
    assert times.work.p90 == pytest.approx(46)


def test_between_its_attempts_nobody_is_at_work_on_a_run(ended: Ended) -> None:
    run = ended.run("done", "2026-10-05 10:00", waited=50, worked=3_600)
    ended.tries(run, 20, 30, 40)
    times = ended.figures().now.times
    assert (times.whole.median, times.work.median, times.queue.median) == (3_650, 90, 3_560)


# -- minutes saved --------------------------------------------------------------------------------------------------


def test_minutes_are_counted_from_what_was_measured(ended: Ended) -> None:
    a_month(ended)
    ended.measured(MEASURED)
    told = ended.figures()
    drawings, sludge = task_in(told, "drawings"), task_in(told, "sludge")

    assert drawings.now.saved.minutes == 9 * 15 - 2 * 4 - 1 * 9
    assert drawings.now.saved.basis == "measured"
    assert drawings.baseline.case.source == "Tidtagning på 40 ärenden, vecka 37"
    assert sludge.now.saved.minutes == 2 * 7 - 1 * 6
    assert sludge.now.saved.basis == "partly"
    assert told.now.saved.minutes == 118 + 8
    assert told.now.saved.basis == "partly"
    assert drawings.before.saved.minutes == 4 * 15


def test_what_nobody_has_measured_is_an_estimate(ended: Ended) -> None:
    a_month(ended)
    saved = task_in(told := ended.figures(), "drawings").now.saved
    assert (saved.minutes, saved.basis) == (9 * 12 - 2 * 5 - 1 * 5, "estimated")
    assert told.now.saved.basis == "estimated"


def test_a_measurement_holds_from_its_day_until_the_next(ended: Ended) -> None:
    ended.run("done", "2026-08-20 10:00")
    ended.run("done", "2026-10-20 10:00")
    ended.measured(MEASURED + '[drawings.2026-10-31]\nminutes = 11\nsource = "Ny tidtagning"\n')
    found = {
        month: task_in(ended.figures(f"2026-{month}-01", f"2026-{month}-30"), "drawings") for month in ("08", "10")
    }
    assert found["08"].now.saved.minutes == 12
    assert found["10"].now.saved.minutes == 15
    assert task_in(ended.figures(), "drawings").now.saved.minutes == 11
    assert task_in(ended.figures(), "drawings").baseline.handover.minutes == 4


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("[drawings]\nminutes = 4\n", 2, "skriv uppgiften och mätdagen i rubriken, som [drawings.2026-09-14]"),
        ('[drawings.i-fjol]\nsource = "Tidtagning"\n', 1, "skriv uppgiften och mätdagen i rubriken"),
        ('[drawings.2026-09-14]\nsource = "Tidtagning"\nminutes = -1\n', 3, "drawings.2026-09-14.minutes"),
        ("[drawings.2026-09-14]\nminutes = 1\n", 1, "source"),
        ('[all.2026-09-14]\nsource = "Tidtagning"\nminutes = 1\n', 3, "minutes är olika för varje uppgift"),
    ],
)
def test_a_file_that_cannot_be_used_says_where(ended: Ended, text: str, line: int, words: str) -> None:
    file = ended.measured(text)
    with pytest.raises(ConfigurationError) as raised:
        ended.figures()
    assert words in str(raised.value)
    assert (raised.value.file, raised.value.line) == (str(file), line)


def test_the_check_of_all_files_finds_it_too(ended: Ended) -> None:
    for name in ("systems", "access", "people"):
        (ended.settings.config_dir / f"{name}.toml").write_text("", "utf-8")
    loaded = load_tasks(ended.settings.tasks_dir)
    assert not [fault for fault in problems_in(ended.settings, loaded) if "baselines" in fault.file]
    file = ended.measured("[drawings.2026-09-14]\nminutes = 1\n")
    assert [
        (fault.line, fault.message) for fault in problems_in(ended.settings, loaded) if fault.file == str(file)
    ] == [(1, "drawings.2026-09-14.source: Field required")]


def test_the_municipalitys_own_measurements_can_be_used() -> None:
    """As everybody gets them, until they are replaced by real ones."""
    told = read_baselines(ROOT / "config" / "baselines.toml").of(None, "send_drawings", date(2026, 12, 31))
    assert told.basis == "measured"


# -- beside a plain calculation -------------------------------------------------------------------------------------

Drawn = tuple[str, str, int, int, int, int | None, bool]
DRAWN = st.tuples(
    st.sampled_from(["drawings", "sludge", "bygone"]),
    st.sampled_from(["done", "done", "handed_over", "failed", "cancelled"]),
    st.integers(0, 40 * 24),  # hours from 25 September on
    st.integers(0, 5_000),  # seconds in line
    st.integers(1, 500),  # seconds at work
    st.none() | st.integers(0, 30),  # which earlier one it is ordered after, if it can be
    st.booleans(),  # once more, or anew
)


@dataclass
class Laid:
    """A run that has been laid; ``later`` when another is ordered after it."""

    run_id: int
    task: str
    outcome: str
    at: str
    seconds: int
    again: int
    retries: int | None
    later: bool = False


def lay(ended: Ended, laid: list[Laid], drawn: Drawn) -> Laid:
    task, outcome, hours, waited, worked, after, more = drawn
    at = f"{datetime(2026, 9, 25) + timedelta(hours=hours):%Y-%m-%d %H:%M}"
    free = [run for run in laid if not run.later and (more or run.outcome != "done")]
    if after is None or not free:
        run_id = ended.run(outcome, at, task=task, waited=waited, worked=worked)
        return Laid(run_id, task, outcome, at, waited + worked, 0, None)
    earlier = free[after % len(free)]
    earlier.later, again = True, earlier.again + more
    run_id = ended.anew(earlier.run_id, outcome, at, again=again, task=earlier.task, waited=waited, worked=worked)
    return Laid(run_id, earlier.task, outcome, at, waited + worked, again, None if more else earlier.run_id)


@given(st.lists(DRAWN, max_size=14))
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_runs_beside_a_plain_calculation(ended: Ended, drawn: list[Drawn]) -> None:
    with ended.store.begin() as connection:
        connection.execute(text("truncate runs, outcomes restart identity cascade"))
    laid: list[Laid] = []
    for each in sorted(drawn, key=lambda run: run[2]):
        laid.append(lay(ended, laid, each))

    told = ended.figures()
    inside = [run for run in laid if run.at.startswith("2026-10")]
    overtaken = {run.retries for run in inside}
    for task in ("drawings", "sludge", "bygone"):
        plain = [run for run in inside if run.task == task and run.run_id not in overtaken]
        ends = Counter(run.outcome for run in plain)
        done = [run for run in plain if run.outcome == "done"]
        alone = sum(run.retries is None for run in done)
        expected = Counts(len(plain), len(done), alone, ends["handed_over"], ends["failed"], ends["cancelled"])
        found = [each.now for each in told.tasks if each.task == task]
        assert (found[0].counts if found else Counts()) == expected
        if done:
            assert found[0].times.whole.median == pytest.approx(median(run.seconds for run in done))
    assert sum(each.count for each in told.handovers) == sum(run.outcome == "handed_over" for run in inside)
