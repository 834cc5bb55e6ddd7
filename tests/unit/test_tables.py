"""The municipality's figures: of the year that is asked for, with their source, or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from robots.errors import BusinessException, ConfigurationError
from robots.tables import Tables, YearTable


class Fees(YearTable):
    name = "fees"
    kronor: dict[str, int]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "fees.toml").write_text(
        '[2025]\nsource = "Taxa 2025, § 1"\nkronor = { copy = 300 }\n\n[2026]\nsource = "Taxa 2026, § 1"\n'
        "kronor = { copy = 307 }\n", "utf-8",
    )  # fmt: skip
    return tmp_path


def test_each_year_has_its_own_figures_and_source(folder: Path) -> None:
    tables = Tables(folder)
    assert [(tables.year(Fees, year).kronor["copy"], tables.year(Fees, year).source) for year in (2025, 2026)] == [
        (300, "Taxa 2025, § 1"), (307, "Taxa 2026, § 1"),
    ]  # fmt: skip


def test_a_missing_year_is_not_filled_in_from_the_one_before(folder: Path) -> None:
    with pytest.raises(BusinessException, match="inga uppgifter för 2027") as stop:
        Tables(folder).year(Fees, 2027)
    assert (stop.value.kind, "2027" in stop.value.todo) == ("Tabellen saknar året", True)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[2026]\nkronor = { copy = 307 }\n", "2026.source"),
        ('[2026]\nsource = "Taxa"\nkronor = { copy = 307 }\n', "2026.source"),
        ('[2026]\nsource = "Taxa 2026, § 1"\nkronor = { copy = "mycket" }\n', "2026.kronor.copy"),
        ('[2026]\nsource = "Taxa 2026, § 1"\nkronor = {}\nnot_asked_for = 1\n', "2026.not_asked_for"),
        ('[this_year]\nsource = "Taxa 2026, § 1"\nkronor = {}\n', "ska vara ett år"),
        ("kronor = 1\n", "hakparenteser"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(folder: Path, text: str, words: str) -> None:
    (folder / "fees.toml").write_text(text, "utf-8")
    with pytest.raises(ConfigurationError) as told:
        Tables(folder).year(Fees, 2026)
    assert words in str(told.value)
    assert told.value.file.endswith("fees.toml")


def test_a_missing_table_is_told_by_name(folder: Path) -> None:
    (folder / "fees.toml").unlink()
    with pytest.raises(ConfigurationError, match=r"fees\.toml"):
        Tables(folder).year(Fees, 2026)
