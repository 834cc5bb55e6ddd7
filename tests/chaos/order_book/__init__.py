"""The driver of the chaos tests' own system, whose target is ``tests/chaos/target.py``."""

from tests.chaos.order_book.driver import Reader, Writer

__all__ = ["Reader", "Writer"]
