"""What support-management says no with (``application/problem+json``), in plain Swedish."""

from __future__ import annotations

import httpx
from pydantic import BaseModel, ConfigDict, ValidationError

# The codes of an answer to a change that was decided on with an older picture of the errand than the one that holds.
OVERTAKEN = (httpx.codes.CONFLICT, httpx.codes.PRECONDITION_FAILED)
FIELDS = {
    "assignedUserId": "handläggaren",
    "attachments": "bilagorna",
    "base64EncodedString": "bilagan",
    "body": "anteckningens text",
    "context": "sammanhanget",
    "htmlMessage": "meddelandets text",
    "message": "meddelandets text",
    "recipient": "mottagaren",
    "sender": "avsändaren",
    "status": "statusen",
    "subject": "ämnet",
}
RULES = {
    "must not be blank": "får inte vara tomt",
    "must not be null": "måste anges",
    "must be a well-formed email address": "måste vara en e-postadress",
    "not a valid UUID": "är inte en giltig identitet",
    "not a valid BASE64-encoded string": "är inte kodat i base64",
}
STATUSES = {
    400: "Ärendesystemet förstod inte vad roboten bad om.",
    401: "Ärendesystemet känner inte roboten.",
    403: "Roboten har inte rätt att göra det.",
    404: "Ärendesystemet hittar inte det som roboten frågade efter.",
    413: "Bilagorna är för stora.",
}


class _Violation(BaseModel):
    field: str
    message: str

    def __str__(self) -> str:
        """``field`` may be the whole path to it; its last part says which it is."""
        last = self.field.rpartition(".")[2]
        rule = RULES.get(self.message, f"godtas inte («{self.message}»)")
        return f"{FIELDS.get(last, f'«{last}»')} {rule}"


class _Problem(BaseModel):
    model_config = ConfigDict(extra="ignore")

    title: str = ""
    detail: str = ""
    violations: list[_Violation] = []


def refusal(answer: httpx.Response) -> str:
    """Why the system did not do it, or "" where it did, or where that is for a look to tell.

    A change that somebody else's came before is such a one: the errand is read anew, and what stands there decides.
    """
    if not answer.is_client_error or answer.status_code in OVERTAKEN:
        return ""
    try:
        told = _Problem.model_validate_json(answer.content)
    except ValidationError:
        told = _Problem()
    if told.violations:
        words = "; ".join(str(each) for each in told.violations)
        return f"{words[0].upper()}{words[1:]}."
    plain = STATUSES.get(answer.status_code, f"Ärendesystemet svarade {answer.status_code}.")
    return f"{plain} ({told.detail})" if told.detail else plain
