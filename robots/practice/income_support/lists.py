"""The lists of Socio: searched by fields, cut to pages, with words for when there is nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from robots.practice.income_support.records import Register
from robots.practice.income_support.state import CLOSED, File

PER_PAGE = 15
HIDDEN_NAME = "Skyddad identitet"
Row = tuple[str, tuple[str, ...]]  # what a double-click opens, and the cells


@dataclass(frozen=True)
class Listed:
    """One page of a list."""

    columns: tuple[str, ...]
    absent: str
    rows: list[Row]
    total: int
    number: int
    pages: int


def files(register: Register, asked: Mapping[str, str]) -> Listed:
    def fits(file: File) -> bool:
        wanted = _plain(asked.get("personnummer", ""))
        return (
            file.number.startswith(asked.get("aktnr", "").strip().upper())
            and any(_plain(a.personal_number).startswith(wanted) for a in file.adults)
            and (not file.closed or asked.get("avslutade") == "ja")
        )

    rows: list[Row] = [
        (f"/akt/{f.number}", (f.number, _name(f), f.adults[0].personal_number, f.official, f.status))
        for f in register.files.values()
        if fits(f)
    ]
    columns = ("Aktnummer", "Sökande", "Personnummer", "Handläggare", "Status")
    return _cut(columns, "Inga akter hittades.", rows, asked)


def documents(register: Register, asked: Mapping[str, str]) -> Listed:
    rows: list[Row] = [
        (f"/handling/{d.number}", (d.number, d.file, d.kind, d.month, d.reference, d.by, d.status))
        for d in reversed(register.documents.values())
        if d.file.startswith(asked.get("aktnr", "").strip().upper())
        and asked.get("referens", "").strip().casefold() in d.reference.casefold()
        and (d.status != CLOSED or asked.get("avslutade") == "ja")
    ]
    columns = ("Handling", "Aktnummer", "Slag", "Månad", "Referens", "Upprättad av", "Status")
    return _cut(columns, "Inga handlingar hittades.", rows, asked)


def _cut(columns: tuple[str, ...], absent: str, rows: list[Row], asked: Mapping[str, str]) -> Listed:
    pages = max(1, -(-len(rows) // PER_PAGE))
    wanted = asked.get("sida", "1")
    number = min(max(1, int(wanted)), pages) if wanted.isdecimal() else 1
    return Listed(columns, absent, rows[(number - 1) * PER_PAGE : number * PER_PAGE], len(rows), number, pages)


def _name(file: File) -> str:
    return HIDDEN_NAME if file.protected else file.adults[0].name


def _plain(text: str) -> str:
    return text.replace("-", "").replace(" ", "")
