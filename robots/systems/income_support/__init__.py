"""Socio Ekonomiskt bistånd: what a household has applied for, and the proposal or the message that a robot prepares."""

from robots.systems.income_support.driver import Reader, Writer
from robots.systems.income_support.model import (
    GRANTED,
    PARTLY,
    REFUSED,
    SMS,
    Application,
    Calculation,
    Decision,
    File,
    Norms,
    Proposal,
    Reply,
)

__all__ = [
    "GRANTED",
    "PARTLY",
    "REFUSED",
    "SMS",
    "Application",
    "Calculation",
    "Decision",
    "File",
    "Norms",
    "Proposal",
    "Reader",
    "Reply",
    "Writer",
]
