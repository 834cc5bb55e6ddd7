"""Skolskjuts: a pupil's way to school, applications, and proposals that a person decides on."""

from robots.systems.school_transport.driver import Reader, Writer
from robots.systems.school_transport.model import (
    ALTERNATING,
    BY_DISTANCE,
    GRANT,
    REJECT,
    WHOLE_TIME,
    Application,
    Pupil,
)

__all__ = ["ALTERNATING", "BY_DISTANCE", "GRANT", "REJECT", "WHOLE_TIME", "Application", "Pupil", "Reader", "Writer"]
