"""What stands where Playwright stands, so that thousands of attempts a minute can be killed: a page that is a socket.

The toolkit's own parts are the real ones, from ``attempt_run`` down to the click that goes out through ``OneSend``;
only what would be the browser's is played: going to an address, one look round the page, the request of a form. The
target speaks one line of JSON for each line of JSON.
"""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import TimeoutError as PlaywrightTimeout

MINUTE_MS = 60_000.0
# Where the target is said to be; what is asked of it goes over a socket of the machine's own.
ADDRESS = "http://order.invalid"
BLANK = "about:blank"


class Wire:
    """A connection to the target, which is also the session: whatever goes wrong ends it."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._socket: socket.socket | None = None
        self._rest = b""

    def ask(self, question: dict[str, Any], timeout_ms: float) -> dict[str, Any]:
        """The target's answer. Raises Playwright's errors: that is what its callers know how to treat."""
        deadline = time.monotonic() + timeout_ms / 1000
        try:
            wire = self._connected(timeout_ms / 1000)
            # When it left: the target carries out nothing that has been longer on its way than it allows.
            wire.sendall(json.dumps({**question, "left": time.monotonic()}).encode() + b"\n")
            while b"\n" not in self._rest:
                wire.settimeout(max(0.001, deadline - time.monotonic()))
                came = wire.recv(65536)
                if not came:
                    raise ConnectionResetError("the connection was closed in mid-answer")
                self._rest += came
        except TimeoutError:
            self.close()
            raise PlaywrightTimeout("no answer in time") from None
        except OSError as error:
            self.close()
            raise PlaywrightError(f"connection lost: {type(error).__name__}") from None
        line, _, self._rest = self._rest.partition(b"\n")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def close(self) -> None:
        if self._socket:
            self._socket.close()
        self._socket, self._rest = None, b""

    def _connected(self, timeout: float) -> socket.socket:
        if self._socket is None:
            self._socket = socket.socket(socket.AF_UNIX)
            self._socket.settimeout(timeout)
            self._socket.connect(self._address)
        self._socket.settimeout(timeout)
        return self._socket


@dataclass
class PlainAnswer:
    """An answer as ``Workbench.demand_open`` and ``OneSend`` read it."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)


class PlainFrame:
    """The page's frame: whatever page was asked for is the one that is shown."""

    url = BLANK

    def __init__(self, page: PlainPage) -> None:
        self.page = page

    def evaluate(self, _function: str, told: str) -> str:
        return json.dumps({"state": "here", "words": json.loads(told)[0][0]})


class PlainPage:
    """A page of the target. ``hits`` is what the last search showed, ``system`` the address that it was asked of."""

    url = BLANK  # so that nobody takes a picture of it

    def __init__(self, context: PlainContext) -> None:
        self.context = context
        self.main_frame = PlainFrame(self)
        self.hits: list[str] = []
        self.system = ADDRESS

    def on(self, _event: str, _listener: Callable[..., None]) -> None:
        """There are no message boxes."""

    def is_closed(self) -> bool:
        return False

    def goto(self, address: str, *, wait_until: str, timeout: float) -> PlainAnswer:
        words = parse_qs(urlsplit(address).query).get("q", [""])[0]
        answer = self.context.wire.ask({"do": "find", "words": words}, timeout)
        self.hits = answer.get("hits", [])
        return PlainAnswer(answer["status"])

    def wait_for_timeout(self, milliseconds: float) -> None:
        time.sleep(milliseconds / 1000)  # the engine's own pause between two looks

    def wait_for_load_state(self, _state: str, *, timeout: float) -> None:
        """Loaded: the answer has come or is lost when the press returns."""


@dataclass
class PlainRequest:
    """The form's request."""

    url: str
    post_data_buffer: bytes
    method: str = "POST"
    headers: dict[str, str] = field(default_factory=dict)


class PlainRoute:
    """The form's request, held on its way out."""

    def __init__(self, wire: Wire, request: PlainRequest) -> None:
        self.request = request
        self._wire = wire

    def fetch(
        self, *, max_redirects: int, max_retries: int, post_data: bytes, timeout: float, headers: dict[str, str]
    ) -> PlainAnswer:
        return PlainAnswer(self._wire.ask(json.loads(post_data), timeout)["status"])

    def fulfill(self, *, response: PlainAnswer) -> None:
        """The page shows the answer; the engine does not believe it anyhow."""

    def abort(self, _code: str) -> None:
        """The page shows that nothing came."""


class Press:
    """The form's button, ready to be pressed once. ``restless`` tells for how many seconds it cannot be yet."""

    restless: Callable[[], float] = staticmethod(lambda: 0.0)

    def __init__(self, page: PlainPage, **form: str) -> None:
        self._page = page
        self._form = form

    def count(self) -> int:
        return 1

    def is_enabled(self, *, timeout: float) -> bool:
        return True

    def click(self, *, timeout: float = MINUTE_MS) -> None:
        context = self._page.context
        # As Playwright does: a button that still moves, or is covered, is pressed when it rests.
        time.sleep(Press.restless())
        assert context.gate is not None, "a change would leave round the one-send transport"
        request = PlainRequest(f"{self._page.system}/order", json.dumps({"do": "commit", **self._form}).encode())
        context.gate(PlainRoute(context.wire, request))


class PlainContext:
    """A window of its own: one session with the target."""

    def __init__(self, address: str) -> None:
        self.wire = Wire(address)
        self.gate: Callable[..., None] | None = None

    def route(self, _pattern: str, gate: Callable[..., None]) -> None:
        self.gate = gate

    def unroute(self, _pattern: str, _gate: Callable[..., None]) -> None:
        self.gate = None

    def add_cookies(self, _cookies: list[Any]) -> None:
        """The connection is the session."""

    def new_page(self) -> PlainPage:
        return PlainPage(self)

    def close(self) -> None:
        self.wire.close()


class PlainBrowser:
    """Gives windows as ``WarmBrowser`` does."""

    def __init__(self, address: str) -> None:
        self._address = address

    def take_window(self) -> PlainWindow:
        return PlainWindow(PlainContext(self._address))

    def give_back(self, window: PlainWindow) -> None:
        window.context.close()

    def prepare(self) -> None:
        """Nothing to warm."""


@dataclass
class PlainWindow:
    """One run's window."""

    context: PlainContext

    def page(self) -> PlainPage:
        return self.context.new_page()
