"""Ekonomiportalen Saldo: an invoice by its OCR number, what is left of it, and its copy."""

from robots.systems.customer_ledger.driver import Reader
from robots.systems.customer_ledger.model import CHILD_CARE, STATUSES, Invoice, InvoiceLine, Payment

__all__ = ["CHILD_CARE", "STATUSES", "Invoice", "InvoiceLine", "Payment", "Reader"]
