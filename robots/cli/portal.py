"""``ragnhild portal`` and ``accounts``: the guide's desk, and who may sit at it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from robots.cli import console, machine
from robots.cli.runs import AsJson
from robots.errors import WrongInput

if TYPE_CHECKING:
    from robots.portal.rights import Role
    from robots.settings import Settings
    from robots.store import Store

Name = Annotated[
    str, typer.Argument(metavar="NAMN", help="Användarnamnet, till exempel anna.berg.", show_default=False)
]
ROLES_HELP = "Roll: guide, leader, admin, auditor eller api. Kan anges flera gånger."
TEAMS_HELP = "Grupp vars körningar och överlämningar kontot når: ägaren av uppgifterna. * är alla."

SUBJECT_HELP = (
    "Vem kontot är i kommunens inloggning, som det står i portalens händelser när den personen inte släpptes in. "
    "Kontot har sedan inget lösenord. Tomt tar bort det."
)


def register(app: typer.Typer) -> None:
    app.command("portal", help="Öppna portalen, vägledarnas skrivbord, tills Ctrl-C.")(portal)
    accounts = typer.Typer(no_args_is_help=True, help="Visa, lägg till och ändra portalens konton.")
    accounts.command("list", help="Visa kontona.")(list_accounts)
    accounts.command("add", help="Lägg till ett konto. Lösenordet frågas efter.")(add)
    accounts.command("change", help="Ändra roller och grupper, stäng av eller öppna ett konto.")(change)
    accounts.command("password", help="Ge ett konto ett nytt lösenord. Det frågas efter.")(password)
    accounts.command("key", help="Ge ett program en nyckel till portalens API. Den visas en gång.")(key)
    app.add_typer(accounts, name="accounts")


def portal(
    port: Annotated[int | None, typer.Option("--port", metavar="TAL", min=0, max=65535, help="En annan port.")] = None,
) -> None:
    """The portal in the foreground."""
    from robots.cli.ending import end_on_signal, until_told
    from robots.cli.services import watched
    from robots.retention.nights import keeping_to_plan
    from robots.watching.pulse import Pulse

    end_on_signal()
    settings = machine.open_settings("portal", **({} if port is None else {"portal_port": port}))
    if not settings.portal_port and port is None:
        raise WrongInput("portal_port", 0, "Inställningen stänger av portalen. Ange en port med --port.")
    pulse = Pulse()
    with (
        machine.open_database(settings) as store,
        watched(settings, store, pulse, settings.health_port + 2 if settings.health_port else 0),
        open_portal(settings, store, anyway=True) as address,
        keeping_to_plan(settings, store, rows=False),
    ):
        console.tell(f"Portalen är öppen på {address}/. Ctrl-C stänger den.")
        pulse.is_ready()
        until_told()
    console.tell("Avslutad.")


@contextmanager
def open_portal(settings: Settings, store: Store, *, anyway: bool = False) -> Iterator[str]:
    """The portal beside what else this process does. Yields its address here; "" where it is switched off."""
    if not (settings.portal_port or anyway):
        yield ""
        return
    from robots.portal.app import create_app
    from robots.watching.listening import HOST, answering

    app = create_app(settings, store)
    with answering(app, settings.portal_port, "portal_port") as port, app.state.layer.following():
        yield f"http://{HOST}:{port}"


def list_accounts(as_json: AsJson = False) -> None:
    """By name."""
    from robots.portal.doors.accounts import all_accounts

    with machine.open_database(machine.open_settings()) as store:
        found = all_accounts(store)
    shown = [
        {"name": row.name, "shown_name": row.shown_name, "roles": row.roles, "teams": row.teams, "active": row.active,
         "password": row.password_hash is not None, "identity_provider": row.subject is not None}
        for row in found
    ]  # fmt: skip
    if as_json:
        console.print_json({"accounts": shown})
        return
    if not found:
        console.tell(
            "Inga konton. Lägg till det första: ragnhild accounts add NAMN --role admin --role guide --team '*'"
        )
        return
    console.table(
        ["Namn", "Visas som", "Roller", "Grupper", ""],
        [(r.name, r.shown_name, ", ".join(r.roles), ", ".join(r.teams), "" if r.active else "avstängt") for r in found],
    )


def add(
    name: Name,
    role: Annotated[list[str], typer.Option("--role", metavar="ROLL", help=ROLES_HELP, show_default=False)],
    team: Annotated[list[str] | None, typer.Option("--team", metavar="GRUPP", help=TEAMS_HELP)] = None,
    shown: Annotated[str, typer.Option("--shown", metavar="NAMN", help="Namnet som visas.")] = "",
) -> None:  # fmt: skip
    """One account; programs (api) and those who come by the identity provider have no password."""
    from robots.portal.doors.accounts import add_account
    from robots.portal.rights import Role

    roles = _roles(role)
    settings = machine.open_settings()
    secret = None if roles == {Role.API} else _asked_password()
    with machine.open_database(settings) as store:
        add_account(store, name, shown, roles=roles, teams=team or [], by=machine.person(), password=secret)
    console.say(f"Kontot {name} finns nu.")


def change(
    name: Name,
    role: Annotated[list[str] | None, typer.Option("--role", metavar="ROLL", help=ROLES_HELP)] = None,
    team: Annotated[list[str] | None, typer.Option("--team", metavar="GRUPP", help=TEAMS_HELP)] = None,
    active: Annotated[bool | None, typer.Option("--open/--close", help="Öppna eller stäng av kontot.")] = None,
    subject: Annotated[str | None, typer.Option("--subject", metavar="VEM", help=SUBJECT_HELP)] = None,
) -> None:
    """What is not named stays."""
    from robots.portal.doors.accounts import change_account

    values: dict[str, object] = {}
    values |= {} if role is None else {"roles": sorted(_roles(role))}
    values |= {} if team is None else {"teams": sorted(team)}
    values |= {} if active is None else {"active": active}
    # One door each: who has lost the groups would otherwise still come in by a password.
    values |= {} if subject is None else {"subject": subject, "password_hash": None} if subject else {"subject": None}
    if not values:
        raise WrongInput("Ändring", "", "Ange --role, --team, --open, --close eller --subject.")
    with machine.open_database(machine.open_settings()) as store:
        change_account(store, name, by=machine.person(), **values)
    console.say(f"Kontot {name} är ändrat. Den som var inloggad loggar in igen.")


def password(name: Name) -> None:
    """Every session of the account ends."""
    from robots.portal.doors.accounts import set_password

    settings = machine.open_settings()
    secret = _asked_password()
    with machine.open_database(settings) as store:
        set_password(store, name, secret, by=machine.person())
    console.say(f"Kontot {name} har ett nytt lösenord.")


def key(
    name: Name,
    what_for: Annotated[
        str, typer.Option("--for", metavar="TEXT", help="Vad nyckeln är till för.", show_default=False)
    ],
) -> None:
    """For an account with the role api."""
    from robots.portal.doors.accounts import all_accounts
    from robots.portal.doors.sessions import new_key

    with machine.open_database(machine.open_settings()) as store:
        row = next((each for each in all_accounts(store) if each.name == name), None)
        if row is None or "api" not in row.roles:
            raise WrongInput("Namn", name, "Det finns inget konto med det namnet och rollen api.")
        console.say(new_key(store, row.id, what_for, by=machine.person()))
    console.tell("Nyckeln visas bara nu. Lägg den där programmet har sina hemligheter.")


def _roles(named: list[str]) -> set[Role]:
    from robots.portal.rights import Role

    try:
        return {Role(each) for each in named}
    except ValueError:
        raise WrongInput("--role", ", ".join(named), f"Välj bland {', '.join(Role)}.") from None


def _asked_password() -> str:
    """Never on the command line, which everybody on the machine can read."""
    asked: str = typer.prompt("Lösenord", hide_input=True, confirmation_prompt="Samma lösenord en gång till")
    return asked
