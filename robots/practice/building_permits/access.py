"""What every page of Bygglov Castell shares: who looks, the page that posts itself back, and the words of refusal."""

from __future__ import annotations

from typing import Any, ClassVar

from fastapi import Request
from fastapi.responses import Response

from robots.practice.building_permits.viewstate import PageState, StaleViewState, ViewStates
from robots.practice.guarded import GuardedSystem, session_of

REFUSED = "Du har läsbehörighet och kan inte registrera något i Bygglov Castell."
STALE = "Sidans tillstånd (__VIEWSTATE) är för gammalt eller ogiltigt. Öppna sidan på nytt från menyn."
PARTIAL = "X-Delsida"  # the header of a postback that asks for the page's moving part only
PREFIX = "ctl00$Innehall$"


class Posted:
    """What a page was sent back with: its own state, the control that was clicked, and its fields."""

    def __init__(self, state: PageState, fields: dict[str, str], partial: bool) -> None:
        self.state = state
        self.fields = fields
        self.partial = partial

    def __getitem__(self, name: str) -> str:
        """The value of the field ``ctl00$Innehall$<name>``, "" where it was not sent."""
        return self.fields.get(PREFIX + name, "").replace("\r\n", "\n").strip()

    def clicked(self, name: str) -> bool:
        """Whether this button was pressed, or this control has posted the page back."""
        return PREFIX + name in (self.fields.get("__EVENTTARGET"), *self._buttons())

    @property
    def argument(self) -> str:
        return self.fields.get("__EVENTARGUMENT", "")

    def _buttons(self) -> list[str]:
        return [name for name in self.fields if name.startswith(f"{PREFIX}btn")]


class CastellSystem(GuardedSystem):
    """Bygglov Castell without its registers."""

    cookie: ClassVar[str] = "castell_session"

    view_states: ViewStates

    def opened(self, request: Request, template: str, remembered: dict[str, Any], **values: Any) -> Response:
        """A page that is opened, with what it is to remember."""
        state = self.view_states.first(session_of(request), _address(request), remembered)
        return self.show(request, template, viewstate=state, address=_address(request), **values)

    def sent_back(
        self,
        request: Request,
        posted: Posted,
        template: str,
        remembered: dict[str, Any],
        *,
        part: str = "",
        **values: Any,
    ) -> Response:
        """The answer to a postback, with a new state: the page, or only its ``part`` where that was asked for."""
        state = self.view_states.next(session_of(request), posted.state, remembered)
        shown = "_part.html" if posted.partial and part else template
        return self.show(request, shown, viewstate=state, address=_address(request), part=part, **values)

    async def posted(self, request: Request) -> Posted:
        """Raises ``StaleViewState``."""
        form = await request.form()
        fields = {name: str(value) for name, value in form.items()}
        state = self.view_states.read(session_of(request), _address(request), fields.get("__VIEWSTATE", ""))
        return Posted(state, fields, request.headers.get(PARTIAL) == "ja")

    async def answer(self, request: Request, handler: Any) -> Response:
        try:
            response: Response = await handler(request)
        except StaleViewState:
            return self.show(request, "message.html", 409, heading="Sidan är för gammal", message=STALE)
        return response

    def page_asked_for(self, request: Request) -> str:
        """A page that posts itself back is at the address that it posts to."""
        return request.url.path + (f"?{request.url.query}" if request.url.query else "")

    def missing(self, request: Request, what: str = "Sidan finns inte.") -> Response:
        return self.show(request, "message.html", 404, heading="Sidan hittades inte", message=what)

    def refused(self, request: Request) -> Response:
        return self.show(request, "message.html", 403, heading="Behörighet saknas", message=REFUSED)


def _address(request: Request) -> str:
    return request.url.path + (f"?{request.url.query}" if request.url.query else "")
