"""Who is told what: the file, its faults with their lines, and the commands of an operator."""

from __future__ import annotations

import json
import re
import tomllib
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from robots.cli import main as command_line
from robots.errors import ConfigurationError
from robots.local_time import moment_of
from robots.settings import Robot, Settings, write_secret
from robots.telling.mail import mail_server
from robots.telling.people import KINDS, Concerns, Person, read_people
from robots.workdays import Calendar
from tests.conftest import ROOT
from tests.saying import Say
from tests.unit.pages import Answer, serving
from tests.unit.timetable import ROBOT
from tests.unit.told_people import EVERYBODY, Place

# -- the file -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ('[a]\nkinds = ["failed"]\n', 1, "Ange ett av mail och webhook."),
        ('[a]\nmail = "a@b.example"\nwebhook = "slack"\n', 1, "Ange ett av mail och webhook."),
        ('[a]\ndigest = true\nmail = "a b.example"\n', 3, "är ingen e-postadress"),
        ('[a]\nmail = "a@b.example"\nquiet = "22-07"\n', 3, "«18:00-07:00»"),
        ('[a]\nmail = "a@b.example"\n\nkinds = ["allt"]\n', 4, "kinds"),
        ('[a]\nmail = "a@b.example"\n[b]\nwebhook = "irc"\n', 4, "webhook"),
        ('[a]\nmail = "a@b.example"\naddress = "x"\n', 3, "address"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(tmp_path: Path, text: str, line: int, words: str) -> None:
    (tmp_path / "people.toml").write_text(text, "utf-8")
    with pytest.raises(ConfigurationError) as error:
        read_people(tmp_path / "people.toml")
    assert error.value.line == line
    assert words in str(error.value)


def test_the_municipalitys_own_file_can_be_used() -> None:
    people = read_people(ROOT / "config" / "people.toml")
    told = {name for name, each in people.items() if each.wants(Concerns("handover", task="t", owner="Omsorg"))}
    assert told == {"omsorg"}
    assert [name for name, each in people.items() if each.digest] == ["drift", "samhallsbyggnad"]


@pytest.mark.parametrize(
    ("local", "quiet", "since"),
    [
        ("2026-11-09 06:59", True, None),  # a Monday
        ("2026-11-09 07:00", False, "2026-11-09 07:00"),
        ("2026-11-09 17:59", False, "2026-11-09 07:00"),
        ("2026-11-09 18:00", True, None),
        ("2026-11-14 12:00", True, None),  # a Saturday
        ("2026-12-25 12:00", True, None),
        ("2027-03-29 09:00", True, None),  # Easter Monday, the day after the clocks went forward
        ("2027-03-30 09:00", False, "2027-03-30 07:00"),
    ],
)
def test_quiet_hours_and_when_they_ended(local: str, quiet: bool, since: str | None) -> None:
    person = Person(name="a", mail="a@b.example", quiet="18:00-07:00", days="workdays")
    moment = moment_of(datetime.fromisoformat(local))
    assert person.is_quiet(moment, Calendar()) is quiet
    awake = person.awake_since(moment, Calendar())
    assert awake == (moment_of(datetime.fromisoformat(since)) if since else None)


def test_without_quiet_hours_it_is_never_quiet_and_workdays_begin_at_midnight() -> None:
    monday = moment_of(datetime(2026, 11, 9, 3))
    anybody = Person(name="a", mail="a@b.example")
    assert not anybody.is_quiet(monday, Calendar())
    assert anybody.awake_since(monday, Calendar()) is None
    on_workdays = Person(name="a", mail="a@b.example", days="workdays")
    assert on_workdays.awake_since(monday, Calendar()) == moment_of(datetime(2026, 11, 9))


# -- docs/telling.md ------------------------------------------------------------------------------------------------

WRITTEN = (ROOT / "docs" / "telling.md").read_text("utf-8")
PEOPLE, PASSWORDS, WAY_OUT = re.findall(r"^```toml\n(.*?)^```", WRITTEN, re.MULTILINE | re.DOTALL)


def test_every_setting_and_every_kind_is_explained() -> None:
    known = {*Person.model_fields, *KINDS} - {"name"}
    assert {name for name in known if not re.search(rf"`{name}`", WRITTEN)} == set()


def test_its_examples_can_be_used(tmp_path: Path) -> None:
    (tmp_path / "people.toml").write_text(PEOPLE, "utf-8")
    people = read_people(tmp_path / "people.toml")
    assert (people["drift"].digest, people["bygglov"].webhook) == (True, "teams")
    robot = tomllib.loads(ROBOT + PASSWORDS.partition("\n")[2])["ada"]
    assert set(Robot.model_validate(robot).password_until) == {"all", "drawing_archive"}
    assert tomllib.loads(WAY_OUT).keys() <= Settings.model_fields.keys()
    assert mail_server(tomllib.loads(WAY_OUT)["smtp_url"]).host == "post.tallinge.example"


# -- commands -------------------------------------------------------------------------------------------------------


@pytest.fixture
def say(place: Place, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Say:
    settings = place.settings
    told = {"DATA_DIR": settings.data_dir, "CONFIG_DIR": settings.config_dir, "TASKS_DIR": settings.tasks_dir,
            "SCHEDULES_DIR": settings.schedules_dir, "DATABASE_URL": place.store.url, "SMTP_URL": settings.smtp_url,
            "MAIL_FROM": settings.mail_from}  # fmt: skip
    for name, value in told.items():
        monkeypatch.setenv(f"RAGNHILD_{name}", str(value))

    def carry_out(*line: str) -> tuple[int, str]:
        code = command_line.carry_out(list(line))
        shown = capsys.readouterr()
        return code, " ".join((shown.out + shown.err).split())

    return carry_out


def test_a_trial_message_arrives_and_says_so(place: Place, say: Say) -> None:
    assert say("tell", "--test", "drift") == (0, "Provmeddelandet till drift är lämnat till drift@tallinge.example.")
    assert place.office.subjects == ["Provmeddelande från Ragnhild"]


def test_a_trial_message_to_a_channel_arrives(place: Place, say: Say) -> None:
    place.write('[kanal]\nwebhook = "slack"\n')
    with serving(lambda asked: Answer("ok")) as server:
        write_secret(place.settings.secrets_dir / "webhook.kanal", server.address)
        assert say("tell", "--test", "kanal") == (0, "Provmeddelandet till kanal är lämnat till webhooken (slack).")
        assert len(server.posts()) == 1


def test_a_trial_message_that_does_not_arrive_says_why(place: Place, say: Say) -> None:
    place.office.refuses = "554 not here"
    code, told = say("tell", "--test", "drift")
    assert (code, "tog inte emot mejlet (554 not here)" in told) == (1, True)
    code, told = say("tell", "--test", "natt")
    assert (code, "I people.toml finns drift." in told) == (2, True)


def test_messages_are_listed_with_what_became_of_them(place: Place, say: Say) -> None:
    assert say("messages")[1] == "Inga meddelanden."
    place.run_ended("failed", "Fel", case_number="KC-1")
    place.at("2026-11-09 09:00")
    place.office.refuses = "451 later"
    place.run_ended("failed", "Ett annat", case_number="KC-2")
    place.at("2026-11-09 09:00")
    shown = say("messages")[1]
    assert "skickat" in shown
    assert "(451 later). Prövas igen 2026-11-09 09:01:00." in shown
    (unsent,) = listed(say, "--unsent")
    assert (unsent["person"], unsent["state"], unsent["tries"]) == ("drift", "waiting", 1)
    place.office.refuses = ""
    assert "1 meddelanden skickas nu" in say("messages", "--again")[1]
    place.now = "2036-11-09 09:00"  # the command goes by the database's clock, which is ahead of the place's
    place.teller().send_round()
    assert listed(say, "--unsent") == []
    assert len(listed(say)) == 2


def listed(say: Say, *options: str) -> list[dict[str, Any]]:
    told: list[dict[str, Any]] = json.loads(say("messages", "--json", *options)[1])["messages"]
    return told


@pytest.mark.parametrize(
    ("file", "text", "words"),
    [
        ("people.toml", '[a]\nmail = "x"\n', "people.toml:2: a.mail:"),
        ("people.toml", f'{EVERYBODY}\nowners = ["Vägar"]\n', "people.toml:4: Ingen robot har ägaren Vägar."),
        ("people.toml", f'{EVERYBODY}systems = ["kartan"]\n', "people.toml:3: Systemet kartan finns inte"),
        ("robots.toml", "password_until = { kartan = 2027-01-01 }\n", "robots.toml:6: Systemet kartan finns inte"),
    ],
)
def test_check_tells_of_people_and_passwords_that_cannot_be(
    place: Place, say: Say, file: str, text: str, words: str
) -> None:
    for name in ("systems", "access"):
        (place.settings.config_dir / f"{name}.toml").write_text("", "utf-8")
    path = place.settings.config_dir / file
    path.write_text(text if file == "people.toml" else path.read_text("utf-8") + text, "utf-8")
    code, told = say("check")
    assert code == 2
    assert words in told
