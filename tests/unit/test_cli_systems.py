"""«ragnhild systems» tells whose each system is, what the robots may do there, and how well its driver is proven."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from robots.cli import main as command_line
from robots.cli import systems as listing
from robots.systems.level import Level, Proven
from tests.conftest import ROOT


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of what admins write, that a test may change."""
    shutil.copytree(ROOT / "config", tmp_path / "config")
    monkeypatch.setenv("RAGNHILD_CONFIG_DIR", str(tmp_path / "config"))
    monkeypatch.setenv("RAGNHILD_DATA_DIR", str(tmp_path / "data"))
    return tmp_path / "config"


def test_tells_what_card_and_municipality_say(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = (config / "systems.toml").read_text("utf-8")
    renhallning = '[waste_collection]\nurl = "{town}/renhallning"\n'
    assert renhallning in told
    (config / "systems.toml").write_text(told.replace(renhallning, renhallning + "most_sessions = 2\n"), "utf-8")

    assert command_line.carry_out(["systems", "--json"]) == 0

    systems = {s["key"]: s for s in json.loads(capsys.readouterr().out)["systems"]}
    waste, register = systems["waste_collection"], systems["population_register"]
    assert (waste["title"], waste["sessions"], waste["robots"]) == ("Renhållning Framtid", 2, {"svea": "journal"})
    assert register["secrecy"] == "sekretess"
    assert set(register["robots"].values()) == {"read"}


@pytest.mark.parametrize(("level", "words"), [(Level.HARDENED, "härdad"), (Level.UNPROVEN, "inte prövad")])
def test_tells_the_level_in_words(
    level: Level, words: str, config: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("robots.systems.level.level_of", lambda *_: Proven(level, 9))

    assert command_line.carry_out(["systems"]) == 0

    others = set(listing.LEVELS.values()) - {words}
    shown = capsys.readouterr().out
    assert words in shown
    assert not any(other in shown for other in others if other != "läser")  # what a robot may do is called so too
