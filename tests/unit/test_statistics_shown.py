"""How figures are shown: words, pictures, the workbook opened again, the command, and the document about them."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.chart.reference import Reference

from robots.settings import Settings
from robots.statistics import workbook
from robots.statistics.charts import charts_of
from robots.statistics.drawing import Bar, bars, columns, shares
from robots.statistics.figures import Figures
from robots.statistics.tables import all_tables, change
from robots.statistics.wording import alphabetical, shown
from robots.store import Store
from tests.architecture.source import ROOT
from tests.saying import Say
from tests.unit.ended_runs import Ended

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def ended(machine: Settings, store: Store, tmp_path: Path) -> Ended:
    """September and October, with one request that a person ordered anew, and a task that has gone."""
    laid = Ended.laid(machine, store, tmp_path)
    laid.run("done", "2026-09-07 08:30", count=4)
    laid.run("done", "2026-10-05 10:00", count=7, waited=120, worked=60)
    laid.run("handed_over", "2026-10-05 11:00", kind="<b>Inga</b> & ritningar", count=2)
    anew = laid.run("failed", "2026-10-06 10:00", task="sludge", source="inbox")
    laid.anew(anew, "done", "2026-10-06 12:00", task="sludge")
    laid.run("done", "2026-10-11 23:30", task="bygone", source="batch")
    return laid


@pytest.fixture
def figures(ended: Ended) -> Figures:
    return ended.figures("2026-09-01", "2026-10-31")


# -- words ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "kind", "words"),
    [
        (1204, "count", "1\xa0204"),
        (0.8666, "share", "87\xa0%"),
        (None, "share", "–"),
        (4.25, "seconds", "4,2 s"),
        (9.96, "seconds", "10 s"),
        (185.4, "seconds", "3 min 5 s"),
        (3599.7, "seconds", "1 tim"),
        (7_810, "seconds", "2 tim 10 min"),
        (2_550, "minutes", "42 tim 30 min"),
        (0, "minutes", "0 min"),
        (-95.2, "minutes", "−1 tim 35 min"),
        (-0.2, "minutes", "0 min"),
        (75_030, "minutes", "1\xa0250 tim"),
    ],
)
def test_a_number_as_people_read_it(value: float | None, kind: Any, words: str) -> None:
    assert shown(value, kind) == words


@pytest.mark.parametrize(
    ("now", "before", "kind", "words"),
    [
        (14, 2, "count", "+12"),
        (2, 14, "count", "−12"),
        (5, 5, "count", "oförändrat"),
        (0.80, 0.79, "share", "+1 procentenhet"),
        (0.5, 0.75, "share", "−25 procentenheter"),
        (None, 0.5, "share", "–"),
        (60.01, 60.0, "seconds", "oförändrat"),
    ],
)
def test_how_a_figure_has_changed(now: float | None, before: float | None, kind: Any, words: str) -> None:
    assert change(now, before, kind) == words


def test_titles_stand_in_swedish_order() -> None:
    assert sorted(["Öppna", "Ändra", "zon", "Årsvis", "Avfall"], key=alphabetical) == [
        "Avfall", "zon", "Årsvis", "Ändra", "Öppna",
    ]  # fmt: skip


# -- pictures -------------------------------------------------------------------------------------------------------


def words_in(svg: str) -> list[str]:
    return [element.text or "" for element in ET.fromstring(svg).iter(f"{SVG}text")]


def test_every_picture_can_be_read_by_all_and_runs_nothing(figures: Figures) -> None:
    made = charts_of(figures)
    assert [chart.name for chart in made] == ["months", "outcomes", "saved", "handovers", "weekdays", "hours"]
    for chart in made:
        drawn = ET.fromstring(chart.svg)
        assert drawn.get("role") == "img"
        told = {element.get("id"): element.text for element in drawn if element.tag in (f"{SVG}title", f"{SVG}desc")}
        assert drawn.get("aria-labelledby", "").split() == list(told)
        assert all(told.values())
        assert not [each for each in drawn.iter() if each.tag == f"{SVG}script" or each.tag == f"{SVG}style"]
        assert not {name for each in drawn.iter() for name in each.attrib if name == "style" or name.startswith("on")}
        assert chart.table.rows


def test_a_picture_says_the_numbers_of_its_table(figures: Figures) -> None:
    made = {chart.name: chart for chart in charts_of(figures)}
    assert "11 av 13 utan handläggare (85\xa0%)" in words_in(made["outcomes"].svg)
    assert made["outcomes"].table.rows[0][:8] == (
        "Skicka ritningar", "Samhällsbyggnad", 13, 11, 0, 2, 0, 0,
    )  # fmt: skip
    assert "bygone (finns inte längre)" in words_in(made["outcomes"].svg)
    axis = ["0\xa0%", "50\xa0%", "100\xa0%"]
    assert [word for word in words_in(made["months"].svg) if "%" in word] == [*axis, "100\xa0%", "73\xa0%"]
    assert [row[3] for row in made["months"].table.rows] == [1, 8 / 11]
    assert "<b>Inga</b> & ritningar (Samhällsbyggnad)" in words_in(made["handovers"].svg)
    hours = made["hours"].table.rows
    assert [row for row in hours if row[1]] == [("08", 4), ("09", 7), ("10", 2), ("11", 1), ("23", 1)]


def test_the_same_figures_are_drawn_alike(figures: Figures) -> None:
    assert charts_of(figures) == charts_of(figures)


def test_without_runs_there_are_words_instead(ended: Ended) -> None:
    for chart in charts_of(ended.figures("2025-01-01", "2025-02-28")):
        assert words_in(chart.svg) in ([("Inga körningar i perioden.")], ["Inga överlämningar i perioden."])


def areas(svg: str, kind: int) -> list[dict[str, float]]:
    found = [each for each in ET.fromstring(svg).iter(f"{SVG}rect") if each.get("class") == f"chart-fill-{kind}"]
    return [{name: float(each.attrib[name]) for name in ("x", "y", "width", "height")} for each in found]


def test_bars_are_as_long_as_their_numbers_and_those_below_zero_go_the_other_way() -> None:
    plus, minus = areas(bars("n", "t", "d", [Bar("a", (30,), "30"), Bar("b", (-10,), "−10")]), 1)
    assert plus["width"] == pytest.approx(3 * minus["width"], rel=0.01)
    assert minus["x"] + minus["width"] == pytest.approx(plus["x"], abs=0.2)


def test_parts_lie_end_to_end_and_are_hatched_each_in_its_way() -> None:
    svg = bars("n", "t", "d", [Bar("a", (30, 0, 10), "75 %")], ["klara", "om", "överlämnade"])
    first, third = areas(svg, 1)[-1], areas(svg, 3)[-1]
    assert first["x"] + first["width"] == pytest.approx(third["x"], abs=0.2)
    assert 'fill="url(#n-3)"' in svg
    assert len(areas(svg, 2)) == 1  # of the legend


def test_standing_bars_and_a_curve_that_is_broken_where_nothing_is_known() -> None:
    low, high = areas(columns("n", "t", "d", [("må", 1, "1"), ("ti", 0, "0"), ("on", 4, "4")]), 1)
    assert high["height"] == pytest.approx(4 * low["height"])
    curve = shares("n", "t", "d", [("1", 0.5, "50"), ("2", 1.0, "100"), ("3", None, "–"), ("4", 0.0, "0")])
    assert curve.count('class="chart-line"') == 1
    assert words_in(curve).count("–") == 0


def test_a_long_label_never_runs_into_its_number() -> None:
    label, number = words_in(bars("n", "t", "d", [Bar("Ö" * 200, (1,), "1 av 1 utan handläggare")]))
    assert label.endswith("…")
    assert len(label) + len(number) < 80


# -- the workbook ---------------------------------------------------------------------------------------------------


@pytest.fixture
def opened(figures: Figures, tmp_path: Path) -> Iterator[Workbook]:
    file = tmp_path / "bok.xlsx"
    workbook.write_workbook(figures, "Tallinge kommun", file)
    book = load_workbook(file)
    yield book
    book.close()


def test_the_workbook_has_its_sheets_each_made_for_paper(opened: Workbook) -> None:
    assert opened.sheetnames == [
        "Sammanfattning", "Per uppgift", "Månad för månad", "Överlämningar", "Tid", "Timme och veckodag",
        "Så räknas det",
    ]  # fmt: skip
    for sheet in opened.worksheets:
        assert (sheet.page_setup.orientation, sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (
            "landscape", 1, 0,
        )  # fmt: skip
        assert "september 2026 – 31 oktober 2026" in str(sheet["A2"].value)
    frozen = [sheet.freeze_panes for sheet in opened.worksheets]
    assert frozen == ["B5"] * 6 + [None]


def test_its_cells_are_numbers_and_they_are_the_figures(opened: Workbook) -> None:
    first = {row[0].value: row for row in opened["Sammanfattning"].iter_rows(min_row=5, max_row=14)}
    assert first["Körningar"][1].value == 15
    share = first["Andel klara utan handläggare"][1]
    assert (share.value, share.number_format) == (12 / 15, "0 %")
    median = first["Tid till klart, median (tim:min:s)"][1]
    assert median.number_format == "[h]:mm:ss"
    assert median.value == timedelta(seconds=180)
    task = next(row for row in opened["Per uppgift"].iter_rows(min_row=5) if row[0].value == "Skicka ritningar")
    assert [cell.value for cell in task[2:8]] == [13, 11, 0, 2, 0, 0]
    assert task[10].value == pytest.approx((11 * 12 - 2 * 5) / 60)
    assert task[12].value == "uppskattat"
    reason = opened["Överlämningar"]["A5"]
    assert (reason.value, reason.data_type) == ("<b>Inga</b> & ritningar", "s")
    assert opened["Timme och veckodag"]["I29"].value == 15


def test_its_charts_are_excels_own_and_show_the_cells(opened: Workbook) -> None:
    sheets: list[Any] = opened.worksheets
    charts = {sheet.title: sheet._charts for sheet in sheets}
    assert {title: len(found) for title, found in charts.items()} == {
        "Sammanfattning": 2, "Per uppgift": 2, "Månad för månad": 1, "Överlämningar": 1, "Tid": 1,
        "Timme och veckodag": 2, "Så räknas det": 0,
    }  # fmt: skip
    outcomes = charts["Per uppgift"][0]
    assert [shown_by(opened, series.val.numRef.f) for series in outcomes.series] == [
        [11, 0, 1], [0, 1, 0], [2, 0, 0], [0, 0, 0], [0, 0, 0],
    ]  # fmt: skip
    assert shown_by(opened, outcomes.series[0].cat.numRef.f) == [
        "Skicka ritningar", "Boka tömning", "bygone (finns inte längre)",
    ]  # fmt: skip
    hatched = [series.graphicalProperties.pattFill for series in outcomes.series]
    assert len({fill.prst for fill in hatched[1:]}) == 4
    assert all(series.dLbls.showVal for found in charts.values() for chart in found for series in chart.series)
    assert shown_by(opened, charts["Timme och veckodag"][1].series[0].val.numRef.f) == [13, 1, 0, 0, 0, 0, 1]


def shown_by(book: Workbook, reference: str) -> list[Any]:
    """The cells that a chart's series is of."""
    found = Reference(range_string=reference)
    sheet: Any = book[found.sheetname.strip("'")]
    return [cell.value for row in sheet[str(reference).rpartition("!")[2].replace("$", "")] for cell in row]


def test_a_workbook_of_nothing_can_be_written(ended: Ended, tmp_path: Path) -> None:
    workbook.write_workbook(ended.figures("2025-01-01", "2025-01-31"), "Tallinge kommun", tmp_path / "tom.xlsx")
    assert load_workbook(tmp_path / "tom.xlsx")["Sammanfattning"]["B5"].value == 0


@pytest.mark.long
@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_an_office_program_opens_it(figures: Figures, tmp_path: Path) -> None:
    workbook.write_workbook(figures, "Tallinge kommun", tmp_path / "bok.xlsx")
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    subprocess.run(
        ["soffice", profile, "--headless", "--convert-to", "pdf", "--outdir", tmp_path, tmp_path / "bok.xlsx"],
        check=True, timeout=120, capture_output=True,
    )  # fmt: skip
    from pypdf import PdfReader

    pages = [page.extract_text() for page in PdfReader(tmp_path / "bok.pdf").pages]
    assert len(pages) == 7
    assert "Skicka ritningar" in pages[1]


# -- the command, and the document ----------------------------------------------------------------------------------


@pytest.fixture
def here(ended: Ended, store: Store, monkeypatch: pytest.MonkeyPatch) -> Ended:
    for name in ("data", "config", "tasks", "schedules"):
        monkeypatch.setenv(f"RAGNHILD_{name.upper()}_DIR", str(getattr(ended.settings, f"{name}_dir")))
    monkeypatch.setenv("RAGNHILD_DATABASE_URL", store.url)
    return ended


def test_the_command_tells_the_figures(here: Ended, say: Say) -> None:
    code, told = say("statistics", "--month", "2026-10")
    assert code == 0
    assert told.startswith("oktober 2026, jämfört med september 2026\n")
    assert re.search(r"Andel klara utan handläggare +73\s% +100\s% +−27 procentenheter", told)
    assert "bygone (finns inte längre)" in told
    assert "månad för månad" not in told.lower()
    assert "månad för månad" in say("statistics", "--from", "2026-09-01", "--to", "2026-10-31")[1].lower()
    assert re.search(r"Sparad arbetstid \(uppskattat\)", told)


def test_the_command_gives_json_and_a_workbook_and_writes_over_none(here: Ended, say: Say, tmp_path: Path) -> None:
    code, told = say("statistics", "--from", "2026-10-01", "--to", "2026-10-31", "--json")
    assert code == 0
    assert json.loads(told)["now"]["runs"] == 11
    file = tmp_path / "oktober.xlsx"
    assert say("statistics", "--month", "2026-10", "--workbook", file)[0] == 0
    before = file.read_bytes()
    code, told = say("statistics", "--month", "2026-10", "--workbook", file)
    assert (code, file.read_bytes()) == (2, before)
    assert "Den finns redan" in told


def test_the_command_says_what_is_wrong_with_the_measurements(here: Ended, say: Say) -> None:
    here.measured("[drawings.2026-09-14]\nminutes = 4\n")
    code, told = say("statistics")
    assert code == 2
    assert "baselines.toml:1: drawings.2026-09-14.source" in told


def keys_in(document: Any) -> set[str]:
    if isinstance(document, dict):
        return {str(key) for key in document} | {key for value in document.values() for key in keys_in(value)}
    return {key for each in document for key in keys_in(each)} if isinstance(document, list) else set()


def test_every_key_of_the_document_is_explained(figures: Figures) -> None:
    document = (ROOT / "docs" / "statistics.md").read_text("utf-8").partition("## As JSON")[2].partition("\n## ")[0]
    weekdays = set(figures.as_json()["hours"])
    assert [key for key in keys_in(figures.as_json()) - weekdays if f"`{key}`" not in document] == []


def test_nobody_and_no_case_is_in_any_of_it(ended: Ended, tmp_path: Path) -> None:
    who: dict[str, Any] = {
        "started_by": "vera.vagledare",
        "case_number": "KC-2026-77",
        "inputs": {"name": "Nils Nilsson"},
    }
    ended.run("handed_over", "2026-10-07 10:00", kind="Sekretess", **who)
    figures = ended.figures()
    workbook.write_workbook(figures, "Tallinge kommun", tmp_path / "bok.xlsx")
    book = load_workbook(tmp_path / "bok.xlsx")
    told = [json.dumps(figures.as_json()), *(chart.svg for chart in charts_of(figures))]
    told += [str(table.words()) for table in all_tables(figures)]
    told += [str(cell.value) for sheet in book.worksheets for row in sheet.iter_rows() for cell in row]
    assert any("Sekretess" in words for words in told)
    for word in ("vera", "KC-2026-77", "Nilsson"):
        assert not [words for words in told if word in words]
