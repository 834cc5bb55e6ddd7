"""Ragnhild: software robots for a municipal contact centre.

What a task file imports is here and in ``robots.systems``, and nothing else is for it.
"""

from robots.cases import Case, Cases
from robots.errors import ApplicationException, BusinessException
from robots.fields import (
    CaseNumber,
    Date,
    Describe,
    FacilityNumber,
    LongText,
    PersonalNumber,
    PropertyDesignation,
    ShortText,
)
from robots.task import Run, task

__all__ = [
    "ApplicationException",
    "BusinessException",
    "Case",
    "CaseNumber",
    "Cases",
    "Date",
    "Describe",
    "FacilityNumber",
    "LongText",
    "PersonalNumber",
    "PropertyDesignation",
    "Run",
    "ShortText",
    "task",
]
