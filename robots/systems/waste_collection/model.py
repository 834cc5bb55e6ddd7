"""What the waste collection tells of a facility and its orders."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from robots.fields import FacilityNumber, PersonalNumber, PropertyDesignation

# As the system writes them.
MISSED_BIN = "Hämtning av missat kärl"
EXTRA_SLUDGE = "Extra slamtömning"
URGENT_SLUDGE = "Akut slamtömning"
CARRIED_OUT = "Utförd"
# What a guide calls it, and the service that it is in the system.
SERVICES = MappingProxyType(
    {"Missat kärl": MISSED_BIN, "Extra slamtömning": EXTRA_SLUDGE, "Akut slamtömning": URGENT_SLUDGE}
)


@dataclass(frozen=True)
class Facility:
    """A facility (anläggning) as its card shows it.

    ``customer`` pays for it and ``protected`` is true where the card itself says that the customer's identity is
    protected. ``dispens`` is the exemption in the system's words, ``deviation`` what the driver of the lorry noted at
    the latest pickup; both are "" where the card says that there is none. ``island``: no road leads there.
    ``next_ordinary_emptying`` and ``hose_metres`` are None where there is no sludge tank.
    """

    number: FacilityNumber
    customer_number: str
    customer: PersonalNumber
    protected: bool
    property_id: PropertyDesignation
    address: str
    blocked: bool
    dispens: str
    island: bool
    deviation: str
    last_pickup: date
    next_pickup: date
    next_ordinary_emptying: date | None
    hose_metres: int | None

    @property
    def has_tank(self) -> bool:
        """Whether there is a sludge tank to empty."""
        return self.next_ordinary_emptying is not None


@dataclass(frozen=True)
class Order:
    """An order (beställning). ``due`` is the day on which it is carried out at the latest."""

    number: str
    service: str
    due: date
    status: str
    reference: str

    @property
    def carried_out(self) -> bool:
        return self.status == CARRIED_OUT

    @property
    def empties_tank(self) -> bool:
        """Whether it empties the sludge tank, beside the ordinary emptying or in its place."""
        return self.service in (EXTRA_SLUDGE, URGENT_SLUDGE)
