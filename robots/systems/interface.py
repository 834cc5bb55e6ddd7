"""The base of what works in a system by its programming interface (HTTP): ask as often as needed, commit once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx

from robots.browser.one_send import ALONE
from robots.errors import ApplicationException, LoginFailed, PageNotRecognised, SystemDown
from robots.systems.access import SystemAccess
from robots.systems.bench import Bench
from robots.tls import trusted

# 408 says that the request did not come whole, and 429 and 503 that it was not taken; whether that is so, a look tells.
UNCLEAR = (408, 425, 429)


class Interface(SystemAccess):
    """Base of ``Reader`` and ``Writer`` for a system without pages. Addresses are below the system's ``url``."""

    def __init__(self, bench: Bench) -> None:
        super().__init__(bench)
        bench.demand_sealed(bench.settings.url)
        self.http = httpx.Client(
            base_url=bench.settings.url.rstrip("/") + "/", timeout=bench.settings.timeout_seconds,
            transport=httpx.HTTPTransport(verify=trusted(), retries=0), follow_redirects=False, trust_env=False,
            **self.identified(),
        )  # fmt: skip
        self._let_in = False

    def identified(self) -> dict[str, Any]:
        """How the robot user tells the system who it is: ``auth`` or ``headers`` of an httpx client."""
        return {}

    def close(self) -> None:
        self.http.close()

    def ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        """Ask the system something that changes nothing.

        Raises ``SystemDown``, with the pause that it asks for, and ``LoginFailed`` when it does not know the robot: a
        refused key is never tried again.
        """
        if self._let_in:
            return self._answered(self._request(method, path, **more))
        # Until it is known to open, one at a time over all workers: a wrong key would else be tried by each of them.
        with self.bench.logins.alone():
            return self._answered(self._request(method, path, **more))

    def commit(
        self, method: str, path: str, *, refused: Callable[[httpx.Response], str], **more: Any
    ) -> httpx.Response:
        """The one request that changes the system.

        ``refused`` tells the system's own words when its answer is a no, else "". Whatever the answer says, the effect
        counts as made only when it is found again by another request.
        """
        making, request = self.making(), self._request(method, path, **more)
        request.headers.update(ALONE)
        self.show_what_leaves(method, request.url.path, request.read())
        self.arm("begäran är klar att skickas")
        self.bench.ledger.demand_still_armed(making.effect)
        answer = self._sent(request)
        making.answered = answer.is_success
        self.note_answer(request.url.path, answer.status_code)
        if answer.status_code >= 500 or answer.status_code in UNCLEAR:
            raise SystemDown(f"{self.bench.title} svarar {answer.status_code}.")
        if words := refused(answer):
            raise self.turned_down(words)
        return answer

    def _request(self, method: str, path: str, **more: Any) -> httpx.Request:
        if not self._let_in:
            self.bench.logins.demand_unrefused(self.bench.password)
        try:
            return self.http.build_request(method, path.lstrip("/"), **more)
        except httpx.InvalidURL:  # it holds what the system itself has called something
            raise PageNotRecognised(f"{self.bench.title} kallar något för vad ingen adress kan innehålla.") from None

    def _answered(self, request: httpx.Request) -> httpx.Response:
        answer = self._sent(request)
        if answer.status_code == httpx.codes.UNAUTHORIZED:
            self.bench.logins.remember_refusal(self.bench.password)
            raise LoginFailed(f"{self.bench.title} nekade roboten {self.bench.robot_user}.")
        if answer.has_redirect_location:  # not followed; where it led is told
            self.bench.demand_own(str(request.url.join(answer.headers["location"])))
        self.bench.demand_open(answer.status_code, answer.headers)
        self._let_in = True
        return answer

    def _sent(self, request: httpx.Request) -> httpx.Response:
        self.bench.demand_own(str(request.url))
        try:
            return self.http.send(request)
        except httpx.TimeoutException:
            seconds = self.bench.settings.timeout_seconds
            raise SystemDown(f"{self.bench.title} svarade inte inom {seconds:g} s.") from None
        except httpx.TransportError as error:
            raise SystemDown(f"{self.bench.title} går inte att nå ({type(error).__name__}).") from None
        except httpx.HTTPError as error:
            raise ApplicationException(f"{self.bench.title}: {type(error).__name__}") from None
