"""How Easit GO puts things in JSON, and what one installation calls them.

An item's properties are a list and stay one: a collection is several properties of one name.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, TypeVar

import httpx
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from robots.cases.contract import Attachment
from robots.cases.named import CaseNames
from robots.errors import ConfigurationError, DownloadBroken, PageNotRecognised, SeveralMatches
from robots.local_time import ZONE
from robots.systems.documents import Document

T = TypeVar("T", bound=BaseModel)
LEADS_NOWHERE = "null:"  # how the raw value of an empty connection begins


class Names(CaseNames):
    """What the municipality has called its item views, import handlers, data sources, columns and values."""

    case_view: str
    event_view: str
    file_view: str
    note_handler: str
    message_handler: str
    claim_handler: str
    status_handler: str
    handover_handler: str

    module: int
    status_source: str
    inbox_source: str
    registered: str

    event_number: str
    event_case: str
    event_kind: str
    text: str
    subject: str
    todo: str
    reference: str
    receipt: str
    secret_file: str


class _Told(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class _Property(_Told):
    name: str
    content: str | None = None
    raw: str | None = Field(None, alias="rawValue")


class _File(_Told):
    name: str
    value: str | None = None
    key: str = Field(alias="contentId")


class _Listed(_Told):
    id: str
    properties: list[_Property] = Field(alias="property")
    files: list[_File] = Field([], alias="attachment")


class _Column(_Told):
    content: str


class _Columns(_Told):
    column: list[_Column]


class _Found(_Told):
    listed: list[_Listed] = Field(alias="item")


class _Page(_Told):
    columns: _Columns
    found: _Found = Field(alias="items")
    page: int
    pages: int = Field(alias="totalNumberOfPages")
    total: int = Field(alias="totalNumberOfItems")


class _Value(_Told):
    raw: str = Field(alias="rawValue")
    name: str


class _Source(_Told):
    datasource: list[_Value]


class _Result(_Told):
    result: str
    words: str | None = Field(None, alias="skippedOrExceptionMessage")


class _Results(_Told):
    results: list[_Result] = Field(alias="importItemResult")


class Row:
    """One item of a view. Raises ``ConfigurationError`` where it is asked for a column that the view does not show."""

    def __init__(self, view: str, listed: _Listed, columns: frozenset[str]) -> None:
        self.id = listed.id
        self._view = view
        self._properties = listed.properties
        self._files = listed.files
        self._columns = columns

    def each(self, name: str) -> tuple[_Property, ...]:
        """The properties of that name: none where it is empty, several in a collection."""
        if name not in self._columns:
            raise ConfigurationError(f"Easit GO: vyn {self._view} visar inte kolumnen «{name}».", "systems.toml")
        return tuple(
            p for p in self._properties if p.name == name and p.content and not (p.raw or "").startswith(LEADS_NOWHERE)
        )

    def text(self, name: str) -> str:
        """What a person reads there; "" where it is empty. Two different values are ``SeveralMatches``."""
        found = {p.content or "" for p in self.each(name)}
        if len(found) > 1:
            raise SeveralMatches(f"Easit GO: {self.id} har flera värden i «{name}»: {', '.join(sorted(found))}.")
        return found.pop() if found else ""

    def version(self, name: str) -> str:
        """The raw value, which tells more of the time than what a person reads. "" without a name."""
        return " ".join(p.raw or p.content or "" for p in self.each(name)) if name else ""

    def files(self, secret: str) -> list[tuple[Attachment, bytes]]:
        """The files and what is in them; ``secret`` is the column that names those that are not for everybody."""
        kept = {p.raw for p in self.each(secret)}
        found = [(file, _decoded(file)) for file in self._files]
        return [(Attachment(f.key, f.name, "", len(content), f.key in kept), content) for f, content in found]

    def day(self, name: str) -> date:
        """The day in Sweden. By the raw value, which is in UTC: the other one is written as the user likes it."""
        found = {p.raw for p in self.each(name)}
        if len(found) != 1 or None in found:
            raise PageNotRecognised(f"Easit GO: {self.id} har ingen tid i «{name}».")
        try:
            return datetime.fromisoformat(str(found.pop())).astimezone(ZONE).date()
        except (ValueError, OverflowError):
            raise PageNotRecognised(f"Easit GO: {self.id} har ingen tid i «{name}».") from None


class Listing:
    """One page of a view's rows, and how many there are on all its pages."""

    def __init__(self, view: str, answer: httpx.Response) -> None:
        told = _read(_Page, answer)
        columns = frozenset(column.content for column in told.columns.column)
        self.rows = [Row(view, listed, columns) for listed in told.found.listed]
        self.page, self.pages, self.total = told.page, told.pages, told.total


def values_in(answer: httpx.Response) -> list[tuple[str, str]]:
    """A data source's values: raw value and name."""
    return [(value.raw, value.name) for value in _read(_Source, answer).datasource]


def refusal(answer: httpx.Response) -> str:
    """The system's own words when it did not import what it was sent, else "".

    An answer that cannot be read says neither: whether it was imported is for a look to tell.
    """
    if answer.is_client_error:
        return f"{answer.status_code} {answer.text[:200]}".strip()
    try:
        (told,) = _read(_Results, answer).results
    except (PageNotRecognised, ValueError):
        return ""
    return "" if told.result == "OK" else told.words or told.result


def where(name: str, comparator: str, content: str) -> dict[str, str]:
    """A filter on what a person reads in the column."""
    return {"columnName": name, "comparator": comparator, "content": content}


def to_import(handler: str, mark: str, properties: Sequence[dict[str, str]], documents: Sequence[Document]) -> Any:
    """One thing for an import handler. Easit looks at no ``uid``: sent twice, it is made twice."""
    return {
        "importHandlerIdentifier": handler,
        "itemToImport": [
            {
                "id": "1",
                "uid": hashlib.sha256(mark.encode()).hexdigest()[:32],
                "property": properties,
                "attachment": [_attached(document) for document in documents],
            }
        ],
    }


def said(name: str, content: str, raw: str = "") -> dict[str, str]:
    """A property to import; ``raw`` is the value of a list that is meant, whatever it is called."""
    return {"name": name, "content": content} | ({"rawValue": raw} if raw else {})


def _decoded(file: _File) -> bytes:
    try:
        return base64.b64decode(file.value or "", validate=True)
    except ValueError:  # letters of no such code, or no whole number of them
        raise DownloadBroken(f"Easit GO: filen {file.name} kom inte hel.") from None


def _attached(document: Document) -> dict[str, str]:
    content = base64.b64encode(document.content).decode()
    return {"name": document.name, "value": content, "contentId": document.sha256[:32]}


def _read(model: type[T], answer: httpx.Response) -> T:
    try:
        return model.model_validate_json(answer.content)
    except ValidationError as error:  # its own words hold what was answered
        where_wrong = ".".join(str(part) for part in error.errors()[0]["loc"])
        raise PageNotRecognised(f"Easit GO svarade inte som väntat ({answer.status_code}, {where_wrong}).") from None
