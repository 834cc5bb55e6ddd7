"""What the consumer office's system tells of a matter and its letters."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from robots.fields import PersonalNumber

# As the system writes them.
UNCLASSIFIED = "Oklassificerat"
CLOSED = "Avslutad"
COMPANY = "Företag"
VALUE_JUDGEMENT = "Få värdet eller chansen att vinna bedömd"
ARN, BLUFF_SMS, POLICE = "ARN", "7726 (bluff-sms)", "Polisen"
EMAIL, POST = "E-post", "Post"
SENT = "Skickat"


@dataclass(frozen=True)
class Matter:
    """A matter (ärende) as its card shows it.

    ``reference`` is «Vår beteckning», what the one who registered it calls it elsewhere. ``bought_on`` is None where
    the card has no day. ``withdraw_until`` is the last day to withdraw from a purchase at a distance,
    ``complain_until`` the last day to complain of a fault; None where the card shows no such day. ``consumer`` is None
    where the consumer's identity is protected. ``obstacle`` is why nobody may change the matter now, in the system's
    words, or "".
    """

    number: str
    status: str
    kind: str
    detail: str
    reference: str
    wish: str
    description: str
    consumer: PersonalNumber | None
    protected: bool
    buyer: str
    has_email: bool
    company: str
    bought_on: date | None
    amount: int
    withdraw_until: date | None
    complain_until: date | None
    obstacle: str

    @property
    def classified(self) -> bool:
        return self.kind != UNCLASSIFIED

    @property
    def wants_value_judgement(self) -> bool:
        """Whether the consumer asks what something is worth or who would win: nobody at the office says that."""
        return self.wish == VALUE_JUDGEMENT

    @property
    def bought_by_company(self) -> bool:
        return self.buyer == COMPANY


@dataclass(frozen=True)
class Letter:
    """A letter (brev) in the register. One that is in the post's queue has not been sent."""

    number: str
    matter: str
    channel: str
    subject: str
    status: str
    reference: str

    @property
    def sent(self) -> bool:
        return self.status == SENT


@dataclass(frozen=True)
class NewMatter:
    """What is filled in to register a matter. ``amount`` is in whole kronor."""

    consumer: PersonalNumber
    company: str
    company_number: str
    bought_on: date
    amount: int
    kind: str
    detail: str
    wish: str
    description: str
    buyer: str = "Privatperson"
