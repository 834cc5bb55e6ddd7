"""Excel's own charts on a sheet's cells: hatched, with their numbers written out, so that a grey print is enough."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from openpyxl.chart import BarChart, LineChart, Reference, Series
from openpyxl.chart.label import DataLabel, DataLabelList
from openpyxl.drawing.colors import ColorChoice
from openpyxl.drawing.fill import PatternFillProperties

MOST_BARS = 15
# Numbers stand on the bars, in black.
_DARK, _FILLED, _LIGHT = "1F4E5F", "9CC3D1", "FFFFFF"
_WIDE, _HIGH = 17.0, 8.0  # centimetres, of a chart with few bars
_PER_BAR = 0.9
# Told apart in grey as well: filled, level lines, slanting lines, a net, dots far apart.
HATCHINGS = ("solid", "dashHorz", "wdUpDiag", "openDmnd", "pct5")


def stacked(
    sheet: Any, title: str, *, columns: Sequence[int], rows: tuple[int, int], hatchings: Sequence[str] = HATCHINGS,
    together: bool = True,
) -> BarChart:  # fmt: skip
    """Lying bars of several columns, end to end or side by side; ``rows`` are that of the titles and the last one."""
    chart = _bar_chart(title, rows[1] - rows[0], lying=True)
    if together:
        chart.grouping, chart.overlap = "stacked", 100
    for column, hatching in zip(columns, hatchings, strict=True):
        # A part that is not there needs no number.
        without = [row for row in range(rows[1] - rows[0]) if not sheet.cell(rows[0] + 1 + row, column).value]
        _add(chart, Series(_column(sheet, column, rows), title_from_data=True), hatching, without=without)
    chart.set_categories(_column(sheet, 1, rows, title=False))
    chart.legend.position = "b"
    return chart


def bars(
    sheet: Any, title: str, *, column: int, rows: tuple[int, int], standing: bool = False, named: int = 1
) -> BarChart:  # fmt: skip
    """Bars of one column, with the names that stand in another."""
    chart = _bar_chart(title, rows[1] - rows[0], lying=not standing)
    _add(chart, Series(_column(sheet, column, rows, title=False), title=title), "solid")
    chart.set_categories(_column(sheet, named, rows, title=False))
    chart.legend = None
    return chart


def across(sheet: Any, title: str, *, row: int, titles: int) -> BarChart:
    """Standing bars of one row's seven weekdays, named by the titles of their columns."""
    chart = _bar_chart(title, 7, lying=False)
    _add(chart, Series(Reference(sheet, min_col=2, max_col=8, min_row=row), title=title), "solid")
    chart.set_categories(Reference(sheet, min_col=2, max_col=8, min_row=titles))
    chart.legend = None
    return chart


def line(sheet: Any, title: str, *, column: int, rows: tuple[int, int]) -> LineChart:
    """A line with marks, named by the second column, from 0 to 100 %."""
    chart = LineChart()
    chart.title, chart.legend = title, None
    _set_size(chart, _HIGH)
    series = Series(_column(sheet, column, rows), title_from_data=True)
    series.marker.symbol, series.smooth = "circle", False
    series.graphicalProperties.line.solidFill = _DARK
    series.dLbls = _numbers()
    chart.series.append(series)
    chart.set_categories(_column(sheet, 2, rows, title=False))
    chart.y_axis.scaling.min, chart.y_axis.scaling.max = 0, 1
    chart.x_axis.number_format, chart.y_axis.number_format = "yyyy-mm", "0 %"
    return chart


def _column(sheet: Any, column: int, rows: tuple[int, int], *, title: bool = True) -> Reference:
    return Reference(sheet, min_col=column, min_row=rows[0] + (not title), max_row=rows[1])


def _bar_chart(title: str, count: int, *, lying: bool) -> BarChart:
    chart = BarChart()
    chart.type, chart.title, chart.gapWidth = "bar" if lying else "col", title, 60
    _set_size(chart, max(_HIGH, 3 + count * _PER_BAR) if lying else _HIGH)
    if lying:
        chart.x_axis.scaling.orientation = "maxMin"  # the first row at the top
    chart.y_axis.majorGridlines = None
    return chart


def _set_size(chart: Any, high: float) -> None:
    chart.width, chart.height = _WIDE, high
    # Newer programs hide an axis of which nothing is said.
    chart.x_axis.delete = chart.y_axis.delete = False


def _add(chart: BarChart, series: Any, hatching: str, *, without: Sequence[int] = ()) -> None:
    shape = series.graphicalProperties
    if hatching == "solid":
        shape.solidFill = _FILLED
    else:
        pattern: Any = PatternFillProperties
        shape.pattFill = pattern(prst=hatching, fgClr=_colour(_DARK), bgClr=_colour(_LIGHT))
    shape.line.solidFill = _DARK
    series.dLbls = _numbers(without)
    chart.series.append(series)


def _colour(written: str) -> ColorChoice:
    choice: Any = ColorChoice
    return choice(srgbClr=written)  # type: ignore[no-any-return]


def _numbers(without: Sequence[int] = ()) -> DataLabelList:
    """The number at each bar or mark, and nothing else there; none at those ``without``."""
    told: DataLabelList = DataLabelList(dLbl=[_only(DataLabel(idx=n), number=False) for n in without])
    _only(told, number=True)
    return told


def _only(labels: Any, *, number: bool) -> Any:
    labels.showVal = number
    labels.showSerName = labels.showCatName = labels.showLegendKey = labels.showPercent = False
    return labels
