"""The digests of a week held against those that are kept: what may differ does not, and what may not is shown."""

from __future__ import annotations

from email.message import EmailMessage
from pathlib import Path

import pytest

from tests.chaos.week_digests import WRITE, held_against_kept

SAID = """Robotarna 24 november: 6 körningar, 2 saker väntar på dig

VÄNTAR PÅ DIG
- Skicka ritningar: K-12 misslyckades (Systemet svarar inte) sedan 23 november kl. 09:51
LÄMNADES ÖVER, OCH VARFÖR
- Skicka ritningar: Inga ritningar (2)
  KC-26100098-8, KC-26100104-0
DET HÄR KÖRDES
- Skicka ritningar: 4 klara, 2 överlämnade, 0 misslyckade
"""


def mail(said: str = SAID) -> EmailMessage:
    made = EmailMessage()
    made["To"], made["Subject"] = "drift@tallinge.example", said.splitlines()[0]
    made.set_content(said)
    return made


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    with monkeypatch.context() as asked:
        asked.setenv(WRITE, "1")
        held_against_kept([mail()], 2026, tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == ["digest-2026-11-24.txt"]
    return tmp_path


@pytest.mark.parametrize(
    ("was", "now"),
    [("K-12", "K-13"), ("09:51", "09:52"), ("KC-26100098-8, KC-26100104-0", "KC-26100104-0, KC-26100098-8")],
)
def test_what_may_differ_is_covered(kept: Path, was: str, now: str) -> None:
    assert was in SAID
    assert all(row.met for row in held_against_kept([mail(SAID.replace(was, now))], 2026, kept))


@pytest.mark.parametrize(
    ("was", "now"),
    [("4 klara", "5 klara"), ("KC-26100098-8, ", ""), ("09:51", "10:51"), ("Inga ritningar", "Sekretess")],
)
def test_what_may_not_differ_is_shown(kept: Path, was: str, now: str) -> None:
    rows = held_against_kept([mail(SAID.replace(was, now))], 2026, kept)
    assert not rows[0].met
    assert {row.what.strip()[0] for row in rows[1:]} == {"-", "+", "@"}, "the line as it was, and as it is"


def test_a_day_without_a_digest_and_one_that_came_twice_are_noticed(kept: Path) -> None:
    assert not held_against_kept([], 2026, kept)[0].met
    assert not held_against_kept([mail(), mail()], 2026, kept)[0].met
