"""What Tallinge has set up in its support-management: its namespace, and its words for what all errands have."""

from __future__ import annotations

import uuid

from robots.practice.case_management.state import CLOSED, INBOXES, NEW, ONGOING, WAITING

MUNICIPALITY, NAMESPACE = "9912", "KONTAKTCENTER"
STATUSES = {NEW: "NEW", ONGOING: "ONGOING", WAITING: "PENDING", CLOSED: "SOLVED"}
CATEGORIES = {inbox: key.upper() for key, inbox in INBOXES.items()}
CHANNELS = {"Telefon": "PHONE", "E-post": "EMAIL", "E-tjänst": "ESERVICE", "Besök": "IN_PERSON"}
HANDOVER = "robotHandover"
MESSAGE_ID = "MESSAGE_ID"


def identity(number: str) -> str:
    """What the interface calls something that people call by its number."""
    return str(uuid.uuid5(uuid.NAMESPACE_OID, f"{NAMESPACE}/{number}"))
