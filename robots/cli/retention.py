"""``ragnhild retention``: what is removed when, by which decision, and what has been."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from robots.cli import console, machine
from robots.cli.runs import AsJson
from robots.errors import WrongInput

if TYPE_CHECKING:
    from robots.retention.plan import Plan
    from robots.retention.standing import Standing
    from robots.settings import Settings
    from robots.store import Store

LATEST = 200


def register(app: typer.Typer) -> None:
    app.command("retention", help="Visa vad som gallras i natt och härnäst, slag för slag, och enligt vilket beslut.")(
        retention
    )


def retention(
    *,
    carry_out: Annotated[bool, typer.Option("--carry-out", help="Gallra nu det som skulle gallras i natt.")] = False,
    log: Annotated[bool, typer.Option("--log", help="Visa vad som är gallrat, när och enligt vilket beslut.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show the plan, carry it out, or show the log. Raises ``ConfigurationError`` where the plan cannot be read."""
    from robots.retention.plan import plan_of

    if carry_out and log:
        raise WrongInput("--log", "", "Välj ett av --carry-out och --log.")
    settings = machine.open_settings()
    plan = plan_of(settings)
    with machine.open_database(settings) as store:
        if log:
            _show_log(store, as_json=as_json)
        elif carry_out:
            _carry_out(settings, store, plan, as_json=as_json)
        else:
            _show(settings, store, plan, as_json=as_json)


def _show(settings: Settings, store: Store, plan: Plan, *, as_json: bool) -> None:
    from robots.retention.standing import latest_night, standing_of

    with store.begin() as connection:
        standing = standing_of(connection, settings, plan)
        night = latest_night(connection)
    if as_json:
        classes = [_document(name, plan, told) for name, told in standing.items()]
        console.print_json({"classes": classes, "undecided": plan.undecided, "latest_night": night})
        return
    rows = [_row(name, plan, told) for name, told in standing.items()]
    console.table(["Slag", "Sparas", "Beslut", "Går nu", "Äldst", "Nästa", "Behövs ännu"], rows)
    at = settings.retention_at
    when = f"varje natt {at}" if at else "bara med --carry-out (inställningen retention_at är tom)"
    console.say(f"Gallras {when}. Senast till slutet: {console.clock(night) if night else 'aldrig'}.")
    if plan.undecided:
        console.say(f"Utan beslut, och gallras aldrig: {', '.join(plan.undecided)}.", "yellow")


def _document(name: str, plan: Plan, told: Standing) -> dict[str, Any]:
    rule = plan.rules[name]
    return {
        "class": name, "kept": rule.kept.words, "decision": rule.decision, "decided": rule.decided, "due": told.due,
        "oldest": told.oldest, "next": told.next, "needed": dict(told.waits),
    }  # fmt: skip


def _row(name: str, plan: Plan, told: Standing) -> list[str]:
    from robots.local_time import on_the_wall
    from robots.retention.cases import WAITS

    rule = plan.rules[name]
    days = [f"{on_the_wall(at):%Y-%m-%d}" if at else "–" for at in (told.oldest, told.next)]
    waits = "; ".join(f"{count}: {WAITS[why]}" for why, count in told.waits.items())
    return [name, rule.kept.words, f"{rule.decision} ({rule.decided})", str(told.due), *days, waits or "–"]


def _carry_out(settings: Settings, store: Store, plan: Plan, *, as_json: bool) -> None:
    from robots.retention.carrying_out import CarryingOut, alone
    from robots.retention.nights import list_of

    with alone(store) as mine:
        if not mine:
            raise WrongInput("--carry-out", "", "Gallringen pågår redan. Vänta tills den är klar.")
        work = CarryingOut(store, plan, machine.person(), list_of(settings))
        removed = work.all_rows()
        work.finish(removed)
        files = work.files(settings)
    if as_json:
        console.print_json({"removed": removed, "files": files})
        return
    if not removed and not files:
        console.say("Inget var gammalt nog för att gallras.")
    for name, count in removed.items():
        console.say(f"{name}: {count} gallrade.")
    for name, count in files.items():
        console.say(f"{name}: {count} filer och mappar på den här maskinen borttagna.")


def _show_log(store: Store, *, as_json: bool) -> None:
    from robots.local_time import on_the_wall
    from robots.retention.standing import latest_removals

    with store.begin() as connection:
        rows = latest_removals(connection, LATEST)
    if as_json:
        console.print_json([dict(row._mapping) for row in rows])
        return
    told = [
        [f"{on_the_wall(row.day):%Y-%m-%d}", row._mapping["class"], row.what, str(row.number),
         f"{on_the_wall(row.oldest):%Y-%m-%d} – {on_the_wall(row.newest):%Y-%m-%d}", f"{row.decision} ({row.decided})",
         row.by]
        for row in rows
    ]  # fmt: skip
    console.table(["Dag", "Slag", "Vad", "Antal", "Från och till", "Beslut", "Av"], told)
    if not rows:
        console.say("Inget är gallrat än.")
