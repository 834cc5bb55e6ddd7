"""Item views: which columns a user of the interface sees of cases and of their events, and which rows.

Only the view of files sends them along: in base64, those that are secret without what is in them.
"""

from __future__ import annotations

import hashlib
from base64 import b64encode
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from robots.practice.case_management.state import Attachment, CaseFile, Event, Register, squeezed
from robots.practice.easit_go.names import CASES_VIEW, EMPTY, EVENTS_VIEW, FILES_VIEW, STATUSES, group_raw, status_raw

LOCAL = ZoneInfo("Europe/Stockholm")
PAGE_SIZE, MOST_ON_A_PAGE = 25, 100
OPERATORS: dict[str, Callable[[str, list[str]], bool]] = {
    "EQUALS": lambda value, wanted: value == wanted[0],
    "NOT_EQUALS": lambda value, wanted: value != wanted[0],
    "IN": lambda value, wanted: value in wanted,
    "NOT_IN": lambda value, wanted: value not in wanted,
    "LIKE": lambda value, wanted: squeezed(wanted[0]) in squeezed(value),
    "NOT_LIKE": lambda value, wanted: squeezed(wanted[0]) not in squeezed(value),
    "GREATER_THAN": lambda value, wanted: value > wanted[0],
    "GREATER_THAN_OR_EQUALS": lambda value, wanted: value >= wanted[0],
    "LESS_THAN": lambda value, wanted: value < wanted[0],
    "LESS_THAN_OR_EQUALS": lambda value, wanted: value <= wanted[0],
}


class WrongRequestError(Exception):
    """Nobody can answer this; ``words`` say why."""

    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.words = words


@dataclass(frozen=True)
class Value:
    """What one property of one item says: to a person, and to a machine."""

    name: str
    content: str
    raw: str | None = None

    def as_json(self) -> dict[str, Any]:
        return {"name": self.name, "content": self.content, "rawValue": self.raw}


@dataclass(frozen=True)
class Item:
    """One row. A collection is several values of one name."""

    id: str
    values: tuple[Value, ...]
    files: tuple[Attachment, ...] = ()

    def of(self, name: str) -> list[Value]:
        return [value for value in self.values if value.name == name]

    def as_json(self) -> dict[str, Any]:
        files = [
            {"name": file.name, "value": "" if file.secret else b64encode(file.content).decode(),
             "contentId": content_id(file)}
            for file in self.files
        ]  # fmt: skip
        return {"id": self.id, "property": [value.as_json() for value in self.values], "attachment": files}


@dataclass(frozen=True)
class Column:
    """``leads_to`` is what kind of thing a connection leads to: ITEM, USER, GROUP or PROPERTY."""

    name: str
    datatype: str = "STRING"
    leads_to: str = ""
    collection: bool = False

    def as_json(self) -> dict[str, Any]:
        connection = {"connectiontype": self.leads_to} if self.leads_to else {}
        return {"content": self.name, "datatype": self.datatype, "collection": self.collection} | connection


def _connection(name: str, leads_to: str) -> Column:
    return Column(name, "CONNECTION", leads_to)


COLUMNS: dict[str, tuple[Column, ...]] = {
    CASES_VIEW: (
        Column("Ärendenummer"), Column("Rubrik"), Column("Beskrivning", "TEXT"), _connection("Status", "PROPERTY"),
        _connection("Inkorg", "GROUP"), _connection("Handläggare", "USER"), Column("Handläggarens konto"),
        _connection("Kanal", "PROPERTY"), Column("Skapad", "DATETIME"), Column("Uppdaterad", "DATETIME"),
        _connection("Sökande", "ITEM"), Column("Personnummer"), Column("Skyddade uppgifter"), Column("Språk"),
        Column("Fastighet"), Column("Anläggning"), _connection("Låst av", "USER"), Column("Taggar", collection=True),
    ),
    EVENTS_VIEW: (
        Column("Nummer"), _connection("Ärende", "ITEM"), Column("Typ"), Column("Text", "TEXT"), Column("Ämne"),
        Column("Till"), Column("Referens"), Column("Kvittens"), Column("Att göra"), Column("Registrerad", "DATETIME"),
        _connection("Registrerad av", "USER"), Column("Bilaga", collection=True),
    ),
    FILES_VIEW: (Column("Ärendenummer"), Column("Sekretess på bilaga", collection=True)),
}  # fmt: skip


class Views:
    """The two views on a register. ``accounts`` are users' names by what they are shown as."""

    def __init__(self, register: Register, accounts: dict[str, str]) -> None:
        self._cases = {number: f"46:{place}" for place, number in enumerate(sorted(register.cases), 1)}
        self._register = register
        self._accounts = accounts

    def rows(self, view: str) -> list[Item]:
        """All rows, those that were changed last first. Raises ``WrongRequestError`` where there is no such view."""
        if view not in COLUMNS:
            raise WrongRequestError(f"Item view {view} could not be found.")
        cases = sorted(self._register.cases.values(), key=lambda c: (c.events[-1].at, c.number), reverse=True)
        if view == CASES_VIEW:
            return [self._case(case) for case in cases]
        if view == FILES_VIEW:
            return [self._files(case) for case in cases]
        return [self._event(case, event) for case in cases for event in reversed(case.events)]

    def _case(self, case: CaseFile) -> Item:
        number = self._cases[case.number]
        lock, applicant = case.lock.by if case.lock else "", number.replace("46:", "52:")
        values = [
            Value("Ärendenummer", case.number), Value("Rubrik", case.case.title),
            Value("Beskrivning", case.description), Value("Status", STATUSES[case.status], status_raw(case.status)),
            Value("Inkorg", case.inbox, group_raw(case.inbox)), _user("Handläggare", case.handler),
            Value("Handläggarens konto", self._accounts.get(case.handler, "")),
            Value("Kanal", case.case.channel, "149:1"), _moment("Skapad", case.created),
            _moment("Uppdaterad", case.events[-1].at), Value("Sökande", case.citizen_name, applicant),
            Value("Personnummer", case.case.citizen), Value("Skyddade uppgifter", "Ja" if case.protected else "Nej"),
            Value("Språk", case.case.language), Value("Fastighet", case.case.property_id),
            Value("Anläggning", case.case.facility), _user("Låst av", lock),
        ]  # fmt: skip
        tags = [Value("Taggar", tag) for tag in (case.case.channel, case.inbox)]
        return Item(number, (*values, *tags))

    def _files(self, case: CaseFile) -> Item:
        secret = [Value("Sekretess på bilaga", file.name, content_id(file)) for file in case.received if file.secret]
        number = Value("Ärendenummer", case.number)
        return Item(self._cases[case.number], (number, *secret), tuple(case.received))

    def _event(self, case: CaseFile, event: Event) -> Item:
        facts = dict(event.facts)
        values = [
            Value("Nummer", event.number), Value("Ärende", case.number, self._cases[case.number]),
            Value("Typ", event.kind), Value("Text", event.text),
            *(Value(name, facts.get(name, "")) for name in ("Ämne", "Till", "Referens", "Kvittens", "Att göra")),
            _moment("Registrerad", event.at), _user("Registrerad av", event.by),
            *(Value("Bilaga", attachment.name) for attachment in event.attachments),
        ]  # fmt: skip
        return Item(f"47:{int(event.number.removeprefix('H-'))}", tuple(values))


def content_id(file: Attachment) -> str:
    """What a file is known by: 32 hex digits, which say nothing."""
    return hashlib.sha256(file.number.encode()).hexdigest()[:32]


def _user(name: str, shown: str) -> Value:
    return Value(name, shown, f"2:{sum(shown.encode())}" if shown else EMPTY)


def _moment(name: str, at: datetime) -> Value:
    """People read the town's own time, machines that of Greenwich."""
    there = at.replace(tzinfo=LOCAL, microsecond=0)
    return Value(name, f"{there:%Y-%m-%d %H:%M}", f"{there.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}")


def answer(views: Views, asked: dict[str, Any]) -> dict[str, Any]:
    """What «GET /items» answers. Raises ``WrongRequestError``."""
    view = str(asked.get("itemViewIdentifier", ""))
    rows = views.rows(view)
    known = {column.name for column in COLUMNS[view]}
    for told in asked.get("columnFilter") or []:
        rows = _filtered(rows, told, known)
    if wanted := asked.get("idFilter"):
        rows = [row for row in rows if row.id == wanted]
    words = squeezed(str(asked.get("freeTextFilter") or "")).split()
    rows = [row for row in rows if all(word in _everything(row) for word in words)]
    if sort := asked.get("sortColumn"):
        _known(str(sort.get("content")), known)
        name, last = sort["content"], sort.get("order") == "Descending"
        rows.sort(key=lambda row: [v.content for v in row.of(name)], reverse=last)
    return _page(rows, asked) | {"columns": {"column": [column.as_json() for column in COLUMNS[view]]}}


def _page(rows: Sequence[Item], asked: dict[str, Any]) -> dict[str, Any]:
    requested = _number(asked.get("page"), 0)
    size = min(_number(asked.get("pageSize"), PAGE_SIZE) or PAGE_SIZE, MOST_ON_A_PAGE)
    page = max(1, requested)  # one that was not asked for is told as 0, and is the first
    return {
        "items": {"item": [row.as_json() for row in rows[(page - 1) * size : page * size]]},
        "requestedPage": requested, "page": page, "pageSize": size,
        "totalNumberOfPages": max(1, -(-len(rows) // size)), "totalNumberOfItems": len(rows),
    }  # fmt: skip


def _filtered(rows: Iterable[Item], told: dict[str, Any], known: set[str]) -> list[Item]:
    name, comparator = str(told.get("columnName", "")), str(told.get("comparator", ""))
    _known(name, known)
    if comparator not in OPERATORS:
        raise WrongRequestError(f"Comparator {comparator} is not valid.")
    raw = "rawValue" in told
    wanted = str(told["rawValue"] if raw else told.get("content", ""))
    several = wanted.split(",") if comparator in ("IN", "NOT_IN") else [wanted]
    fits, some = OPERATORS[comparator], not comparator.startswith("NOT_")

    def kept(row: Item) -> bool:
        values = [(value.raw or "") if raw else value.content for value in row.of(name)]
        return any(fits(v, several) for v in values) if some else all(fits(v, several) for v in values)

    return [row for row in rows if kept(row)]


def _known(name: str, known: set[str]) -> None:
    if name not in known:
        raise WrongRequestError(f"Column {name} could not be found in the item view.")


def _everything(row: Item) -> str:
    return squeezed(" ".join(value.content for value in row.values))


def _number(value: Any, otherwise: int) -> int:
    return int(value) if str(value if value is not None else "").isdecimal() else otherwise
