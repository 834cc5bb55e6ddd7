"""Support-management over HTTP: errands by filter and page, and each change by one request.

An errand is changed only as it was read (``If-Match``): it has no rule of its own that keeps one user from taking what
another has just taken. Where somebody came in between nothing is changed; the errand is read anew, and what stands in
it then decides.
"""

from __future__ import annotations

import base64
from functools import cached_property
from html import escape
from typing import Any

import httpx

from robots.cases.attachments import demand_open, no_such_attachment, whole
from robots.cases.contract import Attachment, Case, CaseRow, Status, newest_first
from robots.cases.stops import (
    demand_asked,
    demand_changeable,
    demand_claimable,
    demand_more,
    demand_whole,
    no_such_case,
    no_such_inbox,
)
from robots.cases.support_management.told.problems import refusal
from robots.cases.support_management.told.shown import Shown
from robots.cases.support_management.wire import (
    Category,
    Communication,
    Errand,
    Errands,
    Events,
    File,
    Names,
    Note,
    Notes,
    Parameter,
    quoted,
    read_as,
    values_of,
)
from robots.errors import ConfigurationError, PageNotRecognised, SeveralMatches
from robots.fields import CaseNumber, PersonalNumber
from robots.systems.bench import Bench
from robots.systems.documents import Document
from robots.systems.interface import Interface
from robots.systems.once import effect

ROWS_A_PAGE = 50
SEARCHED = ("errandNumber", "title", "description", "stakeholders.firstName", "stakeholders.lastName",
            "parameters.values")  # fmt: skip
MESSAGE_ID = "MESSAGE_ID"


class Reader(Interface):
    """What a robot may look at."""

    def __init__(self, bench: Bench) -> None:
        super().__init__(bench)
        self.names = Names.of(bench.settings.names)

    def identified(self) -> dict[str, Any]:
        """The key opens the interface; who it is that asks stands beside it, and in what is changed."""
        key = self.bench.password.get_secret_value()
        return {"headers": {"Authorization": f"Bearer {key}", "X-Sent-By": f"{self.bench.robot_user}; type=adAccount"}}

    def read(self, case_number: CaseNumber) -> Case:
        """The errand as it stands now. Raises ``BusinessException`` when there is no such errand."""
        return self._case(self._errand(case_number))

    def find(
        self, *, citizen: PersonalNumber | None = None, words: str = "", also_closed: bool = False
    ) -> tuple[CaseRow, ...]:
        """The citizen's errands, the errands that hold every word, or both."""
        demand_asked(citizen, words)
        asked = [f"stakeholders.parameters.values:{quoted(citizen)}"] if citizen else []
        for word in words.split():
            asked.append("(" + " or ".join(f"{field}~{quoted(f'*{word}*')}" for field in SEARCHED) + ")")
        errands = self._errands(*asked, also_closed=also_closed)
        if citizen and any(self._shown.citizen(errand) != citizen for errand in errands):
            raise PageNotRecognised(f"{self.bench.title} visar andra ärenden än medborgarens.")
        return newest_first(self._shown.row(errand) for errand in errands)

    def inbox(self, name: str) -> tuple[CaseRow, ...]:
        """All open errands of the inbox. Raises ``BusinessException`` when the system has none of that name."""
        codes = [code for code, shown in self._inboxes.items() if shown == name]
        if len(codes) != 1:
            raise no_such_inbox(name)
        return newest_first(self._shown.row(errand) for errand in self._errands(f"category:{quoted(codes[0])}"))

    def attachments_of(self, case_number: CaseNumber) -> tuple[Attachment, ...]:
        """The errand's own files; what its letters carry lies with the letters."""
        errand = self._errand(case_number)
        files = read_as(list[File], self.ask("GET", f"errands/{errand.id}/attachments"))
        secret = values_of(errand.parameters, self.names.secret_files)
        return tuple(Attachment(file.id, file.name, file.type or "", file.size, file.id in secret) for file in files)

    def download_attachment(self, case_number: CaseNumber, attachment: Attachment) -> Document:
        """The file as the errand has it now. Raises ``BusinessException`` for a secret one."""
        demand_open(case_number, attachment)
        answer = self.ask("GET", self._address(case_number, f"attachments/{attachment.key}"))
        if answer.status_code == httpx.codes.NOT_FOUND:
            raise no_such_attachment(case_number, attachment)
        if words := refusal(answer):
            raise PageNotRecognised(f"{self.bench.title}: {words}")
        return whole(self, attachment, answer.content)

    def find_claim(self, case_number: CaseNumber, mark: str) -> str | None:  # noqa: ARG002 - a handler has no mark
        """The handler's name, if that is the robot user."""
        errand = self._errand(case_number)
        return self._shown.handler(errand) if self._is_mine(errand) else None

    def find_status(self, case_number: CaseNumber, status: Status, mark: str) -> str | None:  # noqa: ARG002 - as above
        """The status, if the errand has it."""
        return status if self.read(case_number).status == status else None

    def find_note(self, case_number: CaseNumber, mark: str) -> str | None:
        """The identity of the note that carries the mark, among all notes of the errand."""
        return self._one([note.id for note in self._notes(case_number) if mark in note.subject.split()], mark)

    def find_message(self, case_number: CaseNumber, mark: str) -> str | None:
        """The identity of the sent message that carries the mark."""
        sent = read_as(list[Communication], self.ask("GET", self._address(case_number, "communication")))
        marked = self._message_id(mark)
        return self._one([each.id for each in sent if marked in (each.headers or {}).get(MESSAGE_ID, [])], mark)

    def find_handover(self, case_number: CaseNumber, mark: str) -> str | None:
        """The mark, if the errand has been handed over under it."""
        errand = self._errand(case_number)
        found = [mark for each in errand.parameters if (each.key, each.group) == (self.names.handover, mark)]
        return self._one(found, mark)

    def shows_history(self, case_number: CaseNumber) -> bool:
        """Whether the errand's history shows that it was created, as every errand's does: the positive control."""
        told = read_as(Events, self.ask("GET", self._address(case_number, "events"), params={"size": ROWS_A_PAGE}))
        return any(event.type == "CREATE" for event in told.content)

    # -- errands ------------------------------------------------------------------------------------------------

    def _errand(self, case_number: CaseNumber) -> Errand:
        found = self._errands(f"errandNumber:{quoted(case_number)}", also_closed=True)
        if not found:
            raise no_such_case(case_number)
        if len(found) > 1 or found[0].number != case_number:
            raise SeveralMatches(f"{self.bench.title} visar inte just ärendet {case_number}.")
        return found[0]

    def _as_it_stands(self, case_number: CaseNumber) -> tuple[Errand, str]:
        """The errand with the version it has now, which a change of it must name."""
        answer = self.ask("GET", f"errands/{self._errand(case_number).id}")
        errand, version = read_as(Errand, answer), answer.headers.get("etag", "")
        if errand.number != case_number or not version:
            raise PageNotRecognised(f"{self.bench.title} säger inte vilken version av {case_number} som gäller.")
        return errand, version

    def _errands(self, *filters: str, also_closed: bool = False) -> list[Errand]:
        """The errands of all pages; none is what the system says in so many words, a total of 0."""
        still_open = () if also_closed else (f"not status:{quoted(self.names.closed)}",)
        asked: dict[str, Any] = {"filter": " and ".join((*filters, *still_open)), "size": ROWS_A_PAGE}
        errands: list[Errand] = []
        totals: list[int] = []
        page, pages = 0, 1
        while page < pages:
            answer = self.ask("GET", "errands", params=asked | {"page": page, "sort": "errandNumber,asc"})
            if words := refusal(answer):
                raise ConfigurationError(f"{self.bench.title}: {words}", "systems.toml")
            told = read_as(Errands, answer)
            if told.page != page:
                raise PageNotRecognised(f"{self.bench.title} visar sida {told.page} i stället för sida {page}.")
            errands += told.content
            demand_more(self.bench.title, told.content, page + 1, told.pages)  # it counts them from 0
            totals.append(told.total)
            pages, page = told.pages, page + 1
        demand_whole(self.bench.title, [errand.id for errand in errands], totals)
        return errands

    def _case(self, errand: Errand) -> Case:
        applicant = self._shown.applicant(errand)
        self.bench.recorder.hide(applicant.name if applicant else "")
        return self._shown.case(errand)

    def _is_mine(self, errand: Errand) -> bool:
        return (errand.user or "").casefold() == self.bench.robot_user.casefold()

    @cached_property
    def _shown(self) -> Shown:
        return Shown(self.names, self._inboxes)

    @cached_property
    def _inboxes(self) -> dict[str, str]:
        """The inboxes by their codes: the categories that the municipality has set up."""
        told = read_as(list[Category], self.ask("GET", "metadata/categories"))
        return {category.name: category.shown for category in told}

    # -- what has happened in an errand -------------------------------------------------------------------------

    def _notes(self, case_number: CaseNumber) -> list[Note]:
        address, asked = self._address(case_number, "notes"), {"context": self.names.note_context, "limit": ROWS_A_PAGE}
        notes: list[Note] = []
        totals: list[int] = []
        page, pages = 1, 1
        while page <= pages:
            told = read_as(Notes, self.ask("GET", address, params=asked | {"page": page}))
            if told.meta.page != page:
                raise PageNotRecognised(f"{self.bench.title} visar sida {told.meta.page} i stället för sida {page}.")
            notes += told.notes
            demand_more(self.bench.title, told.notes, page, told.meta.pages)
            totals.append(told.meta.total)
            pages, page = told.meta.pages, page + 1
        demand_whole(self.bench.title, [note.id for note in notes], totals)
        return notes

    def _one(self, found: list[str], mark: str) -> str | None:
        if len(found) > 1:
            raise SeveralMatches(f"{self.bench.title}: {len(found)} händelser har {mark}.")
        return found[0] if found else None

    def _address(self, case_number: CaseNumber, part: str) -> str:
        return f"errands/{self._errand(case_number).id}/{part}"

    def _message_id(self, mark: str) -> str:
        """The mark where the citizen does not read it: in the letter's own header."""
        return f"<{mark}@{self.names.sender.rpartition('@')[2]}>"


class Writer(Reader):
    """What a robot may change."""

    @effect(found_by=Reader.find_claim, control=Reader.shows_history)
    def claim(self, case_number: CaseNumber, *, once: str) -> None:  # noqa: ARG002 - a handler has no mark
        """Take the errand. Raises ``BusinessException`` where a colleague has it."""
        errand, version = self._as_it_stands(case_number)
        case = self._case(errand)
        demand_claimable(case, case.handler if self._is_mine(errand) else "")
        self._change(errand, version, assignedUserId=self.bench.robot_user)

    @effect(found_by=Reader.find_note, control=Reader.shows_history, may_wait=True)
    def add_note(self, case_number: CaseNumber, text: str, *, once: str) -> None:
        """Write a note in the errand."""
        errand = self._errand(case_number)
        demand_changeable(self._case(errand), though_closed=True)
        note = {
            "context": self.names.note_context, "role": self.names.note_role, "subject": f"Anteckning {once}",
            "body": self.bench.signed(text), "createdBy": self.bench.robot_user,
        }  # fmt: skip
        self.commit("POST", f"errands/{errand.id}/notes", refused=refusal, json=note)

    @effect(found_by=Reader.find_message, control=Reader.shows_history)
    def send_message(
        self, case_number: CaseNumber, subject: str, text: str, documents: list[Document], *, once: str
    ) -> None:
        """Send the citizen an e-mail with the documents in it: one request, where a file each would be several."""
        errand = self._errand(case_number)
        demand_changeable(self._case(errand))
        recipient = self._shown.email(errand)
        self.bench.recorder.hide(recipient)
        letter = {
            "sender": self.names.sender, "senderName": self.names.sender_name, "recipient": recipient,
            "subject": subject, "message": text, "htmlMessage": f"<p>{escape(text).replace(chr(10), '<br>')}</p>",
            "emailHeaders": {MESSAGE_ID: [self._message_id(once)]},
            "attachments": [_attached(document) for document in documents],
        }  # fmt: skip
        self.commit("POST", f"errands/{errand.id}/communication/email", refused=refusal, json=letter)

    @effect(found_by=Reader.find_status, control=Reader.shows_history, may_wait=True)
    def set_status(self, case_number: CaseNumber, status: Status, *, once: str) -> None:  # noqa: ARG002 - as above
        """Set the errand's status."""
        errand, version = self._as_it_stands(case_number)
        demand_changeable(self._case(errand), though_closed=True)
        self._change(errand, version, status=self._shown.code(status))

    @effect(found_by=Reader.find_handover, control=Reader.shows_history, may_wait=True)
    def hand_over(self, case_number: CaseNumber, reason: str, todo: str, *, once: str) -> None:
        """Give the errand to whoever works in the inbox it lies in, with the reason and what to do.

        That it is free again and why stands in one change, beside the parameters that it has: the list is replaced.
        """
        errand, version = self._as_it_stands(case_number)
        demand_changeable(self._case(errand))
        told = Parameter(
            key=self.names.handover, group=once, displayName="Överlämnad av robot: orsak, att göra",
            values=[reason, todo],
        )  # fmt: skip
        every = [each.as_json() for each in (*errand.parameters, told)]
        self._change(errand, version, assignedUserId="", parameters=every)

    def _change(self, errand: Errand, version: str, **fields: Any) -> None:
        """Change the errand that was read, and no other version of it."""
        headers = {"If-Match": version}
        self.commit("PATCH", f"errands/{errand.id}", refused=refusal, headers=headers, json=fields)


def _attached(document: Document) -> dict[str, str]:
    return {"fileName": document.name, "base64EncodedString": base64.b64encode(document.content).decode()}
