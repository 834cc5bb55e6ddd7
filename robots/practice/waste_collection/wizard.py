"""The rules of an order: which services there are, what has to be filled in, what it costs."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import date, timedelta

from robots.practice import dates
from robots.practice.waste_collection.state import EXTRA_PRICE, EXTRA_SLUDGE, MISSED_BIN, URGENT_SLUDGE, Record, kronor

BIN_FIELDS = ("missat_datum",)
SLUDGE_FIELDS = ("onskat_datum", "slanglangd", "brunnslock", "vag", "ordinarie")
COMMON_FIELDS = ("meddelande", "referens", "avisering")  # the last only in the second release
FIELDS = BIN_FIELDS + SLUDGE_FIELDS + COMMON_FIELDS
QUESTIONS = {
    "brunnslock": "Brunnslocket väger högst 15 kg",
    "vag": "Framkomlig väg",
    "ordinarie": "Ordinarie tömning kvarstår",
}
URGENT_PRICE = 2490
FREE_HOSE, PRICE_PER_METRE = 20, 35
LONGEST_HOSE, LONGEST_REFERENCE, LONGEST_MESSAGE, DAYS_TO_COMPLAIN = 60, 40, 500, 30


@dataclass
class Wizard:
    """One started order. It stays on the server until the town is made anew, finished or not."""

    facility: str
    by: str
    hose_metres: int
    id: str = field(default_factory=lambda: secrets.token_hex(8))
    service: str = ""
    warning_read: bool = False
    values: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.values = dict.fromkeys(FIELDS, "") | {"slanglangd": str(self.hose_metres)}

    @property
    def sludge(self) -> bool:
        return self.service in (EXTRA_SLUDGE, URGENT_SLUDGE)

    @property
    def chosen_date(self) -> str:
        return self.values["onskat_datum" if self.sludge else "missat_datum"]


def services(record: Record) -> list[str]:
    """What can be ordered: sludge emptying only where there is a tank."""
    return [MISSED_BIN, EXTRA_SLUDGE, URGENT_SLUDGE] if record.has_tank else [MISSED_BIN]


def service_errors(wizard: Wizard, record: Record) -> list[str]:
    errors = []
    if wizard.service not in services(record):
        errors.append("Välj en tjänst.")
    if record.facility.dispens and not wizard.warning_read:
        errors.append("Du måste bekräfta att du har läst varningen.")
    return errors


def detail_errors(wizard: Wizard, today: date) -> list[str]:
    """In the order of the form."""
    errors = _sludge_errors(wizard, today) if wizard.sludge else _bin_errors(wizard, today)
    if len(wizard.values["meddelande"]) > LONGEST_MESSAGE:
        errors.append(f"Meddelandet får vara högst {LONGEST_MESSAGE} tecken.")
    if len(wizard.values["referens"]) > LONGEST_REFERENCE:
        errors.append(f"Referensen får vara högst {LONGEST_REFERENCE} tecken.")
    return errors


def days(wizard: Wizard, today: date) -> list[date]:
    """The days that may be chosen, the first first."""
    if wizard.service == URGENT_SLUDGE:
        return dates.urgent_days(today)
    if wizard.sludge:
        return dates.extra_days(today)
    return [today - timedelta(days=back) for back in range(DAYS_TO_COMPLAIN, -1, -1)]


def price(wizard: Wizard, record: Record) -> int:
    """In kronor. A missed bin is free unless the driver noted that the household was the reason."""
    if wizard.service == MISSED_BIN:
        return EXTRA_PRICE if record.facility.deviation else 0
    base = URGENT_PRICE if wizard.service == URGENT_SLUDGE else EXTRA_PRICE
    return base + PRICE_PER_METRE * max(0, int(wizard.values["slanglangd"]) - FREE_HOSE)


def latest_day(wizard: Wizard, today: date) -> date:
    wished = dates.parse_date(wizard.values["onskat_datum"]) if wizard.sludge else None
    return wished or dates.two_workdays_on(today)


def summary(wizard: Wizard) -> list[tuple[str, str]]:
    """What was filled in, with the words of the form."""
    values = wizard.values
    if wizard.sludge:
        lines = [("Önskat datum", values["onskat_datum"]), ("Slanglängd", f"{values['slanglangd']} m")]
        lines += [(text, values[name]) for name, text in QUESTIONS.items()]
    else:
        lines = [("Datum för utebliven hämtning", values["missat_datum"])]
    return [*lines, ("Meddelande till chauffören", values["meddelande"]), ("Referens", values["referens"])]


def remarks(wizard: Wizard, record: Record) -> list[str]:
    """What a careful officer reads before confirming. None of it stops the order."""
    found = []
    if record.facility.dispens:
        found.append(f"{record.dispens}.")
    if record.home.island:
        found.append("Anläggningen ligger på ö utan fast förbindelse.")
    if wizard.service == MISSED_BIN and record.facility.deviation:
        found.append(f"{record.deviation} vid senaste hämtningen. Kunden betalar för hämtningen.")
    if wizard.sludge and wizard.values["brunnslock"] == "Nej":
        found.append("Brunnslocket väger mer än 15 kg. Chauffören lyfter det inte.")
    if wizard.sludge and wizard.values["vag"] == "Nej":
        found.append("Vägen är inte framkomlig. Fastighetsägaren betalar en förgäveskörning.")
    metres = int(wizard.values["slanglangd"]) - FREE_HOSE if wizard.sludge else 0
    if metres > 0:
        found.append(f"Tillägg för slang över {FREE_HOSE} m: {kronor(metres * PRICE_PER_METRE)}.")
    return found


def _bin_errors(wizard: Wizard, today: date) -> list[str]:
    missed = dates.parse_date(wizard.values["missat_datum"])
    allowed = days(wizard, today)
    if missed is None:
        return ["Datum för utebliven hämtning ska anges som ÅÅÅÅ-MM-DD."]
    if missed > allowed[-1]:
        return ["Datum för utebliven hämtning får inte ligga i framtiden."]
    if missed < allowed[0]:
        return [f"Datum för utebliven hämtning får inte ligga mer än {DAYS_TO_COMPLAIN} dagar tillbaka."]
    return []


def _sludge_errors(wizard: Wizard, today: date) -> list[str]:
    errors = []
    wished = dates.parse_date(wizard.values["onskat_datum"])
    allowed = days(wizard, today)
    if wished is None:
        errors.append("Önskat datum ska anges som ÅÅÅÅ-MM-DD.")
    elif not dates.is_workday(wished):
        errors.append("Önskat datum ska vara en arbetsdag.")
    elif wished not in allowed:
        choice = str(allowed[0]) if len(allowed) == 1 else f"en dag från {allowed[0]} till {allowed[-1]}"
        within = "inom 24 timmar" if wizard.service == URGENT_SLUDGE else "inom 4 arbetsdagar"
        errors.append(f"{wizard.service} utförs {within}. Välj {choice}.")
    hose = wizard.values["slanglangd"]
    if not (hose.isdecimal() and 1 <= int(hose) <= LONGEST_HOSE):
        errors.append(f"Slanglängd ska anges i hela meter, 1–{LONGEST_HOSE}.")
    errors += [
        f"{text}: välj Ja eller Nej." for name, text in QUESTIONS.items() if wizard.values[name] not in ("Ja", "Nej")
    ]
    return errors
