"""``ragnhild config``: where each value comes from, which secrets there are, and nothing of what they are."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from robots.cli import console
from robots.cli import main as command_line
from robots.settings import write_secret
from robots.sources.own_keys import EVIDENCE, MACHINE
from tests.unit.vaults import Vault, listening

OWN = {EVIDENCE: "underlaget", MACHINE: "robotarnas inloggningar"}
PLANTED = ["hemligt-i-filen", "hemligt-i-valvet", "hemligt-token", "hemligt-i-adressen", "hemligt-i-proxyn"]


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A municipality with a vault: ada's passwords are in it, bo's in the folder, and cia has none."""
    config = tmp_path / "config"
    config.mkdir()
    robots = [
        f'[{n}]\ntitle = "{n}"\nowner = "Bygg"\nuser = "robot.{n}"\ntasks = ["{n}"]\n' for n in ("ada", "bo", "cia")
    ]
    (config / "robots.toml").write_text("".join(robots), "utf-8")
    (config / "systems.toml").write_text('[map]\nurl = "https://karta.example"\n[archive]\nurl = "https://a.example"\n')
    rights = '[ada]\nmap = "read"\narchive = "read"\n[bo]\nmap = "read"\n[cia]\nmap = "read"\narchive = "read"\n'
    (config / "access.toml").write_text(rights, "utf-8")
    (config / "people.toml").write_text('[vakt]\nwebhook = "teams"\n', "utf-8")
    (config / "ragnhild.toml").write_text(
        '# town\nmunicipality = "Provköping"\ntown = "http://u:hemligt-i-proxyn@127.0.0.1:1"\n'
    )
    vault = Vault({"secret/ragnhild/ada": {"value": PLANTED[1]}, "secret/ragnhild/bo": {"value": PLANTED[1]}})
    vault.tokens = {PLANTED[2]}
    secrets = tmp_path / "data" / "secrets"
    write_secret(secrets / "bo", PLANTED[0])
    write_secret(secrets / "vault.token", PLANTED[2])
    monkeypatch.setenv("RAGNHILD_CONFIG_DIR", str(config))
    monkeypatch.setenv("RAGNHILD_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("RAGNHILD_SECRET_SOURCES", "files,vault")
    monkeypatch.setenv("RAGNHILD_SECRET_SECONDS", "0")
    monkeypatch.setenv("RAGNHILD_DATABASE_URL", f"postgresql://robot:{PLANTED[3]}@127.0.0.1/ragnhild")
    with listening(vault):
        monkeypatch.setenv("RAGNHILD_VAULT_ADDRESS", vault.address)
        yield tmp_path


def config(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    assert command_line.carry_out(["config", "--json"]) == 0
    document: dict[str, Any] = json.loads(capsys.readouterr().out)
    return document


def test_a_setting_is_shown_with_its_line_its_variable_or_as_the_default(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    listed = {each["name"]: each for each in config(capsys)["settings"]}
    file = str(place / "config" / "ragnhild.toml")
    assert (listed["municipality"]["source"], listed["municipality"]["line"]) == (file, 2)
    assert (listed["town"]["source"], listed["town"]["line"]) == (file, 3)
    assert listed["secret_sources"]["source"] == "RAGNHILD_SECRET_SOURCES"
    assert listed["secret_sources"]["value"] == ["files", "vault"]
    assert (listed["attempts"]["source"], listed["attempts"]["value"]) == ("förvalt", 4)


def test_each_secret_that_is_needed_is_found_somewhere_or_missing(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = {(each["for"], each["used"]): each for each in config(capsys)["secrets"]}
    ada, bo, cia = found["ada", "archive"], found["bo", "map"], found["cia", "map"]
    assert (ada["state"], ada["source"]) == ("found", "vault")
    assert (bo["state"], bo["place"]) == ("found", f"filen {place / 'data' / 'secrets' / 'bo'}")
    assert bo["also_in"] == ["Vault secret/ragnhild/bo, fält value"]
    assert (cia["state"], cia["value"], cia["names"]) == ("missing", None, ["cia.map", "cia"])
    assert f"filen {place / 'data' / 'secrets' / 'cia'}" in cia["looked_in"]
    assert ("vault", "inloggningen i Vault") in found
    evidence, machine = (found[key.current, f"det som låser {what}"] for key, what in OWN.items())
    assert (evidence["state"], machine["state"]) == ("unused", "unused"), "they are made by themselves"
    assert found["webhook.vakt", "adressen dit meddelanden skickas"]["state"] == "missing"
    assert not [each for each in found.values() if each["for"] == "database"], "its password stands in the address"


def test_what_messages_and_mailboxes_need_is_listed(
    place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    schedules = place / "schedules"
    schedules.mkdir()
    monkeypatch.setenv("RAGNHILD_SCHEDULES_DIR", str(schedules))
    monkeypatch.setenv("RAGNHILD_SMTP_URL", "smtps://robot@post.example:465")
    (schedules / "broken.toml").write_text("[when\n", "utf-8")
    (schedules / "drawings.toml").write_text(
        'title = "Brevlådan"\ntask = "ada"\n[when]\nevery = "1 hours"\n[messages]\nhost = "imap.example"\n'
        'user = "ritningar@example.se"\nfrom_domains = ["example.se"]\nvouched_by = "nobody"\n', "utf-8",
    )  # fmt: skip
    write_secret(place / "data" / "secrets" / "mailbox", PLANTED[0])
    found = {each["for"]: each for each in config(capsys)["secrets"]}
    assert found["smtp"]["state"] == "missing"
    assert found["mailbox.drawings"]["place"] == f"filen {place / 'data' / 'secrets' / 'mailbox'}"
    assert "mailbox.broken" not in found


def test_on_a_narrow_terminal_a_robots_systems_are_one_entry(
    place: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(console, "WIDTH_OF_A_PIPE", 80)
    console.out.cache_clear()
    assert command_line.carry_out(["config"]) == 0
    console.out.cache_clear()
    told = capsys.readouterr().out
    assert "ada: finns\n    för map, archive\n    ▮▮▮ i Vault secret/ragnhild/ada, fält value\n" in told
    assert "Också i Vault secret/ragnhild/bo, fält value, som inte läses." in told
    assert "cia: SAKNAS\n    för map, archive\n    Lägg i filen" in told
    assert f"municipality = Provköping  ({place / 'config' / 'ragnhild.toml'}:2)\n    vems robotar" in told
    below = [line for line in told.splitlines() if line.startswith("    ")]
    assert max(map(len, below)) <= 80 or max(len(word) for line in below for word in line.split()) > 70


def test_what_the_practice_municipality_makes_by_itself_is_not_missed(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (place / "config" / "systems.toml").write_text('[map]\nurl = "{town}/map"\n[archive]\nurl = "https://a.example"\n')
    found = {(each["for"], each["used"]): each["state"] for each in config(capsys)["secrets"]}
    assert (found["cia", "map"], found["cia", "archive"]) == ("unused", "missing")
    assert found["ada", "map"] == "unused", "the vault's is the real one"
    assert command_line.carry_out(["config"]) == 0
    told = capsys.readouterr().out
    assert "cia: saknas\n    för map\n    Läggs in av övningskommunen när den öppnas: ragnhild practice\n" in told


def test_a_vault_that_does_not_answer_is_told_and_the_rest_is_shown(
    place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RAGNHILD_VAULT_ADDRESS", "http://127.0.0.1:9")
    found = {each["for"]: each for each in config(capsys)["secrets"]}
    assert found["ada"]["state"] == "unknown"
    assert "http://127.0.0.1:9 svarar inte" in found["ada"]["problem"]
    assert found["bo"]["state"] == "unknown", "bo.map may be in the vault, and would win"


def test_where_keys_are_not_made_by_themselves_they_are_missed(
    place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RAGNHILD_SECRET_SOURCES", "systemd")
    found = {each["for"]: each for each in config(capsys)["secrets"]}
    assert (found["evidence.key"]["state"], found["machine.key"]["state"]) == ("missing", "missing")
    write_secret(place / "data" / "secrets" / "machine.key", PLANTED[0])
    assert {each["for"]: each for each in config(capsys)["secrets"]}["machine.key"]["state"] == "found"


def test_a_broken_file_hides_no_setting(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (place / "config" / "robots.toml").write_text("[ada\n", "utf-8")
    told = config(capsys)
    assert len(told["settings"]) > 40
    assert "robots.toml" in told["problem"]


def test_nothing_of_a_secret_is_shown_or_logged(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for command in (["config"], ["config", "--json"], ["check"], ["config", "--nothing"]):
        command_line.carry_out(command)
    (place / "data" / "secrets" / "bo").write_bytes("hemligt-i-filen på latin-1".encode("latin-1"))
    command_line.carry_out(["config"])
    told = capsys.readouterr()
    logged = "".join(path.read_text("utf-8") for path in (place / "data" / "logs").glob("*"))
    assert "bo: går inte att se" in told.out
    assert [word for word in PLANTED if word in told.out + told.err + logged] == []
    everything = "".join(path.read_text("latin-1") for path in place.rglob("*") if path.is_file())
    assert PLANTED[0] in everything, "control: it is there to be found"
