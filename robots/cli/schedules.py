"""``ragnhild schedules``, ``run-now``, ``let-go`` and ``scheduler``: what starts by itself, and when."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from robots.cli import console, machine
from robots.cli.runs import AsJson
from robots.errors import WrongInput

if TYPE_CHECKING:
    from sqlalchemy import Connection, Row

    from robots.scheduler.schedule import Schedule
    from robots.scheduler.scheduler import Scheduler
    from robots.workdays import Calendar

STATES = {
    "due": "väntar",
    "started": "startad",
    "missed": "missad",
    "skipped": "hoppades över",
    "asked": "väntar på svar",
}
DAYS = ("mån", "tis", "ons", "tors", "fre", "lör", "sön")
LATEST = 10
CALENDAR = "calendar.toml"
_IN_MEANTIME = "Tills den är rättad gäller kalendern som den var när den senast gick att läsa."
_NOTHING_STARTS = "Tills den är rättad startar inget schema: ingen vet vilka dagar som är lediga."

ScheduleName = Annotated[str, typer.Argument(metavar="SCHEMA", help="Schemats namn: filens i schedules/, utan .toml.")]
At = Annotated[
    str, typer.Option("--at", metavar="ÅÅÅÅ-MM-DD TT:MM", help="En start som inte blev av, i stället för nu.")
]
Count = Annotated[int, typer.Option("--next", metavar="TAL", min=1, max=100, help="Så många kommande starter.")]


def register(app: typer.Typer) -> None:
    app.command(
        "schedules", help="Visa scheman: nästa starter, dagar som hoppas över och varför, och det som blev av."
    )(schedules)
    app.command("run-now", help="Starta ett schema nu, eller en start som inte blev av.")(run_now)
    app.command("let-go", help="Låt bli att starta det som ett schema missade och frågar om.")(let_go)
    app.command("scheduler", help="Starta det som scheman säger, tills Ctrl-C. Flera på en gång stör inte varandra.")(
        keep_time
    )


def schedules(
    name: Annotated[str, typer.Argument(metavar="[SCHEMA]", help="Bara detta schema.")] = "",
    count: Count = LATEST,
    as_json: AsJson = False,
) -> None:
    """Every schedule with its next starts. Exit code 0 also where a file cannot be read: it is told."""
    with _open_scheduler() as scheduler, scheduler.store.begin() as connection:
        known = scheduler.known(connection)
        chosen = [scheduler.find(connection, name)] if name else known.schedules
        calendar, fault = scheduler.calendar(connection)
        documents = _documents(connection, chosen, calendar, scheduler.now(connection), count)
    faults = known.faults | ({CALENDAR: fault} if fault else {})
    if as_json:
        console.print_json({"schedules": documents, "faults": faults})
        return
    for words in faults.values():
        console.say(f"Går inte att använda: {words}", "red")
    if fault:
        console.say(_IN_MEANTIME if calendar else _NOTHING_STARTS, "red")
    if not documents and not faults:
        console.say("Det finns inga scheman. Lägg ett i schedules/; docs/schedules.md visar hur.")
    for document in documents:
        _show(document)


def run_now(schedule: ScheduleName, at: At = "") -> None:
    """Ask for the runs of a schedule. Raises ``WrongInput`` for a schedule or a start that there is not."""
    from robots.scheduler.by_hand import start_now

    with _open_scheduler() as scheduler:
        asked = start_now(scheduler, schedule, by=machine.person(), at=_moment(at) if at else None)
    runs = ", ".join(f"K-{run_id}" for run_id in asked)
    console.say(f"Schemat {schedule} är startat: {runs}. Följ med: ragnhild show {runs.partition(',')[0]}")


def let_go(
    schedule: ScheduleName,
    reason: Annotated[
        str, typer.Option("--reason", metavar="SKÄL", help="Varför; det sparas tillsammans med vem.")
    ] = "",
) -> None:
    """Make none of the starts that a schedule asks about. Raises ``WrongInput`` without a reason."""
    from robots.scheduler.by_hand import let_go as let_starts_go

    if not reason.strip():
        raise WrongInput("--reason", reason, "Skriv varför; den som undrar varför inget startade får läsa det.")
    with _open_scheduler() as scheduler:
        gone = let_starts_go(scheduler, schedule, by=machine.person(), reason=reason)
    console.say(
        f"{gone} starter av {schedule} görs inte." if gone else f"Schemat {schedule} frågar inte om någon start."
    )


def keep_time() -> None:
    """The scheduler in the foreground."""
    from robots.cli.ending import end_on_signal, until_told
    from robots.cli.services import watched
    from robots.retention.nights import keeping_to_plan
    from robots.scheduler.ticking import ticking
    from robots.telling.ticking import telling
    from robots.watching.beating import BeatingScheduler
    from robots.watching.pulse import Pulse

    end_on_signal()
    settings, pulse = machine.open_settings("scheduler"), Pulse()
    port = settings.health_port and settings.health_port + 1  # the one below is the worker's
    with (
        machine.open_database(settings) as store,
        watched(settings, store, pulse, port),
        ticking(BeatingScheduler(settings, store, pulse)),
        telling(settings, store),
        keeping_to_plan(settings, store, rows=True),
    ):
        console.tell("Schemaläggaren är igång. Ctrl-C avslutar.")
        pulse.is_ready()
        until_told()
    console.tell("Avslutad.")


def _show(document: dict[str, Any]) -> None:
    console.say(f"\n{document['title']}  ({document['name']}, uppgiften {document['task']})", "bold")
    if document["paused"]:
        console.say(f"Pausat: {document['paused']}", "yellow")
    for start in document["asked"]:
        again = f'ragnhild run-now {document["name"]} --at "{start["time"]}"'
        console.say(f"Missade {start['time']} och frågar om den ska göras: {again}, eller ragnhild let-go", "yellow")
    rows = [(_shown(p["time"]), p["skipped"] and f"hoppas över: {p['skipped']}") for p in document["next"]]
    console.table(["Nästa starter", ""], rows or [("inga", "Inget startar inom två år.")])
    if document["latest"]:
        told = [(_shown(s["time"]), STATES[s["state"]], _listed(s["runs"]), s["reason"]) for s in document["latest"]]
        console.table(["Senaste starter", "Läge", "Körningar", "Varför"], told)


def _listed(runs: list[str]) -> str:
    return ", ".join(runs) or "–"


@contextmanager
def _open_scheduler() -> Iterator[Scheduler]:
    from robots.scheduler.scheduler import Scheduler

    settings = machine.open_settings()
    with machine.open_database(settings) as store:
        yield Scheduler(settings, store)


def _documents(
    connection: Connection, chosen: list[Schedule], calendar: Calendar | None, now: datetime, count: int
) -> list[dict[str, Any]]:
    """``calendar`` is None where nobody knows which days are off: then nobody knows the next starts either."""
    from robots.scheduler.history import latest_starts, pauses_of
    from robots.scheduler.outlook import outlook

    names = [schedule.name for schedule in chosen]
    paused = {
        name: f"{row.by}, {console.clock(row.since)}: {row.reason}"
        for name, row in pauses_of(connection, names).items()
    }
    latest = latest_starts(connection, names, limit=LATEST)
    asked = latest_starts(connection, names, limit=LATEST, states=("asked",))
    return [
        {
            "name": each.name, "title": each.title, "task": each.task, "paused": paused.get(each.name, ""),
            "next": [
                {"time": planned.local.isoformat(" ", "minutes"), "skipped": planned.skipped}
                for planned in (outlook(each, calendar, now, count) if calendar else ())
            ],
            "latest": [_start(row) for row in latest[each.name]],
            "asked": [_start(row) for row in asked[each.name]],
        }
        for each in chosen
    ]  # fmt: skip


def _start(row: Row[Any]) -> dict[str, str]:
    runs = [f"K-{run_id}" for run_id in row.asked_for or ()]
    local = row.local_time.isoformat(" ", "minutes")
    return {"time": local, "state": row.state, "runs": runs, "reason": row.reason, "by": row.by}


def _shown(local: str) -> str:
    """With the day of the week: «mån 2026-11-23 06:00»."""
    return f"{DAYS[datetime.fromisoformat(local).weekday()]} {local}"


def _moment(at: str) -> datetime:
    try:
        return datetime.fromisoformat(at)
    except ValueError:
        raise WrongInput("--at", at, "Skriv tiden som ÅÅÅÅ-MM-DD TT:MM.") from None
