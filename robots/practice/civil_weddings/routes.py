"""Vigselbokningen: a calendar with cards to drag, the applications, and the forms in which they are booked."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, ClassVar

from fastapi import Form, Request
from fastapi.responses import Response

from robots.practice.civil_weddings import board, roster, rules
from robots.practice.civil_weddings.colleagues import actions_of
from robots.practice.civil_weddings.lists import MOST, Listing, listings
from robots.practice.civil_weddings.register import BOOKED, NEW, RESERVED, Register
from robots.practice.civil_weddings.roster import Slot
from robots.practice.guarded import GuardedSystem, session_of
from robots.practice.sessions import Session
from robots.practice.system import NewField

SOON = 12
REFUSED = "Du har läsbehörighet. Bara vigselbokare kan ändra."
SAID = {"reserverad": "Tiden är reserverad i tio minuter. Bekräfta bokningen innan dess.",
        "bokad": "Bokningen är bekräftad.", "antecknad": "Anteckningen är sparad."}  # fmt: skip


class CivilWeddings(GuardedSystem):
    key = "civil_weddings"
    title = "Vigselbokningen"
    path = "/vigsel"
    session_minutes = 20
    folder = Path(__file__).parent
    cookie: ClassVar[str] = "vigsel_session"
    reworded: ClassVar[dict[str, str]] = {"Vittne 1": "Första vittnet", "Referens": "Egen beteckning"}
    new_field = NewField(
        "sprak", "Språk vid vigseln", "Språk vid vigseln: välj ett språk.", ("Svenska", "Engelska", "Finska")
    )

    register: Register
    lists: dict[str, Listing]

    def add_pages(self) -> None:
        self.templates.globals.update(places=roster.PLACES, weekdays=roster.WEEKDAYS)
        get, post = self.router.get, self.router.post
        get("/")(self.start)
        get("/kalender")(self.calendar)
        get("/kalender/rows")(self.board)
        get("/reservation")(self.reservation_box)
        post("/reservation")(self.reserve)
        get("/avgifter")(self.fees)
        for key in ("arenden", "handelser"):
            get(f"/{key}")(self._list_page(key))
            get(f"/{key}/rows")(self._list_rows(key))
        get("/arenden/{number}")(self.card)
        get("/arenden/{number}/bekrafta")(self.booking_form)
        post("/arenden/{number}/bekrafta")(self.confirm)
        get("/arenden/{number}/anteckning")(self.note_form)
        post("/arenden/{number}/anteckning")(self.add_note)

    def reset(self) -> None:
        self.register = Register(self.world.town)
        self.lists = listings(self.register)

    def begin(self, session: Session) -> None:
        """The calendar shows what its user has looked at last."""
        session.memory.update(place=roster.PLACES[1], day=self.world.today)

    def control_actions(self) -> dict[str, Callable[..., Any]]:
        return actions_of(self.register)

    def maintenance_page(self) -> str:
        return self.templates.get_template("maintenance.html").render()

    def missing(self, request: Request) -> Response:
        return self._show(
            request, "message.html", 404, heading="Sidan finns inte", message="Ärendet eller sidan saknas."
        )

    def refused(self, request: Request) -> Response:
        return self._show(request, "message.html", 403, heading="Behörighet saknas", message=REFUSED)

    # -- the calendar ----------------------------------------------------------------------------------------------

    async def start(self, request: Request) -> Response:
        booked = [one for one in self.register.applications.values() if one.status == BOOKED and one.slot]
        soon = sorted((one for one in booked if one.slot), key=lambda one: str(one.slot))[:SOON]
        waiting = sum(one.status == NEW for one in self.register.applications.values())
        return self._show(request, "start.html", soon=soon, waiting=waiting)

    async def calendar(self, request: Request) -> Response:
        return self._calendar(request)

    async def board(self, request: Request, lokal: str = "", dag: str = "", vy: str = "manad") -> Response:
        """A month or a week. What is not said is as it was the last time."""
        memory = session_of(request).memory
        if lokal in roster.PLACES:
            memory["place"] = lokal
        memory["day"] = roster.parse_day(dag) or memory["day"]
        place, day = memory["place"], memory["day"]
        if vy == "vecka":
            monday = roster.monday_of(day)
            return self._show(
                request, "week.html", title=board.week_title(monday, place), monday=monday,
                heads=board.heads(monday), rows=board.week(self.register, monday, place),
                before=monday - timedelta(days=7), after=monday + timedelta(days=7),
            )  # fmt: skip
        first = day.replace(day=1)
        return self._show(
            request, "month.html", title=board.month_title(first, place), first=first,
            weeks=board.month(self.register, first, place), before=(first - timedelta(days=1)).replace(day=1),
            after=(first + timedelta(days=31)).replace(day=1),
        )  # fmt: skip

    async def reservation_box(
        self, request: Request, arende: str = "", dag: str = "", tid: str = "", lokal: str = ""
    ) -> Response:
        """What is asked when a card has been dropped on a time."""
        one, day = self.register.applications.get(arende), roster.parse_day(dag)
        if one is None or day is None:
            return self.missing(request)
        if not session_of(request).may_journal:
            return self.refused(request)
        return self._show(request, "reservation.html", one=one, slot=Slot(day, tid, lokal))

    async def reserve(
        self, request: Request, *, arende: Annotated[str, Form()] = "", dag: Annotated[str, Form()] = "",
        tid: Annotated[str, Form()] = "", lokal: Annotated[str, Form()] = "", referens: Annotated[str, Form()] = "",
    ) -> Response:  # fmt: skip
        one, day, user = self.register.applications.get(arende), roster.parse_day(dag), session_of(request).user
        if one is None:
            return self.missing(request)
        slot = Slot(day, tid, lokal) if day else None
        error = rules.reservation_error(self.register, one, slot, user.display)
        if len(referens) > rules.LONGEST_REFERENCE:
            error = error or f"Referensen får vara högst {rules.LONGEST_REFERENCE} tecken."
        if error or slot is None:
            return self._calendar(request, 409, error=error)
        self.register.hold(one, slot)
        made = self.register.happened(one, "Tiden reserverad", str(slot), referens.strip(), user.display)
        self.commit("slot_reserved", one.number, user.name, happening=made.number, day=str(slot.day), time=slot.time,
                    place=slot.place, reference=made.reference)  # fmt: skip
        return self.go(f"/arenden/{one.number}?klart=reserverad")

    # -- the applications ------------------------------------------------------------------------------------------

    async def fees(self, request: Request) -> Response:
        return self._show(request, "fees.html", fees=roster.FEES)

    async def card(self, request: Request, number: str, klart: str = "") -> Response:
        one = self.register.applications.get(number)
        if one is None:
            return self.missing(request)
        return self._show(request, "card.html", one=one, said=SAID.get(klart, ""))

    async def booking_form(self, request: Request, number: str) -> Response:
        return self._form(request, number, "booking.html")

    async def confirm(
        self, request: Request, number: str, *, vittne1: Annotated[str, Form()] = "",
        vittne2: Annotated[str, Form()] = "", vittne3: Annotated[str, Form()] = "",
        forrattare: Annotated[str, Form()] = "", referens: Annotated[str, Form()] = "",
        sprak: Annotated[str, Form()] = "",
    ) -> Response:  # fmt: skip
        one, user = self.register.applications.get(number), session_of(request).user
        if one is None:
            return self.missing(request)
        witnesses = [" ".join(w.split()) for w in (vittne1, vittne2, vittne3)]
        errors = rules.booking_errors(self.register, one, user.display, witnesses, forrattare)
        if new := self.new_field_missing(sprak):
            errors.append(new)
        if errors:
            typed = {"witnesses": witnesses, "referens": referens, "forrattare": forrattare}
            return self._form(request, number, "booking.html", 409, errors=errors, typed=typed)
        one.status, one.witnesses, one.officiant = BOOKED, tuple(w for w in witnesses if w), forrattare
        made = self.register.happened(one, "Bokningen bekräftad", str(one.slot), referens.strip(), user.display)
        self.commit("wedding_booked", number, user.name, happening=made.number, slot=str(one.slot), fee=one.fee,
                    witnesses=list(one.witnesses), officiant=forrattare, reference=made.reference)  # fmt: skip
        return self.go(f"/arenden/{number}?klart=bokad")

    async def note_form(self, request: Request, number: str) -> Response:
        return self._form(request, number, "note.html")

    async def add_note(
        self, request: Request, number: str, text: Annotated[str, Form()] = "", referens: Annotated[str, Form()] = ""
    ) -> Response:
        """As in the real system nothing stops it from being written twice."""
        one, user = self.register.applications.get(number), session_of(request).user
        if one is None:
            return self.missing(request)
        text = text.replace("\r\n", "\n").strip()
        errors = [] if text else ["Skriv en anteckning."]
        if len(text) > rules.LONGEST_NOTE:
            errors.append(f"Anteckningen får vara högst {rules.LONGEST_NOTE} tecken.")
        if words := rules.locked(one, user.display):
            errors = [words]
        if errors:
            return self._form(request, number, "note.html", 409, errors=errors, typed={"text": text})
        one.notes.append((self.world.today, text, referens.strip(), user.display))
        made = self.register.happened(one, "Anteckning", "", referens.strip(), user.display)
        self.commit("note_added", number, user.name, happening=made.number, text=text, reference=made.reference)
        return self.go(f"/arenden/{number}?klart=antecknad")

    # -- parts -----------------------------------------------------------------------------------------------------

    def _calendar(self, request: Request, status: int = 200, error: str = "") -> Response:
        waiting = sorted((o for o in self.register.applications.values() if o.status == NEW), key=lambda o: o.wish_day)
        memory = session_of(request).memory
        return self._show(request, "calendar.html", status, waiting=waiting, place=memory["place"],
                          day=memory["day"], error=error)  # fmt: skip

    def _form(self, request: Request, number: str, template: str, status: int = 200, **values: Any) -> Response:
        """A form about one application, for whoever may change it."""
        one = self.register.applications.get(number)
        if one is None:
            return self.missing(request)
        if not session_of(request).may_journal:
            return self.refused(request)
        if template == "booking.html" and (one.status != RESERVED or one.slot is None):
            return self._show(request, "message.html", 409, heading="Bekräfta bokning", message=rules.GONE)
        officiants = roster.officiants_on(one.slot.day) if one.slot else ()
        values = {"errors": [], "typed": {"witnesses": ["", "", ""]}} | values
        return self._show(request, template, status, one=one, officiants=officiants, **values)

    def _list_page(self, key: str) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        async def list_page(request: Request) -> Response:
            return self._show(request, "list.html", key=key, listing=self.lists[key])

        return list_page

    def _list_rows(self, key: str) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        async def list_rows(request: Request) -> Response:
            self.register.sweep()
            found = self.lists[key].found(request.query_params)
            return self._show(request, "rows.html", listing=self.lists[key], rows=found[:MOST], total=len(found))

        return list_rows

    def _show(self, request: Request, template: str, status: int = 200, **values: Any) -> Response:
        session = session_of(request)
        return self.page(template, status, user=session.user.display, may_journal=session.may_journal, **values)

    async def answer(self, request: Request, handler: Callable[[Request], Coroutine[Any, Any, Response]]) -> Response:
        self.register.sweep()
        return await handler(request)
