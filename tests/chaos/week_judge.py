"""Whether the week went as it should: what the town, the mail server and the database say of it, held together."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

from robots.local_time import moment_of
from robots.store import Store
from robots.task_files import load_tasks
from tests.chaos.table import Row, at_least, none, some, told
from tests.chaos.week_digests import day_of, held_against_kept
from tests.chaos.week_ground import BYGG, DRIFT
from tests.unit.told_people import as_file, text_of

if TYPE_CHECKING:
    from tests.chaos.week import Week

DIGEST_HOUR = 7
# What a digest says of one task.
_TASK = re.compile(r"^- (.+): (\d+) klara, (\d+) överlämnade, (\d+) misslyckade", re.MULTILINE)
CASES = "case_management"
CHANGES_OF_DONE = {"message_sent": 1, "note_added": 1, "status_set": 1}

_OF_INBOX = "select {}(id) from runs where source = 'inbox'"
# One of each that a judge wants none of.
SPOILING = (
    f"update runs set case_number = (select case_number from runs where id = ({_OF_INBOX.format('max')}))"
    f" where id = ({_OF_INBOX.format('min')})",
    f"delete from outcomes where run_id = ({_OF_INBOX.format('max')})",
    f"update runs set state = 'running' where id = ({_OF_INBOX.format('max')})",
    "update starts set state = 'missed' where id = (select min(id) from starts)",
    "update messages set state = 'given_up' where id = (select min(id) from messages)",
    "update tellings set message_id = null where news_id = (select min(news_id) from tellings)",
    "insert into news (kind, key, topic, alike, about, at, noted_at)"
    " values ('change', 'untold', 'untold', 'untold', '{}', now(), now())",
)


@dataclass(frozen=True)
class Ended:
    """One run about a case, and what the town has seen of it."""

    case_number: str
    outcome: str
    changes: Counter[str]

    @property
    def is_right(self) -> bool:
        """A done one has answered, noted and set the status, once each; one that was handed over has not."""
        if self.outcome == "done":
            return all(self.changes[kind] == count for kind, count in CHANGES_OF_DONE.items())
        return self.outcome == "handed_over" and self.changes["handed_over"] == 1


def judge(week: Week, days: int) -> list[Row]:
    mails = list(week.office.delivered)
    several, wrong = _digests_of(week, mails, days)
    return [
        *_of_a_day(week.store, week.town.truth(CASES), mails), *_of_systems(week.store),
        none("days without just one digest for each reader", several, among=2 * days),
        none("digests whose figures are not the day's", wrong, among=2 * days),
        *held_against_kept(mails, week.now.year),
    ]  # fmt: skip


def judge_control(week: Week, days: int) -> list[Row]:
    """What must be found when the teller forgets whom it has told; and, by each judge, what is made wrong afterwards.

    Whatever a judge wants none of is so before, and is there once in what it is then shown. What befalls systems
    befalls none in the control's days, so those lines are wrong as it is.
    """
    mails, changes = list(week.office.delivered), week.town.truth(CASES)
    several, wrong = _digests_of(week, mails, days)
    before = _of_a_day(week.store, changes, mails)
    week.end()
    with week.store.begin() as connection:
        for statement in SPOILING:
            connection.execute(text(statement))
    spoilt = next(change for change in changes if change["kind"] == "message_sent")
    after = _of_a_day(week.store, [*changes, spoilt], [*mails, mails[-1]])
    _, now_wrong = _digests_of(week, mails, days)
    words = "control, a teller that forgets whom it has told: days without just one digest for each reader"
    return [
        some(words, several, among=2 * days),
        some("control, an outcome is taken away: digests whose figures are not the day's", now_wrong - wrong),
        *(some(f"control, one is made wrong: {now.what.strip()}", int(first.met and not now.met))
          for first, now in zip(before, after, strict=True) if now.wanted == "0"),
        *(some(f"control, nothing befalls one: {row.what}", int(not row.met)) for row in _of_systems(week.store)),
    ]  # fmt: skip


def _ask(store: Store, question: str, **values: object) -> list[Any]:
    with store.begin() as connection:
        return list(connection.execute(text(question), values))


def _of_a_day(store: Store, changes: Iterable[dict[str, Any]], mails: Iterable[EmailMessage]) -> list[Row]:
    """What is so on any day, however long it is lived."""
    return [*_of_cases(store, changes), *_of_starts(store), *_of_messages(store, mails)]


def _of_cases(store: Store, changes: Iterable[dict[str, Any]]) -> list[Row]:
    seen = Counter((change["about"], change["kind"]) for change in changes)
    rows = _ask(
        store,
        "select case_number, outcome, (select count(*) from outcomes o where o.run_id = r.id) as outcomes"
        " from runs r left join outcomes on run_id = r.id where source = 'inbox'",
    )
    of_case = {row.case_number: Counter({k: n for (about, k), n in seen.items() if about == row.case_number})
               for row in rows}  # fmt: skip
    ended = [Ended(row.case_number, row.outcome or "", of_case[row.case_number]) for row in rows]
    runs = Counter(each.case_number for each in ended)
    return [
        at_least("cases that a schedule took out of an inbox", len(ended), 30),
        told("    done", sum(each.outcome == "done" for each in ended)),
        none("    with more than one run", sum(n > 1 for n in runs.values()), among=len(runs)),
        none("    without exactly one outcome", sum(row.outcomes != 1 for row in rows), among=len(rows)),
        none("    whose changes in the town are not just those of their outcome",
             sum(not each.is_right for each in ended), among=len(ended)),
        none("runs of all kinds that have not ended",
             len(_ask(store, "select id from runs where state in ('queued', 'running')"))),
    ]  # fmt: skip


def _of_starts(store: Store) -> list[Row]:
    starts = _ask(store, "select state from starts")
    # One is skipped while the runs of the one before it wait for a system: so the schedules say.
    late = sum(row.state not in ("started", "skipped") for row in starts)
    return [none("starts that were missed, or hang", late, among=len(starts))]


def _of_messages(store: Store, mails: Iterable[EmailMessage]) -> list[Row]:
    made = _ask(store, "select id, state from messages")
    delivered = Counter(str(mail["Message-ID"]) for mail in mails)
    untold = _ask(store, "select news_id from tellings where message_id is null")
    return [
        told("messages", len(made)),
        none("    not sent", sum(row.state != "sent" for row in made), among=len(made)),
        none("    that came more than once, or not at all",
             sum(n > 1 for n in delivered.values()) + abs(len(made) - len(delivered)), among=len(made)),
        none("pieces of news that somebody was to hear and did not", len(untold)),
    ]  # fmt: skip


def _of_systems(store: Store) -> list[Row]:
    opened = _ask(store, "select system, robot, state from breaker_history order by id")
    wanted = [("drawing_archive", "", "open"), ("drawing_archive", "", "closed"),
              ("case_management", "ragnhild", "open"), ("case_management", "ragnhild", "closed")]  # fmt: skip
    told_of = Counter(row.about for row in _ask(store, "select about from messages where person = :who", who=DRIFT))
    return [
        none("openings and closings of systems other than those that befell it",
             sum(((Counter(map(tuple, opened)) - Counter(wanted)) + (Counter(wanted) - Counter(map(tuple, opened))))
                 .values()), among=len(wanted)),
        none("messages about systems more or fewer than one for each of those", abs(told_of["breaker"] - len(wanted))),
        at_least("systems of which the morning check told", told_of["change"], 1),
        none("messages about the new release more or fewer than one for each system that it changed",
             abs(told_of["change"] - len(_ask(store, "select distinct topic from news where kind = 'change'")))),
    ]  # fmt: skip


def _digests_of(week: Week, mails: Iterable[EmailMessage], days: int) -> tuple[int, int]:
    """Of how many days a reader had none or several, and how many tell other figures than the database has.

    The figures are asked for by a question of our own.
    """
    titles = {name: task.title for name, task in load_tasks(week.settings.tasks_dir).by_name.items()}
    found: dict[tuple[str, date], list[dict[str, tuple[int, ...]]]] = {}
    for mail in mails:
        if day := day_of(mail, week.now.year):
            figures = {task: tuple(map(int, counts)) for task, *counts in _TASK.findall(text_of(mail))}
            found.setdefault((str(mail["To"]).partition("@")[0], day), []).append(figures)
    wrong = several = 0
    for until in (week.now.replace(hour=DIGEST_HOUR, minute=0) - timedelta(days=ahead) for ahead in range(days)):
        for person in (DRIFT, BYGG):
            told_of = found.get((person, until.date()), [])
            several += len(told_of) != 1
            wrong += bool(told_of) and told_of[0] != _figures(week.store, titles, until)
    return several, wrong


def _figures(store: Store, titles: dict[str, str], until: datetime) -> dict[str, tuple[int, ...]]:
    rows = _ask(
        store,
        "select task, count(*) filter (where outcome = 'done') as done,"
        " count(*) filter (where outcome = 'handed_over') as handed,"
        " count(*) filter (where outcome = 'failed') as failed"
        " from runs join outcomes on run_id = runs.id where at >= :since and at < :until and task = any(:tasks)"
        " group by task",
        since=moment_of(until - timedelta(days=1)), until=moment_of(until), tasks=list(titles),
    )  # fmt: skip
    return {titles[row.task]: (row.done, row.handed, row.failed) for row in rows}


def keep(mails: Iterable[EmailMessage], folder: Path) -> None:
    """As files that a person can read, in the order in which they came."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, mail in enumerate(mails, 1):
        (folder / f"{number:03} {str(mail['To']).partition('@')[0]}.txt").write_text(as_file(mail), "utf-8")
