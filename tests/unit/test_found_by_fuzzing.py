"""What ``make fuzz`` has found once: each is told in the words of whoever reads it, and never as an error of ours."""

from __future__ import annotations

import asyncio
import tomllib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from unittest.mock import AsyncMock, Mock

import httpx
import pytest
from starlette.exceptions import HTTPException
from starlette.types import Receive, Scope, Send

from robots.audit.proof import read_anchor
from robots.browser import origins
from robots.cases.easit_go.wire import Listing
from robots.cases.email.wire import Letter, Names
from robots.errors import ConfigurationError, DownloadBroken, EvidenceUnreadable, PageNotRecognised, WrongInput
from robots.evidence.keys import Keys
from robots.portal.doors import oidc
from robots.portal.doors.bodies import Bodies
from robots.scheduler.schedule import parse_schedule
from robots.store import Store
from robots.systems.documents import pdf_from
from robots.workdays import read_calendar
from tests.conftest import ROOT
from tests.sealing import TestMaster
from tests.unit.test_easit_wire import page, prop
from tests.unit.workbook_files import KINDS

SCHEDULE = 'title = "Prova"\ntask = "try_kinds"\n[when]\n'
NAMES = Names.of(tomllib.loads((ROOT / "config" / "systems.toml").read_text("utf-8"))["email"]["names"])


@pytest.mark.parametrize(
    "when",
    [
        'cron = " "', 'every = "99999 weeks"\nstarting = 2026-11-02\nat = [07:00:00]', f"every = {'9' * 5000}",
        "a = " + "[" * 2000,
    ],
)  # fmt: skip
def test_a_schedule_that_nothing_starts_by_is_refused(when: str) -> None:
    with pytest.raises(ConfigurationError):
        parse_schedule("prova", SCHEDULE + when, Path("prova.toml"))


def test_braces_that_do_not_match_are_a_problem_of_the_schedule() -> None:
    told = SCHEDULE + 'every = "1 hour"\n[cases]\ninbox = "Bygg"\n[inputs]\nmessage = "{"\n'
    assert "klamrarna" in " ".join(parse_schedule("prova", told, Path("prova.toml")).problems(KINDS))


@pytest.mark.parametrize("until", ["9999-12-31", "2062-12-23"])
def test_a_year_that_is_mistyped_closes_no_calendar(tmp_path: Path, until: str) -> None:
    path = tmp_path / "calendar.toml"
    path.write_text(f'[2026-12-23]\nwhy = "Jul"\nuntil = {until}\n', "utf-8")
    with pytest.raises(ConfigurationError, match="Är året felskrivet"):
        read_calendar(path)


@pytest.mark.parametrize(
    "address", ["http://[", "wss://\0::1]/", "wss://\\/", "https://å..example/", "http://[\0:1]/x"]
)
def test_what_is_no_address_is_nobodys(address: str) -> None:
    assert not origins.Origins.of([address]).allowed
    assert not origins.is_sealed(address)
    assert "/x" not in origins.shown(address)


def test_a_body_with_an_odd_length_is_counted_as_it_comes_and_a_longer_one_than_can_be_is_refused() -> None:
    async def read(_scope: Scope, receive: Receive, _send: Send) -> None:
        assert await receive() == {"body": b"x"}

    def told(length: str) -> None:
        scope = {"type": "http", "path": "/", "headers": [(b"content-length", length.encode("latin-1"))]}
        heard = Bodies(read)(scope, AsyncMock(return_value={"body": b"x"}), AsyncMock())
        with ThreadPoolExecutor(1) as elsewhere:  # a browser that is warm has this thread's event loop
            elsewhere.submit(asyncio.run, heard).result()

    told("²")
    with pytest.raises(HTTPException):
        told("9" * 5000)


def test_a_place_at_the_provider_that_is_no_address_is_not_safe() -> None:
    assert not oidc._is_safe("https://[")


@pytest.mark.parametrize("length", ["²", "٣", "9" * 5000])
def test_a_length_that_is_no_number_is_none(length: str) -> None:
    answer = Mock(headers={"content-length": length}, url="http://x/a.pdf", status=200)
    answer.body.return_value = b"%PDF-%%EOF"
    assert pdf_from(answer).name == "a.pdf"
    answer.headers["content-length"] = "11"
    with pytest.raises(DownloadBroken):
        pdf_from(answer)


@pytest.mark.parametrize("raw", ["i går", "0001-01-01T00:00:00+14:00", ""])
def test_a_time_that_is_none_is_not_recognised(raw: str) -> None:
    (row,) = Listing("vy", httpx.Response(200, json=page([prop("Skapad", "x", raw)]))).rows
    with pytest.raises(PageNotRecognised):
        row.day("Skapad")


def test_a_file_in_letters_of_no_code_has_not_come_whole() -> None:
    told = page([prop("a", "x")])
    told["items"]["item"][0]["attachment"] = [{"name": "f", "value": "å", "contentId": "1"}]
    (row,) = Listing("vy", httpx.Response(200, json=told)).rows
    with pytest.raises(DownloadBroken):
        row.files("a")


@pytest.mark.parametrize(
    "mail",
    [
        b"Subject: =?utf-8?q?N=C3?=\r\n\r\nHej", b"Subject: =?x?q?N?=\r\n\r\nHej", b"Subject: =?utf-8?b?a?=\r\n\r\nHej",
        b"Content-Type: text/plain; charset=punycode\r\n\r\nHej",
    ],
)  # fmt: skip
def test_a_mail_that_somebody_has_twisted_is_not_recognised(mail: bytes) -> None:
    with pytest.raises(PageNotRecognised):
        assert Letter(mail).everything


def test_a_size_of_thousands_of_digits_is_not_recognised() -> None:
    with pytest.raises(PageNotRecognised):
        Letter(f"From: a@b.example\r\n\r\n{NAMES.attachment}: {'a' * 64} {'9' * 5000} f\r\n".encode()).told_files(NAMES)


@pytest.mark.parametrize("told", ["a" * 300, "\0", f"{'9' * 5000}:{'0' * 64}"])
def test_what_is_no_anchor_is_told(told: str) -> None:
    with pytest.raises(WrongInput):
        read_anchor(told)


def test_a_key_with_a_number_that_no_database_has_is_of_a_changed_file(store: Store) -> None:
    with pytest.raises(EvidenceUnreadable, match="finns inte"):
        Keys(store, TestMaster()).by_id(2**64 - 1)


@pytest.mark.parametrize("elsewhere", [None, 1, True, ["groups"]])
def test_groups_that_are_told_of_in_an_odd_way_are_none(elsewhere: object) -> None:
    claims = {"iss": "i", "sub": "s", "_claim_names": elsewhere}
    assert oidc._known_as(claims, "groups", "t").groups == frozenset()
