"""What machines have in common, and what each has for itself: evidence, and the database's password."""

from __future__ import annotations

from pathlib import Path

import pytest

from robots.cli.demo import _settings_of_demo
from robots.errors import ConfigurationError
from robots.settings import load_settings, write_secret


@pytest.fixture(autouse=True)
def own_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RAGNHILD_DATA_DIR", str(tmp_path / "data"))
    return tmp_path / "data"


def test_evidence_lies_in_the_data_folder_or_where_all_machines_look(
    own_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert load_settings().evidence_dir == own_data / "evidence"
    monkeypatch.setenv("RAGNHILD_EVIDENCE_FOLDER", str(tmp_path / "shared"))
    settings = load_settings()
    assert settings.evidence_dir == tmp_path / "shared"
    assert load_settings(**settings.model_dump(mode="json")).evidence_dir == tmp_path / "shared", "as a slot is told"


def test_the_demos_evidence_is_not_put_among_that_of_real_runs(
    own_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its first run is K-1, as is that of the municipality."""
    monkeypatch.setenv("RAGNHILD_EVIDENCE_FOLDER", str(tmp_path / "shared"))
    assert _settings_of_demo(0).evidence_dir == own_data / "demo" / "evidence"


def test_the_databases_password_is_the_file_or_none(own_data: Path) -> None:
    assert load_settings().database_password() is None
    write_secret(own_data / "secrets" / "database", "två ord\n")
    told = load_settings().database_password()
    assert told is not None
    assert told.get_secret_value() == "två ord"


@pytest.mark.parametrize("name", ["database", "ada"])
def test_a_secret_that_cannot_be_read_is_told_by_its_file_and_not_shown(own_data: Path, name: str) -> None:
    file = own_data / "secrets" / name
    file.parent.mkdir(parents=True)
    file.write_bytes("hemligt på latin-1".encode("latin-1"))
    with pytest.raises(ConfigurationError, match="inte skriven i UTF-8") as told:
        _ = load_settings().database_password() if name == "database" else load_settings().password("ada", "map")
    assert str(file) in str(told.value)
    assert "hemligt" not in str(told.value)
    assert told.value.__suppress_context__
