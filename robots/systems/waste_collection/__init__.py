"""Renhållning Framtid: facilities, their orders, and the wizard in which an order is placed."""

from robots.systems.waste_collection.driver import Reader, Writer
from robots.systems.waste_collection.model import (
    EXTRA_SLUDGE,
    MISSED_BIN,
    SERVICES,
    URGENT_SLUDGE,
    Facility,
    Order,
)

__all__ = ["EXTRA_SLUDGE", "MISSED_BIN", "SERVICES", "URGENT_SLUDGE", "Facility", "Order", "Reader", "Writer"]
