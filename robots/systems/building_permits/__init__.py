"""Bygglov Castell: permit cases, their events and drawings, and the notice that work begins."""

from robots.systems.building_permits.driver import Reader, Writer
from robots.systems.building_permits.model import (
    Condition,
    Drawing,
    ListedCase,
    Party,
    PermitCase,
    StartNotice,
    Supplement,
)

__all__ = ["Condition", "Drawing", "ListedCase", "Party", "PermitCase", "Reader", "StartNotice", "Supplement", "Writer"]
