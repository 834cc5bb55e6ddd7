"""Clocks that are set by an hour in mid-run: a worker's own, and the database server's; a part of ``leases``.

All times of the engine are the server's: a worker's clock must change nothing. A jump of the server's forwards makes
every lease look over and every wait look done; it is made by libfaketime, where that is installed.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from robots.store import Store, open_store
from robots.store.connect import connect
from tests.chaos.mortal_server import mortal_server
from tests.chaos.odd_machine import BELIEVED, CLOCK, HOST
from tests.chaos.order_ground import ANOTHER, Ground, ground, wrong_in
from tests.chaos.order_judge import Judgement, log_of
from tests.chaos.random_kills import FAULTS, own_store
from tests.chaos.table import Row, at_least, at_most, none, some, told

HOUR = 3600
# At each setting of the clock so many are asked for.
RUNS = 5
CLOCK_SECONDS = 30.0
CONTROL_SECONDS = 10.0
JUMPS = 4
MISSING = "libfaketime is not installed (apt-get install faketime)"


@dataclass(frozen=True)
class Clocked:
    """``longest``: seconds from a change of the clock until all runs at work then had ended.

    ``late``: how many had not by then; ``ahead``: by how many seconds the server's clock is ahead of ours at the end.
    """

    changes: int
    longest: float
    late: int
    ahead: float
    judged: Judgement


def wrong_clock(store: Store, *, seed: int, control: bool = False) -> Clocked:
    """The clock of a worker and its slots is set again and again, in the middle of its runs.

    ``control``: when a run is tried again is told by the worker's own clock.
    """
    with ground(store, seed=seed, faults=FAULTS) as here:
        clock = here.folder / "clock"
        clock.write_text("0")
        environment = {CLOCK: str(clock)} | ({BELIEVED: "1"} if control else {})
        with here.worker("felgående", slots=2, environment=environment):
            by, patience = ((HOUR,), CONTROL_SECONDS) if control else ((HOUR, -HOUR, 0), CLOCK_SECONDS)
            return _set_again_and_again(here, by, lambda seconds: _write(clock, str(seconds)), patience)


def _set_again_and_again(
    here: Ground, by: Sequence[int], set_clock: Callable[[int], None], patience: float = CLOCK_SECONDS
) -> Clocked:
    """Once in the middle of each of so many loads of runs."""
    took, late = [], 0
    for seconds in by:
        begun = here.ask(RUNS)
        before = len(log_of(here.habits))
        here.wait(partial(_more_than, here, before))
        set_clock(seconds)
        asked = [*begun, *here.ask(RUNS)]
        since = time.monotonic()
        here.wait(partial(here.ended, asked), patience)
        took.append(time.monotonic() - since)
        late += len(asked) - here.how_many_ended(asked)
    ahead = here.scalar("select extract(epoch from clock_timestamp())::float") - time.time()
    return Clocked(len(by), max(took), late, ahead, here.judged())


def _more_than(here: Ground, before: int) -> bool:
    return len(log_of(here.habits)) > before


def _write(path: Path, words: str) -> None:
    """All at once, for whoever reads at the same moment."""
    path.with_suffix(".new").write_text(words)
    path.with_suffix(".new").replace(path)


def library() -> Path | None:
    """The one for programs with threads; None without."""
    return next(iter(Path("/usr/lib").glob("**/faketime/libfaketimeMT.so.1")), None)


def faked(faking: Path, clock: Path) -> dict[str, str]:
    """The environment of a process that reads its time of day from the file ``clock``, each time anew."""
    return {
        "LD_PRELOAD": str(faking), "FAKETIME_TIMESTAMP_FILE": str(clock), "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }  # fmt: skip


def jumping_server_clock(*, seed: int, jumps: int = JUMPS) -> Clocked:
    """Each time an hour further, with workers on two machines. ``library`` must be there."""
    faking = library()
    assert faking, MISSING
    with TemporaryDirectory(prefix="ragnhild-chaos-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)
        clock = folder / "clock"
        clock.write_text("+0\n")
        with ExitStack() as stack:
            server = stack.enter_context(mortal_server(folder, faked(faking, clock)))
            open_store(server.url, folder).close()
            store = connect(server.url)
            here = stack.enter_context(ground(store, seed=seed, faults=FAULTS))
            stack.callback(store.close)
            stack.enter_context(here.worker("en"))
            stack.enter_context(here.worker("en annan", environment={HOST: ANOTHER}))
            hours = [HOUR * (jump + 1) for jump in range(jumps)]
            return _set_again_and_again(here, hours, lambda seconds: _write(clock, f"+{seconds}\n"))


def _rows_of(found: Clocked) -> list[Row]:
    return [
        none("    carried out twice, lost, without one outcome", wrong_in(found.judged), among=found.judged.orders),
        at_most("    the longest until all runs had ended", found.longest, CLOCK_SECONDS, " s"),
        none("    handed over without need", sum(found.judged.handed_over.values()), among=found.judged.runs),
    ]


def rows_of_own_clock(found: Clocked) -> list[Row]:
    return [told("a worker's clock set by an hour forwards, then back: so often", found.changes), *_rows_of(found)]


def rows_of_control(found: Clocked) -> list[Row]:
    words = "control, tried again by the worker's own clock, an hour ahead: runs that wait for it"
    return [some(words, found.late, among=found.judged.runs)]


def rows_of_server_clock(found: Clocked) -> list[Row]:
    ahead = at_least("the database server's clock set an hour forwards, again and again: ahead at the end, s",
                     round(found.ahead), found.changes * HOUR - 60)  # fmt: skip
    return [ahead, *_rows_of(found)]


def rows(seed: int) -> list[Row]:
    """Each part in a database of its own."""
    with own_store() as store:
        found = rows_of_own_clock(wrong_clock(store, seed=seed))
    with own_store() as store:
        found += rows_of_control(wrong_clock(store, seed=seed, control=True))
    if library() is None:
        return [*found, told("the database server's clock", MISSING)]
    return found + rows_of_server_clock(jumping_server_clock(seed=seed))
