"""What the map tells of a property."""

from __future__ import annotations

from dataclasses import dataclass

from robots.fields import PropertyDesignation


@dataclass(frozen=True)
class Plan:
    """A detail plan. ``status`` is in the map's words; ``final``: it has gained legal force.

    ``description_address`` is "" where the map says that there is no description.
    """

    number: str
    name: str
    status: str
    final: bool
    map_address: str
    description_address: str


@dataclass(frozen=True)
class PropertyCard:
    """A property under the designation that it has now. ``older_designation`` is "" where it has none.

    ``outside``: the map says in words that the property lies outside every plan; ``plans`` is empty then, and never
    otherwise.
    """

    designation: PropertyDesignation
    address: str
    older_designation: str
    kind: str
    plans: tuple[Plan, ...]
    outside: bool
