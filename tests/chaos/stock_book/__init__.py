"""A second system of the chaos tests' own, which is only looked at."""

from tests.chaos.stock_book.driver import Reader

__all__ = ["Reader"]
