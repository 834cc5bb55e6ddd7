"""What programs send and are answered. Times are ISO 8601 with their offset, in UTC; names are those of ``--json``."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, JsonValue

from robots.portal.run_page import LARGEST

State = Literal["queued", "running", "waiting_approval", "done", "handed_over", "failed", "cancelled"]
Way = Literal["by_hand", "not_needed", "wrong", "other"]
# A number that every program reads alike, and every database keeps.
_SAFE = 2**53 - 1


def _plain(text: str) -> str:
    if any(ord(each) < 32 and each not in "\n\r\t" for each in text):
        raise ValueError("Texten har tecken som inte går att spara.")
    return text


Text = Annotated[str, AfterValidator(_plain)]
Reason = Annotated[Text, Field(min_length=1, max_length=2000)]
Number = Annotated[int, Field(ge=1, le=LARGEST)]
Value = str | Annotated[int, Field(ge=-_SAFE, le=_SAFE)] | Annotated[float, Field(allow_inf_nan=False)] | bool | None
Inputs = dict[str, Value]
DRAWINGS: dict[str, JsonValue] = {"case_number": "KC-26110042-4", "property_id": "EKBACKEN 3:14"}
RunNumber = Annotated[int, Field(description="The number in K-17.", examples=[17])]


class Sent(BaseModel):
    """What a program sends has these fields and no others."""

    model_config = ConfigDict(extra="forbid")


class Fault(BaseModel):
    """Why it was not done, in Swedish for a person. ``field`` is what to mend, "" where it is no field."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"error": "Uppgifterna går inte att använda.", "field": "case_number",
                 "expected": "Kontrollsiffran i ärendenumret stämmer inte. Är något felskrivet?"}
            ]
        }
    )  # fmt: skip

    error: str
    field: str = ""
    expected: str = ""


# -- tasks ------------------------------------------------------------------------------------------------------------


class TaskLine(BaseModel):
    name: str = Field(examples=["send-drawings"])
    title: str = Field(examples=["Skicka ritningar"])
    owner: str = Field(description="The team whose task it is.", examples=["Samhällsbyggnad"])
    description: str
    hindrance: str = Field(description='Why it cannot be started now, in words; "" where it can.')


class TaskList(BaseModel):
    tasks: list[TaskLine]


class TaskWhole(TaskLine):
    level: str = Field(description="How far it goes in a matter that somebody decides: stöd, förslag or beslut.")
    saves_minutes: float
    asks_before: list[str] = Field(description="The changes that leave only when a person has looked at the form.")
    inputs: dict[str, Any] = Field(description="A JSON Schema (2020-12) of what to send as inputs.")


class Check(Sent):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"inputs": DRAWINGS}]})

    inputs: Inputs


class InputFault(BaseModel):
    field: str = Field(description='The input\'s name; "" for what is wrong between several.')
    expected: str


class Checked(BaseModel):
    fits: bool
    faults: list[InputFault]
    earlier_run: int | None = Field(description="The newest run of the same request, where the asker reaches it.")


# -- runs -------------------------------------------------------------------------------------------------------------


class Start(Sent):
    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"task": "send-drawings", "inputs": DRAWINGS}]}
    )

    task: Annotated[str, Field(max_length=200)]
    inputs: Inputs
    dry_run: bool = Field(False, description="Everything but the changes.")
    asks_first: bool = Field(False, description="A person looks at the filled form before the first change leaves.")
    trace: str = Field(
        "", max_length=500,
        description="Why a full trace of the run is wanted, from an account that may ask for one; kept a week at most.",
    )  # fmt: skip


class Stop(Sent):
    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"reason": "Den sökande ringde tillbaka"}]}
    )

    reason: Reason


class Again(Sent):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"reason": "Mejlet kom inte fram"}]})

    reason: Reason


class ChosenRuns(BaseModel):
    """Which runs are listed."""

    state: State | None = None
    task: str = Field("", max_length=200, examples=["send-drawings"])
    case: str = Field("", max_length=200, examples=["KC-26110042-4"])
    mine: bool = False
    cursor: str = Field("", pattern="^[0-9]{0,18}$", description="As ``next`` of the page before.")
    limit: int = Field(50, ge=1, le=200)


class RunLine(BaseModel):
    """A run. Those who may not see personal data are told its words with such data covered."""

    run: RunNumber
    name: str = Field(examples=["K-17"])
    task: str = Field(examples=["send-drawings"])
    title: str = Field(examples=["Skicka ritningar"])
    case_number: str | None = Field(examples=["KC-26110042-4"])
    state: State
    held_for: str | None = Field(description="What it waits for although it is its turn.")
    held_until: datetime | None
    waits: list[str] = Field(description="What a run that is done has left in the case for later.")
    dry_run: bool
    source: str = Field(description="guide (a person), api (a program), schedule, inbox or batch.", examples=["api"])
    started_by: str
    robot: str
    attempts: int
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    seconds: float | None = Field(description="From its first attempt to its end.")
    earlier_run: int | None = Field(description="The run that it tries again, or makes once more.")
    outcome: str | None = Field(description="done, handed_over, failed or cancelled, once it has ended.")
    kind: str | None = Field(description="What sort of handover or failure it is.", examples=["Arkivet är tomt"])
    reason: str | None
    todo: str | None = Field(description="What a person is to do now.", examples=["Sök i pappersarkivet"])


class RunList(BaseModel):
    runs: list[RunLine]
    next: str | None = Field(description="The cursor of the next page; null on the last.")


class Effect(BaseModel):
    """A change in a system and its proof."""

    once: str = Field(description="What it is, in words.", examples=["ritningar"])
    system: str = Field(examples=["case_management"])
    state: str = Field(description="CONFIRMED is made and seen; ARMED and UNKNOWN are unclear.", examples=["CONFIRMED"])
    mark: str = Field(description="Its trace in the system.", examples=["R-0f3a9c21b7de"])
    receipt: str | None = Field(examples=["M-17"])
    confirmed_at: datetime | None


class Question(BaseModel):
    """A change that leaves only when somebody has looked at the filled form, here as words."""

    question: int = Field(description="Its number, to be sent with the answer.")
    once: str
    system: str
    shown: dict[str, Any] = Field(description="What is about to be sent, masked.")
    expires_at: datetime


class RunWhole(RunLine):
    question: Question | None = Field(description="What it asks now, for those who may answer.")
    inputs: Inputs
    effects: list[Effect]
    newest_run: int = Field(description="The last run of the same request; itself where nothing came after it.")


class Started(BaseModel):
    run: RunLine
    new: bool = Field(description="False where this key, or the same request, has a run already: it is told here.")


class Line(BaseModel):
    kind: str
    at: datetime
    words: str
    receipt: str


class Picture(BaseModel):
    title: str
    at: datetime
    address: str = Field(examples=["/runs/17/evidence/01-001.jpg"])


class Step(BaseModel):
    """A step, or (``title`` is "") what happened between two."""

    number: int
    attempt: int
    title: str
    at: datetime
    ended: bool | None = Field(description="Null while it goes on; false where it was stopped.")
    seconds: float | None
    error: str = Field(description="For those who see the machinery.")
    lines: list[Line]
    pictures: list[Picture] = Field(description="For those who may see personal data.")


class Steps(BaseModel):
    steps: list[Step]


class Answer(Sent):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"question": 4, "send": True}]})

    question: Number = Field(description="The question that was looked at: the run's own ``question``.")
    send: bool = Field(description="True lets the change leave; false stops the run.")
    reason: Annotated[Text, Field(max_length=2000)] = ""


# -- handovers --------------------------------------------------------------------------------------------------------


class Close(Sent):
    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"way": "by_hand", "done": "Skickade ritningen med post"}]}
    )

    way: Way
    done: Reason = Field(description="What was done instead, in words.")


class ChosenHandovers(BaseModel):
    """Which handovers are listed."""

    task: str = Field("", max_length=200, examples=["send-drawings"])
    kind: str = Field("", max_length=500, examples=["Arkivet är tomt"])
    case: str = Field("", max_length=200, examples=["KC-26110042-4"])
    closed: bool = False


class Handover(BaseModel):
    run: RunNumber
    name: str = Field(examples=["K-17"])
    task: str
    title: str
    case_number: str | None
    standing: str = Field(description="free, taken, with_robot, closed, by_robot or went_on.", examples=["free"])
    kind: str | None
    reason: str | None
    todo: str | None
    handed_over_at: datetime
    promised_at: datetime = Field(description="When the citizen was promised an answer.")
    late: bool
    taken_by: str | None
    closed_by: str | None
    way: str | None
    done: str | None
    ended_at: datetime | None
    since_run: int | None = Field(description="What the same request has come to since.")


class HandoverList(BaseModel):
    handovers: list[Handover]
    is_cut: bool = Field(description="Whether there are more than are listed; filter to reach them.")


# -- statistics -------------------------------------------------------------------------------------------------------


class Statistics(BaseModel):
    """The figures of a period; each key and its unit is told in docs/statistics.md."""

    model_config = ConfigDict(extra="allow")

    period: dict[str, Any]
