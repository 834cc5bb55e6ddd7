"""``ragnhild audit``: who has done and looked at what, whether it is as it was written, and a file for a court."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from robots.cli import console, machine
from robots.cli.runs import AsJson
from robots.errors import WrongInput

if TYPE_CHECKING:
    from datetime import datetime

    from robots.audit.chain import Checked, Fault
    from robots.audit.reading import Wanted

By = Annotated[str, typer.Option("--by", metavar="VEM", help="Den som gjorde det: en person, robot eller ett schema.")]
ForWhom = Annotated[str, typer.Option("--for", metavar="VEM", help="Den som roboten gjorde det åt.")]
About = Annotated[str, typer.Option("--about", metavar="VAD", help="En körning (K-12) eller annat som det gällde.")]
Case = Annotated[str, typer.Option("--case", metavar="ÄRENDE", help="Ett ärendenummer.")]
Did = Annotated[str, typer.Option("--did", metavar="ORD", help="Vad som gjordes, som i --json: looked_in, changed …")]
From = Annotated[str, typer.Option("--from", metavar="ÅÅÅÅ-MM-DD", help="Från och med den dagen.")]
To = Annotated[str, typer.Option("--to", metavar="ÅÅÅÅ-MM-DD", help="Till och med den dagen.")]

FAULTS = {
    "changed": "Rad {seq} är ändrad: händelse {event_id} säger inte det som den sade när den skrevs.",
    "removed": "Rad {seq} är borttagen.",
    "reordered": "Rad {seq} är omflyttad: det som står där hör till en annan rad, eller står på rad {other}.",
    "inserted": "Händelse {event_id} är insatt utan att stå i kedjan.",
    "broken": "Rad {seq} hänger inte ihop med det som var före den: något är insatt, borttaget eller skrivet om.",
    "cut_off": "Loggen är avkapad: den slutar före rad {seq}, men längre fram fanns rader enligt ankaret.",
}  # fmt: skip


def register(app: typer.Typer) -> None:
    group = typer.Typer(
        help="Visa händelseloggen: vem som har gjort och tittat på vad, när, åt vem och varför.",
        invoke_without_command=True, no_args_is_help=False, subcommand_metavar="[KOMMANDO] …",
    )  # fmt: skip
    group.callback()(audit)
    group.command("verify", help="Kontrollera att ingen rad är ändrad, borttagen eller omflyttad.")(verify)
    group.command("export", help="Skriv rader med bevis i en fil, till exempel för en domstol.")(export)
    app.add_typer(group, name="audit")


def audit(
    ctx: typer.Context, *, by: By = "", for_whom: ForWhom = "", about: About = "", case: Case = "", did: Did = "",
    since: From = "", until: To = "",
    limit: Annotated[int, typer.Option("--limit", metavar="TAL", min=1, help="Högst så många rader.")] = 50,
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """List lines, the newest first."""
    if ctx.invoked_subcommand:
        return
    from robots.audit.reading import noted

    wanted = _wanted(by=by, for_whom=for_whom, about=about, case=case, did=did, since=since, until=until)
    with machine.open_database(machine.open_settings()) as store:
        rows = noted(store, wanted, limit=limit)
        _note(store, "audit_read", wanted)
    if as_json:
        console.print_json({"events": [dict(row._mapping) for row in rows]})
        return
    if not rows:
        console.tell("Inga sådana händelser.")
        return
    from robots.portal.deeds import DEEDS, PLACES

    columns = ["Tid", "Vem", "Gjorde", "Vad", "Ärende", "Åt vem", "Varför", "Varifrån", "Mer"]
    shown = [
        (console.clock(row.at), row.by, DEEDS.get(row.did, row.did), row.about, row.case_number, row.for_whom,
         row.reason, f"{PLACES.get(row.place, row.place)} {row.machine}".strip(),
         ", ".join(f"{name}: {value}" for name, value in row.detail.items()))
        for row in rows
    ]  # fmt: skip
    console.table(columns, shown)


def verify(
    anchor: Annotated[
        list[str] | None,
        typer.Option("--anchor", metavar="ANKARE", help="Rad:summa ur logg eller dagsbrev, eller en kopias mapp."),
    ] = None,
    file: Annotated[
        Path | None, typer.Option("--file", metavar="FIL", help="Kontrollera en fil från «audit export» i stället.")
    ] = None,
    as_json: AsJson = False,
) -> int:
    """Exit code 1, and the first line that is wrong, where something is. Raises ``WrongInput`` for no such anchor."""
    from robots.audit import chain
    from robots.audit.proof import read_anchor, read_proof, verify_proof

    anchors = [read_anchor(told) for told in anchor or ()]
    if file:
        found = verify_proof(read_proof(file), anchors)
    else:
        with machine.open_database(machine.open_settings()) as store:
            found = chain.verify(store, anchors)
    if as_json:
        console.print_json(_document(found))
    else:
        _tell(found)
    return 1 if found.fault else 0


def export(
    out: Annotated[Path, typer.Option("--out", metavar="FIL", help="Filen som ska skrivas.", show_default=False)],
    *, by: By = "", for_whom: ForWhom = "", about: About = "", case: Case = "", did: Did = "", since: From = "",
    until: To = "",
) -> None:  # fmt: skip
    """One file with its proof. Raises ``WrongInput`` where there are no such lines."""
    from robots.audit.proof import write_proof

    asked = {"by": by, "for": for_whom, "about": about, "case": case, "did": did, "from": since, "to": until}
    wanted = _wanted(by=by, for_whom=for_whom, about=about, case=case, did=did, since=since, until=until)
    with machine.open_database(machine.open_settings()) as store:
        _note(store, "audit_exported", wanted)
        lines = write_proof(store, wanted, {name: value for name, value in asked.items() if value}, out)
    console.say(f"{lines} rader med bevis står i {out}. Vem som helst kan kontrollera filen: docs/audit.md")


def _wanted(*, by: str, for_whom: str, about: str, case: str, did: str, since: str, until: str) -> Wanted:
    """Raises ``WrongInput`` for what is no day."""
    from datetime import timedelta

    from robots.audit.reading import Wanted

    day_after = timedelta(days=1)
    return Wanted(
        by=by, for_whom=for_whom, about=f"K-{about}" if about.isdecimal() else about, case_number=case,
        did=[did] if did else (), since=_day("--from", since) if since else None,
        until=_day("--to", until, day_after) if until else None,
    )  # fmt: skip


def _day(option: str, told: str, later: Any = None) -> datetime:
    from datetime import datetime

    from robots.local_time import moment_of

    try:
        day = datetime.strptime(told, "%Y-%m-%d")
        return moment_of(day + later if later else day)
    except (ValueError, OverflowError):
        raise WrongInput(option, told, "Skriv dagen som ÅÅÅÅ-MM-DD.") from None


def _note(store: Any, did: str, wanted: Wanted) -> None:
    """Who reads the audit is in it."""
    from robots.audit.writing import note

    asked = {name: str(value) for name, value in vars(wanted).items() if value}
    with store.begin() as connection:
        note(connection, machine.person(), did, **asked)


def _tell(found: Checked) -> None:
    if found.fault:
        console.say(_words(found.fault), "bold red")
        console.say("Ändra inget. Jämför med en säkerhetskopia, och visa det för robotägaren.")
    elif found.head is None:
        console.say("Händelseloggen är tom.")
    else:
        console.say(f"Händelseloggen är hel: {found.lines} rader, från {found.first} till {found.head.seq}.")
        console.say(f"Ankare, att spara någon annanstans: {found.head}")
    if found.forgotten:
        console.say(f"Raderna före {found.first} är inte med: gallrade enligt beslut i loggen, eller inte utbedda.")
    for anchor in found.unknown:
        console.say(f"Rad {anchor.seq} finns inte kvar att jämföra ankaret med.", "yellow")


def _words(fault: Fault) -> str:
    return FAULTS[fault.kind].format(**vars(fault))


def _document(found: Checked) -> dict[str, Any]:
    return {
        "whole": found.fault is None, "fault": vars(found.fault) if found.fault else None, "lines": found.lines,
        "first": found.first, "head": str(found.head) if found.head else None,
        "unknown_anchors": [str(anchor) for anchor in found.unknown],
    }  # fmt: skip
