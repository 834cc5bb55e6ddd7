"""The calculation sheet: cells that are filled in by keys, F8 that reckons, and the proposal that comes of it."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated

from fastapi import Form, Request
from fastapi.responses import Response

from robots.practice.guarded import session_of
from robots.practice.income_support.norms import Norm, Sums, reckon, whole_number
from robots.practice.income_support.state import (
    CODES,
    COSTS,
    GRANTED,
    INCOMES,
    OPEN_PROPOSAL,
    PARTLY,
    PROPOSAL,
    File,
    month_words,
)

if TYPE_CHECKING:
    from robots.practice.income_support.routes import IncomeSupport

GONE = "Beräkningen finns inte längre. Börja om i akten."
NOT_RECKONED = "Beräkningen är inte gjord. Gå tillbaka och tryck F8."
MOST_REFERENCE = 40


@dataclass
class Draft:
    """A sheet that somebody works in. It holds what was reckoned last; ``sums`` is None before that."""

    id: str
    file: str
    month: str
    by: str
    costs: dict[str, int] = field(default_factory=dict)
    incomes: dict[str, tuple[int, int]] = field(default_factory=dict)
    sums: Sums | None = None


class Worksheets:
    """The pages of the sheet. ``drafts`` are all that have been begun, by id."""

    def __init__(self, system: IncomeSupport) -> None:
        self.system = system
        self.drafts: dict[str, Draft] = {}
        router = system.router
        router.get("/akt/{number}/berakning/ny")(self.begin)
        router.get("/akt/{number}/berakning/{draft_id}")(self.sheet_page)
        router.post("/akt/{number}/berakning/{draft_id}/rakna")(self.reckon)
        router.get("/akt/{number}/berakning/{draft_id}/granska")(self.review_page)
        router.post("/akt/{number}/berakning/{draft_id}/granska")(self.propose)

    async def begin(self, request: Request, number: str) -> Response:
        file = self.system.file_asked_for(request, number)
        if isinstance(file, Response):
            return file
        if not session_of(request).may_journal:
            return self.system.refused(request)
        if error := self._why_not(request, file):
            return self.system.show_file(request, "overview.html", file, 409, error=error)
        made = Draft(secrets.token_hex(4), number, self.system.register.month, session_of(request).user.name)
        self.drafts[made.id] = made
        return self.system.go(f"/akt/{number}/berakning/{made.id}")

    async def sheet_page(self, request: Request, number: str, draft_id: str) -> Response:
        found = self._find(request, number, draft_id)
        if isinstance(found, Response):
            return found
        file, draft = found
        last = file.calculations[-1] if file.calculations else None
        return self.system.show_file(
            request, "sheet.html", file, draft=draft, last=last, application=file.application(draft.month),
            costs=COSTS, incomes=INCOMES, norm=reckon(self._norm(draft), len(file.adults), file.ages, {}, {}),
        )  # fmt: skip

    async def reckon(self, request: Request, number: str, draft_id: str) -> Response:
        """What F8 leads to: the sums as a part of the page, or what is wrong with a cell."""
        found = self._find(request, number, draft_id)
        if isinstance(found, Response):
            return found
        file, draft = found
        form = await request.form()
        typed = {str(name): whole_number(str(value)) for name, value in form.items()}
        wrong = [name.partition(":")[2] for name, amount in typed.items() if amount is None]
        if wrong:
            return self.system.show(request, "_sums.html", sums=None, error=f"{wrong[0]}: skriv hela kronor.")
        draft.costs = {row: typed.get(f"g:{row}") or 0 for row in COSTS}
        draft.incomes = {row: (typed.get(f"s:{row}") or 0, typed.get(f"m:{row}") or 0) for row in INCOMES}
        if len(file.adults) == 1 and any(amounts[1] for amounts in draft.incomes.values()):
            return self.system.show(request, "_sums.html", sums=None, error="Hushållet har ingen medsökande.")
        draft.sums = reckon(self._norm(draft), len(file.adults), file.ages, draft.costs, draft.incomes)
        return self.system.show(request, "_sums.html", sums=draft.sums)

    async def review_page(self, request: Request, number: str, draft_id: str) -> Response:
        found = self._find(request, number, draft_id)
        if isinstance(found, Response):
            return found
        if found[1].sums is None:
            return self.system.show_file(request, "overview.html", found[0], 409, error=NOT_RECKONED)
        return self._review(request, *found, [], {})

    async def propose(
        self,
        request: Request,
        number: str,
        draft_id: str,
        *,
        forslagskod: Annotated[str, Form()] = "",
        motivering: Annotated[str, Form()] = "",
        referens: Annotated[str, Form()] = "",
        delgivning: Annotated[str, Form()] = "",
    ) -> Response:
        found = self._find(request, number, draft_id)
        if isinstance(found, Response):
            return found
        file, draft = found
        if draft.sums is None:
            return self.system.show_file(request, "overview.html", file, 409, error=NOT_RECKONED)
        typed = {"forslagskod": forslagskod, "motivering": motivering.replace("\r\n", "\n").strip(),
                 "referens": referens.strip(), "delgivning": delgivning}  # fmt: skip
        if errors := self._errors(request, file, draft, typed):
            return self._review(request, file, draft, errors, typed)
        user = session_of(request).user
        made = self.system.register.add(
            number, PROPOSAL, draft.month, status=OPEN_PROPOSAL, reference=typed["referens"], by=user.display,
            text=typed["motivering"],
            details={"code": forslagskod, "result": draft.sums.result, "need": draft.sums.need,
                     "costs": dict(draft.costs), "incomes": dict(draft.incomes)},
        )  # fmt: skip
        self.system.commit(
            "proposal_made", number, user.name, document=made.number, month=draft.month, code=forslagskod,
            result=draft.sums.result, reasons=made.text, reference=made.reference, costs=draft.costs,
            incomes={row: list(amounts) for row, amounts in draft.incomes.items()},
        )  # fmt: skip
        return self.system.go(f"/handling/{made.number}")

    def _errors(self, request: Request, file: File, draft: Draft, typed: dict[str, str]) -> list[str]:
        assert draft.sums is not None
        code = typed["forslagskod"]
        errors = [error] if (error := self._why_not(request, file)) else []
        if code not in CODES:
            errors.append("Förslagskod: välj med F4.")
        elif code in (GRANTED, PARTLY) and draft.sums.result <= 0:
            errors.append(f"Förslagskod: {code} kan inte läggas när det inte finns något underskott.")
        if not typed["motivering"]:
            errors.append("Motivering: skriv varför.")
        if len(typed["referens"]) > MOST_REFERENCE:
            errors.append(f"Referens: högst {MOST_REFERENCE} tecken.")
        if new := self.system.new_field_missing(typed["delgivning"]):
            errors.append(new)
        return errors

    def _why_not(self, request: Request, file: File) -> str:
        """Why no proposal can be made for the file, "" where one can."""
        month = self.system.register.month
        application, words = file.application(month), month_words(month)
        if error := self.system.why_not_changed(request, file):
            return error
        if application is None:
            return f"Det finns ingen ansökan för {words}."
        if application.complete is None:
            return "Ansökan är inte komplett. Båda sökande måste ha skrivit under."
        if file.decision(month):
            return f"Hushållet har redan ett beslut för {words}. Bara en ansökan per månad prövas."
        if self.system.register.open_proposal(file.number, month):
            return f"Det finns redan ett förslag för {words} som väntar på handläggare."
        if self.system.norm(int(month[:4])) is None:
            return f"Riksnormen för {month[:4]} är inte inlagd."
        return ""

    def _norm(self, draft: Draft) -> Norm:
        return Norm(int(draft.month[:4]))

    def _review(self, request: Request, file: File, draft: Draft, errors: list[str], typed: dict[str, str]) -> Response:
        return self.system.show_file(
            request, "review.html", file, draft=draft, sums=draft.sums, errors=errors, codes=CODES,
            typed={"forslagskod": "", "motivering": "", "referens": "", "delgivning": ""} | typed,
        )  # fmt: skip

    def _find(self, request: Request, number: str, draft_id: str) -> tuple[File, Draft] | Response:
        """The sheet of this user, in this file."""
        file = self.system.file_asked_for(request, number)
        if isinstance(file, Response):
            return file
        draft = self.drafts.get(draft_id)
        if draft is None or draft.file != number or draft.by != session_of(request).user.name:
            return self.system.missing(request, GONE)
        return file, draft
