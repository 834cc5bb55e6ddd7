"""Konsumentärenden: matters about purchases, what kind they are of, and the letters in them."""

from robots.systems.consumer_matters.driver import Reader, Writer
from robots.systems.consumer_matters.model import (
    ARN,
    BLUFF_SMS,
    CLOSED,
    COMPANY,
    EMAIL,
    POLICE,
    POST,
    VALUE_JUDGEMENT,
    Letter,
    Matter,
    NewMatter,
)

__all__ = [
    "ARN",
    "BLUFF_SMS",
    "CLOSED",
    "COMPANY",
    "EMAIL",
    "POLICE",
    "POST",
    "VALUE_JUDGEMENT",
    "Letter",
    "Matter",
    "NewMatter",
    "Reader",
    "Writer",
]
