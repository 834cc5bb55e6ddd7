"""What is told of an attempt to those who watch over the robots: in each line of the log, and as a trace."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from robots.logs import about_run
from robots.queue.attempts import Claimed
from robots.settings import Settings

Watch = Callable[[str, str, dict[str, Any]], None]


@contextmanager
def observed(settings: Settings, claimed: Claimed) -> Iterator[Watch | None]:
    """Within the block the log knows the run. What it yields wants to be told each event; None wants nothing."""
    with about_run(claimed.run_id, robot=claimed.robot, case_number=claimed.case_number):
        if not settings.otlp_endpoint:
            yield None
            return
        from robots.evidence.traces import traced  # half a second, and of use to few

        with traced(
            settings.otlp_endpoint, task=claimed.task, robot=claimed.robot, run=claimed.run_id, attempt=claimed.number
        ) as watch:
            yield watch


def send_the_rest() -> None:
    """What there is still to tell when the process ends. Takes seconds at most."""
    if traces := sys.modules.get("robots.evidence.traces"):
        traces.send_the_rest()
