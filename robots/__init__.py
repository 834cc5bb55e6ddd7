"""Ragnhild: software robots for a municipal contact centre.

What a task file imports is here and in ``robots.systems``, and nothing else is for it. Each name is fetched when it is
first asked for: the command line shows its help, and the practice town opens, without loading a browser driver.
"""

import gc
import importlib
import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from robots.cases import Attachment, Case, Cases
    from robots.errors import ApplicationException, BusinessException, TakenMeanwhile
    from robots.fields import (
        CaseNumber,
        Date,
        Describe,
        FacilityNumber,
        InvoiceNumber,
        LongText,
        Ocr,
        OrganisationNumber,
        PermitNumber,
        PersonalNumber,
        PropertyDesignation,
        ShortText,
        StreetAddress,
    )
    from robots.tables import YearTable
    from robots.task import Run, task
    from robots.workdays import workdays_after

__all__ = [
    "ApplicationException",
    "Attachment",
    "BusinessException",
    "Case",
    "CaseNumber",
    "Cases",
    "Date",
    "Describe",
    "FacilityNumber",
    "InvoiceNumber",
    "LongText",
    "Ocr",
    "OrganisationNumber",
    "PermitNumber",
    "PersonalNumber",
    "PropertyDesignation",
    "Run",
    "ShortText",
    "StreetAddress",
    "TakenMeanwhile",
    "YearTable",
    "task",
    "workdays_after",
]

# Next to nothing of what a program imports is garbage, but the collector looks through all of it every 700 objects: a
# tenth of a slot's start, a fifth of the portal's.
gc.set_threshold(20_000, 20, 50)

_MODULES = ("robots.errors", "robots.fields", "robots.cases", "robots.tables", "robots.task", "robots.workdays")


class _Package(ModuleType):
    """``task`` is the name of a module here as well; whoever asks this package for it wants the decorator."""

    def __getattr__(self, name: str) -> Any:
        if name in __all__:
            for module in map(importlib.import_module, _MODULES):
                if name in vars(module):
                    return vars(module)[name]
        raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")

    @property
    def task(self) -> Any:
        return vars(importlib.import_module("robots.task"))["task"]

    @task.setter
    def task(self, module: ModuleType) -> None:
        """The import system puts the module here."""


sys.modules[__name__].__class__ = _Package
