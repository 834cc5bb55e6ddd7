"""A change leaves exactly once, however its answer is lost. The judge is a server that counts."""

from __future__ import annotations

import hashlib
import random
import re
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import Page, Route

from robots.browser import one_send
from robots.browser.multipart import Upload
from robots.browser.one_send import OneSend
from robots.worker.warm_browser import Window
from tests.unit.pages import Answer, Asked, Lost, PageServer, page, serving

pytestmark = pytest.mark.browser

FORM = '<form method=post action=/book><input name=what value=tunna><button>Spara</button></form><a href="/two">två</a>'
FETCH = (
    "<button onclick=\"fetch('/book', {method: 'POST', body: 'what=tunna'}).then(a => a.text(), e => 'borta')"
    '.then(t => { document.title = \'svar: \' + t; })">Spara</button><a href="/two">två</a>'
)
WAYS = {"form": FORM, "fetch": FETCH}
# A resend leaves within milliseconds (measured: under 20); so long nothing more has come, nothing more comes.
QUIET_MS = 120


def _answers(
    way: str, *, status: int = 200, lost: Lost = "", headers: dict[str, str] | None = None
) -> Callable[[Asked], Answer]:
    def answer(asked: Asked) -> Answer:
        if asked.method == "POST":
            return Answer("bokad", status, headers or {}, lost)
        if asked.path == "/":
            return page(WAYS[way])
        return page("<h1>Landad</h1>")

    return answer


def _click(window: Window, server: PageServer, wire: AbstractContextManager[Any], *, reused: bool = False) -> Page:
    """Open the form and click. ``reused`` warms the transport's connection with a change that is answered."""
    tab = window.context.new_page()
    tab.goto(server.address)
    with wire:
        if reused:
            tab.evaluate("fetch('/warm', {method: 'POST', body: 'x'}).then(a => a.text())")
        tab.get_by_role("button", name="Spara").click()
        _until_quiet(tab, server)
    return tab


def _until_quiet(tab: Page, server: PageServer) -> None:
    """Until no further request has come for a while; there is nothing to wait on for what must not happen."""
    seen = -1
    while seen != len(server.asked):
        seen = len(server.asked)
        tab.wait_for_timeout(QUIET_MS)


def _bookings(server: PageServer) -> list[Asked]:
    return [a for a in server.posts() if a.path == "/book"]


def _warmed(inner: Callable[[Asked], Answer]) -> Callable[[Asked], Answer]:
    return lambda asked: Answer("varm") if asked.path == "/warm" else inner(asked)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("reused", [False, True], ids=["fresh", "reused"])
@pytest.mark.parametrize(
    ("status", "lost"), [(200, "fin"), (200, "rst"), (200, "partial"), (408, "")], ids=["fin", "rst", "partial", "408"]
)
def test_a_lost_answer_is_one_commit(
    window: Window, monkeypatch: pytest.MonkeyPatch, way: str, reused: bool, status: int, lost: Lost
) -> None:
    if reused:
        monkeypatch.setattr(one_send, "ALONE", {})
    with serving(_warmed(_answers(way, status=status, lost=lost))) as server:
        wire = OneSend(window.context, timeout=5)
        _click(window, server, wire, reused=reused)
        made = _bookings(server)
    assert len(made) == 1
    assert made[0].body == b"what=tunna"
    assert made[0].reused is reused  # else the test has not tried the connection that it says
    last = wire.sent[-1]
    assert last.status == (408 if status == 408 else None)
    assert bool(last.why) == bool(lost)


@pytest.mark.parametrize("alone", [True, False], ids=["", "control: as Playwright does it"])
def test_each_change_leaves_on_a_connection_of_its_own(
    window: Window, monkeypatch: pytest.MonkeyPatch, alone: bool
) -> None:
    """On one that stands already, a machine that is cut off would still deliver it when its link is up again."""
    if not alone:
        monkeypatch.setattr(one_send, "ALONE", {})
    with serving(_warmed(_answers("form"))) as server:
        _click(window, server, OneSend(window.context, timeout=5), reused=True)
        assert [asked.reused for asked in server.posts()] == [False, not alone]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("status", "lost"), [(200, "fin"), (200, "rst"), (408, "")], ids=["fin", "rst", "408"])
def test_control_the_browser_alone_sends_it_again(window: Window, way: str, status: int, lost: Lost) -> None:
    with serving(_warmed(_answers(way, status=status, lost=lost))) as server:
        _click(window, server, nullcontext(), reused=True)
        assert len(_bookings(server)) > 1


@pytest.mark.parametrize("status", [307, 308])
def test_a_repeating_redirect_is_not_followed(window: Window, status: int) -> None:
    with serving(_answers("form", status=status, headers={"Location": "/elsewhere"})) as server:
        wire = OneSend(window.context, timeout=5)
        _click(window, server, wire)
        assert [a.path for a in server.posts()] == ["/book"]
    assert not wire.answered
    assert str(status) in wire.sent[0].why


@pytest.mark.parametrize("status", [307, 308])
def test_control_the_browser_alone_repeats_the_form_elsewhere(window: Window, status: int) -> None:
    def answer(asked: Asked) -> Answer:
        if asked.path == "/book":
            return Answer("", status, {"Location": "/elsewhere"})
        return page("<h1>Landad</h1>") if asked.path == "/elsewhere" else page(FORM)

    with serving(answer) as server:
        _click(window, server, nullcontext())
        assert [a.path for a in server.posts()] == ["/book", "/elsewhere"]


def test_303_is_followed_by_get_and_its_cookies_are_kept(window: Window) -> None:
    headers = {"Location": "/klart", "Set-Cookie": "kvittens=17; Path=/"}
    with serving(_answers("form", status=303, headers=headers)) as server:
        wire = OneSend(window.context, timeout=5)
        tab = _click(window, server, wire)
        assert tab.get_by_role("heading", name="Landad").count() == 1
        landed = [a for a in server.asked if a.path == "/klart"]
    assert [(a.method, a.headers.get("cookie")) for a in landed] == [("GET", "kvittens=17")]
    assert [s.status for s in wire.sent] == [303]


@pytest.mark.parametrize("enctype", ["application/x-www-form-urlencoded", "multipart/form-data"])
def test_the_same_form_sent_twice_leaves_once(window: Window, enctype: str) -> None:
    twice = FORM.replace("<form ", f'<form enctype="{enctype}" ').replace(
        "<button>", '<button onclick="this.form.requestSubmit(); setTimeout(() => this.form.requestSubmit(), 30)">'
    )

    def answer(asked: Asked) -> Answer:
        return Answer("", 204) if asked.method == "POST" else page(twice)

    with serving(answer) as server:
        wire = OneSend(window.context, timeout=5)
        _click(window, server, wire)
        assert len(server.posts()) == 1
    assert wire.refused
    with serving(answer) as server:  # control: what the page does by itself
        _click(window, server, nullcontext())
        assert len(server.posts()) > 1


def test_two_different_changes_both_leave(window: Window) -> None:
    """A page may ask for a check digit before it saves; only the very same request is refused."""
    script = "fetch('/pris', {method: 'POST', body: 'a'}).then(() => fetch('/pris', {method: 'POST', body: 'b'}))"
    with serving(lambda asked: page(f'<button onclick="{script}">Spara</button>')) as server:
        wire = OneSend(window.context, timeout=5)
        _click(window, server, wire)
        assert [a.body for a in server.posts()] == [b"a", b"b"]
    assert not wire.refused


def test_after_it_the_browser_is_as_before(window: Window) -> None:
    with serving(_answers("fetch")) as server:
        with OneSend(window.context, timeout=5) as wire:
            pass
        _click(window, server, nullcontext())
        assert len(_bookings(server)) == 1
    assert wire.sent == []


# -- uploads ------------------------------------------------------------------------------------------------------

UPLOAD = (
    '<form method=post action=/book enctype="multipart/form-data"><input name=text value="Hej å ä ö">'
    "<input type=file name=tom><input type=file name=filer multiple><button>Spara</button></form>"
)
THREE_MB = random.Random(3).randbytes(3 * 1024 * 1024)
FILES = [
    Upload("Ritning över källaren åäö.pdf", THREE_MB),
    Upload('Plan "A" 100%22.pdf', b"%PDF-1.7\r\n\r\n--not a boundary--\r\n" + bytes(range(256))),
    Upload("tom.txt", b""),
]


def _choose(tab: Page, files: list[Upload], folder: Path | None) -> None:
    """From memory as a driver does, or out of a ``folder`` as a person does."""
    told: list[Any] = [{"name": f.name, "mimeType": "application/pdf", "buffer": f.content} for f in files]
    if folder is not None:
        told = [folder / f.name for f in files]
        for path, file in zip(told, files, strict=True):
            path.write_bytes(file.content)
    tab.locator("input[name=filer]").set_input_files(told)


def _received(asked: Asked) -> list[tuple[str, bytes]]:
    """File names and contents as the server gets them, read by nothing of the toolkit's."""
    boundary = asked.headers["content-type"].partition("boundary=")[2].encode()
    found = []
    for part in asked.body.split(b"--" + boundary)[1:-1]:
        head, _, content = part.partition(b"\r\n\r\n")
        name = re.search(rb'filename="([^"]*)"', head)
        if name:
            found.append((name[1].decode(), content.removesuffix(b"\r\n")))
    return found


def _upload(
    window: Window, wire: AbstractContextManager[Any], files: list[Upload], folder: Path | None = None
) -> list[Asked]:
    def answer(asked: Asked) -> Answer:
        return page("<h1>Landad</h1>") if asked.method == "POST" else page(UPLOAD)

    with serving(answer) as server:
        tab = window.context.new_page()
        tab.goto(server.address)
        _choose(tab, files, folder)
        with wire:
            tab.get_by_role("button", name="Spara").click()
            _until_quiet(tab, server)
        return server.posts()


@pytest.mark.parametrize("from_disk", [False, True])
def test_files_arrive_byte_for_byte(window: Window, tmp_path: Path, from_disk: bool) -> None:
    wire = OneSend(window.context, FILES, timeout=10)
    posts = _upload(window, wire, FILES, tmp_path if from_disk else None)
    assert len(posts) == 1
    got = _received(posts[0])
    assert [name for name, _ in got] == ["", FILES[0].name, FILES[1].name.replace('"', "%22"), "tom.txt"]
    digests = [hashlib.sha256(content).hexdigest() for _, content in got]
    assert digests == [hashlib.sha256(c).hexdigest() for c in (b"", *(f.content for f in FILES))]
    assert "Hej å ä ö".encode() in posts[0].body


def test_control_passing_the_intercepted_body_on_cuts_the_files(window: Window, tmp_path: Path) -> None:
    """What the browser shows of a file on disk has no contents."""

    def pass_on(route: Route) -> None:
        if route.request.method == "POST":
            route.fulfill(response=route.fetch(max_redirects=0, post_data=route.request.post_data_buffer))
        else:
            route.continue_()

    window.context.route("**/*", pass_on)
    posts = _upload(window, nullcontext(), FILES, tmp_path)
    assert len(posts[0].body) < 10_000 < len(THREE_MB)


@pytest.mark.parametrize(
    ("chosen", "told"), [(FILES[:1], FILES[1:2]), (FILES[:1], FILES[:2]), (FILES[:2], FILES[:1])],
    ids=["another file", "one is missing", "one too many"],
)  # fmt: skip
def test_files_that_were_not_chosen_by_the_robot_are_not_sent(
    window: Window, chosen: list[Upload], told: list[Upload]
) -> None:
    wire = OneSend(window.context, told, timeout=5)
    assert _upload(window, wire, chosen) == []
    assert not wire.answered
    assert "Inget har skickats" in wire.sent[0].why


def test_an_address_that_nobody_answers_is_told(window: Window) -> None:
    with serving(_answers("form")) as server:
        tab = window.context.new_page()
        tab.goto(server.address)
        server.close()
        with OneSend(window.context, timeout=5) as wire:
            tab.get_by_role("button", name="Spara").click()
            with pytest.raises(PlaywrightError):  # the page itself is gone with its answer
                tab.get_by_role("heading", name="Landad").wait_for(timeout=300)
    assert [s.status for s in wire.sent] == [None]
