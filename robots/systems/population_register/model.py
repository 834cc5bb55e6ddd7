"""What the register tells of a person."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from robots.fields import PersonalNumber, PropertyDesignation

Protection = Literal["", "sekretessmarkering", "skyddad folkbokföring"]


@dataclass(frozen=True)
class Person:
    """A registered person. Of a protected one nothing is told but the protection: the rest is empty.

    ``property_id`` is where the person is registered, None where the register does not say. ``guardians`` are those of
    a child, None for one whose identity is protected. Who a person is never shows when the object is printed.
    """

    personal_number: PersonalNumber = field(repr=False)
    name: str = field(repr=False)
    address: str = field(repr=False)
    property_id: PropertyDesignation | None = field(repr=False)
    protection: Protection
    deceased: bool
    guardians: tuple[PersonalNumber | None, ...] = field(default=(), repr=False)
