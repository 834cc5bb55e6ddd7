"""The two lists: applications, and what has happened to them. Both hide what is over until a box is ticked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from robots.practice.civil_weddings.register import Application, Register

MOST = 50


@dataclass(frozen=True)
class Row:
    cells: tuple[str, ...]
    finished: bool


@dataclass(frozen=True)
class Listing:
    """``filters`` are the search fields: what stands before each, its name, and the columns it is looked for in."""

    heading: str
    columns: tuple[str, ...]
    absent: str
    box: str
    filters: tuple[tuple[str, str, tuple[int, ...]], ...]
    rows: Callable[[], list[Row]]

    def found(self, asked: Mapping[str, str]) -> list[Row]:
        wanted = [(_plain(asked.get(name, "")), columns) for _, name, columns in self.filters]
        return [
            row
            for row in self.rows()
            if (asked.get("avslutade") == "ja" or not row.finished)
            and all(any(words in _plain(row.cells[c]) for c in columns) for words, columns in wanted)
        ]


def listings(register: Register) -> dict[str, Listing]:
    return {
        "arenden": Listing(
            "Vigselärenden",
            ("Vigselnummer", "Part 1", "Personnummer 1", "Part 2", "Personnummer 2", "Önskad dag", "Status"),
            "Inga vigselärenden hittades.", "Visa även avslutade",
            (("Vigselnummer", "nummer", (0,)), ("Personnummer", "persnr", (2, 4)), ("Namn", "namn", (1, 3))),
            lambda: [_application(one) for one in register.applications.values()],
        ),
        "handelser": Listing(
            "Händelser", ("Nummer", "Tidpunkt", "Vigselnummer", "Händelse", "Tid och plats", "Referens", "Av"),
            "Inga händelser hittades.", "Visa även avslutade",
            (("Vigselnummer", "nummer", (2,)), ("Referens", "referens", (5,))),
            lambda: [
                Row((h.number, f"{h.at:%Y-%m-%d %H.%M}", h.application, h.what, h.where, h.reference, h.by),
                    register.applications[h.application].finished)
                for h in reversed(register.happenings)
            ],
        ),
    }  # fmt: skip


def _application(one: Application) -> Row:
    numbers = tuple(p.personal_number for p in one.couple)
    cells = (one.number, one.names[0], numbers[0], one.names[1], numbers[1], one.wish_day.isoformat(), one.status)
    return Row(cells, one.finished)


def _plain(text: str) -> str:
    return "".join(text.split()).replace("-", "").casefold()
