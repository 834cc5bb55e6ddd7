"""What is told of the plan: how each class stands, what was removed; and the plan's own words, times and nights."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from loguru import logger
from sqlalchemy import insert, select, text

from robots.audit.reading import Wanted, noted
from robots.errors import ConfigurationError
from robots.local_time import moment_of
from robots.retention.carrying_out import CarryingOut
from robots.retention.classes import CLASSES
from robots.retention.files import old_files
from robots.retention.nights import Nights, list_of
from robots.retention.plan import read_plan
from robots.retention.standing import Standing, latest_night, latest_removals, standing_of
from robots.settings import Settings
from robots.store import Store
from robots.store.schema import audit_events, orders, retention_log, retention_nights
from tests.unit.old_cases import Archive, ago, plan_text

A, B = "KC-26110042-4", "KC-26110043-2"


@pytest.fixture
def archive(machine: Settings, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Archive:
    return Archive.laid(machine, store, tmp_path, monkeypatch)


def is_near(moment: datetime | None, days: float) -> bool:
    return moment is not None and ago(days + 2) < moment < ago(days - 2)


def standing(archive: Archive) -> dict[str, Standing]:
    with archive.store.begin() as connection:
        return standing_of(connection, archive.settings, archive.carrying_out().plan)


# -- how each class stands ------------------------------------------------------------------------------------------


def test_how_cases_stand(archive: Archive) -> None:
    first = archive.case(A, 800)
    archive.case(A, 700, earlier_run=first)
    archive.case(B, 500)
    waiting, going = archive.case(None, 600), archive.case(None, 40)
    archive.change("update runs set state = 'running' where id in (:a, :b)", a=waiting, b=going)
    archive.case(None, 30)
    archive.case(None, 10)
    for name in ("körningar", "underlag"):
        told = standing(archive)[name]
        assert (told.due, told.waits) == (3, {"going": 1}), "counted by run"
        assert is_near(told.oldest, 700), "the time of a case counts from its last run"
        assert is_near(told.next, 30 - 365), "what is needed is not what goes next"
    archive.plan(plan_text(underlag="1 år", körningar="3 år"))
    archive.carrying_out().all_rows()
    told = standing(archive)["underlag"]
    assert (told.due, told.oldest, told.waits) == (0, None, {"going": 1}), "what is gone is not counted again"
    assert standing(archive)["körningar"].due == 0
    assert is_near(standing(archive)["körningar"].next, 700 - 3 * 365)


def test_how_rows_stand(archive: Archive) -> None:
    asked = {"order": "cancel", "about": "K-1", "by": "a", "reason": ""}
    with archive.store.begin() as connection:
        connection.execute(insert(orders).values([asked | {"at": ago(days)} for days in (900, 500, 20, 10)]))
        for at in (ago(600), ago(5)):
            connection.execute(
                text("insert into breaker_history (system, robot, state, why, at) values ('s', '', 'open', '', :at)"),
                {"at": at},
            )
        connection.execute(text("insert into failed_logins (name, at) values ('a', now())"))
    told = standing(archive)
    assert told["drift"].due == 3
    assert is_near(told["drift"].oldest, 900)
    assert is_near(told["drift"].next, 20 - 365)
    assert (told["inloggningar"].due, told["inloggningar"].oldest) == (0, None)
    assert is_near(told["inloggningar"].next, -365)
    assert told["scheman"] == Standing()


def test_how_the_audit_stands(archive: Archive) -> None:
    with archive.store.begin() as connection:
        for days in (800, 3):
            connection.execute(insert(audit_events).values(by="anna", did="looked", at=ago(days)))
    told = standing(archive)["händelselogg"]
    assert told.due == 1
    assert is_near(told.oldest, 800)
    assert is_near(told.next, 3 - 365)


def test_how_files_stand(archive: Archive) -> None:
    logs, sheets = archive.settings.data_dir / "logs", archive.settings.data_dir / "sheets"
    for folder, names in ((logs, ("worker.1.log", "worker.2.log", "worker.log", "portal.log")), (sheets, ("1.xlsx",))):
        folder.mkdir(parents=True)
        for days, name in enumerate(names):
            (folder / name).write_text("" if name == "portal.log" else "x", "utf-8")
            os.utime(folder / name, (ago(900 - 400 * days).timestamp(),) * 2)
    told = standing(archive)
    assert (told["loggar"].due, told["ark"].due) == (2, 1)
    assert is_near(told["loggar"].oldest, 900)
    assert is_near(told["loggar"].next, 100 - 365)
    assert is_near(told["ark"].oldest, 900)
    assert told["ark"].next is None
    assert [each.path.name for each in old_files(archive.settings, "loggar")] == [
        "worker.1.log", "worker.2.log", "worker.log",
    ], "an empty one has nothing to lose"  # fmt: skip


def test_what_was_put_aside_is_known_by_its_name(archive: Archive) -> None:
    settings = archive.settings.model_copy(update={"evidence_folder": archive.settings.data_dir.parent / "elsewhere"})
    for folder in (settings.data_dir, settings.evidence_dir):
        for name in ("undan-2024-11-09-120000-000000", "undan-av-mig", "underlag"):
            (folder / name).mkdir(parents=True)
    found = old_files(settings, "undanflyttat")
    assert {each.path.parent for each in found} == {settings.data_dir, settings.evidence_dir}
    assert [(each.path.name, each.at) for each in found] == [
        ("undan-2024-11-09-120000-000000", datetime(2024, 11, 9, 11, tzinfo=UTC))
    ] * 2
    (found[0].path / "full").write_text("x", "utf-8")
    for each in found:
        each.remove()
        each.remove()  # somebody else was first
    assert old_files(settings, "undanflyttat") == []
    assert old_files(settings, "körningar") == []


# -- what was removed -----------------------------------------------------------------------------------------------


def test_what_was_removed_is_told_by_day_and_class(archive: Archive) -> None:
    plain = {"class": "kön", "what": "jobs", "number": 2, "decision": "Dnr 1", "decided": date(2026, 1, 1), "by": "a"}
    today = moment_of(datetime(2026, 11, 9, 12))
    lines = [
        plain | {"at": today, "oldest": ago(9), "newest": ago(8)},
        plain | {"at": today + timedelta(hours=1), "number": 3, "oldest": ago(10), "newest": ago(7)},
        *({**plain, "at": today, "oldest": ago(1), "newest": ago(1), **other} for other in (
            {"what": "events"}, {"decision": "Dnr 2"}, {"decided": date(2026, 1, 2)}, {"by": "b"}, {"class": "ark"},
            {"at": today - timedelta(days=1)},
        )),
    ]  # fmt: skip
    with archive.store.begin() as connection:
        connection.execute(insert(retention_log).values(lines))
        found = latest_removals(connection, 100)
        newest = latest_removals(connection, 1)
    assert len(found) == 7
    assert [row._mapping["class"] for row in found] == ["ark", *["kön"] * 6]
    assert newest == found[:1]
    assert (found[-1].day, found[0].day) == (moment_of(datetime(2026, 11, 8)), moment_of(datetime(2026, 11, 9)))
    (told,) = [row for row in found if row.number == 5]
    assert (is_near(told.oldest, 10), is_near(told.newest, 7), told.what, told.by) == (True, True, "jobs", "a")
    assert told.oldest < ago(9.5) < ago(7.5) < told.newest


def test_what_is_noted_when_it_is_done(archive: Archive) -> None:
    work = archive.carrying_out()
    with archive.store.begin() as connection:
        assert latest_night(connection) is None
    work.finish({})
    assert archive.count("audit_events") == archive.count("retention_nights") == 0
    work.finish({"ark": 2}, date(2026, 11, 9))
    work.finish({}, date(2026, 11, 9))
    work.finish({}, date(2026, 11, 8))
    with archive.store.begin() as connection:
        nights = connection.execute(select(retention_nights.c.night)).scalars().all()
        assert (
            latest_night(connection) == connection.execute(text("select max(ended_at) from retention_nights")).scalar()
        )
    assert sorted(nights) == [date(2026, 11, 8), date(2026, 11, 9)]
    (line,) = noted(archive.store, Wanted())
    assert (line.by, line.did, line.about, line.detail) == (
        "prov",
        "records_removed",
        "retention",
        {"removed": {"ark": 2}},
    )


# -- the plan's words -----------------------------------------------------------------------------------------------


def rule_text(kept: str = '"1 år"', decision: str = '"Dnr 1"', decided: str = "2026-01-01") -> str:
    return f'["ark"]\nsparas = {kept}\nbeslut = {decision}\nbeslutat = {decided}\n'


@pytest.mark.parametrize(
    ("words", "months", "days"),
    [
        ("1 dag", 0, 1),
        ("30 dagar", 0, 30),
        ("1 månad", 1, 0),
        ("6 månader", 6, 0),
        ("1 år", 12, 0),
        ("9999 år", 119988, 0),
    ],
)
def test_a_time_is_as_the_calendar_counts(archive: Archive, words: str, months: int, days: int) -> None:
    archive.plan(rule_text(f'"{words}"', '" Dnr 1 "'))
    plan = archive.carrying_out().plan
    kept = plan.rules["ark"].kept
    assert (kept.months, kept.days, kept.words) == (months, days, words)
    assert (plan.rules["ark"].decision, plan.rules["ark"].decided) == ("Dnr 1", date(2026, 1, 1))
    assert plan.undecided == [name for name in CLASSES if name not in ("ark", "spår")]


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        *(
            (rule_text(f'"{kept}"'), f"«{kept}» är ingen tid")
            for kept in ("0 dagar", "10000 år", "2 veckor", "1 årtal", "x 1 år")
        ),
        (rule_text("30"), "«30» är ingen tid"),
        (rule_text(decision='" ab "'), "Skriv beslutets nummer"), (rule_text(decision="17"), "Skriv beslutets nummer"),
        (rule_text(decision=f'"{"a" * 201}"'), "högst 200 tecken"),
        (rule_text(decided="17"), "Skriv dagen för beslutet"),
    ],
)  # fmt: skip
def test_what_is_no_time_and_no_decision_is_refused(archive: Archive, wrong: str, words: str) -> None:
    archive.plan(wrong)
    with pytest.raises(ConfigurationError, match=words):
        archive.carrying_out()
    archive.plan(rule_text(decision='"abc"'))
    archive.carrying_out()
    archive.plan(rule_text(decision=f'"{"a" * 200}"'))
    archive.carrying_out()


@pytest.mark.parametrize(
    ("evidence", "runs", "right"),
    [("1 år", "1 år", True), ("365 dagar", "1 år", True), ("1 år", "365 dagar", False), ("366 dagar", "1 år", False),
     ("30 dagar", "1 månad", True), ("31 dagar", "1 månad", False), ("11 månader", "1 år", True)],
)  # fmt: skip
def test_evidence_is_never_kept_longer_than_its_run(archive: Archive, evidence: str, runs: str, right: bool) -> None:
    archive.plan(plan_text(underlag=evidence, körningar=runs))
    if right:
        assert list(archive.carrying_out().plan.rules) == ["underlag", "körningar"]
        return
    with pytest.raises(ConfigurationError, match="kan inte gallras före sitt underlag"):
        archive.carrying_out()


def test_a_plan_that_is_not_there_removes_nothing(tmp_path: Path) -> None:
    assert read_plan(tmp_path / "retention.toml").rules == {}


# -- the nights -----------------------------------------------------------------------------------------------------


def test_a_machine_sweeps_its_files_each_day_and_when_more_is_gone(
    archive: Archive, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    swept: list[Settings] = []
    monkeypatch.setattr(CarryingOut, "files", lambda _, settings: swept.append(settings))
    now = ["2026-11-09 03:29"]
    nights = Nights(
        archive.settings, store, rows=True, now=lambda _: moment_of(datetime.fromisoformat(now[0]))
    )  # fmt: skip
    nights.look()
    nights.look()
    assert swept == [archive.settings]
    archive.change(
        "insert into retention_log (class, what, number, oldest, newest, decision, decided, by)"
        " values ('kön', 'jobs', 1, now(), now(), '', now(), '')"
    )
    nights.look()
    nights.look()
    assert len(swept) == 2
    assert archive.count("retention_nights") == 0, "it is not time yet"
    now[0] = "2026-11-09 03:30"
    nights.look()
    assert archive.count("retention_nights") == 1
    now[0] = "2026-11-10 00:00"
    nights.look()
    nights.look()
    assert (len(swept), archive.count("retention_nights")) == (3, 1)
    never = archive.settings.model_copy(update={"retention_at": ""})
    Nights(never, store, rows=True).look()
    assert len(swept) == 3
    Nights(archive.settings, store, rows=False).look()
    assert len(swept) == 4, "by the database's own clock"


def test_a_plan_that_is_wrong_is_told_once_until_it_has_been_right(archive: Archive, store: Store) -> None:
    nights, told = Nights(archive.settings, store, rows=False), list[str]()
    sink = logger.add(lambda message: told.append(message.record["message"]), level="ERROR")
    try:
        archive.plan('["nytt"]\n')
        nights.look()
        nights.look()
        assert len(told) == 1
        assert "Det finns inget slag som heter nytt" in told[0]
        archive.plan("")
        nights.look()
        archive.plan('["nytt"]\n')
        nights._swept = None
        nights.look()
        assert len(told) == 2
    finally:
        logger.remove(sink)


def test_the_list_lies_beside_the_backups(archive: Archive) -> None:
    kept = list_of(archive.settings)
    assert kept
    assert kept.file == Path(str(archive.settings.backup_folder)) / "gallrat.jsonl"
    assert list_of(archive.settings.model_copy(update={"backup_folder": None})) is None
