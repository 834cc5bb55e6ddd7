"""What the citizens of Tallinge ask for: one file per family of errands, each with a tuple ``ERRANDS``."""

from __future__ import annotations

import importlib
from pathlib import Path

from robots.practice.errands.errand import Errand

# A family gets its properties and case numbers after those above it: whoever adds a file moves only what is below.
KEYS = (
    "drawings",
    "detail_plan",
    "waste_collection",
    "other",
    "building_permits",
    "customer_ledger",
    "mobility_service",
    "school_placement",
    "school_transport",
    "family_law",
    "income_support",
    "civil_weddings",
    "consumer_matters",
    "fault_reports",
    "registry",
    "pickup_questions",
)


def load_errands() -> tuple[Errand, ...]:
    """Every family that has a file, in the order of ``KEYS``."""
    found: list[Errand] = []
    for key in KEYS:
        if (Path(__file__).parent / f"{key}.py").exists():
            found += importlib.import_module(f"robots.practice.errands.{key}").ERRANDS
    return tuple(found)
