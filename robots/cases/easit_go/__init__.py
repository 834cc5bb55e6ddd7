"""Easit GO: the case system by its programming interface."""

from robots.cases.easit_go.driver import Reader, Writer

__all__ = ["Reader", "Writer"]
