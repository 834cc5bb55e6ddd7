"""Cases of an inbox that no run could be asked for, as they were when they were read: in the slot's memory alone.

Whoever forgets them, or has not read them, reads them once more. Nothing that the case system says later is missed: a
case is read again when its list shows another version of it, and after an hour whatever the list shows.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable

from robots.cases.contract import CaseRow

READ_AGAIN_SECONDS = 3600.0  # a version may tell whole seconds or minutes only, in which a case changes twice
MOST = 10_000


class LeftInInbox:
    """``asked`` in every method: all that was asked of the case, so that who asks for another thing reads it anew."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._left: OrderedDict[tuple[str, ...], tuple[str, float]] = OrderedDict()

    def remember(self, row: CaseRow, asked: tuple[str, ...]) -> None:
        """``row`` is from before the case was read: what changed after it shows in the next list."""
        self._left[*asked, row.number] = row.version, self._clock()
        self._left.move_to_end((*asked, row.number))
        while len(self._left) > MOST:
            self._left.popitem(last=False)

    def is_as_it_was(self, row: CaseRow, asked: tuple[str, ...]) -> bool:
        """Whether the case is what could not be used. Never of one whose list does not tell a version."""
        version, read_at = self._left.get((*asked, row.number), ("", 0.0))
        return bool(row.version) and row.version == version and self._clock() - read_at < READ_AGAIN_SECONDS
