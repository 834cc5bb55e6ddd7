"""Out to the municipality's own login, and back from it."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import TypeVar

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from loguru import logger
from pydantic import SecretStr
from starlette.exceptions import HTTPException

from robots.errors import RagnhildError
from robots.portal.desk import Desk, desk_of
from robots.portal.doors import login_attempts
from robots.portal.doors.arrivals import account_of
from robots.portal.doors.groups import FILE, read_groups
from robots.portal.doors.guards import COOKIE, open_to_all
from robots.portal.doors.login_attempts import begin_attempt, take_attempt
from robots.portal.doors.oidc import BACK, BEGIN, UNTRUSTED, Provider, Refused
from robots.portal.doors.sessions import begin_session
from robots.portal.routes.door import let_in, login_page, own_path
from robots.portal.wording import marked as _

router = APIRouter()
T = TypeVar("T")
MISSET = _(
    "Kommunens inloggning är inte rätt inställd i portalen. Säg till den som sköter portalen: felet står i loggen."
)
STALE = _("Inloggningen tog för lång tid, eller började i en annan webbläsare. Försök igen.")
CANCELLED = _("Kommunens inloggning släppte inte in dig. Försök igen.")


@router.get(BEGIN, dependencies=[open_to_all()])
def begin(request: Request, to: str = "/") -> Response:
    """To the provider. The browser is known again by a short cookie; several tabs of it may be on their way at once."""
    desk = desk_of(request)
    browser = request.cookies.get(login_attempts.COOKIE) or secrets.token_urlsafe(32)
    try:
        provider = _provider(desk)
        state, attempt = begin_attempt(desk.store, browser, own_path(to))
        address = provider.address_of_login(state=state, nonce=attempt.nonce, verifier=attempt.verifier)
    except Refused as refused:
        return login_page(request, to=to, wrong=refused.words, status=refused.status)
    answer = RedirectResponse(address, 303)
    # Not «strict»: it must come along when the provider's page sends the browser back.
    answer.set_cookie(
        login_attempts.COOKIE, browser, max_age=int(login_attempts.GOOD_SECONDS), path=BEGIN, httponly=True,
        samesite="lax", secure=desk.is_encrypted,
    )  # fmt: skip
    return answer


@router.get(BACK, dependencies=[open_to_all()])
def back(request: Request, state: str = "", code: str = "", error: str = "", iss: str = "") -> Response:
    """From the provider: let in, or told why not."""
    desk = desk_of(request)
    attempt = take_attempt(desk.store, request.cookies.get(login_attempts.COOKIE, ""), state)
    if attempt is None and COOKIE in request.cookies:  # somebody has gone back to the page of a login that was done
        return RedirectResponse("/", 303)
    try:
        provider = _provider(desk)
        if attempt is None:
            raise Refused(STALE)
        if iss and iss != provider.issuer:
            raise Refused(UNTRUSTED)
        if error or not code:
            logger.info("the municipality's login let nobody in: {!r}", error[:60])
            raise Refused(CANCELLED)
        known = provider.known_by(code, nonce=attempt.nonce, verifier=attempt.verifier, secret=_secret(desk))
        account = account_of(desk.store, known, _asked(lambda: read_groups(desk.settings.config_dir / FILE)))
    except Refused as refused:
        to = attempt.to if attempt else "/"
        return login_page(request, to=to, wrong=refused.words, status=refused.status)
    answer = RedirectResponse(attempt.to, 303)
    let_in(request, answer, begin_session(desk.store, account, proof=known.proof))
    return answer


def _provider(desk: Desk) -> Provider:
    """Raises ``Refused`` where it cannot be used as it is set up; where none is, there is no such page."""
    provider = _asked(lambda: Provider.of(desk.settings))
    if provider is None:
        raise HTTPException(404)
    return provider


def _secret(desk: Desk) -> SecretStr:
    what = "Hemligheten för kommunens inloggning (OpenID Connect)"
    return _asked(lambda: desk.settings.secret("oidc", what=what))


def _asked(read: Callable[[], T]) -> T:
    """What is wrong with our own configuration is for the log: who stands at the door is not told where files lie."""
    try:
        return read()
    except RagnhildError as error:
        logger.error("the municipality's login cannot be used: {}", error)
        raise Refused(MISSET, 503) from None
