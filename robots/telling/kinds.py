"""Every kind of news: where it stands in the database, and how it is told."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Text, and_, cast, func, or_, select

from robots.local_time import on_the_wall
from robots.store.schema import breaker_history, mornings, outcomes, runs, schedules, start_runs, starts
from robots.telling.files import faults_of_files
from robots.telling.finding import Found, Search, as_key, is_new
from robots.telling.nights import undone_nights
from robots.telling.people import Concerns, Kind
from robots.telling.wording import Names, clock, covered, in_days
from robots.worker.mornings import told
from robots.worker.read_inbox import READ_INBOX

# A password is told of when it has so many days left; -1 is when it has ended.
PASSWORD_DAYS = (-1, 0, 1, 3, 7, 14)
OPEN_STATES = ("queued", "running", "waiting_approval")
_SIBLING_RUNS, _READING = start_runs.alias("sibling_runs"), runs.alias("reading")
# The inbox that a run's case was read from.
INBOX = (
    select(func.coalesce(func.min(_READING.c.inputs["inbox"].astext), ""))
    .select_from(start_runs)
    .join(_SIBLING_RUNS, _SIBLING_RUNS.c.start_id == start_runs.c.start_id)
    .join(_READING, and_(_READING.c.id == _SIBLING_RUNS.c.run_id, _READING.c.task == READ_INBOX.name))
    .where(start_runs.c.run_id == runs.c.id)
    .correlate(runs)
    .scalar_subquery()
    .label("inbox")
)


def _concerns(kind: Kind, run: Row[Any], names: Names) -> Concerns:
    return Concerns(kind, task=run.task, owner=names.owner(run.robot), inbox=run.inbox)


def _whose(run: Row[Any]) -> str:
    return f"ärende {run.case_number}" if run.case_number else f"K-{run.id}"


def _line(run: Row[Any], at: datetime) -> str:
    case = f"ärende {run.case_number}, " if run.case_number else ""
    return f"K-{run.id}, {case}{clock(at)}"


def _ended(search: Search, kind: Kind, outcome: str) -> Iterator[tuple[Row[Any], dict[str, str]]]:
    wanted = (
        select(runs, outcomes.c.kind, outcomes.c.reason, outcomes.c.todo, outcomes.c.at, outcomes.c.in_case, INBOX)
        .join(outcomes, outcomes.c.run_id == runs.c.id)
        .where(outcomes.c.outcome == outcome, outcomes.c.at >= search.since, ~runs.c.dry_run)
        .where(is_new(kind, as_key(runs.c.id)))
        .order_by(outcomes.c.at)
    )
    for row in search.rows(wanted):
        told = {
            name: search.names.safe(getattr(row, name), row.task, row.inputs) for name in ("kind", "reason", "todo")
        }
        yield row, {
            "why": told["reason"], "todo": told["todo"], "sort": told["kind"], "line": _line(row, row.at),
            "path": f"/runs/{row.id}", "command": f"ragnhild show K-{row.id}",
            "commands": f"ragnhild runs --state {outcome} --task {row.task.replace('_', '-')}",
            "paths": f"/runs?state={outcome}&task={row.task}",
        }  # fmt: skip


def handovers(search: Search) -> Iterator[Found]:
    """Cases that a person has been given."""
    for row, about in _ended(search, "handover", "handed_over"):
        task, sort = search.names.task(row.task), about["sort"]
        if row.case_number and not row.in_case:
            about["todo"] = f"Ärendet är inte fördelat i ärendesystemet. {about['todo']}"
        about |= {
            "one": f"{task} lämnade över {_whose(row)}: {sort}",
            "many": f"{task} lämnade över {{n}} ärenden: {sort}",
        }
        alike = f"{row.task}\n{sort}"
        yield Found(_concerns("handover", row, search.names), str(row.id), alike, alike, row.at, about)


def failures(search: Search) -> Iterator[Found]:
    """Runs that neither a robot nor a handover could bring to an end."""
    for row, about in _ended(search, "failed", "failed"):
        task, sort = search.names.task(row.task), about["sort"]
        about |= {
            "one": f"{task} misslyckades för {_whose(row)}: {sort}",
            "many": f"{task} misslyckades {{n}} gånger: {sort}",
        }
        alike = f"{row.task}\n{sort}"
        yield Found(_concerns("failed", row, search.names), str(row.id), alike, alike, row.at, about)


def deadlines(search: Search) -> Iterator[Found]:
    """Runs that near the answer that the citizen was promised."""
    wanted = (
        select(runs, INBOX)
        .where(runs.c.warned_at >= search.since, runs.c.state.in_(OPEN_STATES))
        .where(is_new("deadline", as_key(runs.c.id)))
        .order_by(runs.c.deadline_at)
    )
    for row in search.rows(wanted):
        task = search.names.task(row.task)
        about = {
            "one": f"{task}: {_whose(row)} kan missa svaret som är lovat till {clock(row.deadline_at)}",
            "many": f"{task}: {{n}} ärenden kan missa svaret som är lovat",
            "line": f"K-{row.id}, {_whose(row)}, lovat till {clock(row.deadline_at)}",
            "why": covered(row.held_for or "Körningen står ännu i kön."),
            "todo": "Svara för hand om roboten inte hinner. Se vad som pågår och vad som är pausat: ragnhild workers",
            "path": f"/runs/{row.id}", "command": f"ragnhild show K-{row.id}",
            "paths": f"/runs?state=queued&task={row.task}",
            "commands": f"ragnhild runs --state queued --task {row.task.replace('_', '-')}",
        }  # fmt: skip
        yield Found(_concerns("deadline", row, search.names), str(row.id), row.task, row.task, row.warned_at, about)


_START_WORDS = {
    "asked": ("frågar om starten {at} ska göras", "frågar om {n} starter ska göras"),
    "missed": ("missade starten {at}", "missade {n} starter"),
    "due": ("kan inte starta {at}", "kan inte göra {n} starter"),
}


def missed_starts(search: Search) -> Iterator[Found]:
    """Starts that were missed, that a person is asked about, or that wait for a file to be mended."""
    # What is open is found by its state, however old: a start may wait long before it is asked about.
    open_now = or_(starts.c.state == "asked", and_(starts.c.state == "due", starts.c.waits_for == "mending"))
    missed = and_(starts.c.state == "missed", starts.c.noted_at >= search.since)
    key = cast(starts.c.id, Text) + ":" + starts.c.state
    wanted = select(starts, schedules.c.written).join(schedules, schedules.c.name == starts.c.schedule)
    for row in search.rows(wanted.where(or_(open_now, missed), is_new("start", key)).order_by(starts.c.due_at)):
        one, many = _START_WORDS[row.state]
        local = f"{row.local_time:%Y-%m-%d %H:%M}"
        todo = {
            "asked": f'Gör den nu: ragnhild run-now {row.schedule} --at "{local}". '
            f'Låt den vara: ragnhild let-go {row.schedule} --reason "…"',
            "missed": f'Behövs den ändå: ragnhild run-now {row.schedule} --at "{local}".',
            "due": "Rätta det; starten görs sedan av sig själv. Se: ragnhild check",
        }[row.state]
        about = {
            "one": f"Schemat {row.schedule} {one.format(at=local)}", "many": f"Schemat {row.schedule} {many}",
            "line": local, "why": covered(row.reason), "todo": todo,
            "todo_of_many": f"En i taget. Den senaste: {todo}", "path": f"/schedules/{row.schedule}",
            "command": f"ragnhild schedules {row.schedule}",
        }  # fmt: skip
        alike = f"{row.schedule}\n{row.state}"
        concerns = _concerns_of_schedule(row.written, search.names)
        yield Found(concerns, f"{row.id}:{row.state}", alike, alike, row.due_at, about)


def _concerns_of_schedule(written: str, names: Names) -> Concerns:
    """By the schedule's file as it was when it could last be used."""
    told = tomllib.loads(written)
    task = str(told["task"]).replace("-", "_")
    owner = next((robot.owner for robot in names.settings.robots.values() if task in robot.tasks), "")
    return Concerns("start", task=task, owner=owner, inbox=told.get("cases", {}).get("inbox", ""))


def breaker_changes(search: Search) -> Iterator[Found]:
    """Systems that cannot be used now, and that can again."""
    history = breaker_history.c
    wanted = select(breaker_history).where(history.at >= search.since, is_new("breaker", as_key(history.id)))
    for row in search.rows(wanted.order_by(history.id)):
        system = search.names.system(row.system)
        whom = f"Roboten {search.names.robot(row.robot)} kommer inte in i" if row.robot else "Robotarna når inte"
        again = f"Roboten {search.names.robot(row.robot)} kommer in i" if row.robot else "Robotarna når"
        opened = row.state == "open"
        todo = (
            "Kontrollera robotens konto och lägg in ett nytt lösenord: det gamla prövas inte igen."
            if row.robot
            else "Felanmäl systemet om kollegerna inte heller kommer åt det. Körningarna väntar, och går av sig själva "
            "när det svarar igen."
        )
        about = {
            "one": f"{whom} {system}" if opened else f"{again} {system} igen",
            "line": f"{clock(row.at)}: {'går inte' if opened else 'går igen'}",
            "why": covered(row.why) if opened else "", "todo": todo if opened else "",
            "state": row.state,
            "path": f"/systems/{row.system}", "command": "ragnhild systems",
        }  # fmt: skip
        topic = f"{row.system}\n{row.robot}"
        yield Found(
            Concerns("breaker", system=row.system), str(row.id), topic, f"{topic}\n{row.state}", row.at, about
        )  # fmt: skip


def ending_passwords(search: Search) -> Iterator[Found]:
    """Passwords of robot users that are about to end, by the dates in ``config/robots.toml``."""
    today = on_the_wall(search.now).date()
    for robot in search.names.settings.robots.values():
        for system, until in robot.password_until.items():
            days = (until - today).days
            if days > max(PASSWORD_DAYS):
                continue
            stage = next(each for each in PASSWORD_DAYS if each >= days)
            where = f" i {search.names.system(system)}" if system != "all" else ""
            subject = f"Lösenordet för roboten {robot.title}{where} {in_days(days, until)}"
            about = {
                "one": subject, "why": "", "line": subject,
                "todo": f"Byt lösenordet för {robot.user} i systemet, lägg det nya där robotens hemligheter ligger och "
                "skriv det nya datumet i robots.toml (password_until).",
                "path": "/systems", "command": "ragnhild doctor",
            }  # fmt: skip
            topic = f"{robot.name}.{system}"
            concerns = Concerns("password", system="" if system == "all" else system)
            yield Found(concerns, f"{topic}:{until}:{stage}", topic, f"{topic}:{stage}", search.now, about)


def broken_files(search: Search) -> Iterator[Found]:
    """Schedules, the calendar and the list of people that cannot be used as they are now."""
    for fault in faults_of_files(search.connection, search.names.settings, search.now):
        about = {
            "one": f"Filen {fault.file} går inte att använda", "line": fault.file, "why": covered(fault.words),
            "todo": "Rätta filen. Till dess gäller den som den var; en ny fil gäller inte alls. Se: ragnhild check",
            "path": "/schedules", "command": "ragnhild check",
        }  # fmt: skip
        key = f"{fault.file}:{fault.since.isoformat()}"
        yield Found(Concerns("schedule"), key, fault.file, fault.file, fault.since, about)


def changed_pages(search: Search) -> Iterator[Found]:
    """Pages that the morning check found otherwise than the morning before, when it has seen all of the system."""
    wanted = (
        select(mornings, outcomes.c.at.label("ended_at"))
        .join(outcomes, outcomes.c.run_id == mornings.c.run_id)
        .where(mornings.c.news, outcomes.c.at >= search.since, is_new("change", as_key(mornings.c.id)))
        .order_by(mornings.c.system, mornings.c.place)
    )
    for row in search.rows(wanted):
        about = {
            "one": told(row), "many": f"{row.title}: {{n}} sidor är inte som vanligt", "line": told(row), "why": "",
            "todo": "Se på bilden i rapporten. Gör det inget för roboten, så godkänn sidan: "
            f"ragnhild morning-check --accept {row.system}. Annars: be den som sköter roboten att rätta den i dag.",
            "path": f"/runs/{row.run_id}", "command": f"ragnhild show K-{row.run_id} --open",
        }  # fmt: skip
        if row.state == "unreachable":
            about["todo"] = "Kontrollera att systemet går att nå, och gör om kontrollen: ragnhild morning-check"
        topic = f"{row.system}\n{row.run_id}"
        yield Found(Concerns("change", system=row.system), str(row.id), topic, topic, row.ended_at, about)


def retention_undone(search: Search) -> Iterator[Found]:
    """That what is to be removed by decision lies there still."""
    if undone := undone_nights(search.connection, search.names.settings, search.now):
        about = {
            "one": f"Gallringen {undone.words}", "line": f"Gallringen {undone.words}",
            "why": "Varje natt ska det tas bort som gallringsplanen säger, och det som var gammalt nog ligger kvar.",
            "todo": "Se i schemaläggarens logg varför, och kontrollera planen: ragnhild check. När felet är rättat "
            "görs den av sig själv; nu genast: ragnhild retention --carry-out",
            "path": "/", "command": "ragnhild retention",
        }  # fmt: skip
        key = undone.since.isoformat()
        yield Found(Concerns("retention"), key, "retention", "retention", search.now, about)


FINDERS: dict[Kind, Callable[[Search], Iterator[Found]]] = {
    "handover": handovers,
    "failed": failures,
    "start": missed_starts,
    "schedule": broken_files,
    "breaker": breaker_changes,
    "password": ending_passwords,
    "deadline": deadlines,
    "change": changed_pages,
    "retention": retention_undone,
}
