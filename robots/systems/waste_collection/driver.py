"""The waste collection's pages: the registers of the menu, the facility's card, and the wizard that places an order.

The registers lie in the frame Arbetsyta, a card in the frame Detaljer within it, and the wizard in a window over them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import date

from robots.errors import BusinessException, EffectRefused, PageNotRecognised, SessionLost, SeveralMatches
from robots.fields import FacilityNumber, PersonalNumber, PropertyDesignation
from robots.systems.driver import Driver
from robots.systems.grid import Grid
from robots.systems.once import effect
from robots.systems.view import Row, View
from robots.systems.waste_collection.model import (
    CARRIED_OUT,
    EXTRA_SLUDGE,
    MISSED_BIN,
    URGENT_SLUDGE,
    Facility,
    Order,
)
from robots.systems.widgets import told

SHELL = "Renhållning Framtid"
# The list and its search form have no name that a person reads; the page's other forms lie in the frame Detaljer.
LIST, SEARCH_FORM = "#lista", 'form[data-for="lista"]'
HITS = r"(\d+) träff(?:ar)?\b"
NO_FACILITIES, NO_ORDERS = "Inga anläggningar hittades.", "Inga beställningar hittades."
CANCELLED = "Makulerad"
STATUSES = ("Registrerad", "Planerad", CARRIED_OUT, CANCELLED)
YEARLY_CONTROL = "ÅRSVIS"  # the reference of the carried-out order that every facility has
HOSE = "Slanglängd"
WIZARD = "Ny beställning"
REGISTERED = re.compile(r"^Beställning \S+ är registrerad\.$")
STEPS = ("Steg 1 av 3: Tjänst", "Steg 2 av 3: Uppgifter", "Steg 3 av 3: Sammanfattning")
# Where the summary calls something otherwise than the form.
SUMMARY_CAPTIONS = {"Slanglängd (m)": HOSE}
# What the wizard says when a person has to decide, and the name that such handovers are counted under.
STOPS = {"Kunden är spärrad": "Spärrad kund", "läst varningen": "Dispens"}


class Reader(Driver):
    """What a robot may look at."""

    own_boxes = (WIZARD,)
    _work: View | None = None  # the frame Arbetsyta, while the menu beside it can be reached
    _register = ""  # what the frame shows

    def facility(self, number: FacilityNumber) -> Facility:
        """The facility as its card shows it. Raises ``BusinessException`` when there is none with that number."""
        return self.renewing_login(lambda: self._read_card(number))[0]

    def orders(self, number: FacilityNumber) -> tuple[Order, ...]:
        """The facility's orders but those that were cancelled, the latest first."""
        orders = [_order_in(row) for row in self._orders_of(number, finished=True)]
        return tuple(order for order in orders if order.status != CANCELLED)

    def find_order(self, facility: FacilityNumber, mark: str) -> str | None:
        """The number of the order that carries the mark, carried out or not, in a fresh search."""
        found = [row["Beställningsnr"] for row in self._orders_referring(facility, mark)]
        if len(found) > 1:
            raise SeveralMatches(f"Flera beställningar har {mark}: {', '.join(found)}.")
        return found[0] if found else None

    def shows_orders(self, facility: FacilityNumber) -> bool:
        """Whether the search finds the order that every facility has: the positive control of ``find_order``."""
        return bool(self._orders_referring(facility, YEARLY_CONTROL))

    def _orders_referring(self, facility: FacilityNumber, reference: str) -> list[Row]:
        rows = self._orders_of(facility, reference=reference, finished=True)
        for row in rows:
            if reference not in row["Referens"]:
                raise PageNotRecognised(f"{self.bench.title} visar {row['Referens']} vid sökning efter {reference}.")
        return rows

    def _orders_of(self, facility: FacilityNumber, *, reference: str = "", finished: bool = False) -> list[Row]:
        # Every field is said, so that nothing of an earlier search in the same list is left.
        asked: dict[str, str | bool]
        asked = {"Anläggningsnummer": facility, "Referens": reference, "Visa även utförda": finished}
        rows = self.renewing_login(lambda: self._search("Beställningar", NO_ORDERS, asked)[1])
        for row in rows:
            if row["Anläggningsnummer"] != facility:
                shown = row["Anläggningsnummer"]
                raise PageNotRecognised(f"{self.bench.title} visar {shown} vid sökning efter {facility}.")
        return rows

    # -- the way there ------------------------------------------------------------------------------------------

    def _read_card(self, number: FacilityNumber) -> tuple[Facility, View]:
        """The facility's card, come to by a double-click on its row in the register."""
        self._register = ""  # a card that lies open from before could be taken for the one that is asked for
        grid, rows = self._search("Anläggningar", NO_FACILITIES, {"Anläggningsnummer": number})
        if not rows:
            raise BusinessException(
                f"Anläggningen {number} finns inte.",
                kind="Anläggningen finns inte",
                todo="Kontrollera anläggningsnumret med den sökande.",
            )
        grid.double_click(number)
        card = grid.view.inside("Detaljer")
        self.arrive(f"Anläggning {number}", view=card)
        # The two columns of facts have no name; below them stand lists with namesakes.
        shown = card.facts("div.columns")
        self.bench.recorder.hide(shown["Kund"], shown["Adress"], shown["Adress"].partition(",")[0])
        if HOSE not in shown:
            card.said("(Ingen slamtank)")
        return _facility(number, shown), card

    def _search(self, register: str, absent: str, wanted: Mapping[str, str | bool]) -> tuple[Grid, list[Row]]:
        """A fresh query in one of the menu's registers."""
        work = self._open_register(register)
        grid = Grid(work, LIST, absent=absent, total=HITS)
        return grid, grid.search(wanted, work.button("Sök"), within=SEARCH_FORM)

    def _open_register(self, register: str) -> View:
        if self._work is None:
            self.open("/", heading=SHELL)
            self._work, self._register = self.inside("Arbetsyta"), ""
        if self._register != register:
            self.click(self.link(register))
        self.arrive(register, view=self._work)
        self._register = register
        return self._work

    def begin_anew(self) -> None:
        """Only a frame showed the login; the frames, opened anew, lead to it and to a new session."""
        self._work = None


class Writer(Reader):
    """What a robot may change."""

    @effect(found_by=Reader.find_order, control=Reader.shows_orders)
    def order_missed_bin(
        self, facility: FacilityNumber, missed_on: date, price: int, message: str, *, once: str
    ) -> None:
        """Order that a bin which was not emptied on a day is fetched.

        ``price`` is what was read out to the citizen, in kronor; with another one nothing is ordered. Raises
        ``BusinessException`` for a blocked customer, a dispens, a price that does not agree, or a date that the
        system does not accept.
        """
        answers = {"Datum för utebliven hämtning": missed_on.isoformat()}
        self._place_order(facility, MISSED_BIN, answers, price=price, message=message, mark=once)

    @effect(found_by=Reader.find_order, control=Reader.shows_orders)
    def order_sludge(
        self,
        facility: FacilityNumber,
        wanted: date,
        price: int,
        *,
        hose_metres: int,
        light_lid: bool,
        free_way: bool,
        message: str,
        once: str,
        urgent: bool = False,
        keep_ordinary: bool = True,
    ) -> None:
        """Order an emptying of the sludge tank beside the ordinary one, within 24 hours if ``urgent``.

        ``light_lid``: the lid weighs at most 15 kg. ``free_way``: the lorry gets through. ``keep_ordinary``: the
        ordinary emptying is made as well. Otherwise as ``order_missed_bin``.
        """
        answers = {
            "Önskat datum": wanted.isoformat(),
            "Slanglängd (m)": str(hose_metres),
            "Brunnslocket väger högst 15 kg": _yes_or_no(light_lid),
            "Framkomlig väg": _yes_or_no(free_way),
            "Ordinarie tömning kvarstår": _yes_or_no(keep_ordinary),
        }
        service = URGENT_SLUDGE if urgent else EXTRA_SLUDGE
        self._place_order(facility, service, answers, price=price, message=message, mark=once)

    def _place_order(
        self, number: FacilityNumber, service: str, answers: Mapping[str, str], *, price: int, message: str, mark: str
    ) -> None:
        """The wizard from its beginning to the click that places the order."""
        facility, card = self._read_card(number)
        if service != MISSED_BIN and not facility.has_tank:
            raise BusinessException(
                f"Anläggning {number} har ingen slamtank.",
                kind="Ingen slamtank",
                todo="Kontrollera anläggningsnumret med den sökande.",
            )
        _demand_no_dispens(facility)
        wizard = self._start_wizard(card)
        wizard.fill({service: service})  # a radio button with the service's words beside it, and no name of its own
        self._next_step(wizard, STEPS[1])
        typed = {**answers, "Meddelande till chauffören": message, "Referens": mark}
        wizard.fill(typed)
        self._next_step(wizard, STEPS[2])
        self.arrive(STEPS[2], view=wizard)
        self._demand_summary(wizard, number, {"Tjänst": service, **typed}, price)
        self.commit(
            wizard.button("Bekräfta beställning"),
            done=wizard.frame.get_by_role("status").filter(has_text=REGISTERED),
            refused=wizard.part("[role=alert]"),
        )

    def _start_wizard(self, card: View) -> View:
        """The window over the card, at its first step."""
        self._work = None  # the window lies over the menu
        self.click(card.button(WIZARD))
        wizard = self.inside(WIZARD)
        self._await_step(wizard, STEPS[0])
        return wizard

    def _next_step(self, wizard: View, heading: str) -> None:
        self.click(wizard.button("Nästa"))
        self._await_step(wizard, heading)

    def _await_step(self, wizard: View, heading: str) -> None:
        """The step has come, or the wizard's own words for why it has not are raised."""
        alert, login = wizard.part("[role=alert]"), wizard.heading(self.login_heading)
        if wizard.sees(wizard.heading(heading), otherwise=alert.or_(login)):
            return
        if not alert.count():
            raise SessionLost(f"{self.bench.title} loggade ut roboten.")
        words = wizard.read_text(alert).removeprefix("Rätta följande: ")
        raise EffectRefused(
            f"{self.bench.title} tar inte emot beställningen: {words}",
            kind=next((kind for said, kind in STOPS.items() if said in words), "Systemet nekade"),
            todo="Läs vad systemet säger och gör klart för hand.",
        )

    def _demand_summary(self, wizard: View, number: FacilityNumber, typed: Mapping[str, str], price: int) -> None:
        """The last page before the click repeats the facility, all that was typed, and the price that was read out."""
        wizard.said(rf"(Anläggning {number}) ·")
        shown = wizard.facts("table.facts")
        for caption, value in typed.items():
            said = shown.get(SUMMARY_CAPTIONS.get(caption, caption))
            if said != _as_shown(caption, value):
                raise PageNotRecognised(f"Sammanfattningen visar {caption} «{said}» i stället för «{value}».")
        cost = int(wizard.said(r"Kostnad: (\d[\d ]*) kr").replace(" ", ""))
        if cost != price:
            raise BusinessException(
                f"{self.bench.title} tar {cost} kr, men {price} kr är det pris som har lästs upp.",
                kind="Priset stämmer inte",
                todo=f"Berätta för den sökande att det kostar {cost} kr, och beställ om det är i sin ordning.",
            )


def _facility(number: FacilityNumber, shown: Mapping[str, str]) -> Facility:
    tank = HOSE in shown
    return Facility(
        number=number,
        customer_number=shown["Kundnummer"],
        customer=PersonalNumber(shown["Personnummer"]),
        protected="Skydd" in shown,
        property_id=PropertyDesignation(shown["Fastighet"]),
        address=shown["Adress"],
        blocked=told(shown, "Status", r"Spärrad kund.*", absent="Aktiv") != "",
        dispens=told(shown, "Dispens", r"Dispens: (.+)", absent="Ingen dispens"),
        island=told(shown, "Läge", r"Ö utan fast förbindelse", absent="Fastland") != "",
        deviation=told(shown, "Chaufförens notering", r"Avvikelse: (.+)", absent="Ingen avvikelse"),
        last_pickup=date.fromisoformat(shown["Senaste hämtning"]),
        next_pickup=date.fromisoformat(shown["Nästa hämtning"]),
        next_ordinary_emptying=date.fromisoformat(shown["Nästa ordinarie tömning"]) if tank else None,
        hose_metres=int(shown[HOSE].removesuffix(" m")) if tank else None,
    )


def _order_in(row: Row) -> Order:
    if row["Status"] not in STATUSES:
        raise PageNotRecognised(f"Beställning {row['Beställningsnr']} har en okänd status: «{row['Status']}».")
    due = date.fromisoformat(row["Utförs senast"])
    return Order(row["Beställningsnr"], row["Tjänst"], due, row["Status"], row["Referens"])


def _demand_no_dispens(facility: Facility) -> None:
    """A robot never says that it has read the warning which the wizard has for these."""
    if facility.dispens:
        raise BusinessException(
            f"Anläggning {facility.number} har dispens: {facility.dispens}.",
            kind="Dispens",
            todo="Läs dispensen och avgör om beställningen ska läggas.",
        )


def _yes_or_no(answer: bool) -> str:
    return "Ja" if answer else "Nej"


def _as_shown(caption: str, value: str) -> str:
    """As the summary repeats what was typed: on one line, with its unit, and a dash for nothing."""
    text = " ".join(unicodedata.normalize("NFC", value).split())
    return (f"{text} m" if caption in SUMMARY_CAPTIONS else text) or "–"
