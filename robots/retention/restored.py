"""What becomes of a database that was made of a backup: what has been removed since is removed again.

The list beside the backups tells what that was. What it does not tell of is due again by the plan, or will be.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection, insert

from robots.retention.carrying_out import CarryingOut
from robots.retention.cases import destroy_keys, remove_runs
from robots.retention.classes import EVIDENCE, RUNS
from robots.retention.files import remove_gone_evidence
from robots.retention.outside import NAMED, Outside
from robots.retention.plan import Plan
from robots.settings import Settings
from robots.store import Store
from robots.store.schema import retention_log

# A backup's moment and a line's are told by one clock, but the backup may have been made while the line was written.
MARGIN = timedelta(hours=1)


def remove_again(connection: Connection, made_at: datetime, folders: Collection[Path]) -> int:
    """Remove what was removed since a backup was made, as the lists in ``folders`` tell.

    Returns how many runs and runs' evidence that was.
    """
    lines = [line for folder in {each.resolve() for each in folders} for line in Outside(folder).lines()]
    known = {(row.at, row._mapping["class"]) for row in connection.execute(NAMED)}
    count = 0
    for line in lines:
        if line.at < made_at - MARGIN or (line.at, line.class_name) in known:
            continue
        if line.class_name == EVIDENCE:
            destroy_keys(connection, line.ids, line.decision)
            count += line.number
        elif line.class_name == RUNS:
            count += remove_runs(connection, line.ids)
        told = line.model_dump(exclude={"class_name"}) | {"class": line.class_name}
        connection.execute(insert(retention_log).values(told))
    return count


def remove_what_is_due(settings: Settings, store: Store, plan: Plan, by: str) -> None:
    """What no list told of, and what has come of age since; and the folders of both."""
    work = CarryingOut(store, plan, by)
    work.finish(work.all_rows())
    remove_gone_evidence(settings, store)
