"""Ritningsarkivet: the drawings of a property, as the archive lends them out."""

from robots.systems.drawing_archive.driver import Reader
from robots.systems.drawing_archive.model import Drawing, Holdings

__all__ = ["Drawing", "Holdings", "Reader"]
