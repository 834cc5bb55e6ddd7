"""Treklöver Familjerätt: akter on paternity and parenthood, from the parents' notification to Skatteverket."""

from robots.systems.family_law.driver import Reader, Writer
from robots.systems.family_law.model import (
    APPROVED,
    DRAFT,
    PATERNITY,
    REMINDER,
    S_PROTOCOL,
    SIMPLIFIED,
    SUMMONS,
    Akt,
    Letter,
    Notification,
    Parent,
    Party,
    Protocol,
    Visit,
    time_was_taken,
)

__all__ = [
    "APPROVED",
    "DRAFT",
    "PATERNITY",
    "REMINDER",
    "SIMPLIFIED",
    "SUMMONS",
    "S_PROTOCOL",
    "Akt",
    "Letter",
    "Notification",
    "Parent",
    "Party",
    "Protocol",
    "Reader",
    "Visit",
    "Writer",
    "time_was_taken",
]
