"""The messages: what people have been told, whether it arrived, and sending anew what did not."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from robots.audit.writing import note
from robots.portal.desk import desk_of
from robots.portal.doors.guards import needs
from robots.portal.pages import page
from robots.portal.rights import May, Visitor
from robots.portal.wording import marked as _
from robots.scheduler.scheduler import database_time
from robots.telling.sending import listed, try_again

router = APIRouter()
LATEST = 200
SENDING = {
    "waiting": _("väntar"), "sending": _("skickas"), "sent": _("skickat"), "given_up": _("kom inte fram"),
}  # fmt: skip


@router.get("/messages")
def messages(request: Request, visitor: Annotated[Visitor, needs(May.SEE_MACHINERY)], unsent: bool = False) -> Response:
    """Subjects only: what a message says is for whom it was written to."""
    with desk_of(request).store.begin() as connection:
        rows = listed(connection, unsent=unsent, limit=LATEST)
    return page(request, "messages", visitor, rows=rows, unsent=unsent, SENDING=SENDING)


@router.post("/messages/again")
def send_again(request: Request, visitor: Annotated[Visitor, needs(May.CHANGE_MACHINERY)]) -> Response:
    """What did not arrive is tried once more by the scheduler that is running."""
    with desk_of(request).store.begin() as connection:
        if anew := try_again(connection, database_time(connection)):
            note(connection, visitor.name, "messages_sent_again", messages=anew)
    return RedirectResponse("/messages", 303)
