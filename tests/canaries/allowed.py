"""What may lie where, and why. All else is a find. A protected person's may lie nowhere at all."""

from __future__ import annotations

from collections.abc import Sequence

from robots.evidence.readings import bare
from tests.canaries.birds import Canary
from tests.canaries.flight import Asked
from tests.canaries.places import Place

WHY = {
    ("secrets", "password"): "where the robots' passwords are kept",
    ("secrets", "token"): "the practice town's own file of its users",
}
TYPED_IN = {
    "column runs.inputs": "what a guide typed, until retention: the run needs it",
    "database files": "the same column on disk, and in its log until that is used again",
}

# The place of a fault is typed as a street and number, and whoever gets the case has to find it. In the practice town
# it is where the citizen lives.
PLACES = "the place of a fault that a guide typed as such"
PLACE_KINDS = frozenset(
    {"column attempts.error", "column outcomes.reason", "column run_events.detail", "column run_events.title", "logs",
     "report", "picture", "database files"}
)  # fmt: skip


class Rules:
    """Of one flight."""

    def __init__(self, flown: Sequence[Asked]) -> None:
        self._typed = bare(" ".join(str(value) for each in flown for value in each.typed.values()))
        self._places = {bare(str(each.typed["address"])) for each in flown if each.task == "report_fault"}
        self._protected = {
            n for each in flown if each.protected for n in (each.case["citizen"], *each.case["children"])
        }

    def is_protected(self, canary: Canary) -> bool:
        return canary.whose in self._protected

    def why(self, place: Place, canary: Canary) -> str:
        """Why it may be there; "" when it may not."""
        if reason := WHY.get((place.kind, canary.kind)):
            return reason
        if canary.kind == "address" and bare(canary.value) in self._places and place.kind in PLACE_KINDS:
            return "" if self.is_protected(canary) else PLACES
        if place.kind in TYPED_IN and bare(canary.value) in self._typed:
            return "" if self.is_protected(canary) and place.kind.startswith("column") else TYPED_IN[place.kind]
        return ""
