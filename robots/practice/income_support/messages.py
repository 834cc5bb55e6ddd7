"""The draft of a message to the applicant, written when an official has decided; the official is who sends it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated

from fastapi import Form, Request
from fastapi.responses import Response

from robots.practice.guarded import session_of
from robots.practice.income_support.state import DRAFT, GRANTED, MESSAGE, File, month_words

if TYPE_CHECKING:
    from robots.practice.income_support.routes import IncomeSupport

SMS = "Sms"
CHANNELS = ("Mina sidor", "Brev", SMS)
LONGEST_SMS = 160
AMOUNT = re.compile(r"\d[\d  .]*(?:,\d\d)?\s?(?:kr\b|kronor|:-)", re.IGNORECASE)
APPEAL = (
    "Så överklagar du: skriv till socialnämnden inom tre veckor från den dag du fick del av beslutet. Tala om vilket "
    "beslut du överklagar, hur du vill att det ändras och varför."
)


class Messages:
    """The form "Nytt meddelande" and what becomes of it."""

    def __init__(self, system: IncomeSupport) -> None:
        self.system = system
        system.router.get("/akt/{number}/meddelande")(self.form)
        system.router.post("/akt/{number}/meddelande")(self.save)

    async def form(self, request: Request, number: str) -> Response:
        file = self.system.file_asked_for(request, number)
        if isinstance(file, Response):
            return file
        if not session_of(request).may_journal:
            return self.system.refused(request)
        return self._form(request, file, [], {})

    async def save(
        self,
        request: Request,
        number: str,
        *,
        kanal: Annotated[str, Form()] = "",
        rubrik: Annotated[str, Form()] = "",
        text: Annotated[str, Form()] = "",
        overklagande: Annotated[str, Form()] = "",
        referens: Annotated[str, Form()] = "",
        delgivning: Annotated[str, Form()] = "",
    ) -> Response:
        """Keep the draft. As in the real system nothing stops it from being written twice."""
        file = self.system.file_asked_for(request, number)
        if isinstance(file, Response):
            return file
        typed = {"kanal": kanal, "rubrik": rubrik.strip(), "text": text.replace("\r\n", "\n").strip(),
                 "overklagande": overklagande, "referens": referens.strip(), "delgivning": delgivning}  # fmt: skip
        if errors := self._errors(request, file, typed):
            return self._form(request, file, errors, typed)
        user, month = session_of(request).user, self.system.register.month
        appeal = APPEAL if overklagande == "ja" else ""
        made = self.system.register.add(
            number, MESSAGE, month, status=DRAFT, reference=typed["referens"], by=user.display, text=typed["text"],
            details={"channel": kanal, "title": typed["rubrik"], "appeal": appeal},
        )  # fmt: skip
        self.system.commit(
            "message_drafted", number, user.name, document=made.number, month=month, channel=kanal,
            title=typed["rubrik"], text=made.text, appeal=appeal, reference=made.reference,
        )  # fmt: skip
        return self.system.go(f"/handling/{made.number}")

    def _errors(self, request: Request, file: File, typed: dict[str, str]) -> list[str]:
        month = self.system.register.month
        decision = file.decision(month)
        errors = [error] if (error := self.system.why_not_changed(request, file)) else []
        if decision is None:
            errors.append(f"Det finns inget beslut för {month_words(month)}.")
        elif typed["kanal"] == SMS and typed["overklagande"] == "ja":  # a locked screen would tell what was decided
            errors.append("Överklagandehänvisning: följer inte med ett sms.")
        elif typed["kanal"] != SMS and decision.outcome != GRANTED and typed["overklagande"] != "ja":
            errors.append(f"Överklagandehänvisning: måste följa med ett beslut om {decision.outcome.lower()}.")
        if typed["kanal"] not in CHANNELS:
            errors.append("Kanal: välj en kanal.")
        errors += [f"{label}: skriv något." for label in ("Rubrik", "Text") if not typed[label.lower()]]
        if typed["kanal"] == SMS and len(typed["text"]) > LONGEST_SMS:
            errors.append(f"Text: ett sms får vara högst {LONGEST_SMS} tecken.")
        if AMOUNT.search(f"{typed['rubrik']} {typed['text']}"):
            errors.append("Text: belopp får inte stå i meddelandet.")
        if new := self.system.new_field_missing(typed["delgivning"]):
            errors.append(new)
        return errors

    def _form(self, request: Request, file: File, errors: list[str], typed: dict[str, str]) -> Response:
        empty = {"kanal": "", "rubrik": "", "text": "", "overklagande": "", "referens": "", "delgivning": ""}
        return self.system.show_file(
            request, "draft.html", file, errors=errors, channels=CHANNELS, typed=empty | typed, appeal=APPEAL,
            decision=file.decision(self.system.register.month),
        )  # fmt: skip
