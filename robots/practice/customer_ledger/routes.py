"""Ekonomiportalen Saldo: one page, whose tabs are panels that are fetched when somebody looks at them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Annotated, Any, ClassVar

from fastapi import Form, HTTPException, Request
from fastapi.responses import Response

from robots.practice.customer_ledger.ledger import STATUSES, Invoice, Ledger, Note, amount_words
from robots.practice.customer_ledger.lists import Listing, listings
from robots.practice.customer_ledger.papers import as_csv, invoice_copy
from robots.practice.guarded import GuardedSystem, session_of
from robots.practice.system import NewField

REFUSED = "Du har läsbehörighet och kan inte ändra något i reskontran."
INVOICE_PARTS = {
    "uppgifter": "Uppgifter", "rader": "Fakturarader", "betalningar": "Betalningar", "noteringar": "Noteringar",
}  # fmt: skip
LONGEST_NOTE, LONGEST_REFERENCE = 300, 40


class CustomerLedger(GuardedSystem):
    key = "customer_ledger"
    title = "Ekonomiportalen Saldo"
    path = "/reskontra"
    session_minutes = 30
    folder = Path(__file__).parent
    cookie: ClassVar[str] = "saldo_session"
    reworded: ClassVar[dict[str, str]] = {"Noteringstext": "Text i noteringen", "Vår referens": "Egen referens"}
    new_field = NewField(
        "kontaktvag", "Kontaktväg", "Kontaktväg: välj hur kunden hörde av sig.", ("Telefon", "E-post", "Brev")
    )

    ledger: Ledger
    lists: dict[str, Listing]

    def add_pages(self) -> None:
        self.templates.globals.update(kronor=amount_words, parts=INVOICE_PARTS)
        get = self.router.get
        get("/")(self.portal)
        get("/panel/start")(self.start)
        get("/panel/lista/{key}")(self.list_panel)
        get("/lista/{key}/rows")(self.rows)
        get("/lista/{key}/export.csv")(self.export)
        get("/panel/kund/{number}")(self.customer)
        get("/panel/faktura/{number}")(self.invoice)
        get("/panel/faktura/{number}/{part}")(self.invoice_part)
        get("/faktura/{number}/kopia.pdf")(self.invoice_copy)
        self.router.post("/faktura/{number}/notering")(self.add_note)

    def reset(self) -> None:
        self.ledger = Ledger(self.world.town)
        self.lists = listings(self.ledger)

    def control_actions(self) -> dict[str, Callable[..., Any]]:
        def asked_about(case: str) -> dict[str, Any]:
            """The OCR number that the citizen has, and its invoice unless there is none."""
            ocr = self.ledger.asked[case]
            found = self.ledger.by_ocr(ocr)
            return {"ocr": ocr, "invoice": found.as_json() if found else None}

        def invoices(person: str) -> list[dict[str, Any]]:
            found = self.ledger.invoices.values()
            return [i.as_json() for i in found if i.customer.person.personal_number == person]

        def set_status(invoice: str, status: str) -> dict[str, Any]:
            if status not in STATUSES:
                raise HTTPException(422, f"no status {status!r}")
            found = self._invoice(invoice)
            found.status = status
            return found.as_json()

        def pay(invoice: str, amount: int) -> dict[str, Any]:
            found = self._invoice(invoice)
            self.ledger.pay(found, amount, self.world.today)
            return found.as_json()

        def grant_respite(invoice: str, until: str) -> None:
            self._invoice(invoice).respite = date.fromisoformat(until)

        return {
            "asked_about": asked_about, "invoices": invoices, "set_status": set_status, "pay": pay,
            "grant_respite": grant_respite,
        }  # fmt: skip

    def maintenance_page(self) -> str:
        return self.templates.get_template("maintenance.html").render()

    def missing(self, request: Request) -> Response:
        return self._message(request, 404, "Sidan hittades inte", "Det som du söker finns inte i portalen.")

    def refused(self, request: Request) -> Response:
        return self._message(request, 403, "Behörighet saknas", REFUSED)

    # -- the portal and its panels ---------------------------------------------------------------------------------

    async def portal(self, request: Request) -> Response:
        return self._show(request, "portal.html", lists=self.lists.values())

    async def start(self, request: Request) -> Response:
        open_ones = [i for i in self.ledger.invoices.values() if not i.closed]
        late = [i for i in open_ones if i.due < self.world.today]
        owed = sum(i.remaining for i in open_ones)
        counts = [(s, sum(i.status == s for i in open_ones)) for s in STATUSES if s not in ("Betald", "Krediterad")]
        return self._show(request, "start.html", open_ones=len(open_ones), late=len(late), owed=owed, counts=counts)

    async def list_panel(self, request: Request, key: str) -> Response:
        if key not in self.lists:
            return self.missing(request)
        return self._show(request, "list.html", listing=self.lists[key])

    async def rows(self, request: Request, key: str) -> Response:
        if key not in self.lists:
            return self.missing(request)
        listing, asked = self.lists[key], request.query_params
        return self._show(request, "rows.html", listing=listing, portion=listing.portion(asked),
                          sorting=asked.get("sortering", ""))  # fmt: skip

    async def export(self, request: Request, key: str) -> Response:
        """All that the search has found, and not only what has been scrolled to."""
        if key not in self.lists:
            return self.missing(request)
        listing = self.lists[key]
        found = listing.portion(dict(request.query_params) | {"fran": "0"}, size=None)
        headers = {"Content-Disposition": f'attachment; filename="{listing.key}_{self.world.today}.csv"'}
        return Response(as_csv(listing, found.rows), media_type="text/csv; charset=windows-1252", headers=headers)

    async def customer(self, request: Request, number: str) -> Response:
        customer = self.ledger.customers.get(number)
        if customer is None:
            return self.missing(request)
        found = [i for i in self.ledger.invoices.values() if i.customer is customer]
        return self._show(request, "customer.html", customer=customer, owed=sum(i.remaining for i in found),
                          count=sum(not i.closed for i in found))  # fmt: skip

    async def invoice(self, request: Request, number: str) -> Response:
        if number not in self.ledger.invoices:
            return self.missing(request)
        return self._show(request, "invoice.html", invoice=self.ledger.invoices[number])

    async def invoice_part(self, request: Request, number: str, part: str) -> Response:
        if number not in self.ledger.invoices or part not in INVOICE_PARTS:
            return self.missing(request)
        return self._part(request, self.ledger.invoices[number], part)

    async def invoice_copy(self, request: Request, number: str) -> Response:
        invoice = self.ledger.invoices.get(number)
        if invoice is None or not invoice.copy_kept(self.world.today):
            return self.missing(request)
        headers = {"Content-Disposition": f'inline; filename="Faktura {number}.pdf"'}
        return Response(invoice_copy(invoice), media_type="application/pdf", headers=headers)

    async def add_note(
        self, request: Request, number: str, text: Annotated[str, Form()] = "", referens: Annotated[str, Form()] = "",
        kontaktvag: Annotated[str, Form()] = "",
    ) -> Response:  # fmt: skip
        """As in the real system nothing stops it from being written twice."""
        invoice = self.ledger.invoices.get(number)
        if invoice is None:
            return self.missing(request)
        text, referens = text.replace("\r\n", "\n").strip(), referens.strip()
        checks = (
            (not text, "Skriv en noteringstext."),
            (len(text) > LONGEST_NOTE, f"Noteringstexten får vara högst {LONGEST_NOTE} tecken."),
            (len(referens) > LONGEST_REFERENCE, f"Referensen får vara högst {LONGEST_REFERENCE} tecken."),
        )
        errors = [words for wrong, words in checks if wrong]
        if new := self.new_field_missing(kontaktvag):
            errors.append(new)
        if errors:
            return self._part(request, invoice, "noteringar", 422, errors=errors, typed={"text": text, "ref": referens})
        user = session_of(request).user
        invoice.notes.append(Note(self.world.today, text, user.display, referens))
        self.commit("note_added", number, user.name, text=text, reference=referens)
        return self._part(request, invoice, "noteringar", saved=True)

    # -- parts -----------------------------------------------------------------------------------------------------

    def _part(self, request: Request, invoice: Invoice, part: str, status: int = 200, **values: Any) -> Response:
        values = {"errors": [], "typed": {"text": "", "ref": ""}, "saved": False} | values
        return self._show(request, f"invoice_{part}.html", status, invoice=invoice, today=self.world.today, **values)

    def _show(self, request: Request, template: str, status: int = 200, **values: Any) -> Response:
        session = session_of(request)
        return self.page(template, status, user=session.user.display, may_journal=session.may_journal, **values)

    def _message(self, request: Request, status: int, heading: str, message: str) -> Response:
        return self._show(request, "message.html", status, heading=heading, message=message)

    def _invoice(self, number: str) -> Invoice:
        if number not in self.ledger.invoices:
            raise HTTPException(404, f"no invoice {number!r}")
        return self.ledger.invoices[number]
