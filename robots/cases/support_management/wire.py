"""What support-management answers with, and what one installation calls things.

Which statuses, categories, channels and parameters there are is each namespace's own; they stand under
``[support_management.names]`` in ``config/systems.toml``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar

import httpx
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from robots.cases import named
from robots.errors import PageNotRecognised, SeveralMatches

T = TypeVar("T")
CHANNEL = "channel."


class Names(named.Names):
    """What the municipality calls the parameters in which it keeps what the interface has no field for.

    ``channel`` is what a person reads of each channel's code: the keys that begin with ``channel.``.
    """

    applicant_role: str
    email_channel: str
    personal_number: str
    protected: str
    language: str
    property_id: str
    facility: str
    handler_name: str
    locked_by: str
    handover: str
    secret_files: str

    note_context: str
    note_role: str
    sender: str
    sender_name: str
    channel: dict[str, str]

    @classmethod
    def of(cls, told: Mapping[str, object]) -> Self:
        plain = {name: value for name, value in told.items() if not name.startswith(CHANNEL)}
        channel = {name.removeprefix(CHANNEL): value for name, value in told.items() if name not in plain}
        return super().of({**plain, "channel": channel})


class _Told(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class Parameter(_Told):
    """What an errand or a person is known to have besides the interface's own fields."""

    key: str
    group: str | None = None
    display_name: str | None = Field(None, alias="displayName")
    values: list[str] = []

    def as_json(self) -> dict[str, Any]:
        told = {"key": self.key, "group": self.group, "displayName": self.display_name, "values": self.values}
        return {name: value for name, value in told.items() if value is not None}


class _Contact(_Told):
    type: str
    value: str


class Stakeholder(_Told):
    role: str | None = None
    first_name: str | None = Field(None, alias="firstName")
    last_name: str | None = Field(None, alias="lastName")
    contacts: list[_Contact] = Field([], alias="contactChannels")
    parameters: list[Parameter] = []

    @property
    def name(self) -> str:
        return " ".join(part for part in (self.first_name, self.last_name) if part)


class _Classification(_Told):
    category: str
    type: str


class Errand(_Told):
    """An errand as the interface tells it. ``classification.category`` is the code of the inbox that it lies in."""

    id: str
    number: str = Field(alias="errandNumber")
    title: str
    status: str
    classification: _Classification
    channel: str | None = None
    user: str | None = Field(None, alias="assignedUserId")
    created: AwareDatetime
    modified: str | None = None
    stakeholders: list[Stakeholder] = []
    parameters: list[Parameter] = []


class Errands(_Told):
    """One page of errands. Pages are counted from 0."""

    content: list[Errand]
    page: int = Field(alias="number")
    pages: int = Field(alias="totalPages")
    total: int = Field(alias="totalElements")


class Event(_Told):
    type: str


class Events(_Told):
    content: list[Event]


class Note(_Told):
    id: str
    subject: str


class _Meta(_Told):
    page: int
    pages: int = Field(alias="totalPages")
    total: int = Field(alias="totalRecords")


class Notes(_Told):
    """One page of an errand's notes. Here they are counted from 1."""

    meta: _Meta = Field(alias="_meta")
    notes: list[Note]


class Communication(_Told):
    id: str = Field(alias="communicationID")
    headers: dict[str, list[str]] | None = Field(None, alias="emailHeaders")


class File(_Told):
    """A file of an errand, by what the interface knows it by."""

    id: str
    name: str = Field(alias="fileName")
    type: str | None = Field(None, alias="mimeType")
    size: int = Field(alias="fileSize")


class Category(_Told):
    name: str
    shown: str = Field(alias="displayName")


def value_of(parameters: list[Parameter], key: str) -> str:
    """The one value of the parameter; "" where it is not there. Several are ``SeveralMatches``."""
    found = values_of(parameters, key)
    if len(found) > 1:
        raise SeveralMatches(f"Support-management: ärendet har flera värden i «{key}»: {', '.join(sorted(found))}.")
    return found.pop() if found else ""


def values_of(parameters: list[Parameter], key: str) -> set[str]:
    """All values of the parameter."""
    return {value for parameter in parameters if parameter.key == key for value in parameter.values}


def read_as(kind: type[T], answer: httpx.Response) -> T:
    """What the answer tells. Raises ``PageNotRecognised`` where it is something else: silence is no absence."""
    try:
        return TypeAdapter(kind).validate_json(answer.content)
    except ValidationError as error:  # its own words hold what was answered
        where_wrong = ".".join(str(part) for part in error.errors()[0]["loc"])
        raise PageNotRecognised(
            f"Support-management svarade inte som väntat ({answer.status_code}, {where_wrong})."
        ) from None


def quoted(text: str) -> str:
    """A text as the filter language writes it."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
