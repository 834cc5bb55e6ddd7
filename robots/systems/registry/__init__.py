"""Diariet: ärenden in the series of their boards, and the documents in them, which are checked out and in."""

from robots.systems.registry.driver import Reader, Writer
from robots.systems.registry.model import NO_SECRECY, CaseFile, Handling, Hit

__all__ = ["NO_SECRECY", "CaseFile", "Handling", "Hit", "Reader", "Writer"]
