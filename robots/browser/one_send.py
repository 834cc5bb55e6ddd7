"""The transport that lets a change leave exactly once.

Chromium by itself sends a POST again when the connection drops after the server has committed, or when it is answered
408: one click, two bookings. Here every request that can change something is taken from the browser, sent by a client
that never repeats and never follows a redirect that would repeat it, and its answer is given back to the page.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from playwright.sync_api import BrowserContext, Request, Route
from playwright.sync_api import Error as PlaywrightError

from robots.browser.multipart import Upload, with_files, without_boundary
from robots.errors import ApplicationException

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
# Everything but what a page is decorated with, which nobody sends a form to: that much the browser fetches by itself,
# without a trip through here for each style sheet and picture.
WATCHED = re.compile(r"^(?![^?#]*\.(?:css|js|mjs|png|jpe?g|gif|svg|ico|webp|woff2?)(?:[?#]|$))")
REPEATING_REDIRECTS = frozenset({307, 308})
# On a connection of its own, which must first be made: on one that stands already the operating system takes the change
# from a machine that is cut off, and delivers it when the link is up again, long after the robot has been ended.
ALONE = {"connection": "close"}


@dataclass(frozen=True)
class Sent:
    """One request that was to leave. ``status`` is None when no answer came back, ``why`` says what happened."""

    method: str
    url: str
    status: int | None
    why: str = ""


class OneSend:
    """While it is entered, every changing request of the context goes out through it, each at most once.

    ``sent`` lists what left, ``refused`` what the page tried to send a second time. ``uploads`` are the files that
    the form carries, since the browser does not show their contents to anybody who stands in between. ``gate`` is
    asked right before a change leaves: what it raises is kept in ``stopped``, and the change does not leave. ``own`` is
    asked of its address, which the browser's own rules do not bind here. What a page sends aside to where it may not is
    only kept from leaving.
    """

    def __init__(
        self,
        context: BrowserContext,
        uploads: Sequence[Upload] = (),
        timeout: float = 30.0,
        gate: Callable[[], None] | None = None,
        own: Callable[[str], None] | None = None,
    ) -> None:
        self._context = context
        self._uploads = tuple(uploads)
        self._timeout = timeout
        self._gate = gate
        self._own = own
        self.stopped: Exception | None = None
        self._fingerprints: set[str] = set()
        self._held: list[Route] = []
        self.sent: list[Sent] = []
        self.refused: list[str] = []

    def __enter__(self) -> Self:
        self._context.route(WATCHED, self._pass_on)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._end_what_is_held()
            self._context.unroute(WATCHED, self._pass_on)
        except PlaywrightError:
            if kind is None:
                raise

    def _end_what_is_held(self) -> None:
        """A request whose answer nobody waits for: let go of, it would be sent by the browser itself, once more."""
        while self._held:
            route = self._held.pop()
            self.sent.append(Sent(route.request.method, route.request.url, None, "ingen väntade längre på svaret"))
            route.abort("connectionreset")

    @property
    def answered(self) -> bool:
        return any(s.status is not None for s in self.sent)

    def _pass_on(self, route: Route) -> None:
        request = route.request
        if request.method in SAFE_METHODS:
            route.continue_()
            return
        if not self._may_be_reached(request):
            route.abort("addressunreachable")
            return
        fingerprint = _fingerprint(request)
        if fingerprint in self._fingerprints:
            self.refused.append(request.url)
            route.abort("blockedbyclient")
            return
        self._fingerprints.add(fingerprint)
        if self._may_leave():
            self._send(route, request)
        else:
            route.abort("blockedbyclient")

    def _may_be_reached(self, request: Request) -> bool:
        try:
            if self._own:
                self._own(request.url)
        except ApplicationException as error:
            if request.is_navigation_request():
                self.stopped = self.stopped or error
            return False
        return True

    def _may_leave(self) -> bool:
        if self._gate and self.stopped is None:
            try:
                self._gate()
            except Exception as error:  # raised from here it would be lost; whoever entered raises it
                self.stopped = error
        return self.stopped is None

    def _send(self, route: Route, request: Request) -> None:
        body = request.post_data_buffer
        try:
            if self._uploads and body is not None:
                body = with_files(body, request.headers.get("content-type", ""), self._uploads)
        except ApplicationException as error:
            # Nothing leaves. Raised from here it would be lost, and the page would wait for ever.
            self.sent.append(Sent(request.method, request.url, None, str(error)))
            route.abort("blockedbyclient")
            return
        self._held.append(route)
        try:
            answer = route.fetch(
                max_redirects=0, max_retries=0, post_data=body, timeout=self._timeout * 1000,
                headers={**request.headers, **ALONE},
            )  # fmt: skip
        except PlaywrightError as error:
            if self._still_held(route):
                self.sent.append(Sent(request.method, request.url, None, error.message.splitlines()[0]))
                route.abort("connectionreset")
            return
        if not self._still_held(route):
            return
        if answer.status in REPEATING_REDIRECTS:
            # Followed by the browser it would send the whole form a second time, to wherever it points.
            self.sent.append(Sent(request.method, request.url, None, f"omdirigering {answer.status} följs inte"))
            route.abort("blockedbyresponse")
            return
        self.sent.append(Sent(request.method, request.url, answer.status))
        route.fulfill(response=answer)

    def _still_held(self, route: Route) -> bool:
        """Whether its end is still to come; from now on it is the caller's."""
        if route not in self._held:
            return False
        self._held.remove(route)
        return True


def _fingerprint(request: Request) -> str:
    body = without_boundary(request.post_data_buffer or b"", request.headers.get("content-type", ""))
    return hashlib.sha256(b"\0".join((request.method.encode(), request.url.encode(), body))).hexdigest()
