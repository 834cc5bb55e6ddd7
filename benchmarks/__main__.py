"""``python -m benchmarks [name …]``: measure, show, and end with 1 when a requirement is missed."""

from __future__ import annotations

import argparse
import importlib
import json
import os
import sys
import time

from rich.console import Console

from benchmarks.pairs import Figures
from robots.cli.ending import end_on_signal
from robots.cli.main import INTERRUPTED

# In the order they are run: what takes longest last.
NAMES = ("fill_form", "one_trip", "enqueue_to_page", "queue", "throughput", "after_kill", "task_process", "memory",
         "statistics", "desk", "flows")  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Figures beside what they compare to.")
    parser.add_argument("names", nargs="*", metavar="name", help=f"some of {', '.join(NAMES)}; without: all")
    parser.add_argument("--json", action="store_true", help="figures as JSON on standard output")
    asked = parser.parse_args()
    if unknown := set(asked.names) - set(NAMES):
        parser.error(f"there is no {', '.join(sorted(unknown))}; there are {', '.join(NAMES)}")

    console = Console(stderr=asked.json, width=None if sys.stdout.isatty() else 150)
    started = time.monotonic()
    busy = _busy()
    measured: dict[str, Figures] = {}
    for name in asked.names or NAMES:
        measured[name] = importlib.import_module(f"benchmarks.{name}").measure()
        measured[name].show(console)
    met = all(figures.met for figures in measured.values())

    console.print(f"\n{time.monotonic() - started:.0f} s. {busy}", highlight=False)
    console.print("[green]All requirements are met.[/]" if met else "[red bold]A requirement is missed.[/]")
    if asked.json:
        print(json.dumps({"met": met, "machine": busy, "benchmarks": {n: f.as_json() for n, f in measured.items()}}))
    return 0 if met else 1


def _busy() -> str:
    """How much else the machine had to do when the measuring began: figures of a busy one say little."""
    if not hasattr(os, "getloadavg"):
        return f"{os.cpu_count()} cores."
    return f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} when it began."


if __name__ == "__main__":
    end_on_signal()  # so that what a benchmark has opened is closed, the database with it
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
