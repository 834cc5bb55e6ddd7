"""``ragnhild messages``, ``tell`` and ``watch``: what people are told, whether it arrives, and who hears silence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from robots.cli import console, machine
from robots.cli.runs import AsJson
from robots.errors import WrongInput

if TYPE_CHECKING:
    from sqlalchemy import Row

    from robots.settings import Settings
    from robots.telling.people import Person

STATES = {"waiting": "väntar", "sending": "skickas", "sent": "skickat", "given_up": "kom inte fram"}
STYLES = {"sent": "green", "given_up": "red", "waiting": "yellow", "sending": "yellow"}
# The watch is there for those who do not look; a few minutes late is early enough, and a restart is no silence.
EVERY, SILENT = 30.0, 180.0


def register(app: typer.Typer) -> None:
    app.command("messages", help="Visa meddelanden: till vem, om vad, och om de har kommit fram.")(messages)
    app.command("tell", help="Skicka ett provmeddelande till någon i people.toml.")(tell)
    app.command(
        "watch", help="Vaka över Ragnhild tills Ctrl-C: säg till när workern, schemat eller databasen är tyst."
    )(watch)


def messages(
    unsent: Annotated[bool, typer.Option("--unsent", help="Bara de som inte har kommit fram.")] = False,
    again: Annotated[bool, typer.Option("--again", help="Skicka det som inte har kommit fram en gång till.")] = False,
    limit: Annotated[int, typer.Option("--limit", metavar="TAL", min=1, help="Högst så många.")] = 50,
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """List messages, the newest first. What the teller sends, and when, it decides by itself."""
    from robots.scheduler.scheduler import database_time
    from robots.telling.sending import listed, try_again

    settings = machine.open_settings()
    with machine.open_database(settings) as store, store.begin() as connection:
        anew = try_again(connection, database_time(connection)) if again else 0
        documents = [_document(row) for row in listed(connection, unsent=unsent, limit=limit)]
    if as_json:
        console.print_json({"messages": documents})
        return
    if again:
        console.say(f"{anew} meddelanden skickas nu, av den schemaläggare som är igång.")
    if not documents:
        console.tell("Inga meddelanden." if not unsent else "Alla meddelanden har kommit fram.")
        return
    console.table(["Nr", "Gjort", "Till", "Ämne", "Läge", "Varför"], [_cells(each) for each in documents])


def tell(
    name: Annotated[str, typer.Option("--test", metavar="NAMN", help="Vem, som i people.toml.", show_default=False)],
) -> None:
    """Send a trial message at once. Raises ``WrongInput`` for a name that there is not, and what the way there says."""
    from secrets import token_hex

    from robots.telling.letters import letter_about
    from robots.telling.sections import Section
    from robots.telling.sending import deliver, message_id

    settings = machine.open_settings()
    person = _person(settings, name)
    words = "Du får det här för att någon provar om meddelanden från robotarna kommer fram. Det gör de."
    trial = Section("Provmeddelande från Ragnhild", words, (), "", "", "ragnhild messages")
    deliver(
        settings, person, letter_about([trial], settings.municipality), message_id(settings, f"test.{token_hex(8)}")
    )
    console.say(
        f"Provmeddelandet till {name} är lämnat till {person.mail or f'webhooken ({person.webhook})'}.", "green"
    )


def watch(
    every: Annotated[
        float, typer.Option("--every", metavar="SEKUNDER", min=0.05, max=60, help="Hur ofta det tittas.")
    ] = EVERY,
    silent: Annotated[
        float, typer.Option("--silent", metavar="SEKUNDER", min=0.05, help="Så länge får något vara tyst.")
    ] = SILENT,
) -> None:
    """The watch in the foreground: a service of its own, best on another machine."""
    from robots.cli.ending import end_on_signal, until_told
    from robots.scheduler.ticking import each_in_its_time
    from robots.telling.watch import Watch
    from robots.watching.pulse import Pulse, kept_alive

    end_on_signal()
    settings = machine.open_settings("watch")
    watching, pulse = Watch(settings, silent_seconds=silent), Pulse()

    def look() -> None:
        pulse.beat("Vakten")
        watching.look_round()

    with each_in_its_time([(look, every)]), kept_alive(pulse):
        console.tell("Vakten är igång. Ctrl-C avslutar.")
        pulse.is_ready()
        until_told()
    console.tell("Avslutad.")


def _person(settings: Settings, name: str) -> Person:
    from robots.telling.people import read_people

    people = read_people(settings.config_dir / "people.toml")
    if name not in people:
        names = ", ".join(people) or "ingen"
        raise WrongInput("--test", name, f"I people.toml finns {names}.")
    return people[name]


def _document(row: Row[Any]) -> dict[str, Any]:
    return {
        "id": row.id, "person": row.person, "about": row.about, "subject": row.subject, "state": row.state,
        "tries": row.tries, "error": row.error, "made_at": row.made_at, "try_at": row.try_at, "sent_at": row.sent_at,
    }  # fmt: skip


def _cells(told: dict[str, Any]) -> tuple[Any, ...]:
    from rich.text import Text

    why = told["error"]
    if told["state"] == "waiting" and told["tries"]:
        why = f"{why} Prövas igen {console.clock(told['try_at'])}."
    state = Text(STATES[told["state"]], STYLES[told["state"]])
    return str(told["id"]), console.clock(told["made_at"]), told["person"], told["subject"], state, why
