"""Easit GO over HTTP: item views to look in, import handlers to change by. What they are called is configuration."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import httpx

from robots.cases.attachments import demand_open, no_such_attachment, whole
from robots.cases.contract import Attachment, Case, CaseRow, Status, newest_first
from robots.cases.easit_go.wire import Listing, Names, Row, refusal, said, to_import, values_in, where
from robots.cases.stops import (
    demand_asked,
    demand_changeable,
    demand_claimable,
    demand_more,
    demand_whole,
    for_good,
    no_such_case,
    no_such_inbox,
)
from robots.errors import ConfigurationError, PageNotRecognised, SeveralMatches
from robots.fields import CaseNumber, PersonalNumber
from robots.systems.bench import Bench
from robots.systems.documents import Document
from robots.systems.interface import Interface
from robots.systems.once import effect

ROWS_A_PAGE = 50


class Reader(Interface):
    """What a robot may look at."""

    def __init__(self, bench: Bench) -> None:
        super().__init__(bench)
        self.names = Names.of(bench.settings.names)

    def identified(self) -> dict[str, Any]:
        """The key stands where a user name does; nobody looks at the password."""
        return {"auth": httpx.BasicAuth(self.bench.password.get_secret_value(), "")}

    def read(self, case_number: CaseNumber) -> Case:
        """The case as its view shows it. Raises ``BusinessException`` when there is no such case."""
        return self._case(self._row(case_number))

    def find(
        self, *, citizen: PersonalNumber | None = None, words: str = "", also_closed: bool = False
    ) -> tuple[CaseRow, ...]:
        """The citizen's cases, the cases that hold every word, or both."""
        demand_asked(citizen, words)
        filters = [] if citizen is None else [where(self.names.citizen, "EQUALS", citizen)]
        return self._cases(*filters, words=words, also_closed=also_closed)

    def inbox(self, name: str) -> tuple[CaseRow, ...]:
        """All open cases of the inbox. Raises ``BusinessException`` when the system has none of that name."""
        if name not in (known for _, known in self._values(self.names.inbox_source)):
            raise no_such_inbox(name)
        return self._cases(where(self.names.inbox, "EQUALS", name))

    def attachments_of(self, case_number: CaseNumber) -> tuple[Attachment, ...]:
        """The files of the case's item in the view that sends them along."""
        return tuple(attachment for attachment, _ in self._files(case_number))

    def download_attachment(self, case_number: CaseNumber, attachment: Attachment) -> Document:
        """The file as the case has it now. Raises ``BusinessException`` for a secret one."""
        demand_open(case_number, attachment)
        for known, content in self._files(case_number):
            if known == attachment:
                return whole(self, attachment, content)
        raise no_such_attachment(case_number, attachment)

    def find_claim(self, case_number: CaseNumber, mark: str) -> str | None:  # noqa: ARG002 - a handler has no mark
        """The handler's name, if that is the robot user."""
        row = self._row(case_number)
        return row.text(self.names.handler) if self.names.is_taken_by(row, self.bench.robot_user) else None

    def find_status(self, case_number: CaseNumber, status: Status, mark: str) -> str | None:  # noqa: ARG002 - as above
        """The status, if the case has it."""
        return status if self.read(case_number).status == status else None

    def find_event(self, case_number: CaseNumber, mark: str) -> str | None:
        """The number of the event that carries the mark, in a fresh search of the case's events."""
        event = self._marked(case_number, mark)
        return event.text(self.names.event_number) if event else None

    def find_message(self, case_number: CaseNumber, mark: str) -> str | None:
        """The receipt of the sent message that carries the mark."""
        event = self._marked(case_number, mark)
        return event.text(self.names.receipt) if event else None

    def shows_events(self, case_number: CaseNumber) -> bool:
        """Whether the search finds the event that every case has: the positive control of ``find_event``."""
        return bool(self._events(case_number, self.names.event_kind, self.names.registered))

    # -- cases --------------------------------------------------------------------------------------------------

    def _files(self, case_number: CaseNumber) -> list[tuple[Attachment, bytes]]:
        """What came with the case; a secret file comes without what is in it."""
        return self._row(case_number, self.names.file_view).files(self.names.secret_file)

    def _row(self, case_number: CaseNumber, view: str = "") -> Row:
        """The one row of the case in the view, which is the cases' own unless another is asked for."""
        found = self._rows(view or self.names.case_view, where(self.names.number, "EQUALS", case_number))
        if not found:
            raise no_such_case(case_number)
        if len(found) > 1 or found[0].text(self.names.number) != case_number:
            raise SeveralMatches(f"{self.bench.title} visar inte just ärendet {case_number}.")
        return found[0]

    def _cases(self, *filters: dict[str, str], words: str = "", also_closed: bool = False) -> tuple[CaseRow, ...]:
        still_open = [] if also_closed else [where(self.names.status, "NOT_EQUALS", self.names.closed)]
        found = self._rows(self.names.case_view, *filters, *still_open, words=words)
        return newest_first(self.names.row(row) for row in found)

    def _case(self, row: Row) -> Case:
        self.bench.recorder.hide(row.text(self.names.applicant))
        return self.names.case(row)

    # -- events -------------------------------------------------------------------------------------------------

    def _marked(self, case_number: CaseNumber, mark: str) -> Row | None:
        found = self._events(case_number, self.names.reference, mark)
        if len(found) > 1:
            raise SeveralMatches(f"{self.bench.title}: {len(found)} händelser i {case_number} har {mark}.")
        return found[0] if found else None

    def _events(self, case_number: CaseNumber, name: str, content: str) -> list[Row]:
        """The case's events that say just this, in a fresh search."""
        asked = {self.names.event_case: case_number, name: content}
        found = self._rows(self.names.event_view, *(where(each, "EQUALS", value) for each, value in asked.items()))
        if any(row.text(each) != value for row in found for each, value in asked.items()):
            raise PageNotRecognised(f"{self.bench.title} visar andra händelser än de som söktes.")
        return found

    # -- the interface ------------------------------------------------------------------------------------------

    def _rows(self, view: str, *filters: dict[str, str], words: str = "") -> list[Row]:
        """The rows of all pages; none is what the system says in so many words, a total of 0."""
        rows: list[Row] = []
        totals: list[int] = []
        order = self.names.event_number if view == self.names.event_view else self.names.number
        page, pages = 1, 1
        while page <= pages:
            asked: dict[str, Any] = {
                "itemViewIdentifier": view, "page": page, "pageSize": ROWS_A_PAGE, "columnFilter": list(filters),
                "sortColumn": {"content": order, "order": "Ascending"},
            }  # fmt: skip
            if words:
                asked["freeTextFilter"] = words
            told = Listing(view, self._answer("items", asked))
            if told.page != page:  # a page that it did not understand is answered with the first one
                raise PageNotRecognised(f"{self.bench.title} visar sida {told.page} i stället för sida {page}.")
            rows += told.rows
            demand_more(self.bench.title, told.rows, page, told.pages)
            totals.append(told.total)
            pages, page = told.pages, page + 1
        demand_whole(self.bench.title, [row.id for row in rows], totals)
        return rows

    def _values(self, source: str) -> list[tuple[str, str]]:
        return values_in(self._answer("datasources", {"moduleId": self.names.module, "parentRawValue": source}))

    def _answer(self, path: str, asked: dict[str, Any]) -> httpx.Response:
        """What it answers to a GET with a body. Raises ``ConfigurationError`` where it does not know what it is asked
        for: what it is called is configuration."""
        answer = self.ask("GET", path, json=asked)
        if answer.status_code == httpx.codes.BAD_REQUEST:
            raise ConfigurationError(f"{self.bench.title}: {refusal(answer)}", "systems.toml")
        return answer


class Writer(Reader):
    """What a robot may change."""

    @effect(found_by=Reader.find_claim, control=Reader.shows_events)
    def claim(self, case_number: CaseNumber, *, once: str) -> None:
        """Take the case. Raises ``BusinessException`` where a colleague has it."""
        row = self._row(case_number)
        case = self._case(row)
        demand_claimable(case, case.handler if self.names.is_taken_by(row, self.bench.robot_user) else "")
        self._import(self.names.claim_handler, case, once, said(self.names.handler, self.bench.robot_user))

    @effect(found_by=Reader.find_event, control=Reader.shows_events, may_wait=True)
    def add_note(self, case_number: CaseNumber, text: str, *, once: str) -> None:
        """Write a journal note."""
        case = self.read(case_number)
        demand_changeable(case, though_closed=True)
        self._import(self.names.note_handler, case, once, said(self.names.text, self.bench.signed(text)))

    @effect(found_by=Reader.find_message, control=Reader.shows_events)
    def send_message(
        self, case_number: CaseNumber, subject: str, text: str, documents: list[Document], *, once: str
    ) -> None:
        """Send the citizen a message with attachments."""
        case = self.read(case_number)
        demand_changeable(case)
        letter = said(self.names.subject, subject), said(self.names.text, text)
        self._import(self.names.message_handler, case, once, *letter, documents=documents)

    @effect(found_by=Reader.find_status, control=Reader.shows_events, may_wait=True)
    def set_status(self, case_number: CaseNumber, status: Status, *, once: str) -> None:
        """Set the case's status, by the raw value that the system's own list has for it."""
        case = self.read(case_number)
        demand_changeable(case, though_closed=True)
        name = self.names.statuses[status]
        raw = [raw for raw, known in self._values(self.names.status_source) if known == name]
        if len(raw) != 1:
            raise ConfigurationError(f"{self.bench.title}: {len(raw)} statusar heter «{name}».", "systems.toml")
        self._import(self.names.status_handler, case, once, said(self.names.status, name, raw[0]))

    @effect(found_by=Reader.find_event, control=Reader.shows_events, may_wait=True)
    def hand_over(self, case_number: CaseNumber, reason: str, todo: str, *, once: str) -> None:
        """Give the case to whoever works in the inbox it lies in, with the reason and what to do."""
        case = self.read(case_number)
        demand_changeable(case)
        names = self.names
        told = said(names.inbox, case.inbox), said(names.text, reason), said(names.todo, todo)
        self._import(names.handover_handler, case, once, *told)

    def _import(
        self, handler: str, case: Case, mark: str, *properties: dict[str, str], documents: Sequence[Document] = ()
    ) -> None:
        about = said(self.names.number, case.number), *properties, said(self.names.reference, mark)
        self.commit("POST", "items", refused=_no, json=to_import(handler, mark, about, documents))


def _no(answer: httpx.Response) -> str:
    """Its own words, where they are an answer for good."""
    return for_good(refusal(answer))
