"""The demo's two accounts: what the robots' ledger says, what the town counted, and whether they are the same."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from statistics import median
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from robots.store.schema import batch_rows, effects, outcomes, runs

if TYPE_CHECKING:
    from robots.cli.demo_cases import DemoCase
    from robots.cli.town import Town
    from robots.store import Store

# What a change is called in the ledger (the driver's method), in the town's log, and by people.
CHANGES = {
    "send_message": ("message_sent", "Meddelanden till medborgare"),
    "order_missed_bin": ("order_placed", "Bokade hämtningar"),
    "order_sludge": ("order_placed", "Bokade hämtningar"),
    "add_note": ("note_added", "Anteckningar i ärenden"),
    "hand_over": ("handed_over", "Överlämnade ärenden"),
}


@dataclass
class Count:
    """One kind of change. ``doubled`` are the cases or facilities where the town has more than one of it."""

    title: str
    robots: int
    town: int
    doubled: list[str]

    @property
    def agree(self) -> bool:
        return self.robots == self.town and not self.doubled


@dataclass
class TaskOutcomes:
    """How a task's cases ended. ``seconds`` is the median time a case took."""

    title: str
    rows: int
    cases: int
    done: int
    handed_over: int
    failed: int
    reasons: dict[str, int]
    seconds: float


@dataclass
class Account:
    """The whole demo in figures. ``wrong`` are cases that ended otherwise than the town's facts demand."""

    tasks: dict[str, TaskOutcomes]
    counts: list[Count]
    wrong: list[str]

    @property
    def agree(self) -> bool:
        return all(count.agree for count in self.counts) and not self.wrong

    def as_json(self) -> dict[str, Any]:
        return {
            "agree": self.agree,
            "tasks": {name: asdict(told) for name, told in self.tasks.items()},
            "counts": [asdict(count) | {"agree": count.agree} for count in self.counts],
            "wrong": self.wrong,
        }


def draw_up(store: Store, town: Town, cases: dict[str, list[DemoCase]], titles: dict[str, str]) -> Account:
    """Read both accounts anew: the database, and the town's own log."""
    with store.begin() as connection:
        ended = connection.execute(
            select(runs, outcomes.c.outcome, outcomes.c.kind, outcomes.c.reason)
            .outerjoin(outcomes, outcomes.c.run_id == runs.c.id)
            .order_by(runs.c.id)
        ).all()
        rows = Counter(
            connection.execute(
                select(runs.c.task).join(batch_rows, batch_rows.c.run_id == runs.c.id)
            ).scalars()
        )  # fmt: skip
        confirmed = Counter(connection.execute(select(effects.c.name).where(effects.c.state == "CONFIRMED")).scalars())
    of_task = {name: [run for run in ended if run.task == name] for name in cases}
    return Account(
        {name: _outcomes(titles[name], rows[name], of_task[name]) for name in cases},
        _counts(confirmed, town),
        _wrong(of_task, cases),
    )


def _outcomes(title: str, rows: int, ended: list[Any]) -> TaskOutcomes:
    times = [(run.finished_at - run.started_at).total_seconds() for run in ended if run.finished_at]
    states = Counter(run.outcome for run in ended)
    return TaskOutcomes(
        title, rows, len(ended), states["done"], states["handed_over"],
        len(ended) - states["done"] - states["handed_over"],
        dict(Counter(run.kind for run in ended if run.outcome != "done").most_common()),
        round(median(times), 2) if times else 0.0,
    )  # fmt: skip


def _counts(confirmed: Counter[str], town: Town) -> list[Count]:
    truth = town.truth()
    counts: dict[str, Count] = {}
    for name, (kind, title) in CHANGES.items():
        made = Counter(c["about"] for c in truth if c["kind"] == kind)
        count = counts.setdefault(kind, Count(title, 0, made.total(), [a for a, n in made.items() if n > 1]))
        count.robots += confirmed[name]
    delivered = Counter(mail["recipient"] for mail in town.mail())
    counts["mail"] = Count("E-post i medborgarnas brevlådor", confirmed["send_message"], delivered.total(),
                           [f"{n} brev till samma medborgare" for n in delivered.values() if n > 1])  # fmt: skip
    others = [f"{c['kind']} {c['about']}" for c in truth if c["kind"] not in counts]
    counts["others"] = Count("Andra ändringar", 0, len(others), others)
    return list(counts.values())


def _wrong(ended: dict[str, list[Any]], cases: dict[str, list[DemoCase]]) -> list[str]:
    wrong = []
    for task, chosen in cases.items():
        outcome = {run.case_number: run for run in ended[task]}
        for case in chosen:
            run = outcome.get(case.number)
            if run is None or run.outcome != case.ends:
                told = "ingen körning" if run is None else f"{run.outcome or run.state}: {run.reason or ''}"
                wrong.append(f"{case.number} ({task}): väntat {case.ends}, blev {told}")
    return wrong
