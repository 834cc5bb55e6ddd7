"""All systems on one port, a path each, with faults between them and the robot."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from datetime import date
from typing import Any

from fastapi import FastAPI
from fastapi.responses import HTMLResponse, PlainTextResponse
from starlette.staticfiles import StaticFiles
from uvicorn.protocols.http.h11_impl import H11Protocol

from robots.practice.control import control_router
from robots.practice.cuts import cut
from robots.practice.faults import Faults
from robots.practice.mail import MailServer
from robots.practice.releases import SECOND, SECOND_STATIC, STATIC, asked_for, cookie, release_of_this_request
from robots.practice.sessions import User
from robots.practice.system import PracticeSystem, World
from robots.practice.systems import load_systems
from robots.practice.town import build_town
from robots.practice.truth import Commit, Truth, commits_of_this_request

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
TRANSPORT = "practice.transport"


def build_app(users: dict[str, User], control_token: str, mail: MailServer, seed: int, today: date) -> FaultyApp:
    """The whole municipality as one ASGI application. ``mail`` has been started."""
    world = World(build_town(seed, today), Truth(), Faults(), users, mail.port)
    systems = {cls.key: cls(world) for cls in load_systems()}
    app = FastAPI(title="Tallinge kommun", docs_url=None, redoc_url=None, openapi_url=None)

    def reset(seed: int, today: date, keep_sessions: bool) -> None:
        world.town = build_town(seed, today)
        world.truth.clear()
        world.faults.clear()
        for system in systems.values():
            system.begin_anew(keep_sessions)

    app.include_router(control_router(world, systems, mail, control_token, reset))
    for system in systems.values():
        static = system.folder / "static"
        if static.is_dir():  # before the routes: a system may answer every unknown address with a page of its own
            app.mount(f"{system.path}/static", StaticFiles(directory=static))
        app.include_router(system.router, prefix=system.path)

    @app.get("/health")
    async def health() -> PlainTextResponse:
        return PlainTextResponse("Tallinge kommun är öppet")

    @app.get("/")
    async def start_page() -> HTMLResponse:
        links = "".join(f'<li><a href="{s.path}/">{s.title}</a></li>' for s in systems.values())
        return HTMLResponse(
            "<!doctype html><html lang=sv><meta charset=utf-8><title>Tallinge kommun</title>"
            f"<h1>Tallinge kommun</h1><p>Övningskommunens verksamhetssystem:</p><ul>{links}</ul></html>"
        )

    return FaultyApp(app, world, systems)


class FaultyApp:
    """Answers like the application it wraps, unless a fault says otherwise."""

    def __init__(self, app: FastAPI, world: World, systems: dict[str, PracticeSystem]) -> None:
        self.app = app
        self.world = world
        self.systems = systems

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        system = self._system_of(scope)
        if system is None:
            await self.app(scope, receive, send)
            return
        system.make_ready()
        if scope["path"].startswith(system.path + SECOND_STATIC):
            await self._static_of_second(system, scope, receive, send)
            return
        cookies = next((v.decode("latin-1") for k, v in scope["headers"] if k == b"cookie"), "")
        release, just_now = asked_for(scope["query_string"], cookies, system.key, system.everybodys_release)
        remember = release_of_this_request.set(release)
        try:
            await self._answer(system, scope, receive, _keeping(system, release, send) if just_now else send)
        finally:
            release_of_this_request.reset(remember)

    async def _static_of_second(self, system: PracticeSystem, scope: Scope, receive: Receive, send: Send) -> None:
        """The first release's file under the second's address, with the second's names in it."""
        path = scope["path"].replace(SECOND_STATIC, STATIC, 1)
        held = _HeldAnswer()
        await self.app({**scope, "path": path, "raw_path": path.encode()}, receive, held)
        held.reskin(system)
        await held.release(send)

    def _system_of(self, scope: Scope) -> PracticeSystem | None:
        if scope["type"] != "http":
            return None
        for system in self.systems.values():
            if scope["path"].startswith(system.path + "/"):
                return system
        return None

    async def _answer(self, system: PracticeSystem, scope: Scope, receive: Receive, send: Send) -> None:
        method, path = scope["method"], scope["path"].removeprefix(system.path)
        faults = self.world.faults

        def hit(kind: Any) -> Any:
            return faults.take(kind, system.key, method, path)

        if path.startswith("/static/"):
            await self.app(scope, receive, send)
            return
        if slow := hit("slow"):
            await asyncio.sleep(slow.seconds)
        if path.endswith("/rows") and (late := hit("late_list")):
            await asyncio.sleep(late.seconds)
        if down := hit("down"):
            page = HTMLResponse(system.maintenance_page(), 503, {"Retry-After": str(int(down.seconds or 1))})
            await page(scope, receive, send)
            return
        if hit("logged_out"):
            system.sessions.end_all()

        lost = faults.peek("answer_lost", system.key, method, path)
        if lost and lost.before_commit and method != "GET":
            lost.hits += 1
            await _drain(receive)
            await _lose(scope, receive, send, lost.how)
            return

        made: list[Commit] = []
        remember = commits_of_this_request.set(made)
        held = _HeldAnswer()
        try:
            await self.app(scope, receive, held)
        finally:
            commits_of_this_request.reset(remember)
        if release_of_this_request.get() == SECOND:
            held.reskin(system)
        if lost and not lost.before_commit and made:
            lost.hits += 1
            await _lose(scope, receive, send, lost.how)
            return
        if held.has_words:
            self._change_words(held, system, method, path)
        await held.release(send)

    def _change_words(self, held: _HeldAnswer, system: PracticeSystem, method: str, path: str) -> None:
        for fault in self.world.faults.all:
            hits = fault.kind == "label_renamed" and fault.matches(system.key, method, path)
            if hits and fault.old.encode() in held.body:
                fault.hits += 1
                held.body = held.body.replace(fault.old.encode(), fault.new.encode())
        if b"</body>" in held.body and (dialog := self.world.faults.take("dialog", system.key, method, path)):
            held.body = held.body.replace(b"</body>", _dialog(dialog.how).encode() + b"</body>", 1)


class _HeldAnswer:
    """Collects an answer so that it can be lost, cut or reworded before it leaves."""

    def __init__(self) -> None:
        self.start: Message = {}
        self.body = b""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.start = message
        elif message["type"] == "http.response.body":
            self.body += message.get("body", b"")

    @property
    def content_type(self) -> str:
        return next((v.decode("latin-1") for k, v in self.start["headers"] if k.lower() == b"content-type"), "")

    @property
    def has_words(self) -> bool:
        return any(kind in self.content_type for kind in ("text/html", "application/json"))

    def reskin(self, system: PracticeSystem) -> None:
        if any(kind in self.content_type for kind in ("text/html", "javascript", "text/css")):
            self.body = system.skin.change(self.body.decode("utf-8"), self.content_type).encode()

    async def release(self, send: Send) -> None:
        headers = [(k, v) for k, v in self.start["headers"] if k.lower() != b"content-length"]
        headers.append((b"content-length", str(len(self.body)).encode()))
        await send({**self.start, "headers": headers})
        await send({"type": "http.response.body", "body": self.body})


def _keeping(system: PracticeSystem, release: int, send: Send) -> Send:
    """Answers as ``send`` does, and lets the browser remember which release it has asked for."""
    header = (b"set-cookie", cookie(system.key, system.path, release).encode())

    async def keep(message: Message) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message["headers"], header]}
        await send(message)

    return keep


async def _drain(receive: Receive) -> None:
    while (await receive()).get("more_body"):
        pass


async def _lose(scope: Scope, receive: Receive, send: Send, how: str) -> None:
    """The server has done its work; the client never learns of it."""
    transport: asyncio.Transport = scope[TRANSPORT]
    if how == "408":
        await send({"type": "http.response.start", "status": 408, "headers": [(b"content-length", b"0")]})
        await send({"type": "http.response.body", "body": b""})
        return
    if how == "partial":
        transport.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 5000\r\n\r\n<!doctype html>")
    cut(transport, how)
    while (await receive())["type"] != "http.disconnect":
        pass  # until the server has seen it too; it would call a silent answer an error


def _dialog(how: str) -> str:
    if how in ("alert", "confirm"):
        return f"<script>{how}('Ny version installeras i kväll kl. 22.')</script>"
    return (
        '<div role="dialog" aria-modal="true" aria-label="Viktigt meddelande" style="position:fixed;inset:0;'
        'background:rgba(0,0,0,.5);z-index:9999"><div style="margin:15% auto;width:22em;padding:2em;background:#fff">'
        "<h2>Viktigt meddelande</h2><p>Ny version installeras i kväll kl. 22.</p>"
        "<button onclick=\"this.closest('[role=dialog]').remove()\">Jag har läst</button></div></div>"
    )


class PracticeProtocol(H11Protocol):
    """uvicorn's HTTP/1.1, which also hands the application its transport, so that an answer can be lost."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        inner = self.app

        async def with_transport(scope: Scope, receive: Receive, send: Send) -> None:
            scope[TRANSPORT] = self.transport
            await inner(scope, receive, send)

        self.app = with_transport
