"""Personal data is covered however it is written, and nothing else is."""

from __future__ import annotations

import hashlib
import html
import json
import re
import unicodedata
from collections.abc import Callable
from datetime import date
from functools import partial
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import luhn

from robots.effects import mark_of
from robots.evidence.redaction import PAGE_PATTERNS, PERSONAL_NUMBER, Known, known_here, one_line, redact

DASHES = ["", "-", "+", "‐", "‑", "‒", "–", "—", "−", "_"]
GAPS = ["", " ", "\u00a0", "\u202f", "\n", "\t"]


@pytest.mark.parametrize("number", ["19811118-9802", "811118-9802", "19811178-9802", "811178-9802", "20041231-9999"])
@pytest.mark.parametrize("dash", DASHES)
@pytest.mark.parametrize("gap", GAPS)
def test_a_personal_number_is_covered_however_it_is_written(number: str, dash: str, gap: str) -> None:
    date, last = number.split("-")
    shown = redact(f"Personnr {date}{gap}{dash}{gap}{last}.")
    assert shown == "Personnr [personnummer]."


@pytest.mark.parametrize(
    "written",
    ["1981-11-18-9802", "1981 11 18 9802", "81 11 18-9802", "f19811118-9802", "19811118-9802/2", "(8111189802)"],
)
def test_other_ways_of_writing(written: str) -> None:
    assert "9802" not in redact(written)
    assert "[personnummer]" in redact(written)


def test_one_with_a_wrong_checksum_is_covered_too() -> None:
    assert redact("19811118-9803") == "[personnummer]"


@pytest.mark.parametrize(
    "text",
    [
        "EKBACKEN 3:14", "NORRA ÄNGEN S:3", "KC-26110042-4", "KC-26111142-3", "AN104024-5", "kvittens M-000017",
        "2026-11-24", "2026-11-24 kl. 14:05", "2026-11-24T14:05:11.123+01:00", "Dnr BN 2026-001234",
        "Visar 1–20 av 4711", "R-198111189802", "R-00ab12cd34ef", "1 250,00 kr", "bankgiro 5050-1055",
        "kl. 08:00-17:00", "öppet 08-17", "2026-05-24 100 kr", "Dnr 2026-000123-4", "OCR 0062000010",
    ],
)  # fmt: skip
def test_nothing_else_is_covered(text: str) -> None:
    assert redact(text) == text


@given(st.binary(max_size=40))
def test_the_digest_of_a_file_and_a_mark_stay_readable(content: bytes) -> None:
    digest = hashlib.sha256(content).hexdigest()
    assert redact(f"sha256 {digest} {mark_of(digest)}") == f"sha256 {digest} {mark_of(digest)}"


def test_control_some_digests_look_like_a_personal_number() -> None:
    digests = [hashlib.sha256(str(n).encode()).hexdigest() for n in range(5000)]
    hits = [d for d in digests if PERSONAL_NUMBER.search(d)]
    assert hits
    assert [redact(d) for d in hits] == hits


@pytest.mark.parametrize(
    ("text", "covered"),
    [
        ("Svar till anna.svensson+bygg@tallinge.se.", "Svar till [e-post]."),
        ("åsa@öberga.se", "[e-post]"),
        ("070-123 45 67", "[telefon]"), ("0733-123456", "[telefon]"),
        ("0701234567", "[personnummer]"),  # it might be somebody's of January 1907; covered is covered
        ("+46 70 123 45 67", "[telefon]"),
        ("070\u2011123\u00a045\u00a067", "[telefon]"), ("070.123.45.67", "[telefon]"), ("0046701234567", "[telefon]"),
        ("+46 (0)70-123 45 67", "[telefon]"), ("070-123\n45 67", "[telefon]"),
        ("0581-810 00", "[telefon]"), ("08-400 100 00", "[telefon]"), ("08-123456", "[telefon]"),
        ("0581 810 00", "[telefon]"), ("0581/81000", "[telefon]"), ("+46 581 810 00", "[telefon]"),
        ("+46 581 810 012", "[telefon]"), ("0581 - 810 00", "[telefon]"), ("08-12345678", "[telefon]"),
        ("08-1234 567", "[telefon]"), ("08-40 10 01 00", "[telefon]"), ("08 1234 567", "[telefon]"),
        ("08 123 456 78", "[telefon]"), ("08 12 34 56 78", "[telefon]"), ("070..123..45..67", "[telefon]"),
        ("070+123+45+67", "[telefon]"), ("070&nbsp;123&nbsp;45&nbsp;67", "[telefon]"),
        (f"{'a' * 64}@tallinge.se", "[e-post]"),
        ("tel%3D070-123%2045%2067", "tel%3D[telefon]"), ("anna%40tallinge.se", "[e-post]"),
        ("anna&#64;tallinge.se", "[e-post]"),
    ],
)  # fmt: skip
def test_addresses_and_telephone_numbers(text: str, covered: str) -> None:
    assert redact(text) == covered


@pytest.mark.parametrize("personal", ["19811118-9802", "anna@tallinge.se", "070-123 45 67"])
def test_the_sweep_over_a_page_looks_for_the_same(personal: str) -> None:
    assert any(re.fullmatch(pattern, personal) for pattern in PAGE_PATTERNS)


def test_known_values_are_covered_in_any_writing_the_longest_first() -> None:
    known = {"Anna", "Anna Maria Svensson", "Storgatan 1 (B)", "Bo"}
    assert redact("ANNA MARIA\n  SVENSSON, storgatan 1 (b): Anna. Bosse", known) == "▮▮▮, ▮▮▮: ▮▮▮. Bosse"
    assert redact("Anna Maria Svensson") == "Anna Maria Svensson"  # control: nobody had said that she is known


@pytest.mark.parametrize("sign", [*DASHES, "%20", "%2B", "%E2%80%90", "%E2%80%93", "\\n", "\\u2010", "\\u2014", *(
    f"&{name};" for name in ("#45", "#8208", "#8209", "#8211", "#8212", "ndash", "mdash", "minus", "nbsp")
)])  # fmt: skip
def test_a_personal_number_is_covered_with_any_dash_and_much_space_about_it(sign: str) -> None:
    far = " " * 12
    assert redact(f"f. 19811118{sign}9802.") == redact(f"f. 19811118{far}{sign}{far}9802.") == "f. [personnummer]."


@pytest.mark.parametrize(
    "written",
    ["q=19811118%2D9802", "q=%2019811118-9802", "19811118&#8209;9802", "19811118&ndash;9802", r"19811118\u20139802",
     r"811118\n-9802", "19811118\u200b-\u200b9802", "8111\u00ad18-9802", "811118-\n        9802"],
)  # fmt: skip
def test_a_personal_number_is_covered_as_addresses_html_and_json_write_it(written: str) -> None:
    assert "9802" not in redact(written)


LATE = date.today().year


@pytest.mark.parametrize("dash", ["-", "\u2013"])
def test_the_first_and_the_last_day_of_a_stretch_are_no_personal_number(dash: str) -> None:
    assert redact(f"Semester {LATE}1101{dash}1115.") == f"Semester {LATE}1101{dash}1115."


def stretch(year: int, *months_and_days: str) -> str:
    """The first of these stretches that is no right number."""
    return next(
        f"{year}{days}" for days in months_and_days if not luhn.is_valid(f"{year % 100:02}{days}".replace("-", ""))
    )


@pytest.mark.parametrize(("years", "late"), [(0, True), (-5, True), (5, True), (-6, False), (6, False)])
@pytest.mark.parametrize("days", [("1112-1115", "1112-1114"), ("1112-1112", "1113-1113"), ("1130-1202", "1130-1201")])
def test_a_stretch_is_of_late_years(years: int, late: bool, days: tuple[str, str]) -> None:
    written = stretch(LATE + years, *days)
    assert redact(written) == (written if late else "[personnummer]")


@pytest.mark.parametrize(
    ("written", "why"),
    [
        (f"{LATE}1120-1113", "ends before it begins, in the same month"),
        (f"{LATE}1101-1001", "ends before it begins"),
        (f"{LATE}1101-1340", "no month has that number"),
        (f"{LATE}1101+1115", "no dash"),
        ("19811101-1115", "too long ago"),
        (f"{LATE}11011115", "no dash"),
    ],
)
def test_what_is_no_stretch_of_days_is_covered(written: str, why: str) -> None:
    assert redact(written) == "[personnummer]", why


def test_a_right_personal_number_is_covered_though_it_looks_like_days() -> None:
    right = next(f"{LATE}1101-{n:04d}" for n in range(1102, 1131) if luhn.is_valid(f"{LATE % 100}1101{n:04d}"))
    assert redact(right) == "[personnummer]"


@pytest.mark.parametrize(
    "write",
    [
        str, quote, partial(quote, safe=""), quote_plus, html.escape, lambda v: json.dumps(v).strip('"'),
        lambda v: v.encode("ascii", "xmlcharrefreplace").decode(), partial(unicodedata.normalize, "NFD"),
    ],
)  # fmt: skip
def test_a_known_value_is_covered_within_other_writings(write: Callable[[str], str]) -> None:
    known = {"Åsa Ek & son", "hX7/pQ+z", "Ekgatan 3/4", "Åsa"}
    assert {redact(f"svar={write(value)};", known) for value in known} == {"svar=▮▮▮;"}


def test_a_first_name_that_is_known_hides_no_whole_name_in_another_writing() -> None:
    written = json.dumps({"namn": "Anna Åberg"})
    assert "berg" not in redact(written, {"Anna", "Anna Åberg"})
    assert redact(written, {"Anna"}) == written.replace("Anna", "▮▮▮"), "control: it is known on its own"


def test_the_longest_comes_first_in_small_letters_too() -> None:
    assert redact("Anna Maria", {"anna", "Anna Maria"}) == "▮▮▮"


def test_what_a_run_knows_of_is_known_to_the_process_as_long_as_the_run_is_there() -> None:
    known = Known()
    known.add(["Åsa Älvdotter"])
    known.add_secrets(["hX7pQz91"])
    assert known_here() >= {"Åsa Älvdotter", "hX7pQz91"}
    known.add(["Ekgatan 3, 581 00 Tallinge"])
    assert known.personal == {"Åsa Älvdotter", "Ekgatan 3, 581 00 Tallinge", "Ekgatan 3"}
    del known
    assert "Åsa Älvdotter" not in known_here()


@given(st.text())
def test_one_line_is_one_line_without_control_characters(text: str) -> None:
    line = one_line(text)
    assert len(line.splitlines()) <= 1
    assert not re.search(r"[\x00-\x1f\x7f-\x9f]", line)


def test_a_terminal_obeys_nothing_that_comes_from_outside() -> None:
    assert one_line("ett\r\n\x1b[2Jtvå\u2028tre") == "ett [2Jtvå tre"
