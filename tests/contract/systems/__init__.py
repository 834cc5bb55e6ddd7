"""Every system that the contract holds for. A new system joins the suite by one module here, named by its key.

Each module has a ``SYSTEM``. A key without a module is left out, for those that are still being built. ``SYSTEMS`` are
worked in by their pages, ``INTERFACES`` without; ``EVERY`` is both.
"""

from __future__ import annotations

import importlib
from pathlib import Path

from tests.contract.systems.easit_go import SYSTEM as EASIT_GO
from tests.contract.systems.email import SYSTEM as EMAIL
from tests.contract.systems.kinds import (
    NOTHING,
    ONCE,
    UNKNOWN_MARK,
    Change,
    InterfaceUnderTest,
    Reading,
    SystemUnderTest,
)
from tests.contract.systems.support_management import SYSTEM as SUPPORT_MANAGEMENT
from tests.contract.systems.waste_collection import SYSTEM as WASTE_COLLECTION

KEYS = (
    "case_management",
    "drawing_archive",
    "detail_plan_map",
    "population_register",
    "waste_collection",
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
)
SYSTEMS: tuple[SystemUnderTest, ...] = tuple(
    importlib.import_module(f"{__name__}.{key}").SYSTEM
    for key in KEYS
    if (Path(__file__).parent / f"{key}.py").exists()
)
INTERFACES: tuple[InterfaceUnderTest, ...] = (EASIT_GO, EMAIL, SUPPORT_MANAGEMENT)
EVERY: tuple[SystemUnderTest | InterfaceUnderTest, ...] = (*SYSTEMS, *INTERFACES)

__all__ = [
    "EVERY",
    "INTERFACES",
    "NOTHING",
    "ONCE",
    "SYSTEMS",
    "UNKNOWN_MARK",
    "WASTE_COLLECTION",
    "Change",
    "InterfaceUnderTest",
    "Reading",
    "SystemUnderTest",
]
