"""The pages of the letter: the editor, its templates, the preview, and the register of all letters."""

from __future__ import annotations

import asyncio
import secrets
from smtplib import SMTPException
from typing import TYPE_CHECKING

from fastapi import Request
from fastapi.responses import HTMLResponse, Response

from robots.practice.consumer_matters import rules
from robots.practice.consumer_matters.letters import TEMPLATES, Draft, plain, signature
from robots.practice.consumer_matters.state import EMAIL, Letter, Matter
from robots.practice.mailing import send

if TYPE_CHECKING:
    from robots.practice.consumer_matters.routes import ConsumerMatters

LETTER_FILTER = ("arende", "referens")
GONE = "Utkastet finns inte längre. Skriv brevet på nytt från ärendet."


class Writing:
    """``drafts`` are all letters that have been written and previewed, by id. As in the real system nothing stops one
    from being sent twice."""

    def __init__(self, system: ConsumerMatters) -> None:
        self.system = system
        self.drafts: dict[str, Draft] = {}
        get, post = system.router.get, system.router.post
        get("/mallar/{key}")(self.template)
        get("/brev")(self.letters)
        get("/brev/rows")(self.letter_rows)
        get("/arenden/{number}/brev/nytt")(self.editor)
        post("/arenden/{number}/brev/nytt")(self.write)
        get("/arenden/{number}/brev/{draft}")(self.preview)
        post("/arenden/{number}/brev/{draft}/skicka")(self.send)

    async def template(self, key: str) -> Response:
        await asyncio.sleep(0.15)  # an old file server
        return HTMLResponse(TEMPLATES.get(key, ("", ""))[1])

    async def letters(self, request: Request) -> Response:
        return self.system.show(request, "letters.html")

    async def letter_rows(self, request: Request) -> Response:
        matter, reference = (request.query_params.get(name, "").strip() for name in LETTER_FILTER)
        found = [
            letter for letter in reversed(self.system.register.letters.values())
            if matter in ("", letter.matter) and reference in letter.reference
        ]  # fmt: skip
        return self.system._rows(request, "_letter_rows.html", found)

    async def editor(self, request: Request, number: str) -> Response:
        matter = self.system.changeable(request, number)
        return self._editor(request, matter, 200, [], channel="", subject="", reference="")

    def _editor(
        self, request: Request, matter: Matter, status: int, errors: list[str], *, channel: str, subject: str,
        reference: str,
    ) -> Response:  # fmt: skip
        return self.system.show(
            request, "letter.html", status, matter=matter, errors=errors, templates=TEMPLATES, channel=channel,
            subject=subject, reference=reference,
        )  # fmt: skip

    async def write(self, request: Request, number: str) -> Response:
        matter = self.system.changeable(request, number)
        sent = await request.form()
        channel, subject, reference, html = (
            str(sent.get(name, "")).strip() for name in ("kanal", "amne", "referens", "brevtext")
        )
        text = plain(html)
        if errors := rules.letter_errors(matter, channel, subject, text):
            return self._editor(
                request, matter, 422, errors, channel=channel, subject=subject, reference=reference
            )  # fmt: skip
        by = self.system.session(request).user.name
        draft = Draft(secrets.token_hex(6), number, by, channel, subject, text, reference)
        self.drafts[draft.id] = draft
        return self.system.go(f"/arenden/{number}/brev/{draft.id}")

    async def preview(self, request: Request, number: str, draft: str) -> Response:
        matter, written = self.system.changeable(request, number), self._draft(request, number, draft)
        if written is None:
            return self._gone(request)
        return self._preview(request, matter, written, 200, "")

    def _preview(self, request: Request, matter: Matter, written: Draft, status: int, error: str) -> Response:
        return self.system.show(
            request, "preview.html", status, matter=matter, draft=written, paragraphs=written.text.split("\n"),
            signature=signature(self.system.me(request)), error=error, today=self.system.world.today,
        )  # fmt: skip

    async def send(self, request: Request, number: str, draft: str) -> Response:
        matter, written = self.system.changeable(request, number), self._draft(request, number, draft)
        if written is None:
            return self._gone(request)
        me = self.system.me(request)
        if written.channel == EMAIL:
            text = "\n\n".join((*written.text.split("\n"), "\n".join(signature(me))))
            try:
                await asyncio.to_thread(
                    send, self.system.world.smtp_port, matter.consumer.email, written.subject, text, ()
                )
            except (OSError, SMTPException):
                return self._preview(request, matter, written, 502, "Brevet skickades inte: e-posten svarar inte.")
        letter = self.system.register.add_letter(
            matter, written.channel, written.subject, written.text, reference=written.reference, by=me
        )
        self._commit(request, letter)
        self.system.session(request).memory["said"] = f"Brev {letter.number}: {letter.status.lower()}."
        return self.system.go(f"/arenden/{number}")

    def _commit(self, request: Request, letter: Letter) -> None:
        self.system.commit(
            "letter_written", letter.matter, self.system.session(request).user.name, letter=letter.number,
            channel=letter.channel, status=letter.status, subject=letter.subject, text=letter.text,
            reference=letter.reference,
        )  # fmt: skip

    def _draft(self, request: Request, number: str, draft: str) -> Draft | None:
        written = self.drafts.get(draft)
        mine = written is not None and written.by == self.system.session(request).user.name
        return written if mine and written and written.matter == number else None

    def _gone(self, request: Request) -> Response:
        return self.system.message(request, 404, "Utkastet finns inte", GONE)
