"""What admins write of the municipality's own login: told where it is wrong, and what secret it wants."""

from __future__ import annotations

from pathlib import Path

import pytest

from robots.portal.doors.groups import given, read_groups, unknown_teams
from robots.portal.rights import Role
from robots.settings import write_secret
from robots.store import Store
from tests.conftest import ROOT
from tests.saying import Say, saying

ISSUER = "https://login.example.se/tallinge"
RIGHT = '[vagledare]\ngroup = "4f0c1f5e"\nroles = ["guide"]\nteams = ["Samhällsbyggnad"]\n'
SET_UP = f'oidc_issuer = "{ISSUER}"\noidc_client_id = "ragnhild"\nportal_url = "https://robotar.example.se"\n'


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A municipality whose configuration is ours, with no portal.toml."""
    config = tmp_path / "config"
    config.mkdir()
    for file in (ROOT / "config").iterdir():
        if file.name not in ("ragnhild.toml", "portal.toml"):
            (config / file.name).symlink_to(file)
    (config / "ragnhild.toml").write_text(SET_UP, "utf-8")
    monkeypatch.setenv("RAGNHILD_CONFIG_DIR", str(config))
    monkeypatch.setenv("RAGNHILD_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.chdir(ROOT)
    return config


@pytest.fixture
def say(place: Path, capsys: pytest.CaptureFixture[str]) -> Say:
    return saying(capsys)


def test_what_is_right_is_left_in_peace(place: Path, say: Say) -> None:
    (place / "portal.toml").write_text(RIGHT, "utf-8")
    assert say("check")[0] == 0


@pytest.mark.parametrize(
    ("text", "place_told", "words"),
    [
        (RIGHT.replace("guide", "boss"), "portal.toml:3", "roles"),
        (RIGHT.replace("guide", "api"), "portal.toml:3", "Rollen api är för program"),
        (RIGHT.replace("roles", "rolls"), "portal.toml:1", "roles"),
        (RIGHT + 'lag = ["Skola"]\n', "portal.toml:5", "lag"),
        (RIGHT.replace('"4f0c1f5e"', '""'), "portal.toml:2", "group"),
        (RIGHT.replace('["guide"]', "[]"), "portal.toml:3", "roles"),
        (RIGHT.replace("Samhälls", "Samhälles"), "portal.toml:4", "Ingen uppgift har ägaren Samhällesbyggnad."),
        ("# inget än\n", "portal.toml:1", "ingen släpps in den vägen"),
        (None, "portal.toml", "Filen saknas."),
    ],
)
def test_what_is_wrong_is_told_with_its_line(
    place: Path, say: Say, text: str | None, place_told: str, words: str
) -> None:
    if text is not None:
        (place / "portal.toml").write_text(text, "utf-8")
    code, told = say("check")
    assert code == 2
    assert place_told in told
    assert words in " ".join(told.split())


@pytest.mark.parametrize(
    ("settings", "line", "words"),
    [
        (SET_UP.replace("oidc_client_id", "municipality"), 1, "Ange också oidc_client_id"),
        (SET_UP.replace("https://login", "http://login"), 1, "oidc_issuer vara en adress som börjar med https://"),
        (SET_UP.replace("https://robotar", "http://robotar"), 3, "portal_url vara en adress som börjar med https://"),
    ],
)
def test_a_login_that_could_be_overheard_is_not_set_up(
    place: Path, say: Say, settings: str, line: int, words: str
) -> None:
    (place / "portal.toml").write_text(RIGHT, "utf-8")
    (place / "ragnhild.toml").write_text(settings, "utf-8")
    code, told = say("check")
    assert code == 2
    assert f"ragnhild.toml:{line}: " in told
    assert words in " ".join(told.split())


def test_the_secret_that_it_wants_is_told_of_and_not_shown(place: Path, say: Say, tmp_path: Path) -> None:
    assert "portal: SAKNAS" in say("config")[1]
    write_secret(tmp_path / "data" / "secrets" / "oidc", "hemligt-oidc")
    told = say("config")[1]
    assert "portal: finns" in told
    assert "hemligt-oidc" not in told
    (place / "ragnhild.toml").write_text("", "utf-8")
    assert "kommunens inloggning (oidc_issuer)" not in say("config")[1]


def test_an_admin_says_whose_an_account_is(
    place: Path, say: Say, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    from robots.portal.doors.accounts import add_account, all_accounts
    from robots.portal.rights import Role

    monkeypatch.setenv("RAGNHILD_DATABASE_URL", store.url)
    add_account(store, "adam", "Adam", roles=[Role.ADMIN], teams=[], by="prov", password="fyra gröna hästar")
    assert say("accounts", "change", "adam", "--subject", f"{ISSUER} 7f9c2b")[0] == 0
    (adam,) = all_accounts(store)
    assert (adam.subject, adam.password_hash) == (f"{ISSUER} 7f9c2b", None)
    say("accounts", "change", "adam", "--subject", "")
    assert all_accounts(store)[0].subject is None


def test_several_groups_add_up_and_none_gives_nothing(tmp_path: Path) -> None:
    (tmp_path / "portal.toml").write_text(
        '[a]\ngroup = "1"\nroles = ["guide"]\nteams = ["Bygg"]\n'
        '[b]\ngroup = "2"\nroles = ["leader", "guide"]\nteams = ["Skola", "Bygg", "Vatten", "*"]\n'
        '[c]\ngroup = "3"\nroles = ["admin"]\n', "utf-8",
    )  # fmt: skip
    groups = read_groups(tmp_path / "portal.toml")
    roles, teams = given(groups, {"1", "2", "9"})
    assert (sorted(roles), sorted(teams)) == ([Role.GUIDE, Role.LEADER], ["*", "Bygg", "Skola", "Vatten"])
    roles, teams = given(groups, {"3"})
    assert (list(roles), list(teams)) == ([Role.ADMIN], [])
    assert not any(given(groups, {"a", "9"})), "a heading is no group"
    assert unknown_teams(groups, ["Bygg"]) == [("b", "Skola"), ("b", "Vatten")]
