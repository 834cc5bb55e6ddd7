"""Standing still in the middle of an effect, with the whole worker, as a machine does whose lid is closed.

It happens once, at the point that the environment names, and is told by a file. Whoever made it so wakes it up again.
"""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

from robots.effects import Ledger

# The point, and the file that tells that it has been reached.
STILL_AT, STILL_TOLD = "RAGNHILD_STILL_AT", "RAGNHILD_STILL_TOLD"
POINTS = {
    "right before arming": ("before", "arm"),
    "right after arming": ("after", "arm"),
    "right before the click leaves": ("before", "demand_still_armed"),
    # What is not promised (docs/guarantees.md): the thousandth of a second in which nobody looks any more.
    "between the last look and the wire": ("after", "demand_still_armed"),
}


def stand_still_where_told() -> None:
    """In a slot: let the ledger's function stand still before or after its work, with the supervisor."""
    point = os.environ.get(STILL_AT)
    if not point:
        return
    side, name = POINTS[point]
    whole = getattr(Ledger, name)

    def still(*args: Any, **kwargs: Any) -> Any:
        if side == "before":
            _stand_still()
        result = whole(*args, **kwargs)
        if side == "after":
            _stand_still()
        return result

    setattr(Ledger, name, still)


def _stand_still() -> None:
    try:
        with Path(os.environ[STILL_TOLD]).open("x") as told:
            told.write(str(os.getpid()))
    except FileExistsError:
        return  # once is enough
    os.kill(os.getppid(), signal.SIGSTOP)
    os.kill(os.getpid(), signal.SIGSTOP)
