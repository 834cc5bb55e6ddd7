"""A task's signature is its form: what is typed is checked in words, and free text makes no other request."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from enum import Enum
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, model_validator

from robots.errors import WrongInput
from robots.fields import CaseNumber, Date, Describe, LongText, PersonalNumber, PropertyDesignation, ShortText
from robots.inputs import Inputs

CASE = "KC-26110042-4"


class Bin(Enum):
    PAPER = "Papper"
    FOOD = "Matavfall"


class Sludge(BaseModel):
    """Fields that depend on each other."""

    tank: Literal["Trekammarbrunn", "Sluten tank"] = "Trekammarbrunn"
    cubic_metres: Annotated[float | None, Describe("Volym", example="2,5")] = None

    @model_validator(mode="after")
    def _closed_tank_has_a_volume(self) -> Sludge:
        if self.tank == "Sluten tank" and self.cubic_metres is None:
            raise ValueError("En sluten tank behöver en volym.")
        return self


def example(
    run: Any,
    case_number: CaseNumber,
    day: Date,
    bin_kind: Bin,
    reason: Literal["Missad", "Extra"],
    title: ShortText,
    person: PersonalNumber | None = None,
    count: int = 1,
    locked: bool = False,
    message: LongText = "Hej.",
    *,
    system: Any,
) -> None:
    """Example."""


GOOD: dict[str, Any] = {
    "case_number": CASE, "day": "2026-11-24", "bin_kind": "Papper", "reason": "Missad", "title": "Kärl",
}  # fmt: skip


@pytest.fixture
def inputs() -> Inputs:
    return Inputs(example)


def test_the_form_comes_from_the_signature(inputs: Inputs) -> None:
    told = {i.name: (i.kind, i.required, i.title) for i in inputs}
    assert told["case_number"] == ("identifier", True, "Ärendenummer")
    assert told["day"] == ("date", True, "Datum")
    assert told["bin_kind"][0] == told["reason"][0] == "choice"
    assert told["locked"] == ("flag", False, "Locked")
    assert told["message"] == ("long_text", False, "Meddelande")
    assert told["person"] == ("identifier", False, "Personnummer")
    assert "system" not in told
    assert inputs["reason"].choices == ("Missad", "Extra")
    assert inputs["case_number"].option == "--case-number"


def test_an_identifier_may_be_called_something_of_its_own_and_stays_what_it_is() -> None:
    def one(
        run: Any, person: PersonalNumber, child: Annotated[PersonalNumber, Describe("Barnets personnummer")]
    ) -> None:
        """One."""

    person, child = Inputs(one)

    assert (person.title, child.title) == ("Personnummer", "Barnets personnummer")
    assert (child.kind, child.words.example, child.words.personal) == ("identifier", person.words.example, True)


def test_the_option_of_an_id_leaves_the_ending_out() -> None:
    def one(run: Any, property_id: PropertyDesignation) -> None:
        """One."""

    assert Inputs(one)["property_id"].option == "--property"


def test_values_come_in_the_types_of_the_task(inputs: Inputs) -> None:
    values = inputs.parse(GOOD | {"person": "198111189802", "locked": "ja", "count": "3", "reason": "missad"})
    assert values.arguments["day"] == date(2026, 11, 24)
    assert values.arguments["bin_kind"] is Bin.PAPER
    assert values.arguments["locked"] is True
    assert values.arguments["count"] == 3
    assert values.arguments["reason"] == "Missad"
    assert values.case_number == CASE
    assert values.stored["day"] == "2026-11-24"


def test_what_is_stored_can_be_parsed_again_into_the_same(inputs: Inputs) -> None:
    first = inputs.parse(GOOD | {"person": "811118-9802", "message": "Hej å ä ö"})
    assert inputs.parse(first.stored) == first


def test_a_sheet_writes_dates_numbers_and_empty_cells_in_its_own_way(inputs: Inputs) -> None:
    values = inputs.parse(
        GOOD | {"day": datetime(2026, 11, 24), "count": 3.0, "person": None, "title": 14, "message": ""}
    )
    assert values.arguments["day"] == date(2026, 11, 24)
    assert values.arguments["count"] == 3
    assert values.arguments["title"] == "14"
    assert values.arguments["message"] == "Hej."


def test_a_swedish_decimal_comma_is_a_number() -> None:
    def one(run: Any, sludge: Sludge) -> None:
        """One."""

    assert Inputs(one).parse({"cubic_metres": "2,5"}).stored["cubic_metres"] == 2.5


@pytest.mark.parametrize(
    ("changed", "field", "expected"),
    [
        ({"case_number": "KC-1"}, "Ärendenummer", "till exempel KC-26110042-4"),
        ({"case_number": "KC-26110042-5"}, "Ärendenummer", "Kontrollsiffran"),
        ({"case_number": ""}, "Ärendenummer", "måste fyllas i"),
        ({"title": ""}, "Text", "måste fyllas i"),
        ({"title": "   "}, "Text", "måste fyllas i"),
        ({"day": "i morgon"}, "Datum", "ÅÅÅÅ-MM-DD"),
        ({"reason": "Annat"}, "Reason", "Välj Missad eller Extra."),
        ({"bin_kind": "Glas"}, "Bin kind", "Välj Papper eller Matavfall."),
        ({"count": "många"}, "Count", "Skriv ett tal."),
        ({"locked": "kanske"}, "Locked", "Svara ja eller nej."),
        ({"title": ["a"]}, "Text", "Skriv en text."),
    ],
)
def test_wrong_input_names_field_value_and_what_was_expected(
    inputs: Inputs, changed: dict[str, Any], field: str, expected: str
) -> None:
    with pytest.raises(WrongInput) as told:
        inputs.parse(GOOD | changed)
    assert told.value.field == field
    assert expected in told.value.expected
    assert told.value.exit_code == 2


def test_everything_wrong_is_told_at_once(inputs: Inputs) -> None:
    wrong = GOOD | {"case_number": "KC-1", "day": "x"}
    del wrong["title"]
    assert [w.field for w in inputs.problems(wrong)] == ["Ärendenummer", "Datum", "Text"]
    with pytest.raises(WrongInput) as told:
        inputs.parse(wrong)
    assert len(told.value.__notes__) == 2


def test_a_form_is_told_what_is_wrong_at_each_field_by_its_name(inputs: Inputs) -> None:
    """Two fields may have the same title; the page must know which of them is meant."""
    wrong = GOOD | {"case_number": "KC-1", "day": "x", "colour": "blå"}
    assert list(inputs.faults(wrong)) == ["colour"]
    del wrong["colour"]
    assert list(inputs.faults(wrong)) == ["case_number", "day"]
    assert inputs.faults(GOOD) == {}


def test_an_unknown_field_is_told_with_those_there_are(inputs: Inputs) -> None:
    with pytest.raises(WrongInput, match="case_number, day"):
        inputs.parse(GOOD | {"case": CASE})


@pytest.mark.parametrize(
    ("changed", "same"),
    [
        ({"message": "Annan text"}, True), ({"title": "Annan titel"}, True), ({"case_number": CASE.lower()}, True),
        ({"count": "1"}, True), ({"day": "2026-11-25"}, False), ({"reason": "Extra"}, False),
        ({"person": "811118-9802"}, False), ({"locked": True}, False),
    ],
)  # fmt: skip
def test_free_text_does_not_make_another_request(inputs: Inputs, changed: dict[str, Any], same: bool) -> None:
    assert (inputs.parse(GOOD | changed).subject == inputs.parse(GOOD).subject) is same


def test_personal_data_is_masked_where_it_is_shown(inputs: Inputs) -> None:
    values = inputs.parse(GOOD | {"person": "19811118-9802"})
    assert "9802" not in str(values.shown)
    assert values.shown["case_number"] == CASE
    assert "9802" in str(values.stored)  # else there would have been nothing to mask


def test_fields_that_depend_on_each_other_are_told_in_the_models_words() -> None:
    def one(run: Any, case_number: CaseNumber, sludge: Sludge) -> None:
        """One."""

    inputs = Inputs(one)
    assert [i.name for i in inputs] == ["case_number", "tank", "cubic_metres"]
    values = inputs.parse({"case_number": CASE})
    assert values.arguments["sludge"] == Sludge()
    assert inputs.parse(values.stored) == values
    with pytest.raises(WrongInput, match="En sluten tank behöver en volym"):
        inputs.parse({"case_number": CASE, "tank": "Sluten tank"})


def test_a_case_number_that_may_be_left_out_is_still_the_case() -> None:
    def one(run: Any, case_number: CaseNumber | None = None) -> None:
        """One."""

    assert Inputs(one).parse({"case_number": CASE}).case_number == CASE
    assert Inputs(one).parse({}).case_number is None


def _with_hint(hint: Any) -> Callable[..., None]:
    def one(run: Any, thing: Any) -> None:
        """One."""

    one.__annotations__["thing"] = hint
    return one


@pytest.mark.parametrize("hint", [dict[str, str], list[str], bytes])
def test_a_type_that_no_form_can_show_is_refused_when_the_task_is_declared(hint: Any) -> None:
    with pytest.raises(TypeError, match="inget formulär kan visa"):
        Inputs(_with_hint(hint))
