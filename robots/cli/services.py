"""``ragnhild practice``, ``worker`` and ``up``: what runs until it is told to end."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from typing import TYPE_CHECKING, Annotated, Any

import typer

from robots.cli import console, machine
from robots.cli.ending import end_on_signal
from robots.errors import ApplicationException, ConfigurationError
from robots.tls import trusted

if TYPE_CHECKING:
    from robots.cli.town import Town
    from robots.settings import Settings
    from robots.store import Store
    from robots.watching.pulse import Pulse

PORT = 8600
TOWN_FILE = "practice.json"
# A server that dies tells nobody.
LOOK_SECONDS = 1.0

Port = Annotated[
    int, typer.Option("--port", metavar="TAL", min=0, max=65535, help="Övningskommunens port; 0 tar en ledig.")
]
Seed = Annotated[int, typer.Option("--seed", metavar="TAL", help="Vilken påhittad kommun: samma tal ger samma kommun.")]
Today = Annotated[
    str | None,
    typer.Option("--today", metavar="ÅÅÅÅ-MM-DD", help="Kommunens datum, om det inte ska vara dagens."),
]
Slots = Annotated[
    int, typer.Option("--slots", metavar="TAL", min=0, help="Körningar på en gång; 0 är en per kärna, högst två.")
]

Database = Annotated[
    str,
    typer.Option(
        "--database", metavar="ADRESS",
        help="En egen PostgreSQL: postgresql://användare@server/databas. Lösenordet läggs i filen secrets/database.",
    ),
]  # fmt: skip


def register(app: typer.Typer) -> None:
    app.command("practice", help="Öppna övningskommunen Tallinge, med alla system, tills Ctrl-C.")(practice)
    app.command(
        "up",
        help="Starta allt på den här maskinen: databas, worker, scheman, portal och, med --practice, övningskommunen.",
    )(up)
    app.command("database", help="Håll maskinens egen databas igång tills Ctrl-C, för tjänster som delar den.")(
        database
    )
    app.command("worker", help="Kör det som ligger i kön tills Ctrl-C. Pågående körningar görs klart.")(worker)


def practice(port: Port = PORT, seed: Seed = 1, today: Today = None) -> None:
    """The town in the foreground."""
    settings = machine.open_settings()
    with _open_town(settings, port, seed, today) as town:
        _tell_town(settings, town)
        console.tell("Ctrl-C stänger kommunen.")
        assert town.process is not None
        try:
            town.process.wait()
        except KeyboardInterrupt:
            console.tell("Övningskommunen är stängd.")
            return
        raise ApplicationException("Övningskommunen stannade av sig själv. Starta den igen.")


def worker(slots: Slots = 0, database: Database = "") -> None:
    """The supervisor in the foreground."""
    settings = machine.open_settings("worker", **_chosen(slots), **machine.chosen_database(database))
    _work(settings)


def up(
    slots: Slots = 0,
    with_town: Annotated[bool, typer.Option("--practice", help="Öppna övningskommunen också.")] = False,
    port: Port = PORT,
    seed: Seed = 1,
    today: Today = None,
) -> None:
    """Everything on one machine, in the foreground."""
    settings = machine.open_settings("worker", **_chosen(slots))
    if not with_town:
        _work(settings, with_schedules=True)
        return
    with _open_town(settings, port, seed, today) as town:
        _tell_town(settings, town)
        _work(settings, with_schedules=True)


def _chosen(slots: int) -> dict[str, Any]:
    return {"slots": slots} if slots else {}


def _work(settings: Settings, *, with_schedules: bool = False) -> None:
    from robots.cli.own_database import kept_up
    from robots.cli.workplace import work
    from robots.retention.nights import keeping_to_plan
    from robots.watching.pulse import Pulse, is_watched

    places = "1 plats" if settings.slot_count == 1 else f"{settings.slot_count} platser"
    end_on_signal()
    pulse = Pulse()
    with machine.open_database(settings) as store, watched(settings, store, pulse, settings.health_port):
        console.tell(f"Startar en worker med {places} …")
        with (
            # As services each program has its unit, and the database one that starts it again.
            kept_up(store) if with_schedules or not is_watched() else nullcontext(),
            _schedules_and_portal(settings, store, pulse) if with_schedules else nullcontext(),
            keeping_to_plan(settings, store, rows=with_schedules),
        ):
            work(settings, store, when_ready="Igång. Ctrl-C avslutar när pågående körningar är klara.", pulse=pulse)
    console.tell("Avslutad.")


@contextmanager
def _schedules_and_portal(settings: Settings, store: Store, pulse: Pulse) -> Iterator[None]:
    """What starts by itself, telling people of what comes of it, and the desk where they see it."""
    from robots.cli.portal import open_portal
    from robots.scheduler.ticking import ticking
    from robots.telling.ticking import telling
    from robots.watching.beating import BeatingScheduler

    with (
        open_portal(settings, store) as address,
        ticking(BeatingScheduler(settings, store, pulse)),
        telling(settings, store),
    ):
        if address:
            console.tell(f"Portalen: {address}/")
        yield


@contextmanager
def watched(settings: Settings, store: Store, pulse: Pulse, port: int) -> Iterator[None]:
    """Health and figures on the port (0: nowhere), and signs of life for systemd, until the end of the block."""
    from robots.watching.health import Health
    from robots.watching.listening import listening
    from robots.watching.pulse import kept_alive

    with listening(Health(settings, store, pulse), port), kept_alive(pulse):
        yield


def database() -> None:
    """The machine's own database in the foreground: a service of its own outlives the others that use it."""
    from robots.watching.pulse import Pulse, kept_alive

    end_on_signal()
    settings = machine.open_settings("database")
    if settings.database_url:
        raise ConfigurationError("Databasen är en egen server (database_url): den startas inte härifrån.")
    pulse = Pulse()
    with machine.open_database(settings) as store, kept_alive(pulse):
        console.tell("Databasen är igång. Ctrl-C avslutar.")
        pulse.is_ready()
        _until_told_or_dead(store)
    console.tell("Avslutad.")


def _until_told_or_dead(store: Store) -> None:
    """Raises ``ApplicationException`` when the server has died: whoever keeps the service going starts it anew."""
    from robots.store.embedded import is_alive

    end_on_signal()
    with suppress(KeyboardInterrupt):
        while is_alive(store.server):
            threading.Event().wait(LOOK_SECONDS)
        stopped = ApplicationException("Databasen har stannat av sig själv.")
        stopped.todo = "Starta den igen. Händer det ofta: se efter om minnet eller disken är slut."
        raise stopped


@contextmanager
def _open_town(settings: Settings, port: int, seed: int, today: str | None) -> Iterator[Town]:
    """The town, and no trace of where it was once it has closed. Raises ``ApplicationException`` if one is open."""
    from robots.cli.town import start_town

    _demand_no_town(settings)
    _demand_date(today)
    with start_town(settings, seed=seed, port=port, today=today) as town:
        try:
            yield town
        finally:
            (settings.data_dir / TOWN_FILE).unlink(missing_ok=True)


def _demand_no_town(settings: Settings) -> None:
    """A second town would take the passwords and the address of the first, which then nobody could join."""
    import httpx

    told = settings.data_dir / TOWN_FILE
    if not told.is_file():
        return
    address = f"http://127.0.0.1:{json.loads(told.read_text('utf-8'))['port']}"
    with suppress(httpx.HTTPError):
        if httpx.get(f"{address}/health", timeout=2, verify=trusted()).is_success:
            raise ApplicationException(f"Övningskommunen är redan öppen på {address}. Stäng den först.")


def _demand_date(today: str | None) -> None:
    from datetime import date

    from robots.errors import WrongInput

    try:
        date.fromisoformat(today or "2026-01-01")
    except ValueError:
        raise WrongInput("--today", today, "Skriv datumet som ÅÅÅÅ-MM-DD.") from None


def _tell_town(settings: Settings, town: Town) -> None:
    from robots.cli.town import LOOKER

    console.say(f"Övningskommunen Tallinge är öppen: {town.address}/", "bold")
    systems = []
    for key in settings.systems:
        card = machine.card_of(key)
        with suppress(ConfigurationError):
            systems.append((card.title if card else key, settings.system(key).url))
    console.table(["System", "Adress"], systems)
    console.say()
    users = [(LOOKER, "du som vill titta (läser överallt, ändrar inget)", LOOKER)]
    users += [(robot.user, f"roboten {robot.title}", robot.name) for robot in settings.robots.values()]
    console.table(
        ["Användare", "För", "Lösenordet ligger i filen"],
        [(user, whom, str(settings.secrets_dir / file)) for user, whom, file in users],
    )
    case = town.cases("drawings", "normal")[0]
    console.say()
    console.say("Prova i ett annat fönster:")
    console.say(f'ragnhild run send-drawings --case-number {case["number"]} --property "{case["property_id"]}"', "bold")
