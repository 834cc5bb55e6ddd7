"""``python -m tests.fuzz [PARSER …] [--seconds N]``: an hour for each of them, or so many seconds.

Ends with 1 when something is found, or when a control is not.
"""

from __future__ import annotations

import argparse
import time
import traceback

from tests.fuzz.hunting import Parser, control, hunt
from tests.fuzz.parsers import PARSERS

# What one reads may take no more than this, with all that Python and the libraries have loaded.
MOST_MEMORY = 4_000_000_000
_CONTROL_EXAMPLES = 3_000


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("parser", nargs="*", help=f"all of them, where none is named: {', '.join(PARSERS)}")
    asked.add_argument("--seconds", type=float, default=3600.0)
    asked.add_argument("--seed", type=int, default=time.time_ns() % 1_000_000_000)
    told = asked.parse_args()
    if unknown := set(told.parser) - set(PARSERS):
        asked.error(f"no such parser: {', '.join(unknown)}")
    limit_memory()
    print(f"seed {told.seed}", flush=True)
    return 1 if sum([_found_in(PARSERS[name], told.seconds, told.seed) for name in told.parser or PARSERS]) else 0


def _found_in(parser: Parser, seconds: float, begin: int) -> bool:
    if control(parser, examples=_CONTROL_EXAMPLES).found is None:
        print(f"{parser.name}: the planted defect is not found", flush=True)
        return True
    since = time.monotonic()
    hunted = hunt(parser, seconds=seconds, begin=begin)
    became = "nothing found" if hunted.found is None else "FOUND"
    print(f"{parser.name}: {hunted.examples} examples in {time.monotonic() - since:.0f} s, {became}", flush=True)
    if hunted.found is not None:
        traceback.print_exception(hunted.found)
    return hunted.found is not None


def limit_memory() -> None:
    """Whoever takes more meets ``MemoryError``, where the system can be asked for that."""
    try:
        import resource
    except ImportError:  # Windows
        return
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))


if __name__ == "__main__":
    raise SystemExit(main())
