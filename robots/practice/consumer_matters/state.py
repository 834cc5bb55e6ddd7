"""What the consumer office has on record: matters, their events and the letters sent in them."""

from __future__ import annotations

import random
from dataclasses import asdict, dataclass, field
from datetime import date, timedelta
from typing import Any

from robots.practice.town import Case, Person, Town

UNCLASSIFIED = "Oklassificerat"
KINDS: dict[str, tuple[str, ...]] = {
    "Distansavtal": ("Ångerrätt", "Utebliven leverans", "Prenumerationsfälla"),
    "Reklamation": ("Fel i vara", "Fel i tjänst", "Garanti"),
    "Bluffaktura": ("Obeställd vara", "Falsk faktura", "Bluff via sms"),
    "Hantverkare": ("Fördyrat arbete", "Försenat arbete", "Fel i arbetet"),
    "Bilköp": ("Dolt fel", "Hävning"),
    "Telefoni och bredband": ("Bindningstid", "Fel i tjänst"),
    "Resor": ("Inställd resa", "Ersättning vid försening"),
}
NEW, ONGOING, CLOSED = "Ny", "Pågående", "Avslutad"
STATUSES = (NEW, ONGOING, CLOSED)
PRIVATE, COMPANY = "Privatperson", "Företag"
BUYERS = (PRIVATE, COMPANY)
WISHES = (
    "Veta vilka rättigheter jag har",
    "Skriva till företaget",
    "Anmäla en bluff",
    "Få värdet eller chansen att vinna bedömd",
)
SENT, QUEUED = "Skickat", "Köat till posten"
EMAIL, POST = "E-post", "Post"
OFFICE = "Marit Sandell"  # the adviser who registered what was there before
# What always stands there, whatever else does: the office tries its lists with them.
TRIAL_REFERENCE = "PROVÄRENDE"
TRIAL_LETTER = "PROVUTSKICK"
COMPANIES = (
    ("Lustprylar i Norden AB", "559980-1205"), ("Fyndkajen Handel AB", "559981-4414"),
    ("Bergs Bygg & Kakel HB", "969798-2206"), ("Snabbfaktura Service Ltd", "502099-1179"),
    ("Vitvaruhallen Granvik AB", "559982-7705"), ("Bilcenter Ulvhamra AB", "559983-6607"),
    ("Telering Norrsele AB", "559984-3397"),
)  # fmt: skip


@dataclass
class Event:
    """Something done in a matter. ``reference`` is what whoever did it wanted to find it by."""

    number: str
    what: str
    text: str
    reference: str
    by: str
    on: date


@dataclass
class Letter:
    """``text`` is what was sent, paragraph by paragraph, without the signature that the system adds."""

    number: str
    matter: str
    channel: str
    subject: str
    text: str
    reference: str
    status: str
    by: str
    on: date


@dataclass
class Matter:
    """``reference`` is «Vår beteckning»: what the one who registered it calls the matter elsewhere."""

    number: str
    consumer: Person
    buyer: str
    company: str
    company_number: str
    kind: str
    detail: str
    bought_on: date | None
    amount: int
    wish: str
    description: str
    reference: str
    status: str
    officer: str
    opened: date
    channel: str = "E-tjänst"
    debts: int = 0
    locked_by: str = ""
    changed_by: str = ""
    version: int = 1
    events: list[Event] = field(default_factory=list)

    @property
    def protected(self) -> bool:
        return self.consumer.protection != ""

    @property
    def name(self) -> str:
        return "Skyddad identitet" if self.protected else self.consumer.name

    @property
    def address(self) -> str:
        return "–" if self.protected else f"{self.consumer.street}, {self.consumer.postcode} TALLINGE"

    @property
    def may_withdraw_until(self) -> date | None:
        """Fourteen days after a purchase at a distance."""
        return self.bought_on + timedelta(days=14) if self.kind == "Distansavtal" and self.bought_on else None

    @property
    def may_complain_until(self) -> date | None:
        return years_later(self.bought_on, 3) if self.kind == "Reklamation" and self.bought_on else None

    def as_json(self) -> dict[str, Any]:
        told = asdict(self)
        for name in ("bought_on", "opened"):
            told[name] = told[name].isoformat() if told[name] else ""
        return told | {"consumer": self.consumer.personal_number, "name": self.consumer.name}


def years_later(day: date, years: int) -> date:
    return day.replace(year=day.year + years, day=28 if (day.month, day.day) == (2, 29) else day.day)


class Register:
    """All matters and letters, by number."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self.today = town.today
        self.matters: dict[str, Matter] = {}
        self.letters: dict[str, Letter] = {}
        self._events = 40_000
        self._letter = 410
        dice = random.Random(f"konsument {town.seed}")
        self._earlier(dice)
        for case in town.cases.values():
            if case.errand == "consumer_advice":
                self._from_e_service(case, dice)

    # -- what was there before

    def _earlier(self, dice: random.Random) -> None:
        open_to_all = [p for p in self.town.people.values() if not (p.protection or p.deceased) and p.property_id]
        for place in range(64):
            kind = dice.choice(list(KINDS))
            opened = self.today - timedelta(days=dice.randint(2, 300))
            company, number = dice.choice(COMPANIES)
            status = CLOSED if place % 3 else ONGOING
            self.add(
                consumer=dice.choice(open_to_all), buyer=PRIVATE, company=company, company_number=number, kind=kind,
                detail=dice.choice(KINDS[kind]), bought_on=opened - timedelta(days=dice.randint(3, 200)),
                amount=dice.randint(3, 200) * 100, wish=WISHES[0], description="Konsumenten har ringt om köpet.",
                reference=TRIAL_REFERENCE if place == 0 else f"TEL-{dice.randint(10_000, 99_999)}",
                status=CLOSED if place == 0 else status, officer=OFFICE, opened=opened, by=OFFICE, channel="Telefon",
                debts=dice.randint(20, 400) * 1000 if place % 5 == 0 else 0,
            )  # fmt: skip
        first = next(iter(self.matters.values()))
        self.add_letter(first, EMAIL, "Kontroll av utskick", "Det här är kontorets provutskick.",
                        reference=TRIAL_LETTER, by=OFFICE)  # fmt: skip

    def _from_e_service(self, case: Case, dice: random.Random) -> None:
        """What the consumer told the office's own form, which has the case's number as its reference."""
        company, number, days, amount, wish, text = _PURCHASES[case.twist]
        self.add(
            consumer=self.town.people[case.citizen], buyer=COMPANY if case.twist == "company_customer" else PRIVATE,
            company=company, company_number=number, kind=UNCLASSIFIED, detail="",
            bought_on=case.created - timedelta(days=days + dice.randint(0, 2)), amount=amount, wish=wish,
            description=text, reference=case.number, status=NEW, officer="", opened=case.created, by="E-tjänsten",
            debts=dice.randint(30, 90) * 1000 if case.twist == "complaint" else 0,
        )  # fmt: skip

    # -- changes

    def add(self, *, by: str, **facts: Any) -> Matter:
        number = f"KV-{facts['opened'].year}-{len(self.matters) + 1:04d}"
        made = Matter(number, **facts)
        self.matters[number] = made
        self.note(made, "Ärendet registrerades", reference=made.reference, by=by, on=made.opened)
        return made

    def note(
        self, matter: Matter, what: str, text: str = "", *, reference: str = "", by: str, on: date | None = None
    ) -> Event:
        """Put down what somebody has done; the matter is another one than before."""
        self._events += 1
        event = Event(f"H-{self._events}", what, text, reference, by, on or self.today)
        matter.events.append(event)
        matter.version += 1
        matter.changed_by = by
        return event

    def add_letter(self, matter: Matter, channel: str, subject: str, text: str, *, reference: str, by: str) -> Letter:
        self._letter += 1
        status = SENT if channel == EMAIL else QUEUED
        letter = Letter(
            f"B-{self._letter:05d}", matter.number, channel, subject, text, reference, status, by, self.today
        )  # fmt: skip
        self.letters[letter.number] = letter
        self.note(matter, f"Brev {letter.number} {status.lower()}", subject, reference=reference, by=by)
        return letter

    def same_dispute(self, personal_number: str, company_number: str) -> Matter | None:
        """The consumer's matter with this company that is still open."""
        for matter in self.matters.values():
            same = (matter.consumer.personal_number, matter.company_number) == (personal_number, company_number)
            if same and matter.status != CLOSED:
                return matter
        return None


# Company, its number, days since the purchase, amount, what help is wanted, and in which words.
_PURCHASES: dict[str, tuple[str, str, int, int, str, str]] = {
    "distance_sale": ("Lustprylar i Norden AB", "559980-1205", 4, 1_890, WISHES[0],
                      "Jag beställde en elvisp på deras webbplats och vill lämna tillbaka den. De säger nej."),
    "complaint": ("Vitvaruhallen Granvik AB", "559982-7705", 400, 7_990, WISHES[1],
                  "Jag köpte en tvättmaskin i butiken. Den stannar mitt i programmet och butiken svarar inte."),
    "scam_invoice": ("Snabbfaktura Service Ltd", "502099-1179", 9, 995, WISHES[2],
                     "Jag har fått en faktura och sms om något som jag aldrig har beställt."),
    "wants_value_judgement": ("Bilcenter Ulvhamra AB", "559983-6607", 60, 48_000, WISHES[3],
                              "Bilen har fel. Vad är den värd nu, och skulle jag vinna om jag går till nämnden?"),
    "company_customer": ("Telering Norrsele AB", "559984-3397", 30, 5_400, WISHES[0],
                         "Mitt åkeri har fått ett abonnemang som vi inte kommer ur."),
    "protected": ("Fyndkajen Handel AB", "559981-4414", 6, 640, WISHES[0],
                  "Jag vill ångra ett köp men kan inte lämna ut min adress till företaget."),
}  # fmt: skip
