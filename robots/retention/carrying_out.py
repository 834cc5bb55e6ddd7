"""The plan carried out: in small portions, each a transaction with its line in the log.

What is killed in the middle has done whole portions and no half ones, and goes on the next time. Two at once do no
harm, but one is enough: a lock lets in one on all machines.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from loguru import logger
from sqlalchemy import Connection, func, insert, select, text
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.exc import IntegrityError

from robots.audit.origin import origin
from robots.audit.writing import note
from robots.retention.cases import Group, destroy_keys, lock_runs, old_groups, remove_runs
from robots.retention.classes import AUDIT, CLASSES, EVIDENCE, RUNS, Step
from robots.retention.files import old_files, remove_gone_evidence
from robots.retention.outside import Outside, line_of
from robots.retention.plan import Period, Plan, Rule
from robots.settings import Settings
from robots.store import Store
from robots.store.schema import retention_log, retention_nights

# A portion holds what it removes for some hundredths of a second.
ROWS, CASES = 1000, 50
_LOCK = 7_246_244_546


@dataclass(frozen=True)
class CarryingOut:
    """``by`` is who carries it out; ``outside`` is the list beside the backups, None where there is none."""

    store: Store
    plan: Plan
    by: str
    outside: Outside | None = None

    def all_rows(self) -> Counter[str]:
        """Remove what is due in the database, class by class. Returns how much of each it was."""
        found: Counter[str] = Counter()
        for name, rule in self.plan.rules.items():
            with self.store.begin() as connection:
                line = line_at(connection, rule.kept)
            for count in self._portions(name, rule, line):
                found[name] += count
        return +found

    def _portions(self, name: str, rule: Rule, line: datetime) -> Iterator[int]:
        if name in (EVIDENCE, RUNS):
            yield from self._cases(name, rule, line)
        elif name == AUDIT:
            yield self._audit(rule, line)
        for step in CLASSES[name].steps:
            while count := self._rows(name, rule, line, step):
                yield count

    def _rows(self, name: str, rule: Rule, line: datetime, step: Step) -> int:
        try:
            with self.store.begin() as connection:
                gone = connection.execute(_removing(step), {"line": line, "most": ROWS}).one()
                if gone.number:
                    self._log(connection, name, rule, what=step.table, **gone._mapping)
        except IntegrityError:  # somebody has pointed to one of them this very moment: the next night
            logger.warning("some of {} is not removed: it is used again", step.table)
            return 0
        return int(gone.number)

    def _cases(self, name: str, rule: Rule, line: datetime) -> Iterator[int]:
        with self.store.begin() as connection:
            due = [group for group in old_groups(connection, name, line) if not group.waits_for]
        for first in range(0, len(due), CASES):
            portion = due[first : first + CASES]
            try:
                yield self._case_portion(name, rule, line, portion)
            except IntegrityError:  # something points to one of them: the others must not wait for it
                for group in portion:
                    try:
                        yield self._case_portion(name, rule, line, [group])
                    except IntegrityError as error:
                        logger.warning("the runs {} are not removed: {}", group.ids, error.orig)

    def _case_portion(self, name: str, rule: Rule, line: datetime, portion: Sequence[Group]) -> int:
        with self.store.begin() as connection:
            asked = [run_id for group in portion for run_id in group.ids]
            lock_runs(connection, asked)
            # Looked at once more behind the lock: the case may have been used again since.
            due = [group for group in old_groups(connection, name, line, asked) if not group.waits_for]
            ids = sorted(run_id for group in due for run_id in group.ids)
            if not ids:
                return 0
            if name == EVIDENCE:
                destroy_keys(connection, ids, rule.decision)
            else:
                remove_runs(connection, ids)
            self._log(
                connection, name, rule, what="evidence" if name == EVIDENCE else "runs", number=len(ids),
                oldest=due[0].last, newest=due[-1].last, ids=ids,
            )  # fmt: skip
        return len(ids)

    def _audit(self, rule: Rule, line: datetime) -> int:
        """The audit goes from its beginning, with a remark in its chain that says so."""
        with self.store.begin() as connection:
            found = connection.execute(_OLD_AUDIT, {"line": line}).one()
            if not found.number:
                return 0
            forget = func.audit_forget(found.through, self.by, _words(rule), *origin().values())
            connection.execute(select(forget))
            self._log(connection, AUDIT, rule, what="audit_events", number=found.number, oldest=found.oldest,
                      newest=found.newest)  # fmt: skip
        return int(found.number)

    def files(self, settings: Settings) -> Counter[str]:
        """Remove what is due on this machine's disks. Returns how much of each class it was."""
        found: Counter[str] = Counter()
        found[EVIDENCE] = remove_gone_evidence(settings, self.store)
        for name, rule in self.plan.rules.items():
            with self.store.begin() as connection:
                line = line_at(connection, rule.kept)
            due = [each for each in old_files(settings, name) if each.at < line]
            for each in due:
                each.remove()
            if due:
                with self.store.begin() as connection:
                    self._log(connection, name, rule, what="files", number=len(due), oldest=due[0].at,
                              newest=due[-1].at)  # fmt: skip
            found[name] += len(due)
        return +found

    def _log(self, connection: Connection, name: str, rule: Rule, **told: Any) -> None:
        values = told | {"class": name, "decision": rule.decision, "decided": rule.decided, "by": self.by}
        row = connection.execute(insert(retention_log).values(values).returning(retention_log)).one()
        if row.ids and self.outside:
            self.outside.add(line_of(row))

    def finish(self, removed: Mapping[str, int], night: date | None = None) -> None:
        """Tell the audit what was removed, and that the night is done."""
        with self.store.begin() as connection:
            if removed:
                note(connection, self.by, "records_removed", "retention", removed=dict(removed))
            if night:
                connection.execute(upsert(retention_nights).values(night=night).on_conflict_do_nothing())


def line_at(connection: Connection, period: Period) -> datetime:
    """What is older than this is due."""
    since = func.clock_timestamp() - func.make_interval(0, period.months, 0, period.days)
    line: datetime = connection.execute(select(since)).scalar_one()
    return line


@contextmanager
def alone(store: Store) -> Iterator[bool]:
    """Whether nobody else carries out the plan just now; a lock that ends with its process."""
    with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        mine = bool(connection.execute(text("select pg_try_advisory_lock(:n)"), {"n": _LOCK}).scalar_one())
        try:
            yield mine
        finally:
            if mine:
                connection.execute(text("select pg_advisory_unlock(:n)"), {"n": _LOCK})


def _words(rule: Rule) -> str:
    return f"{rule.decision}, beslutat {rule.decided}"


def _removing(step: Step) -> Any:
    """The statement for one portion; all its parts stand in ``classes.py``."""
    old = (
        f"select t.ctid as place, {step.at} as at from {step.table} t"  # noqa: S608
        f" where {step.at} < :line and ({step.only}) and ({step.after}) limit :most for update of t skip locked"
    )
    change = f"delete from {step.table} x using old"  # noqa: S608
    if step.set_to:
        change = f"update {step.table} x set {step.set_to} from old"  # noqa: S608
    return text(
        f"with old as ({old}), gone as ({change} where x.ctid = old.place returning old.at)"  # noqa: S608
        " select count(*) as number, min(at) as oldest, max(at) as newest from gone"
    )


_OLD_AUDIT = text(
    "select count(*) as number, max(c.seq) as through, min(e.at) as oldest, max(e.at) as newest"
    " from audit_chain c join audit_events e on e.id = c.event_id"
    " where c.seq < coalesce((select min(c2.seq) from audit_chain c2 join audit_events e2 on e2.id = c2.event_id"
    " where e2.at >= :line), 9223372036854775807)"
)
