"""Pictures of numbers as SVG that stands in a page: no style, no script, nothing that only a colour tells.

Everything is drawn in the page's own text colour (``currentColor``) on its own ground (``Canvas``), so that a picture
is right in light and dark before any stylesheet has been read. A stylesheet may colour the classes ``chart-fill-1`` to
``-5`` (areas), ``chart-stroke-1`` to ``-5`` (their hatching), ``chart-line``, ``chart-grid``, ``chart-paper`` and
``chart-text``. The same numbers always give the same text.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

WIDTH = 640
_FONT = 15
_SMALL = 12
# How wide a character is at most, on average, as a part of the font's size.
_LETTER = 0.56
_BAR = 20
_ROW = 52
_LEGEND = 24
# Areas are told apart by these, beside their words: filled, upright lines, slanting lines, a net, empty.
_HATCHINGS = {
    2: ('width="6" height="6"', '<path d="M3 0V6" {stroke}/>'),
    3: ('width="7" height="7" patternTransform="rotate(45)"', '<path d="M3.5 0V7" {stroke}/>'),
    4: ('width="8" height="8" patternTransform="rotate(45)"', '<path d="M0 4H8M4 0V8" {stroke}/>'),
}


@dataclass(frozen=True)
class Bar:
    """One row: its ``parts`` lie end to end; ``told`` stands at the end of its line. ``hatched`` is for one part."""

    label: str
    parts: tuple[float, ...]
    told: str
    hatched: bool = False


def bars(name: str, title: str, description: str, rows: Sequence[Bar], legend: Sequence[str] = ()) -> str:
    """Lying bars, each beneath its label; those below zero go the other way. ``legend`` names the parts."""
    drawn: list[str] = []
    top = 8.0
    if legend:
        drawn, top = _legend(name, legend, top)
    most = max([sum(part for part in row.parts if part > 0) for row in rows], default=0.0)
    least = min([sum(part for part in row.parts if part < 0) for row in rows], default=0.0)
    scale = (WIDTH - 2) / ((most - least) or 1)
    zero = 1 - least * scale
    for number, row in enumerate(rows):
        y = top + number * _ROW
        room = WIDTH - _wide(row.told) - 16
        drawn.append(_text(0, y + _FONT, _shortened(row.label, room)))
        drawn.append(_text(WIDTH, y + _FONT, row.told, anchor="end"))
        drawn += _parts(name, row, zero, y + 22, scale)
    if least < 0:
        drawn.append(_line(zero, top, zero, top + len(rows) * _ROW - 8, "chart-grid"))
    return _svg(name, title, description, top + len(rows) * _ROW, drawn, hatched=True)


def _parts(name: str, row: Bar, x: float, y: float, scale: float) -> Iterable[str]:
    for kind, part in enumerate(row.parts, 1):
        wide = abs(part) * scale
        if not part:
            continue
        left = x - wide if part < 0 else x
        yield _area(name, 3 if row.hatched else kind, (left, y), (wide, _BAR))
        if len(row.parts) > 1 and wide > _wide(words := f"{part:g}", _SMALL) + 20:
            yield _on_paper(left + wide / 2, y + _BAR / 2, words)
        x = left if part < 0 else left + wide


def columns(name: str, title: str, description: str, values: Sequence[tuple[str, float, str]]) -> str:
    """Standing bars: each its label beneath and its number, in words, above it."""
    pitch = WIDTH / max(len(values), 1)
    upright = max((_wide(words, _SMALL) for _, _, words in values), default=0) < pitch - 2
    above = 18 if upright else 12 + max(_wide(words, _SMALL) for _, _, words in values)
    high, most = 160, max((value for _, value, _ in values), default=0) or 1
    ground = above + high
    drawn = []
    for number, (label, value, words) in enumerate(values):
        left, middle = number * pitch, (number + 0.5) * pitch
        tall = high * value / most
        if value:
            drawn.append(_area(name, 1, (left + pitch * 0.15, ground - tall), (pitch * 0.7, tall)))
        turned = "" if upright else f"rotate(-90 {_n(middle + 4)} {_n(ground - tall - 5)})"
        anchor = "middle" if upright else "start"
        x = middle if upright else middle + 4
        drawn.append(_text(x, ground - tall - 5, words, anchor=anchor, size=_SMALL, turned=turned))
        drawn.append(_text(middle, ground + 18, label, anchor="middle", size=_SMALL))
    drawn.append(_line(0, ground, WIDTH, ground, "chart-grid"))
    return _svg(name, title, description, ground + 26, drawn)


def shares(name: str, title: str, description: str, points: Sequence[tuple[str, float | None, str]]) -> str:
    """A line between 0 and 100 %, with a mark and its words at each point; broken where nothing is known."""
    left, above, high = 52.0, 26.0, 180.0
    pitch = (WIDTH - left - 30) / max(len(points) - 1, 1)
    every = -(-max((_wide(label, _SMALL) + 12 for label, _, _ in points), default=0) // pitch) or 1
    drawn, piece, pieces = [], [], []  # type: list[str], list[tuple[float, float]], list[list[tuple[float, float]]]
    for part in (0, 0.5, 1):
        y = above + high * (1 - part)
        drawn += [_line(left, y, WIDTH, y, "chart-grid"), _text(left - 8, y + 4, f"{part:.0%}".replace("%", "\xa0%"),
                                                                anchor="end", size=_SMALL)]  # fmt: skip
    for number, (label, share, words) in enumerate(points):
        x = left + 8 + number * pitch
        if number % every == 0:
            anchor = "start" if not number else "end" if number == len(points) - 1 else "middle"
            drawn.append(_text(x, above + high + 20, label, anchor=anchor, size=_SMALL))
        if share is None:
            pieces, piece = [*pieces, piece], []
            continue
        piece.append((x, y := above + high * (1 - share)))
        drawn.append(_mark(x, y))
        if number % every == 0:
            drawn.append(_on_paper(x, y - 16, words))
    lines = [_path(each) for each in (*pieces, piece) if len(each) > 1]
    return _svg(name, title, description, above + high + 30, [*lines, *drawn])


def nothing(name: str, title: str, words: str) -> str:
    """What stands where there is nothing to draw."""
    return _svg(name, title, words, 40, [_text(0, 24, words)])


# -- what they are made of ------------------------------------------------------------------------------------------


def _svg(name: str, title: str, description: str, height: float, drawn: Iterable[str], *, hatched: bool = False) -> str:
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" class="chart" role="img" width="{WIDTH}" height="{_n(height)}" '
        f'viewBox="0 0 {WIDTH} {_n(height)}" aria-labelledby="{name}-title {name}-desc" fill="currentColor">',
        f'<title id="{name}-title">{escape(title)}</title>',
        f'<desc id="{name}-desc">{escape(description)}</desc>',
        *(_hatching(name) if hatched else ()),
        *drawn,
        "</svg>",
    ])  # fmt: skip


def _hatching(name: str) -> Iterable[str]:
    yield "<defs>"
    for kind, (size, lines) in _HATCHINGS.items():
        drawn = lines.format(stroke=f'class="chart-stroke-{kind}" stroke="currentColor" stroke-width="2"')
        yield f'<pattern id="{name}-{kind}" patternUnits="userSpaceOnUse" {size}>{drawn}</pattern>'
    yield "</defs>"


def _area(name: str, kind: int, corner: tuple[float, float], size: tuple[float, float]) -> str:
    place = f'x="{_n(corner[0])}" y="{_n(corner[1])}" width="{_n(size[0])}" height="{_n(size[1])}"'
    ground = "currentColor" if kind == 1 else "none"
    area = f'<rect class="chart-fill-{kind}" {place} fill="{ground}" stroke="currentColor"/>'
    # The ground and the lines on it are apart: a stylesheet colours the one without losing the other.
    return area + (f'<rect {place} fill="url(#{name}-{kind})"/>' if kind in _HATCHINGS else "")


def _legend(name: str, legend: Sequence[str], top: float) -> tuple[list[str], float]:
    drawn, x = [], 0.0
    for kind, words in enumerate(legend, 1):
        wide = 22 + _wide(words) + 18
        if x and x + wide > WIDTH:
            x, top = 0.0, top + _LEGEND
        drawn += [_area(name, kind, (x + 1, top + 1), (14, 14)), _text(x + 22, top + 13, words)]
        x += wide
    return drawn, top + _LEGEND + 8


def _text(
    x: float, y: float, words: str, *, anchor: str = "start", size: int = _FONT, turned: str = ""
) -> str:  # fmt: skip
    transform = f" transform={quoteattr(turned)}" if turned else ""
    place = f'x="{_n(x)}" y="{_n(y)}" font-size="{size}" text-anchor="{anchor}"{transform}'
    return f'<text class="chart-text" {place}>{escape(words)}</text>'


def _on_paper(x: float, y: float, words: str) -> str:
    """Words on a ground of their own, so that they can be read on whatever lies beneath."""
    wide = _wide(words, _SMALL) + 6
    place = f'x="{_n(x - wide / 2)}" y="{_n(y - 8)}" width="{_n(wide)}" height="16" rx="3"'
    return f'<rect class="chart-paper" {place} fill="Canvas"/>' + _text(x, y + 4, words, anchor="middle", size=_SMALL)


def _line(x1: float, y1: float, x2: float, y2: float, kind: str) -> str:
    ends = f'x1="{_n(x1)}" y1="{_n(y1)}" x2="{_n(x2)}" y2="{_n(y2)}"'
    return f'<line class="{kind}" {ends} stroke="currentColor" stroke-opacity="0.4"/>'


def _path(points: Sequence[tuple[float, float]]) -> str:
    steps = "L".join(f"{_n(x)} {_n(y)}" for x, y in points)
    return f'<path class="chart-line" d="M{steps}" fill="none" stroke="currentColor" stroke-width="2"/>'


def _mark(x: float, y: float) -> str:
    return f'<circle class="chart-fill-1" cx="{_n(x)}" cy="{_n(y)}" r="4"/>'


def _wide(words: str, size: int = _FONT) -> float:
    return len(words) * size * _LETTER


def _shortened(words: str, room: float) -> str:
    most = max(int(room / (_FONT * _LETTER)), 1)
    return words if len(words) <= most else f"{words[: most - 1].rstrip()}…"


def _n(number: float) -> str:
    return f"{round(number, 1):g}"
