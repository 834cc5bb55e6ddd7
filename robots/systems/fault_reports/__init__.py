"""Felanmälan: a place on the map with what is known of it, reports, and the notes on them."""

from robots.systems.fault_reports.driver import Reader, Writer
from robots.systems.fault_reports.model import (
    LARGEST_PHOTO,
    MOST_PHOTOS,
    PHOTO_TYPES,
    Category,
    Nearby,
    Place,
    Report,
    Surroundings,
)

__all__ = [
    "LARGEST_PHOTO",
    "MOST_PHOTOS",
    "PHOTO_TYPES",
    "Category",
    "Nearby",
    "Place",
    "Reader",
    "Report",
    "Surroundings",
    "Writer",
]
