"""A stock book: found in as in the order book."""

from __future__ import annotations

from typing import ClassVar

from tests.chaos import order_book


class Reader(order_book.Reader):
    """What a robot may look at."""

    system: ClassVar[str] = "stock_book"
