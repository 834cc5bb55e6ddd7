"""Skolplacering Edda: pupils with their guardians' signed wishes, the periods of choice, and choices and notes."""

from robots.systems.school_placement.driver import Reader, Writer
from robots.systems.school_placement.model import Choice, Guardian, Hit, Period, Pupil, Sibling

__all__ = ["Choice", "Guardian", "Hit", "Period", "Pupil", "Reader", "Sibling", "Writer"]
