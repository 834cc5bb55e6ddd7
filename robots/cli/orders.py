"""``ragnhild cancel``, ``retry``, ``pause``, ``resume``, ``stop``, ``workers`` and ``drain``: steering what goes on."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated

import typer

from robots.cli import console, machine
from robots.cli.runs import AsJson, RunName, run_number
from robots.errors import WrongInput

if TYPE_CHECKING:
    from robots.settings import Settings
    from robots.store import Store

LOOK_SECONDS = 0.2

Reason = Annotated[str, typer.Option("--reason", metavar="SKÄL", help="Varför; det sparas tillsammans med vem.")]
TaskName = Annotated[str, typer.Option("--task", metavar="UPPGIFT", help="Bara denna uppgift.")]
SystemName = Annotated[str, typer.Option("--system", metavar="SYSTEM", help="Bara uppgifter som använder systemet.")]
ScheduleName = Annotated[str, typer.Option("--schedule", metavar="SCHEMA", help="Bara detta schema: inget startar.")]
Everything = Annotated[bool, typer.Option("--everything", help="Alla uppgifter.")]


def register(app: typer.Typer) -> None:
    app.command("cancel", help="Avbryt en körning. Det som redan är gjort står kvar; inget mer görs.")(cancel)
    app.command("retry", help="Försök igen med en körning som inte blev klar. Det som redan är gjort görs inte om.")(
        retry
    )
    app.command(
        "pause",
        help="Pausa en uppgift, ett system, ett schema eller allt. Det som pågår görs klart, inget nytt börjar.",
    )(pause)
    app.command("resume", help="Släpp på det som är pausat eller nödstoppat, så att det som väntar körs.")(resume)
    app.command("stop", help="Nödstopp: inget mer sparas i något system, och det visas var varje körning står.")(stop)
    app.command("workers", help="Visa vilka som arbetar och med vad.")(workers)
    app.command("drain", help="Töm en worker inför en uppdatering: den gör klart det som pågår och avslutas.")(drain)


def cancel(run: RunName, reason: Reason = "") -> None:
    """Stop a run. Raises ``WrongInput`` when it has ended already."""
    from robots.queue.orders import cancel as cancel_run

    run_id = run_number(run)
    settings = machine.open_settings()
    with machine.open_database(settings) as store:
        ended = cancel_run(
            store, run_id, by=machine.person(), reason=reason, lease_seconds=settings.lease_seconds
        )  # fmt: skip
    if ended:
        console.say(f"K-{run_id} är avbruten. Det som redan var gjort står kvar; inget mer görs.")
    else:
        console.say(f"K-{run_id} stoppas: den pågår, men inget mer sparas. Följ den med: ragnhild show K-{run_id}")


def retry(run: RunName, reason: Reason = "") -> None:
    """A new run with the same inputs. Raises ``WrongInput`` when there is nothing to try."""
    from robots.queue.orders import retry as retry_run

    run_id = run_number(run)
    settings = machine.open_settings()
    with machine.open_database(settings) as store:
        told = retry_run(
            store, run_id, by=machine.person(), reason=reason, answer_hours=settings.answer_hours
        )  # fmt: skip
    words = "försöker igen med" if told.new else "försöker redan igen med"
    console.say(f"K-{told.run_id} {words} det som K-{run_id} inte fick klart. Följ den: ragnhild show K-{told.run_id}")


def pause(
    task: TaskName = "",
    system: SystemName = "",
    schedule: ScheduleName = "",
    everything: Everything = False,
    reason: Reason = "",
) -> None:
    """Let nothing of the scope begin. Raises ``WrongInput`` without exactly one scope, or without a reason."""
    from robots.queue.pauses import pause as pause_scope

    settings = machine.open_settings()
    scope, words = _scope(settings, task, system, schedule, everything)
    if not reason.strip():
        raise WrongInput("--reason", reason, "Skriv varför; den som undrar varför inget händer får läsa det.")
    with machine.open_database(settings) as store:
        new = pause_scope(store, scope, by=machine.person(), reason=reason)
    told = f"{words} är pausat." if new else f"{words} var redan pausat."
    option = _option(task, system, schedule)
    console.say(f"{told} Det som pågår görs klart. Släpp på igen med: ragnhild resume {option}")


def resume(
    task: TaskName = "",
    system: SystemName = "",
    schedule: ScheduleName = "",
    everything: Everything = False,
    emergency: Annotated[bool, typer.Option("--stop", help="Häv nödstoppet.")] = False,
) -> None:
    """Let the scope begin again. Raises ``WrongInput`` without exactly one scope."""
    from robots.effects import STOPPED_COMMITS
    from robots.queue.orders import look_again
    from robots.queue.pauses import resume as resume_scope

    settings = machine.open_settings()
    if emergency and (task or system or schedule or everything):
        raise WrongInput("--stop", "med annat", "Häv nödstoppet för sig.")
    scope, words = (
        (STOPPED_COMMITS, "Nödstoppet") if emergency else _scope(settings, task, system, schedule, everything)
    )
    with machine.open_database(settings) as store:
        if schedule:
            _note_what_was_paused(settings, store, schedule)
        woken = resume_scope(store, scope, by=machine.person())
        looks = bool(system) and look_again(store, system, by=machine.person())
    if looks:
        console.say(f"{words} ses efter på en gång. Fungerar det går de körningar vidare som väntar på det.")
    elif woken is None:
        console.say(f"{words} var inte pausat." if not emergency else "Det finns inget nödstopp.")
    else:
        console.say(f"{words} är släppt. {woken} körningar som väntade får börja.")


def stop(reason: Reason = "", as_json: AsJson = False) -> None:
    """No change leaves from now on, whatever is at work. Raises ``WrongInput`` without a reason."""
    from robots.effects import STOPPED_COMMITS
    from robots.queue.pauses import pause as pause_scope
    from robots.queue.standing import runs_at_work

    if not reason.strip():
        raise WrongInput("--reason", reason, "Skriv varför; det är det första alla frågar.")
    settings = machine.open_settings()
    with machine.open_database(settings) as store:
        pause_scope(store, STOPPED_COMMITS, by=machine.person(), reason=reason)
        found = runs_at_work(store)
    if as_json:
        console.print_json({"stopped": True, "runs": [{**row._mapping, "id": f"K-{row.id}"} for row in found]})
        return
    console.say("Nödstopp: inget mer sparas i något system. Häv det med: ragnhild resume --stop", "bold")
    if not found:
        console.say("Ingen körning pågick.")
        return
    rows = [
        (f"K-{row.id}", row.task.replace("_", "-"), row.case_number or "–", row.step or "–", row.hang or "inget")
        for row in found
    ]
    console.table(["Körning", "Uppgift", "Ärende", "Står i steget", "Skickat men inte sett"], rows)


def workers(as_json: AsJson = False) -> None:
    """The workers and what is paused."""
    from robots.queue.pauses import pauses_now
    from robots.queue.standing import SILENT_SECONDS, workers_now

    settings = machine.open_settings()
    with machine.open_database(settings) as store:
        found, paused = workers_now(store), pauses_now(store)
    if as_json:
        told = [
            {"name": row.name, "slots": row.slots, "runs": row.at_work, "started_at": row.started_at,
             "silent_seconds": float(row.silent), "draining": row.draining, "queues": row.queues}
            for row in found
        ]  # fmt: skip
        console.print_json({"workers": told, "paused": [dict(row._mapping) for row in paused]})
        return
    if found:
        rows = [
            (row.name, str(row.slots), str(row.at_work), console.clock(row.started_at),
             f"tyst i {console.seconds_text(row.silent)}" if row.silent > SILENT_SECONDS
             else "töms" if row.draining else "arbetar")
            for row in found
        ]  # fmt: skip
        console.table(["Worker", "Platser", "Körningar", "Sedan", "Läge"], rows)
    else:
        console.say("Ingen worker är igång. Starta en med: ragnhild worker")
    for row in paused:
        console.say(f"Pausat: {row.scope} av {row.by} {console.clock(row.since)}: {row.reason}", "yellow")


def drain(
    worker: Annotated[str, typer.Option("--worker", metavar="NAMN", help="Bara denna; annars alla.")] = "",
    reason: Reason = "",
    wait: Annotated[bool, typer.Option("--wait/--no-wait", help="Vänta tills de har avslutats.")] = True,
) -> None:
    """Let workers finish what they have and end. Raises ``WrongInput`` when there is none of that name."""
    from robots.queue.standing import drain as drain_workers

    settings = machine.open_settings()
    with machine.open_database(settings) as store:
        told = drain_workers(store, worker, by=machine.person(), reason=reason)
        if not told:
            raise WrongInput("--worker", worker or "alla", "Ingen sådan worker är igång. Se: ragnhild workers")
        console.tell(f"{len(told)} worker töms: det som pågår görs klart, inget nytt tas.")
        if wait:
            _wait_until_gone(store, told)
            console.say("Tömd. Starta igen med: ragnhild worker")


def _wait_until_gone(store: Store, worker_ids: list[int]) -> None:
    from robots.queue.standing import still_there

    while still_there(store, worker_ids):
        time.sleep(LOOK_SECONDS)  # other processes, perhaps on other machines; the database tells of their end


def _note_what_was_paused(settings: Settings, store: Store, schedule: str) -> None:
    """Starts that came while nobody looked have been skipped all the same: the schedule was paused."""
    from robots.scheduler.by_hand import note_what_came
    from robots.scheduler.scheduler import Scheduler

    note_what_came(Scheduler(settings, store), schedule)


def _scope(settings: Settings, task: str, system: str, schedule: str, everything: bool) -> tuple[str, str]:
    from robots.queue.pauses import EVERYTHING, schedule_scope, system_scope, task_scope
    from robots.task_files import load_tasks

    if sum(map(bool, (task, system, schedule, everything))) != 1:
        raise WrongInput("Vad", "", "Ange ett av --task, --system, --schedule och --everything.")
    if task:
        found = load_tasks(settings.tasks_dir).find(task)
        return task_scope(found.name), found.title
    if system:
        if system not in settings.systems:
            raise WrongInput("--system", system, f"Välj {', '.join(settings.systems)}.")
        return system_scope(system), system
    if schedule:
        if not (settings.schedules_dir / f"{schedule}.toml").is_file():
            raise WrongInput("--schedule", schedule, "Det finns inget sådant schema. Se: ragnhild schedules")
        return schedule_scope(schedule), f"Schemat {schedule}"
    return EVERYTHING, "Allt"


def _option(task: str, system: str, schedule: str) -> str:
    named = {"task": task, "system": system, "schedule": schedule}
    return next((f"--{name} {value}" for name, value in named.items() if value), "--everything")
