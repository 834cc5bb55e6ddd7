"""Sundsvall's support-management: the open case system of a contact centre, by its programming interface."""

from robots.cases.support_management.driver import Reader, Writer

__all__ = ["Reader", "Writer"]
