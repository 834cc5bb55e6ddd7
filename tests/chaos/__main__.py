"""``python -m tests.chaos [item [its own options] | all]``: let things die, show what came of it, end with 1 if wrong.

An item is a function that takes its options and returns the rows of its table; a new one is a line in ``ITEMS``.
"""

from __future__ import annotations

import importlib
import sys
import time
from collections.abc import Callable, Sequence

from rich.console import Console

from tests.chaos.table import Row, show

# In the order of the issue: the item's name, the module whose ``rows(options)`` it is, and the table's title.
ITEMS = {
    "trace": ("tests.chaos.trace_points", "The slot killed at every boundary that a run of the three flows passes"),
    "random": ("tests.chaos.random_kills", "Random kills of what does orders in a fast target at 30 % faults"),
    "browser": ("tests.chaos.browser_kills", "Slots, browsers and drivers killed in the three flows, answers lost"),
    "database": ("tests.chaos.database_kills", "The database killed under real supervisors, most often at a COMMIT"),
    "leases": ("tests.chaos.leases", "Workers that stand still past their lease, share a name, or have a wrong clock"),
    "machines": ("tests.chaos.machines", "Three workers as three machines: seats, one cut off, one killed"),
    "soak": ("tests.chaos.soak", "Ten thousand runs on one worker: memory, handles, processes and files stay flat"),
    "week": ("tests.chaos.week", "A week that nobody watches, on a clock that is set forward"),
    "storage": ("tests.chaos.storage", "The database away, the disk full, the data folder read-only, in mid-run"),
}


def rows_of(item: str, options: Sequence[str]) -> list[Row]:
    """Imported when asked for: one item's needs are not another's."""
    rows: Callable[[Sequence[str]], list[Row]] = importlib.import_module(ITEMS[item][0]).rows
    return rows(options)


def main(arguments: Sequence[str]) -> int:
    name, options = (arguments[0], arguments[1:]) if arguments else ("all", [])
    if name not in (*ITEMS, "all"):
        print(__doc__, "Items:", ", ".join(ITEMS), file=sys.stderr)
        return 2
    console = Console(width=None if sys.stdout.isatty() else 130)
    wrong = 0
    for item in ITEMS if name == "all" else (name,):
        started = time.monotonic()
        rows = rows_of(item, options)
        show(console, f"\n{item}: {ITEMS[item][1]} ({time.monotonic() - started:.0f} s)", rows)
        wrong += sum(not row.met for row in rows)
    console.print("\n[green]All as wanted.[/]" if not wrong else f"\n[red bold]{wrong} rows are not as wanted.[/]")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
