"""Vigselbokningen: applications to be married, free times, and a booking that is reserved first and then confirmed."""

from robots.systems.civil_weddings.driver import Reader, Writer
from robots.systems.civil_weddings.model import NEW, PLACES, Application, Slot

__all__ = ["NEW", "PLACES", "Application", "Reader", "Slot", "Writer"]
