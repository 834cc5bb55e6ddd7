"""The programming interface: which address leads to what, and how it answers when it cannot."""

from __future__ import annotations

import json
import secrets
from collections.abc import Awaitable, Callable
from functools import partial
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from robots.practice.case_management.dealings import Commits, Dealings
from robots.practice.case_management.state import SENT, CaseFile, Register
from robots.practice.sessions import User, accounts
from robots.practice.support_management import views
from robots.practice.support_management.changes import Changes, ProblemError, Versions, kept
from robots.practice.support_management.filters import WrongFilterError, read_filter, values_at
from robots.practice.support_management.names import CATEGORIES, MUNICIPALITY, NAMESPACE, identity

MOST_ON_A_PAGE = 100
Answered = Callable[[Request, User], Awaitable[Response]]
AnsweredInErrand = Callable[[Request, User, CaseFile], Awaitable[Response]]


class Api:
    """``users`` are all who have a key; ``refused`` is told of a key that is nobody's."""

    def __init__(
        self,
        register: Callable[[], Register],
        dealings: Dealings,
        commit: Commits,
        *,
        users: dict[str, User],
        system: str,
        refused: Callable[[], None],
        versions: Callable[[], Versions],
        before_patch: Callable[[CaseFile], None],
    ) -> None:
        self._register = register
        self._dealings = dealings
        self._commit = commit
        self._users = users
        self._system = system
        self._refused = refused
        self._versions = versions
        self._before_patch = before_patch

    def add_to(self, router: APIRouter, path: str) -> None:
        """Each address below the municipality and its namespace."""
        root = f"{path}/{{municipality}}/{{namespace}}"
        plain: list[tuple[str, str, Answered]] = [
            ("errands", "GET", self.errands), ("metadata/categories", "GET", self.categories),
        ]  # fmt: skip
        inside: list[tuple[str, str, AnsweredInErrand]] = [
            ("", "GET", self.errand), ("", "PATCH", self.patch), ("/notes", "GET", self.notes),
            ("/notes", "POST", self.new_note), ("/events", "GET", self.events),
            ("/communication", "GET", self.communication), ("/communication/email", "POST", self.email),
            ("/attachments", "GET", self.attachments), ("/attachments", "POST", self.attach),
            ("/attachments/{file}", "GET", self.attachment),
        ]  # fmt: skip
        for address, method, page in plain:
            router.add_api_route(f"{root}/{address}", self._opened(page), methods=[method], response_model=None)
        for address, method, part in inside:
            opened = self._opened(partial(self._in_errand, part))
            router.add_api_route(f"{root}/errands/{{errand}}{address}", opened, methods=[method], response_model=None)

    def _opened(self, page: Answered) -> Callable[[Request], Awaitable[Response]]:
        async def opened(request: Request) -> Response:
            try:
                return await page(request, self._user(request))
            except ProblemError as error:
                return _problem(error)

        return opened

    def _user(self, request: Request) -> User:
        """Whose key it is; the header that says who asks must be of the right form and name the same one."""
        kind, _, key = request.headers.get("authorization", "").partition(" ")
        name, _, form = request.headers.get("x-sent-by", "").partition(";")
        user = self._users.get(name.strip())
        known = user and kind == "Bearer" and secrets.compare_digest(user.password.encode(), key.encode())
        if user is None or not known or form.strip() != "type=adAccount" or not user.roles.get(self._system):
            self._refused()
            raise ProblemError(401)
        if (request.path_params["municipality"], request.path_params["namespace"]) != (MUNICIPALITY, NAMESPACE):
            raise ProblemError(404, "The namespace could not be found.")
        if request.method != "GET" and user.roles[self._system] != "journal":
            raise ProblemError(403)
        return user

    async def _in_errand(self, part: AnsweredInErrand, request: Request, user: User) -> Response:
        wanted = request.path_params["errand"]
        for case in self._register().cases.values():
            if identity(case.number) == wanted:
                return await part(request, user, case)
        raise ProblemError(404, f"An errand with id '{wanted}' could not be found.")

    # Looking

    async def errands(self, request: Request, _user: User) -> Response:
        asked = request.query_params
        try:
            fits = read_filter(asked.get("filter", ""))
        except WrongFilterError as error:
            raise ProblemError(400, error.words) from None
        known = accounts(self._users)
        rows = [told for told in (views.errand(case, known) for case in self._register().cases.values())
                if fits(told)]  # fmt: skip
        field, _, order = asked.get("sort", "created,desc").partition(",")
        rows.sort(key=lambda told: list(values_at(told, field)), reverse=order == "desc")
        size = min(_number(asked.get("size"), 20) or 20, MOST_ON_A_PAGE)
        return JSONResponse(views.page_of(rows, _number(asked.get("page"), 0), size))

    async def categories(self, _request: Request, _user: User) -> Response:
        return JSONResponse([{"name": code, "displayName": inbox, "types": []} for inbox, code in CATEGORIES.items()])

    async def errand(self, _request: Request, _user: User, case: CaseFile) -> Response:
        return self._as_it_stands(case)

    async def notes(self, request: Request, _user: User, case: CaseFile) -> Response:
        asked = request.query_params
        rows = [views.note(case, event) for event in views.notes_of(case)]
        rows = [row for row in rows if all(row[name] == asked[name] for name in ("context", "role") if name in asked)]
        page, limit = _number(asked.get("page"), 1), _number(asked.get("limit"), 100)
        if not page or not 1 <= limit <= 1000:
            raise ProblemError(400, violations={"page": "must be greater than or equal to 1"})
        told = views.page_of(rows, page - 1, limit)
        meta = {"page": page, "limit": limit, "count": told["numberOfElements"],
                "totalRecords": told["totalElements"], "totalPages": told["totalPages"]}  # fmt: skip
        return JSONResponse({"_meta": meta, "notes": told["content"]})

    async def events(self, request: Request, _user: User, case: CaseFile) -> Response:
        asked = request.query_params
        rows = [views.history(event) for event in case.events]
        return JSONResponse(views.page_of(rows, _number(asked.get("page"), 0), _number(asked.get("size"), 20) or 20))

    async def communication(self, _request: Request, _user: User, case: CaseFile) -> Response:
        sent = [event for event in case.events if event.kind == SENT]
        return JSONResponse([views.communication(case, event) for event in sent])

    async def attachments(self, _request: Request, _user: User, case: CaseFile) -> Response:
        return JSONResponse([views.attachment(file) for file in case.received])

    async def attachment(self, request: Request, _user: User, case: CaseFile) -> Response:
        for file in case.attachments:
            if identity(file.number) == request.path_params["file"]:
                if file.secret:
                    raise ProblemError(403, "The attachment is classified.")
                return Response(file.content, media_type=file.content_type)
        raise ProblemError(404, "The attachment could not be found.")

    # Changing

    async def patch(self, request: Request, user: User, case: CaseFile) -> Response:
        told = await _asked(request)
        self._before_patch(case)
        named = request.headers.get("if-match")
        if named not in (None, "*", self._versions().of(case)):
            raise ProblemError(412, "The errand has been changed since it was read.")
        self._changes().patch(case, user, told)
        return self._as_it_stands(case)

    async def new_note(self, request: Request, user: User, case: CaseFile) -> Response:
        return _created(request, self._changes().note(case, user, await _asked(request)))

    async def email(self, request: Request, user: User, case: CaseFile) -> Response:
        await self._changes().email(case, user, await _asked(request))
        return Response(status_code=204)

    async def attach(self, request: Request, user: User, case: CaseFile) -> Response:
        sent = (await request.form()).get("errandAttachment")
        if sent is None or isinstance(sent, str):
            raise ProblemError(400, "Required part 'errandAttachment' is not present.")
        file = kept(self._register(), sent.filename or "", await sent.read())
        self._changes().attach(case, user, file)
        return _created(request, identity(file.number))

    def _changes(self) -> Changes:
        return Changes(self._register(), self._dealings, self._commit)

    def _as_it_stands(self, case: CaseFile) -> Response:
        return JSONResponse(views.errand(case, accounts(self._users)), headers={"ETag": self._versions().of(case)})


def _problem(error: ProblemError) -> Response:
    told: dict[str, Any] = {"status": error.status, "title": HTTPStatus(error.status).phrase}
    if error.violations:
        told["title"] = "Constraint Violation"
        told["violations"] = [{"field": name, "message": words} for name, words in error.violations.items()]
    elif error.detail:
        told["detail"] = error.detail
    return JSONResponse(told, error.status, media_type="application/problem+json")


def _created(request: Request, made: str) -> Response:
    return Response(status_code=201, headers={"Location": f"{request.url.path}/{made}"})


async def _asked(request: Request) -> dict[str, Any]:
    try:
        told = json.loads(await request.body())
    except ValueError:
        told = None
    if not isinstance(told, dict):
        raise ProblemError(400, "The request body cannot be read.")
    return told


def _number(value: str | None, otherwise: int) -> int:
    return int(value) if value is not None and value.isdecimal() else otherwise
