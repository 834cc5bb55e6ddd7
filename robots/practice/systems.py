"""The systems that Tallinge has, in the order of its start page."""

from __future__ import annotations

import importlib
from pathlib import Path

from robots.practice.system import PracticeSystem

KEYS = ("case_management", "drawing_archive", "detail_plan_map", "waste_collection", "population_register")


def load_systems() -> tuple[type[PracticeSystem], ...]:
    """The one PracticeSystem subclass of every ``<key>/routes.py``."""
    found = []
    for key in KEYS:
        if (Path(__file__).parent / key / "routes.py").exists():
            module = importlib.import_module(f"robots.practice.{key}.routes")
            found += [c for c in vars(module).values() if isinstance(c, type) and c.__dict__.get("key") == key]
    return tuple(found)
