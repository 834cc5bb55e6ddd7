"""The settings that hold here: value, where it comes from and what it means, and the secrets that they need."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from robots.errors import RagnhildError
from robots.portal.desk import Desk, desk_of
from robots.portal.doors.guards import needs
from robots.portal.needed_secrets import Needed, needed_secrets
from robots.portal.pages import page, words_of
from robots.portal.rights import May, Visitor
from robots.portal.settings_listed import DEFAULT, settings_listed
from robots.portal.wording import marked as _

router = APIRouter()
# What is said of a secret; whether it is there is all that anybody is told.
SECRET_STATES = {
    "found": _("finns"), "missing": _("saknas"), "unused": _("saknas; det kan vara rätt"),
    "unknown": _("går inte att se"),
}  # fmt: skip


@router.get("/machinery/settings")
def settings(request: Request, visitor: Annotated[Visitor, needs(May.SEE_SETTINGS)]) -> Response:
    desk = desk_of(request)
    listed = [each | {"shown": _words(visitor, each["value"])} for each in settings_listed(desk.settings)]
    secrets, problem = secrets_of(desk)
    groups = ((_("Satta här"), [s for s in listed if s["source"] != DEFAULT]),
              (_("Förvalda"), [s for s in listed if s["source"] == DEFAULT]))  # fmt: skip
    return page(
        request, "machinery_settings", visitor, groups=groups, secrets=secrets, problem=problem,
        sources=desk.settings.secret_sources, SECRET_STATES=SECRET_STATES, DEFAULT=DEFAULT,
    )  # fmt: skip


def secrets_of(desk: Desk) -> tuple[list[Needed], str]:
    """The secrets that the configuration asks for, and why they cannot be told: "" when they can."""
    try:
        return list(needed_secrets(desk.settings)), ""
    except RagnhildError as error:  # the rest of the page is all the more worth seeing
        return [], str(error)


def _words(visitor: Visitor, value: Any) -> str:
    if isinstance(value, bool):
        return words_of(visitor, _("ja") if value else _("nej"))
    if isinstance(value, list):
        return ", ".join(value) or "–"
    return "–" if value in (None, "") else str(value)
