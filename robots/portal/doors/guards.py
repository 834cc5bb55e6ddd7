"""What stands in front of every route: who asks, whether they may, and whether it was they who asked."""

from __future__ import annotations

import secrets
from typing import Any
from urllib.parse import urlsplit

from fastapi import Depends, Request
from starlette.concurrency import run_in_threadpool

from robots.portal.desk import desk_of
from robots.portal.doors.rates import rates_of
from robots.portal.doors.sessions import KEY_BEGINS, visitor_with_key, visitor_with_session
from robots.portal.rights import May, Visitor

COOKIE = "ragnhild"
CSRF_FIELD, CSRF_HEADER = "csrf", "x-csrf-token"
# Where somebody goes whose password was chosen by another.
STILL_OPEN = frozenset({"/me", "/me/password", "/logout"})
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class NotLoggedIn(Exception):
    """Nobody knows who asks; they are let in by the door, and come back to what they asked for."""


class NotAllowed(Exception):
    """Known, and without the right; or the request was not made on our own page."""


class MustChange(Exception):
    """Let in with a password that somebody else chose: it is changed before anything else is done."""


class Needs:
    """A dependency that lets in who has one of the rights; no rights named lets in whoever is logged in."""

    def __init__(self, *rights: May) -> None:
        self.rights = frozenset(rights)

    async def __call__(self, request: Request) -> Visitor:
        visitor = await _who(request)
        if visitor is None:
            rates_of(request).count_stranger(request, tries=False)
            raise NotLoggedIn
        rates_of(request).count(visitor)
        request.state.visitor = visitor
        if request.method not in SAFE_METHODS and visitor.csrf:
            await _demand_own_page(request, visitor)
        if visitor.must_change and request.url.path not in STILL_OPEN:
            raise MustChange
        if self.rights and not any(visitor.may(right) for right in self.rights):
            raise NotAllowed
        return visitor


class Open:
    """A dependency of the routes that anybody may reach: the door itself. What they change comes from our own page."""

    rights: frozenset[May] | None = None

    async def __call__(self, request: Request) -> None:
        rates_of(request).count_stranger(request, tries=request.method not in SAFE_METHODS)
        if request.method not in SAFE_METHODS and not _from_here(request):
            raise NotAllowed


def needs(*rights: May) -> Any:
    """``visitor: Annotated[Visitor, needs(May.SEE_RUNS)]``, of every route that is not ``open_to_all``."""
    return Depends(Needs(*rights))


def open_to_all() -> Any:
    """For ``dependencies=[…]`` of a route that needs nobody."""
    return Depends(Open())


async def visitor_of(request: Request) -> Visitor | None:
    """Whoever asks, or None; for pages that are there for both."""
    return await _who(request)


def credential_of(request: Request) -> str:
    """The key or the session's token that lets the visitor in; for what goes on after the request has been let in."""
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    return key if scheme.lower() == "bearer" else request.cookies.get(COOKIE, "")


async def _who(request: Request) -> Visitor | None:
    store = desk_of(request).store
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":  # a program; what cookies it may carry are not looked at
        return await run_in_threadpool(visitor_with_key, store, key) if key.startswith(KEY_BEGINS) else None
    token = request.cookies.get(COOKIE)
    return await run_in_threadpool(visitor_with_session, store, token) if token else None


async def _demand_own_page(request: Request, visitor: Visitor) -> None:
    """Raise ``NotAllowed`` for a change that another site's page had the visitor's browser ask for."""
    told = request.headers.get(CSRF_HEADER)
    if told is None:
        told = str((await request.form()).get(CSRF_FIELD) or "")
    if not (_from_here(request) and secrets.compare_digest(told.encode(), visitor.csrf.encode())):
        await request.close()  # the files that came with it
        raise NotAllowed


def _from_here(request: Request) -> bool:
    """What the browser says of the page that asked; one that says nothing is no browser of our time, or no browser."""
    site = request.headers.get("sec-fetch-site")
    if site is not None and site != "same-origin":
        return False
    origin = request.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == request.headers.get("host")
