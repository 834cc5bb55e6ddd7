"""The systems that Tallinge has, in the order of its start page."""

from __future__ import annotations

import importlib
from pathlib import Path

from robots.practice.system import PracticeSystem

# One that has no folder is not there, for those that are still being built.
KEYS = (
    "case_management",
    "easit_go",
    "support_management",
    "email",
    "building_permits",
    "drawing_archive",
    "detail_plan_map",
    "waste_collection",
    "customer_ledger",
    "mobility_service",
    "school_placement",
    "school_transport",
    "family_law",
    "income_support",
    "civil_weddings",
    "consumer_matters",
    "fault_reports",
    "population_register",
    "registry",
)


def load_systems() -> tuple[type[PracticeSystem], ...]:
    """The one PracticeSystem subclass of every ``<key>/routes.py``."""
    found = []
    for key in KEYS:
        if (Path(__file__).parent / key / "routes.py").exists():
            module = importlib.import_module(f"robots.practice.{key}.routes")
            found += [c for c in vars(module).values() if isinstance(c, type) and c.__dict__.get("key") == key]
    return tuple(found)
