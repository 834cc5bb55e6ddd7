"""The web application: its routes, what every answer carries, and what is said when something is wrong."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from urllib.parse import quote

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse, Response
from fastapi.staticfiles import StaticFiles
from loguru import logger
from sqlalchemy.exc import DataError, OperationalError
from starlette.exceptions import HTTPException

from robots.audit.origin import coming_from
from robots.errors import RagnhildError, WrongInput
from robots.portal.api import faults
from robots.portal.desk import Desk
from robots.portal.doors.bodies import Bodies
from robots.portal.doors.guards import MustChange, NotAllowed, NotLoggedIn, visitor_of
from robots.portal.doors.rates import Rates, TooMany
from robots.portal.live import Live
from robots.portal.pages import page
from robots.portal.refusals import AWAY, BROKEN, DENIED, LATER, MISSING, NO_VALUE, OFTEN, REFUSED
from robots.portal.rights import Visitor
from robots.portal.routes import ROUTERS
from robots.portal.sheet_laying import Layer
from robots.settings import Settings
from robots.store import Store

ASSETS = Path(__file__).parent / "assets"
API = "/api/"
# Nothing runs, shows or is loaded that is not ours, whatever a text holds; and nobody puts our page into theirs.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY, "X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}  # fmt: skip
HSTS = "max-age=31536000"
NOT_FOUND = 404


def create_app(settings: Settings, store: Store) -> FastAPI:
    """The portal over this database. It keeps nothing of its own: any number of them may stand side by side."""
    app = FastAPI(title="Ragnhild", docs_url=None, redoc_url=None, openapi_url=None)
    app.state.desk = desk = Desk(settings, store)
    app.state.rates = Rates()

    def is_ending() -> bool:
        return getattr(app.state, "is_ending", False)

    app.state.live = Live(store, is_ending)
    app.state.layer = layer = Layer(desk, is_ending)
    desk.begin_laying = layer.begin
    for router in ROUTERS:
        app.include_router(router)
    app.add_middleware(Bodies)
    app.mount("/assets", StaticFiles(directory=ASSETS), name="assets")

    @app.middleware("http")
    async def carry_headers(request: Request, go_on: Callable[[Request], Awaitable[Response]]) -> Response:
        with coming_from("api" if request.url.path.startswith(API) else "portal"):
            answer = await go_on(request)
        for name, value in HEADERS.items():
            answer.headers.setdefault(name, value)
        if desk.is_encrypted:
            answer.headers["Strict-Transport-Security"] = HSTS
        # What a citizen's case says stays on no disk of the guide's machine; the style and script may.
        kept = "max-age=3600" if request.url.path.startswith("/assets/") else "no-store"
        answer.headers.setdefault("Cache-Control", kept)
        return answer

    _tell_errors(app)
    return app


def _tell_errors(app: FastAPI) -> None:
    @app.exception_handler(NotLoggedIn)
    async def door(request: Request, _error: Exception) -> Response:
        if request.url.path.startswith(API):
            return faults.answered(401, faults.LOG_IN, headers={"WWW-Authenticate": "Bearer"})
        asked = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        back = f"?to={quote(asked, safe='')}" if request.method == "GET" and asked != "/" else ""
        return RedirectResponse(f"/login{back}", 303)

    @app.exception_handler(MustChange)
    async def change_first(request: Request, _error: Exception) -> Response:
        if request.url.path.startswith(API):
            return faults.answered(403, faults.CHANGE_FIRST)
        return RedirectResponse("/me", 303)

    @app.exception_handler(NotAllowed)
    async def not_allowed(request: Request, _error: Exception) -> Response:
        return await _told(request, 403, *DENIED)

    @app.exception_handler(WrongInput)
    async def wrong_input(request: Request, error: Exception) -> Response:
        assert isinstance(error, WrongInput)
        if request.url.path.startswith(API):
            return faults.answered(422, faults.NOT_USABLE, error.field, error.expected)
        return await _told(request, 422, REFUSED, f"{error.field}: {error.expected}")

    @app.exception_handler(RequestValidationError)
    async def not_understood(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        if request.url.path.startswith(API):
            return faults.not_understood(error)
        fields = ", ".join(sorted({str(e["loc"][-1]) for e in error.errors()}))
        return await _told(request, 422, REFUSED, f"Det som skickades går inte att använda: {fields}.")

    @app.exception_handler(RagnhildError)
    async def ours(request: Request, error: Exception) -> Response:
        return await _told(request, 409, LATER, str(error))

    @app.exception_handler(DataError)
    async def no_such_value(request: Request, _error: Exception) -> Response:
        """A number that is larger than any of ours, or a sign that no text can have."""
        return await _told(request, 422, REFUSED, NO_VALUE)

    @app.exception_handler(OperationalError)
    async def database_away(request: Request, _error: Exception) -> Response:
        return await _told(request, 503, *AWAY)

    @app.exception_handler(HTTPException)
    async def http(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        if error.status_code == NOT_FOUND:
            return await _told(request, NOT_FOUND, *MISSING)
        if error.status_code == 400 and request.url.path.startswith(API):  # a body that is no text at all
            return faults.answered(422, faults.NOT_USABLE, expected=faults.SEND_JSON)
        answer = await _told(request, error.status_code, REFUSED, str(error.detail))
        answer.headers.update(error.headers or {})
        return answer

    @app.exception_handler(faults.Refused)
    async def refused(_request: Request, error: Exception) -> Response:
        assert isinstance(error, faults.Refused)
        return faults.answered(error.status, str(error), error.field, error.expected, **error.more)

    @app.exception_handler(TooMany)
    async def too_many(request: Request, error: Exception) -> Response:
        assert isinstance(error, TooMany)
        answer = await _told(request, 429, *OFTEN)
        answer.headers["Retry-After"] = str(error.seconds)
        return answer

    @app.exception_handler(Exception)
    async def unexpected(request: Request, error: Exception) -> Response:
        logger.opt(exception=error).error("{} {} could not be answered", request.method, request.url.path)
        answer = await _told(request, 500, *BROKEN)
        answer.headers.update(HEADERS)  # it is answered outside all else
        return answer


async def _told(request: Request, status: int, heading: str, words: str) -> Response:
    """The same words on a page or, to a program, as JSON."""
    if request.url.path.startswith(API):
        words = faults.MISSING if status == NOT_FOUND else f"{heading}. {words}"
        return faults.answered(status, words)
    visitor: Visitor | None = getattr(request.state, "visitor", None)
    if visitor is None:
        try:
            visitor = await visitor_of(request)
        except Exception:
            visitor = None
    return page(request, "wrong", visitor, status=status, heading=heading, words=words)
