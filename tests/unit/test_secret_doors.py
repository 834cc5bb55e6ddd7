"""Who holds a password, and when: the login form that was expected, while it logs in, and nobody else."""

from __future__ import annotations

import os
import subprocess
import sys
import traceback
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from pydantic import SecretStr

from robots.errors import LoginFailed
from robots.settings import Settings
from robots.sources.folders import CREDENTIALS, SystemdCredentials
from robots.store import Store
from robots.systems.documents import LONGEST_NAME, Document
from robots.worker.slot_process import _environment
from tests.unit.benches import KEY, LOGIN, Practice, Site
from tests.unit.pages import Answer, Asked, PageServer, page, serving

New = Callable[..., Practice]
SECRET = "mycket-hemligt"
# Told the server at the first key, so that what is typed into a wrong field is seen although nothing is sent.
TOLD = " oninput=\"fetch('/typed/' + this.value)\""


@pytest.fixture
def site() -> Site:
    return Site({"/a": page("<h1>Sida A</h1>")}, password=SECRET)


@pytest.fixture
def new(new: New) -> New:
    return partial(new, password=SECRET)


# -- where it is typed -----------------------------------------------------------------------------------------------

USER = f"<label>Användarnamn<input name=user{TOLD}></label>"
WORD = f"<label>Lösenord<input type=password name=secret{TOLD}></label>"
BUTTON = "<button>Logga in</button>"
CHANGED = {
    "a field that shows it": (
        f"<form method=post>{USER}<label>Lösenord<input name=secret{TOLD}></label>{BUTTON}</form><input type=password>",
        "döljer inte det som skrivs"),
    "renamed": (f"<form method=post>{USER}{WORD.replace('Lösenord', 'PIN')}{BUTTON}</form>", "«Lösenord» finns inte"),
    "two of them": (f"<form method=post>{USER}{WORD}{WORD}{BUTTON}</form>", "eller finns flera gånger"),
    "a code as well": (
        f"<form method=post>{USER}{WORD}<label>Engångskod<input name=code></label>{BUTTON}</form>",
        "ett fält till .«Engångskod»."),
    "a form to another host": (
        f"<form method=post action=http://127.0.0.1:9/x>{USER}{WORD}{BUTTON}</form>", "leder till http://127.0.0.1:9,"),
    "a button to another host": (
        f"<form method=post>{USER}{WORD}<button formaction=http://127.0.0.1:9/x>Logga in</button></form>",
        "leder till http://127.0.0.1:9,"),
    "a field called action": (
        "<form method=post action=http://127.0.0.1:9/x><input type=hidden name=action value=/>"
        f"{USER}{WORD}{BUTTON}</form>",
        "leder till http://127.0.0.1:9,"),
    "into the address": (f"<form>{USER}{WORD}{BUTTON}</form>", "lösenordet i adressen"),
    "no form": (f"<form method=post>{USER}{BUTTON}</form>{WORD}", "samma formulär"),
    "a look-alike in a frame": (
        f"<input type=password><iframe srcdoc='<form method=post>{USER}{WORD}</form>'></iframe>", "finns inte"),
}  # fmt: skip


@pytest.mark.browser
def test_a_login_page_that_has_changed_gets_no_password(new: New, server: PageServer) -> None:
    for name, (form, words) in CHANGED.items():
        server._answer = lambda _, form=form: page(f"<h1>Logga in</h1>{form}")  # type: ignore[misc]
        with pytest.raises(LoginFailed, match=words) as told:
            new().open("/a", heading="Sida A")
        assert SECRET not in "".join(traceback.format_exception(told.value)), name
        assert server.posts() == [], name
        assert [a.path for a in server.asked if "/typed" in a.path] == [], name


@pytest.mark.browser
def test_control_the_expected_form_gets_it_and_then_nobody_holds_it(new: New, site: Site, server: PageServer) -> None:
    asked: list[str] = []
    driver = new()
    driver.bench.ask_password = lambda: asked.append("asked") or SecretStr(SECRET)  # type: ignore[func-returns-value]
    original = server._answer
    form = f"<h1>Logga in</h1><form method=post action=/logga-in>{USER}{WORD}{BUTTON}</form>"
    server._answer = lambda a: page(form) if a.method == "GET" and a.path == "/logga-in" else original(a)
    driver.open("/a", heading="Sida A")
    assert site.logins == 1
    assert any(a.path.startswith("/typed") for a in server.asked)
    assert asked == ["asked"]
    assert driver.bench._password is None
    driver.open("/a", heading="Sida A")
    assert asked == ["asked"]  # with a session nobody asks for it


@pytest.mark.browser
def test_a_page_that_throws_what_was_typed_does_not_tell_it(new: New, server: PageServer) -> None:
    thrower = (
        "<script>Object.defineProperty(document.querySelector('[name=secret]'), 'isConnected',"
        " {get() { throw new Error('fel: ' + this.value); }})</script>"
    )
    server._answer = lambda _: page(LOGIN.format(error="") + thrower)
    with pytest.raises(Exception, match="inloggningen gick inte att göra klart") as told:
        new().open("/a", heading="Sida A")
    assert SECRET not in "".join(traceback.format_exception(told.value))


@pytest.mark.browser
def test_a_password_is_not_typed_where_it_could_be_read_on_the_way(
    new: New, server: PageServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    from robots.browser import origins

    monkeypatch.setattr(origins, "is_loopback", lambda _host: False)
    with pytest.raises(LoginFailed, match="som inte är https"):
        new().open("/a", heading="Sida A")
    assert server.posts() == []


@pytest.mark.browser
def test_a_changed_password_works_at_once(new: New, site: Site) -> None:
    words = ["gammalt"]
    driver = new()
    driver.bench.ask_password = lambda: SecretStr(words[-1])
    with pytest.raises(LoginFailed, match="nekade"):
        driver.open("/a", heading="Sida A")
    again = new()
    again.bench.ask_password = driver.bench.ask_password
    words.append(SECRET)
    again.open("/a", heading="Sida A")
    assert (site.refusals, site.logins) == (1, 1)


# -- who else could read it -------------------------------------------------------------------------------------------


def test_what_a_slot_starts_is_told_neither_secrets_nor_where_they_lie(
    machine: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RAGNHILD_DATABASE_URL", "postgresql://a:hemligt@b/c")
    monkeypatch.setenv("RAGNHILD_HEARTBEAT_URL", "https://vakt.example/hemligt")
    monkeypatch.setenv("RAGNHILD_SLOTS", "1")
    assert "hemligt" not in str(_environment())
    assert _environment()["RAGNHILD_SLOTS"] == "1"

    (tmp_path / "ada.prov").write_text(SECRET)
    monkeypatch.setattr(SystemdCredentials, "kept", None)
    monkeypatch.setenv(CREDENTIALS, str(tmp_path))
    SystemdCredentials.keep()
    assert CREDENTIALS not in os.environ
    settings = machine.model_copy(update={"secret_sources": ("systemd",)})
    assert settings.secret("ada.prov").get_secret_value() == SECRET


TWO = """
import sys
from contextlib import nullcontext
from types import SimpleNamespace
from pydantic import SecretStr
from robots.errors import LoginFailed
from robots.settings import SystemSettings
from robots.store.connect import connect
from robots.systems.bench import Bench
from robots.systems.interface import Interface
from robots.systems.login import LoginSessions

class Asking(Interface):
    system = "prov"

store_url, address, key, alone = sys.stdin.read().split()
if alone == "no":
    LoginSessions.alone = lambda _: nullcontext()
store = connect(store_url)
bench = Bench(settings=SystemSettings(url=address, timeout_seconds=30), title="Provsystemet", robot_user="ada",
              ask_password=lambda: SecretStr("fel"), logins=LoginSessions(store, key.encode(), "ada", "prov"),
              ledger=None, recorder=SimpleNamespace(hide_secret=lambda _: None))
asking = Asking(bench)
print("ready", flush=True)
try:
    asking.ask("GET", "/cases")
except LoginFailed:
    print("refused")
"""


@pytest.mark.long
@pytest.mark.parametrize("alone", ["yes", "no"], ids=["one at a time", "control: all at once"])
def test_a_wrong_password_is_tried_once_by_two_processes(store: Store, alone: str) -> None:
    def refuses_slowly(_: Asked) -> Answer:
        subprocess.run(["sleep", "3"], check=True)
        return Answer("", 401)

    with serving(refuses_slowly) as server:
        told = f"{store.url}\n{server.address}\n{KEY.decode()}\n{alone}\n"
        both = [
            subprocess.Popen([sys.executable, "-c", TWO], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            for _ in range(2)
        ]
        for each in both:
            assert each.stdin
            each.stdin.write(told)
            each.stdin.close()
        said = []
        for each in both:
            assert each.stdout
            said.append(each.stdout.read())
            each.stdout.close()
            each.wait(60)
        assert said == ["ready\nrefused\n"] * 2
        assert len(server.asked) == (1 if alone == "yes" else 2)


# -- names that systems give ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("told", "name"),
    [
        ("../../etc/passwd", "passwd"), ("C:\\Windows\\system.ini", "system.ini"),
        ("plan\r\nX-Evil: 1.pdf", "planX-Evil: 1.pdf"), ("ritning\u202efdp.exe", "ritningfdp.exe"), ("CON", "_CON"),
        ("lpt1.pdf", "_lpt1.pdf"), ("..", "fil"), ("", "fil"), (".", "fil"), ("a/", "a"), ("nul\x00.pdf", "_nul.pdf"),
        ("Situationsplan för Å 1:2.pdf", "Situationsplan för Å 1:2.pdf"),
    ],
)  # fmt: skip
def test_a_files_name_is_no_path_and_no_trick(told: str, name: str) -> None:
    assert Document(told, b"").name == name


def test_a_very_long_name_keeps_its_kind() -> None:
    assert len(Document("a" * 5000 + ".pdf", b"").name) == LONGEST_NAME
    assert Document("a" * 5000 + ".pdf", b"").name.endswith("a.pdf")
    assert len(Document("a." + "b" * 5000, b"").name) == LONGEST_NAME
