"""The API's own description (OpenAPI 3.1), made from its routes."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from fastapi import APIRouter
from fastapi.openapi.utils import get_openapi

from robots.portal.api.faults import EXAMPLES
from robots.portal.api.models import Fault
from robots.portal.doors.guards import COOKIE, CSRF_HEADER, SAFE_METHODS

ABOUT = """Start robots, follow them, read what they have done, and take over from them.

A program sends `Authorization: Bearer rk_…`; whoever keeps the portal's accounts makes its key. The key has the rights
and the teams of its account, and reaches what that account's own pages would show. A page of the portal may use its
session instead, and sends the session's token with each change. Every answer that is no success is a `Fault`.
"""
_SCHEMES = {
    "key": {"type": "http", "scheme": "bearer", "description": "A program's key, rk_…"},
    "session": {"type": "apiKey", "in": "cookie", "name": COOKIE, "description": "A person who has logged in."},
    "token": {"type": "apiKey", "in": "header", "name": CSRF_HEADER, "description": "The session's, with each change."},
}


def description_of(routers: Sequence[APIRouter]) -> dict[str, Any]:
    """The whole document, as JSON."""
    told = get_openapi(
        title="Ragnhild", version=_version(), description=ABOUT,
        routes=[route for router in routers for route in router.routes],
    )  # fmt: skip
    told.setdefault("components", {})["securitySchemes"] = _SCHEMES
    for operations in told["paths"].values():
        for method, operation in operations.items():
            own_page = ["session"] if method.upper() in SAFE_METHODS else ["session", "token"]
            for status, words in EXAMPLES.items():
                for content in operation["responses"].get(str(status), {}).get("content", {}).values():
                    content["example"] = Fault(error=words).model_dump()
            operation["security"] = [{"key": []}, {name: [] for name in own_page}]
    return told


def _version() -> str:
    try:
        return version("ragnhild")
    except PackageNotFoundError:  # run from its files without being installed
        return "0"
