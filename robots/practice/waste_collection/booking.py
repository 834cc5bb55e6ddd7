"""The wizard "Ny beställning": three steps in a window of its own, its state on the server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import Form, Request
from fastapi.responses import Response

from robots.practice.sessions import Session
from robots.practice.waste_collection import wizard as rules
from robots.practice.waste_collection.state import REGISTERED, Record, kronor
from robots.practice.waste_collection.wizard import Wizard

if TYPE_CHECKING:
    from robots.practice.waste_collection.routes import WasteCollection

STEPS = ("Tjänst", "Uppgifter", "Sammanfattning")
BLOCKED = "Kunden är spärrad. Beställning kan inte läggas."
GONE = "Beställningsguiden finns inte längre. Börja om från anläggningskortet."


class Booking:
    """The pages of the wizard. ``wizards`` are all that have been started, by id."""

    def __init__(self, system: WasteCollection) -> None:
        self.system = system
        self.wizards: dict[str, Wizard] = {}
        router = system.router
        router.get("/guide/ny")(self.start)
        router.get("/guide/{wizard_id}/tjanst")(self.service_page)
        router.post("/guide/{wizard_id}/tjanst")(self.choose_service)
        router.get("/guide/{wizard_id}/uppgifter")(self.details_page)
        router.post("/guide/{wizard_id}/uppgifter")(self.fill_details)
        router.get("/guide/{wizard_id}/sammanfattning")(self.summary_page)
        router.post("/guide/{wizard_id}/sammanfattning")(self.confirm)
        router.get("/guide/{wizard_id}/klar")(self.done_page)

    async def start(self, request: Request, anlaggning: str = "") -> Response:
        session: Session = request.state.session
        if not session.may_journal:
            return self.system.refused(request)
        record = self.system.register.records.get(anlaggning)
        if record is None:
            return self.system.missing(request, "Anläggningen finns inte.")
        made = Wizard(anlaggning, session.user.name, record.facility.hose_metres)
        self.wizards[made.id] = made
        return self.system.go(f"/guide/{made.id}/tjanst")

    async def service_page(self, request: Request, wizard_id: str) -> Response:
        found = self._find(request, wizard_id)
        return found if isinstance(found, Response) else self._service_form(request, *found, [])

    async def choose_service(
        self,
        request: Request,
        wizard_id: str,
        tjanst: Annotated[str, Form()] = "",
        varning: Annotated[str, Form()] = "",
    ) -> Response:
        found = self._find(request, wizard_id)
        if isinstance(found, Response):
            return found
        started, record = found
        started.service, started.warning_read = tjanst, varning == "ja"
        if errors := rules.service_errors(started, record):
            return self._service_form(request, started, record, errors)
        return self.system.go(f"/guide/{wizard_id}/uppgifter")

    async def details_page(self, request: Request, wizard_id: str) -> Response:
        found = self._find(request, wizard_id)
        if isinstance(found, Response):
            return found
        if rules.service_errors(*found):
            return self.system.go(f"/guide/{wizard_id}/tjanst")
        return self._details_form(request, *found, [])

    async def fill_details(
        self,
        request: Request,
        wizard_id: str,
        *,
        missat_datum: Annotated[str, Form()] = "",
        onskat_datum: Annotated[str, Form()] = "",
        slanglangd: Annotated[str, Form()] = "",
        brunnslock: Annotated[str, Form()] = "",
        vag: Annotated[str, Form()] = "",
        ordinarie: Annotated[str, Form()] = "",
        meddelande: Annotated[str, Form()] = "",
        referens: Annotated[str, Form()] = "",
        avisering: Annotated[str, Form()] = "",
        riktning: Annotated[str, Form()] = "nasta",
    ) -> Response:
        found = self._find(request, wizard_id)
        if isinstance(found, Response):
            return found
        started, record = found
        typed = {"missat_datum": missat_datum, "onskat_datum": onskat_datum, "slanglangd": slanglangd,
                 "brunnslock": brunnslock, "vag": vag, "ordinarie": ordinarie,
                 "meddelande": meddelande.replace("\r\n", "\n"), "referens": referens,
                 "avisering": avisering}  # fmt: skip
        asked = rules.SLUDGE_FIELDS if started.sludge else rules.BIN_FIELDS
        started.values |= {name: typed[name].strip() for name in asked + rules.COMMON_FIELDS}
        if riktning == "tillbaka":
            return self.system.go(f"/guide/{wizard_id}/tjanst")
        if rules.service_errors(started, record):
            return self.system.go(f"/guide/{wizard_id}/tjanst")
        if errors := self._detail_errors(started):
            return self._details_form(request, started, record, errors)
        return self.system.go(f"/guide/{wizard_id}/sammanfattning")

    async def summary_page(self, request: Request, wizard_id: str) -> Response:
        found = self._find(request, wizard_id)
        if isinstance(found, Response):
            return found
        started, record = found
        if back := self._unfinished(started, record):
            return back
        cost = kronor(rules.price(started, record))
        return self._step(
            request, "wizard_summary.html", 3, found, [],
            lines=rules.summary(started), cost=cost, remarks=rules.remarks(started, record),
        )  # fmt: skip

    async def confirm(self, request: Request, wizard_id: str) -> Response:
        """Place the order. As in the real system nothing stops it from being placed twice."""
        found = self._find(request, wizard_id)
        if isinstance(found, Response):
            return found
        started, record = found
        if back := self._unfinished(started, record):
            return back
        session: Session = request.state.session
        today, values = self.system.world.today, started.values
        order = self.system.register.add(
            started.facility, started.service, rules.latest_day(started, today),
            status=REGISTERED, reference=values["referens"], by=session.user.display, on=today,
            message=values["meddelande"], price=rules.price(started, record),
            details=tuple(rules.summary(started)[:-2]),
        )  # fmt: skip
        self.system.commit(
            "order_placed", started.facility, session.user.name, order=order.number, service=order.service,
            date=started.chosen_date, reference=order.reference, message=order.message, price=order.price,
        )  # fmt: skip
        return self.system.go(f"/guide/{wizard_id}/klar?bestallning={order.number}")

    async def done_page(self, request: Request, wizard_id: str, bestallning: str = "") -> Response:
        started = self.wizards.get(wizard_id)
        order = self.system.register.orders.get(bestallning)
        if started is None or order is None or order.facility != started.facility:
            return self.system.missing(request, GONE)
        return self.system.show(request, "wizard_done.html", order=order)

    def _find(self, request: Request, wizard_id: str) -> tuple[Wizard, Record] | Response:
        """The wizard of this user, unless it is gone or its customer may not order."""
        session: Session = request.state.session
        if not session.may_journal:
            return self.system.refused(request)
        started = self.wizards.get(wizard_id)
        if started is None or started.by != session.user.name:
            return self.system.missing(request, GONE)
        record = self.system.register.records[started.facility]
        if record.facility.blocked:
            status = 200 if request.method == "GET" else 409
            return self.system.show(request, "wizard_blocked.html", status, record=record, message=BLOCKED)
        return started, record

    def _unfinished(self, started: Wizard, record: Record) -> Response | None:
        """Back to the step that lacks something, for one who has jumped over it."""
        if rules.service_errors(started, record):
            return self.system.go(f"/guide/{started.id}/tjanst")
        if self._detail_errors(started):
            return self.system.go(f"/guide/{started.id}/uppgifter")
        return None

    def _detail_errors(self, started: Wizard) -> list[str]:
        new = self.system.new_field_missing(started.values["avisering"])
        return rules.detail_errors(started, self.system.world.today) + ([new] if new else [])

    def _service_form(self, request: Request, started: Wizard, record: Record, errors: list[str]) -> Response:
        return self._step(request, "wizard_service.html", 1, (started, record), errors, services=rules.services(record))

    def _details_form(self, request: Request, started: Wizard, record: Record, errors: list[str]) -> Response:
        days = rules.days(started, self.system.world.today)
        return self._step(
            request, "wizard_details.html", 2, (started, record), errors,
            days=days, questions=rules.QUESTIONS,
        )  # fmt: skip

    def _step(
        self, request: Request, template: str, step: int, found: tuple[Wizard, Record], errors: list[str],
        **values: Any,
    ) -> Response:  # fmt: skip
        return self.system.show(
            request, template, wizard=found[0], record=found[1], errors=errors, step=step, steps=STEPS, **values
        )
