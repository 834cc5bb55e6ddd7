"""A case system that can only be reached by e-mail."""

from robots.cases.email.driver import Reader, Writer

__all__ = ["Reader", "Writer"]
