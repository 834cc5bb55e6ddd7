"""Ärendehantering Artina: the case system in the browser, as a specialist uses it."""

from robots.cases.case_management.driver import Reader, Writer

__all__ = ["Reader", "Writer"]
