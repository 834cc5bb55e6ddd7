"""Every answer that is no success, in one shape: ``{"error", "field", "expected"}``."""

from __future__ import annotations

from typing import Any

from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse

from robots.portal.api.models import Fault
from robots.portal.doors.bodies import TOO_MUCH
from robots.portal.refusals import AWAY, DENIED, OFTEN, REFUSED

NOT_USABLE = "Det som skickades går inte att använda."
MISSING = "Det finns inget sådant, eller så når du det inte med ditt konto."
LOG_IN = "Skicka din nyckel: Authorization: Bearer rk_…"
CHANGE_FIRST = "Byt först lösenordet i portalen: någon annan har valt det."
NOT_ALONE = "Samma sak är redan beställd av någon annan, i en körning som du inte når."
SEND_JSON = "Skicka JSON (UTF-8)."
_DESCRIBED = "Se beskrivningen i /api/v1/openapi.json."
_WORDS = {
    "missing": "Det saknas.", "json_invalid": SEND_JSON, "extra_forbidden": "Det finns inget sådant fält.",
    "string_too_short": "Skriv något.", "model_attributes_type": "Skicka JSON med Content-Type: application/json.",
}  # fmt: skip
# What each route may answer beside its success.
DESCRIPTIONS = {
    401: "No key and no session, or one that has ended.", 403: "The account has not the right that it takes.",
    404: "There is none, or the account does not reach it: which of the two is not told.",
    409: "It cannot be done as things stand now.", 413: "More than 1 MB was sent; of a sheet, more than 10 MB.",
    422: "What was sent cannot be used; nothing was changed.",
    429: "Too many requests; Retry-After says in how many seconds there is room.",
    503: "The database does not answer; nothing was changed.",
}  # fmt: skip
# One of each, as it is answered; a 422 has the one of its model.
EXAMPLES = {
    401: LOG_IN, 403: ". ".join(DENIED), 404: MISSING, 409: "Den är redan avslutad och går inte att avbryta.",
    413: f"{REFUSED}. {TOO_MUCH}", 429: ". ".join(OFTEN), 503: ". ".join(AWAY),
}  # fmt: skip
RESPONSES: dict[int | str, dict[str, Any]] = {
    status: {"model": Fault, "description": words} for status, words in DESCRIPTIONS.items()
}


class Refused(Exception):
    """Raised by a route of the API for an answer of its own; ``status`` is one of ``RESPONSES``.

    ``more`` is told beside it, by a route that says so itself.
    """

    def __init__(self, status: int, error: str, field: str = "", expected: str = "", **more: Any) -> None:
        super().__init__(error)
        self.status = status
        self.field = field
        self.expected = expected
        self.more = more


def answered(
    status: int, error: str, field: str = "", expected: str = "", *, headers: dict[str, str] | None = None, **more: Any
) -> JSONResponse:
    return JSONResponse(Fault(error=error, field=field, expected=expected).model_dump() | more, status, headers)


def not_understood(error: RequestValidationError) -> JSONResponse:
    """The first thing that is wrong with a request, by the name that its sender gave it."""
    first = error.errors()[0]
    place = [str(part) for part in first["loc"][1:]]
    if first["type"] == "json_invalid":
        place = []
    own = first.get("ctx", {}).get("error")
    expected = str(own) if isinstance(own, ValueError) else _WORDS.get(first["type"], _DESCRIBED)
    return answered(422, NOT_USABLE, ".".join(place), expected)
