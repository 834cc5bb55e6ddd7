"""The short form: one task with a protected person, everything that it leaves behind, and the controls.

The long form, ``python -m tests.canaries``, goes through every task and fault, and reads every picture.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from robots.cli.town import Town
from robots.queue import attempts
from robots.settings import Settings
from robots.store import Store
from tests.canaries import birds, places
from tests.canaries.birds import Canary
from tests.canaries.nose import WRITINGS, Nose, zipped
from tests.conftest import Finished

VALUES = (
    Canary("password", "robot", "hX7-pQz_91LmWw2e8ab"), Canary("code", "robot", "4915 8830"),
    Canary("token", "session", "eyJhbGciOiJIUzI1NiJ9.e30"), Canary("personal number", "a", "19811118-9802"),
    Canary("name", "a", "Åsa Älvdotter"), Canary("telephone", "a", "070-123 45 67"),
    Canary("e-mail", "a", "asa@tallinge.example"), Canary("address", "a", "Ekbacksvägen 31"),
)  # fmt: skip


@pytest.mark.parametrize("writing", WRITINGS)
def test_every_canary_is_found_in_every_writing(writing: str) -> None:
    nose = Nose(VALUES)
    for canary in VALUES:
        written = WRITINGS[writing](canary.value)
        content = written if writing == "gzip" else b"2026 INFO q=" + written + b";\n"
        assert canary in {found.canary for found in nose.smell(content)}


def test_in_a_workbook_and_beside_much_else() -> None:
    nose = Nose(VALUES)
    assert {found.canary for canary in VALUES for found in nose.smell(zipped(canary.value))} == set(VALUES)
    large = b"2026-11-22 INFO step_done: ritningarna\n" * 3000
    assert nose.smell(large) == set()
    assert {found.canary for found in nose.smell(large + VALUES[3].value.encode() + large)} == {VALUES[3]}


def _places(settings: Settings, store: Store, done: Finished) -> list[places.Place]:
    own = [each for each in places.evidence(settings, store) if each.name.startswith(f"{done.run.id}/")]
    assert own
    return [*places.columns(store), *own]


def _found(town: Town, case: dict[str, Any], looked_at: list[places.Place]) -> set[str]:
    nose = Nose(birds.of_people(town, [case]))
    assert len(nose.known) == 5
    return {place.kind for place in looked_at if nose.smell(place.content)}


@pytest.mark.browser
@pytest.mark.parametrize("forgets", [True, False], ids=["guarded", "control"])
def test_nothing_of_a_protected_person_is_kept(
    town: Town, settings: Settings, store: Store, carry_out: Callable[..., Finished],
    monkeypatch: pytest.MonkeyPatch, forgets: bool,
) -> None:  # fmt: skip
    if not forgets:
        monkeypatch.setattr(attempts, "forget_inputs", lambda connection, run_id: None)
    case = town.cases("drawings", "protected")[0]
    person = town.ask(f"/people/{case['citizen']}")
    message = f"Hej {person['name']}, {person['street']}, {case['citizen']}, {person['phone']}, {person['email']}"

    done = carry_out("send-drawings", case_number=case["number"], property_id=case["property_id"], message=message)

    assert (done.outcome, done.run.kind) == ("handed_over", "Skyddade personuppgifter")
    assert [each["kind"] for each in town.truth()] == ["handed_over"]
    found = _found(town, case, _places(settings, store, done))
    assert found == (set() if forgets else {"column runs.inputs", "report"})
