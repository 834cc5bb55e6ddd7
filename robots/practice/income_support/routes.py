"""Socio Ekonomiskt bistånd: files with tabs, read freely, changed by one session at a time, worked in by keys."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, ClassVar

from fastapi import Form, HTTPException, Request
from fastapi.responses import Response

from robots.practice.guarded import session_of
from robots.practice.income_support import lists
from robots.practice.income_support.access import NO_DELEGATION, SocioSystem, stamp
from robots.practice.income_support.locks import Locks
from robots.practice.income_support.messages import Messages
from robots.practice.income_support.norms import FIRST_YEAR, LAST_YEAR, Norm, kronor, reckon
from robots.practice.income_support.records import COLLEAGUE, Register
from robots.practice.income_support.state import NO_REPLY, Document, File, month_words
from robots.practice.income_support.worksheet import Worksheets
from robots.practice.system import NewField


class IncomeSupport(SocioSystem):
    key = "income_support"
    title = "Socio Ekonomiskt bistånd"
    path = "/bistand"
    session_minutes = 15
    folder = Path(__file__).parent
    reworded: ClassVar[dict[str, str]] = {"Motivering": "Skäl till förslaget", "Referens": "Vår beteckning"}
    new_field = NewField(
        "delgivning", "Delgivning", "Delgivning: välj hur den sökande ska få del av beslutet.",
        ("Mina sidor", "Brev", "Personligt besök"),
    )  # fmt: skip

    def add_pages(self) -> None:
        self.templates.globals.update(kronor=kronor, stamp=stamp, month_words=month_words)
        get, post = self.router.get, self.router.post
        get("/")(self.start)
        get("/akter")(self.file_list)
        get("/akter/rows")(self.file_rows)
        get("/handlingar")(self.document_list)
        get("/handlingar/rows")(self.document_rows)
        get("/handling/{number}")(self.document_page)
        get("/riksnorm")(self.norm_page)
        get("/akt/{number}")(self.overview)
        post("/akt/{number}/las")(self.lock)
        post("/akt/{number}/slapp")(self.give_back)
        get("/akt/{number}/ansokan")(self.application_page)
        get("/akt/{number}/ssbtek")(self.reply_page)
        get("/akt/{number}/ssbtek/rows")(self.reply_rows)
        get("/akt/{number}/berakningar")(self.calculation_page)
        get("/akt/{number}/beslut")(self.decision_page)
        post("/akt/{number}/beslut")(self.decide)
        self.worksheets = Worksheets(self)
        Messages(self)

    def reset(self) -> None:
        self.register = Register(self.world.town)
        self.locks = Locks(self.sessions)
        self.norms_missing = set()
        self.worksheets.drafts.clear()
        for number in self.register.locked:
            self.locks.put(number, COLLEAGUE)

    def control_actions(self) -> dict[str, Callable[..., Any]]:
        def file(citizen: str) -> dict[str, Any]:
            found = self._file_of(citizen)
            return found.as_json() | {"documents": [vars(d) for d in self.register.documents_of(found.number)]}

        def lock(akt: str, by: str = COLLEAGUE, token: str = "") -> None:
            self.locks.put(akt, by, token)

        def locked_by(akt: str) -> str:
            held = self.locks.held(akt)
            return held.display if held else ""

        def unlock(akt: str) -> None:
            self.locks.clear(akt)

        def let_time_pass(minutes: float) -> None:
            self.locks.let_time_pass(minutes)

        def sweep_after(seconds: float) -> None:
            self.locks.swept_after = seconds

        def decide(citizen: str, outcome: str) -> str:
            return self.register.decide(self._file_of(citizen), outcome).number

        def close(handling: str) -> None:
            self._document(handling).status = "Avslutad"

        def lose_reply(citizen: str, source: str) -> None:
            for reply in self._file_of(citizen).replies[self.register.month]:
                if reply.source == source:
                    reply.benefit = NO_REPLY

        def apply_otherwise(citizen: str, **changed: Any) -> None:
            """What the latest application says instead: ``message="…"``."""
            applications = self._file_of(citizen).applications
            applications[-1] = replace(applications[-1], **changed)

        def reckon_otherwise(citizen: str, **changed: Any) -> None:
            """What the latest calculation says instead: ``status="…"``."""
            calculations = self._file_of(citizen).calculations
            calculations[-1] = replace(calculations[-1], **changed)

        def earn(citizen: str, benefit: str, amount: int) -> None:
            """The applicant gets as much every month, and everybody says so."""
            found = self._file_of(citizen)
            for told in (found.applications[-1], found.calculations[-1]):
                told.incomes[benefit] = (amount, told.incomes[benefit][1])
            next(r for r in found.replies[self.register.month] if r.benefit == benefit).amount = amount

        def take_in(citizen: str, child: str) -> None:
            """Somebody else is the household's eldest child, and was so last month."""
            found = self._file_of(citizen)
            found.children[0] = self.world.town.people[child]
            for told in (found.applications[-1], found.calculations[-1]):
                told.members = [person.personal_number for person in found.members]

        def second_file(citizen: str) -> None:
            self.register.files["A99001"] = replace(self._file_of(citizen), number="A99001")

        def remove_norm(year: int) -> None:
            self.norms_missing.add(year)

        def reckoned(citizen: str, costs: dict[str, int], incomes: dict[str, tuple[int, int]]) -> int:
            found = self._file_of(citizen)
            return reckon(Norm(self.world.today.year), len(found.adults), found.ages, costs, incomes).result

        given = (
            file,
            lock,
            locked_by,
            unlock,
            let_time_pass,
            sweep_after,
            decide,
            close,
            lose_reply,
            apply_otherwise,
            reckon_otherwise,
            earn,
            take_in,
            second_file,
            remove_norm,
        )
        return {action.__name__: action for action in given} | {"reckon": reckoned}

    def maintenance_page(self) -> str:
        return self.templates.get_template("maintenance.html").render()

    def norm(self, year: int) -> Norm | None:
        known = FIRST_YEAR <= year <= LAST_YEAR and year not in self.norms_missing
        return Norm(year) if known else None

    # -- lists and registers ------------------------------------------------------------------------------------

    async def start(self, request: Request) -> Response:
        waiting = [d for d in self.register.documents.values() if d.status != "Avslutad"]
        return self.show(request, "start.html", waiting=len(waiting), today=self.world.today)

    async def file_list(self, request: Request) -> Response:
        return self.show(request, "files.html")

    async def file_rows(self, request: Request) -> Response:
        return self.show(request, "_rows.html", listed=lists.files(self.register, request.query_params))

    async def document_list(self, request: Request) -> Response:
        return self.show(request, "documents.html")

    async def document_rows(self, request: Request) -> Response:
        return self.show(request, "_rows.html", listed=lists.documents(self.register, request.query_params))

    async def document_page(self, request: Request, number: str) -> Response:
        document = self.register.documents.get(number)
        if document is None:
            return self.missing(request, "Handlingen finns inte.")
        file = self.file_asked_for(request, document.file)
        return file if isinstance(file, Response) else self.show(request, "document.html", document=document)

    async def norm_page(self, request: Request, ar: str = "") -> Response:
        year = ar if re.fullmatch(r"\d{4}", ar) else str(self.world.today.year)
        return self.show(request, "norms.html", year=year, norm=self.norm(int(year)))

    # -- a file -------------------------------------------------------------------------------------------------

    async def overview(self, request: Request, number: str) -> Response:
        file = self.file_asked_for(request, number, hidden=False)
        return file if isinstance(file, Response) else self.show_file(request, "overview.html", file)

    async def lock(self, request: Request, number: str) -> Response:
        file = self.file_asked_for(request, number)
        if isinstance(file, Response):
            return file
        session = session_of(request)
        held = self.locks.take(number, session)
        if held is None:
            return self.go(f"/akt/{number}")
        own = held.display == session.user.display
        words = (
            f"Akten är låst av dig själv i en annan session sedan {held.since}. Låset släpps när den sessionen är slut."
            if own else self.locked_words(file)
        )  # fmt: skip
        return self.show_file(request, "overview.html", file, 409, error=words)

    async def give_back(self, request: Request, number: str) -> Response:
        self.locks.release(number, session_of(request))
        return self.go("/akter")

    async def application_page(self, request: Request, number: str, manad: str = "") -> Response:
        file = self.file_asked_for(request, number)
        if isinstance(file, Response):
            return file
        month = self._month(manad)
        application = file.application(month)
        hours = self.register.hours_since(application.complete) if application and application.complete else None
        return self.show_file(
            request, "application.html", file, month=month, application=application, hours=hours,
            people={p.personal_number: p.name for p in file.members},
        )  # fmt: skip

    async def reply_page(self, request: Request, number: str, manad: str = "") -> Response:
        file = self.file_asked_for(request, number)
        return file if isinstance(file, Response) else self.show_file(
            request, "replies.html", file, month=self._month(manad)
        )  # fmt: skip

    async def reply_rows(self, request: Request, number: str, manad: str = "") -> Response:
        file = self.file_asked_for(request, number)
        if isinstance(file, Response):
            return file
        return self.show(request, "_replies.html", file=file, replies=file.replies.get(self._month(manad), []))

    async def calculation_page(self, request: Request, number: str) -> Response:
        file = self.file_asked_for(request, number)
        return file if isinstance(file, Response) else self.show_file(request, "calculations.html", file)

    async def decision_page(self, request: Request, number: str, manad: str = "") -> Response:
        file = self.file_asked_for(request, number)
        if isinstance(file, Response):
            return file
        month = self._month(manad)
        return self.show_file(request, "decision.html", file, month=month, decision=file.decision(month))

    async def decide(self, request: Request, number: str, utfall: Annotated[str, Form()] = "") -> Response:  # noqa: ARG002
        """Nobody who works from here has the delegation; officials decide with their own card in a reader."""
        file = self.file_asked_for(request, number)
        if isinstance(file, Response):
            return file
        return self.show_file(
            request, "decision.html", file, 403, decision=file.decision(self.register.month), error=NO_DELEGATION
        )

    def _month(self, asked: str) -> str:
        return asked if re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", asked) else self.register.month

    def _file_of(self, citizen: str) -> File:
        for file in self.register.files.values():
            if any(adult.personal_number == citizen for adult in file.adults):
                return file
        raise HTTPException(404, f"no file of {citizen}")

    def _document(self, number: str) -> Document:
        if number not in self.register.documents:
            raise HTTPException(404, f"no document {number}")
        return self.register.documents[number]
