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

# What a change in a case is called in the ledger (the driver's method), in the town's log, and by people.
IN_CASES = {
    "send_message": ("message_sent", "Meddelanden till medborgare"),
    "add_note": ("note_added", "Anteckningar i ärenden"),
    "set_status": ("status_set", "Satta statusar i ärenden"),
    "hand_over": ("handed_over", "Överlämnade ärenden"),
}
# The changes beside messages in cases that a citizen gets an e-mail of.
MAILED = {("consumer_matters", "send_letter")}


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


def draw_up(
    store: Store, town: Town, cases: dict[str, list[DemoCase]], titles: dict[str, str], case_system: str
) -> Account:
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
        made = connection.execute(select(effects.c.system, effects.c.name).where(effects.c.state == "CONFIRMED"))
        confirmed = Counter((effect.system, effect.name) for effect in made)
    of_task = {name: [run for run in ended if run.task == name] for name in cases}
    return Account(
        {name: _outcomes(titles[name], rows[name], of_task[name]) for name in cases},
        _counts(confirmed, town, case_system),
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


def _counts(confirmed: Counter[tuple[str, str]], town: Town, case_system: str) -> list[Count]:
    """Each kind of change in the cases, and then all changes of each other system."""
    truth = [(c["system"], c["kind"], c["about"]) for c in town.truth()]
    counts = []
    for name, (kind, title) in IN_CASES.items():
        made = Counter(about for system, what, about in truth if (system, what) == (case_system, kind))
        counts.append(_count(title, confirmed[case_system, name], made))
    mails = Counter(mail["recipient"] for mail in town.mail())
    mailed = confirmed[case_system, "send_message"] + sum(confirmed[each] for each in MAILED)
    counts.append(_count("E-post i medborgarnas brevlådor", mailed, mails))
    for system in town.ask("/systems"):
        robots = sum(n for (key, _), n in confirmed.items() if key == system["key"])
        made = Counter(f"{kind} {about}" for key, kind, about in truth if key == system["key"])
        if system["key"] != case_system and (robots or made):
            # What two changes are about may bear the same name there; it is too many only beside the robots' own count.
            extra = _doubled(made) if made.total() > robots else []
            counts.append(Count(f"Ändringar i {system['title']}", robots, made.total(), extra))
    known = {kind for kind, _ in IN_CASES.values()}
    others = Counter(f"{kind} {about}" for key, kind, about in truth if key == case_system and kind not in known)
    return [*counts, _count("Andra ändringar i ärenden", 0, others)]


def _count(title: str, robots: int, town: Counter[str]) -> Count:
    """``town`` counts what a change is about: what is there more than once is double."""
    return Count(title, robots, town.total(), _doubled(town))


def _doubled(town: Counter[str]) -> list[str]:
    return [about for about, times in town.items() if times > 1]


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
