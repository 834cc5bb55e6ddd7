"""A case that is told as none is: tried again, and no fault of the task's. The twins answer over their own wires, with
a few words of their answers changed on the way."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from typing import Any

import pytest

from robots.cases import case_management, easit_go, named, support_management
from robots.cases.email.wire import Letter, Names
from robots.cli.town import LOOKER, Town
from robots.errors import PageNotRecognised
from robots.fields import CaseNumber
from tests.conftest import ROOT
from tests.contract.conftest import Benches

CITIZEN = "the citizen's number"
NOBODY = "19811399-9999"
TOO_LONG = "9" * 5000
READERS: dict[str, type[Any]] = {
    each.system: each for each in (case_management.Reader, easit_go.Reader, support_management.Reader)
}
# What stands in each system's answers, and what stands there instead.
ODD = {
    "case_management": [(CITIZEN, NOBODY), (">Rubrik<", ">Ämne<"), (">Skapat<", ">Gjort<")],
    "easit_go": [
        (CITIZEN, NOBODY), ('{"', '<"'), ('{"items"', '[{"items"'), ('"items":', '"things":'),
        ('"totalNumberOfPages":1', f'"totalNumberOfPages":{TOO_LONG}'), ('"totalNumberOfPages":1', '"pages":"en"'),
        ('"rawValue":"20', '"rawValue":"99999-20'),
    ],
    "support_management": [
        (CITIZEN, NOBODY), ('{"', '<"'), ('{"content"', '[{"content"'), ('"errandNumber":', '"number":'),
        ('"totalPages":1', f'"totalPages":{TOO_LONG}'), ('"errandNumber":"KC-', '"errandNumber":"KC-0'),
        ('"created":"2', '"created":"9999-12-31T23:59:59Z","was":"2'),
    ],
}  # fmt: skip
MAILED = Names.of(tomllib.loads((ROOT / "config" / "systems.toml").read_text("utf-8"))["email"]["names"])


@pytest.fixture
def untouched(town: Town) -> Iterator[Town]:
    yield town
    town.clear_faults()


@pytest.mark.browser
@pytest.mark.parametrize("key", READERS)
def test_a_case_that_is_told_as_none_is_is_not_recognised(key: str, bench_for: Benches, untouched: Town) -> None:
    known = untouched.cases("drawings", "normal")[0]
    number, cases = CaseNumber(known["number"]), bench_for(READERS[key], robot=LOOKER)
    assert cases.read(number).citizen == known["citizen"]

    for old, new in ODD[key]:
        untouched.fault(key, "label_renamed", old=known["citizen"] if old == CITIZEN else old, new=new, times=999)
        with pytest.raises(PageNotRecognised) as stop:
            pytest.fail(f"{old} -> {new[:40]}: {cases.read(number)}")
        assert new not in str(stop.value), old  # it may be who somebody is
        untouched.clear_faults()


# -- mails ------------------------------------------------------------------------------------------------------------


def letter(**said: str) -> Letter:
    told = {
        "number": "KC-26110042-4", "title": "Ritningar", "status": MAILED.new, "inbox": "Bygglov",
        "created": "2026-11-23", "protected": "nej",
    } | said  # fmt: skip
    lines = "".join(f"{getattr(MAILED, name)}: {value}\n" for name, value in told.items())
    return Letter(f"From: {MAILED.address}\nContent-Type: text/plain; charset=utf-8\n\n{lines}\n".encode())


ODD_MAILS = [
    {"number": "KC-26110042-5"}, {"number": TOO_LONG}, {"citizen": NOBODY}, {"property_id": "?"}, {"facility": "?"},
    {"created": "9999-99-99"}, {"title": ""}, {"protected": ""},
]  # fmt: skip


@pytest.mark.parametrize("said", ODD_MAILS)
def test_a_mail_of_a_case_as_none_is_is_not_recognised(said: dict[str, str]) -> None:
    assert MAILED.case(letter()).number == "KC-26110042-4"
    with pytest.raises(PageNotRecognised):
        MAILED.case(letter(**said))


def test_without_the_guard_it_is_a_fault_in_the_task() -> None:
    """The control: what is let out when nothing stands round them."""
    bare = named.CaseNames.row.__wrapped__  # type: ignore[attr-defined]  # what the guard is put round
    with pytest.raises(ValueError, match="Kontrollsiffran"):
        bare(MAILED, letter(number="KC-26110042-5"))
