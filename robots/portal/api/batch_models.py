"""What programs send and are answered about batches: of an Excel sheet, or of rows that they send themselves."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from robots.portal.api.models import DRAWINGS, Fault, Inputs, Sent, State, Text
from robots.portal.row_batches import MOST_ROWS


class ChosenSheet(BaseModel):
    """What the sheet that is sent is for."""

    task: str = Field(max_length=200, examples=["send-drawings"])
    file_name: str = Field("ark.xlsx", max_length=200, examples=["mars.xlsx"])
    sheet: str = Field("", max_length=200, description="Of a file with several that have the columns.")


class SheetProblem(BaseModel):
    row: int
    column: str = Field(description='As Excel writes it; "" where it is the row as a whole.', examples=["B"])
    title: str
    value: str = Field(description="What stands there; personal data covered.")
    expected: str


class Sheet(BaseModel):
    """A filled-in sheet as it was read. The first 200 faults are told."""

    sheet: int
    task: str = Field(examples=["send-drawings"])
    batch: int | None = Field(description="Its batch, where it, or the same file before, has been started.")
    good: int
    bad: int
    doubled: int = Field(description="Rows that ask for the same as one above; made once.")
    asked_before: int = Field(description="Rows whose run was asked for before; not made again.")
    problems: list[SheetProblem]
    unused: list[str] = Field(description="Columns of the sender's own.")
    left_out: list[str] = Field(description="Columns that are not there, and take the task's own value.")


class StartSheet(Sent):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"dry_run": False}]})

    dry_run: bool = Field(False, description="Everything but the changes.")


class Batch(BaseModel):
    batch: int
    task: str
    dry_run: bool
    rows: int = Field(description="Rows that were asked for so far.")
    laying: bool = Field(description="Whether more rows of its sheet are on their way into the queue.")
    fault: str = Field(description="Why they did not all get there; start the sheet again to go on.")
    runs: int
    left: int = Field(description="Runs that have not ended.")
    done: int
    handed_over: int
    failed: int = Field(description="Failed or cancelled.")
    waiting: int = Field(description="Of those left: wait for a person's answer.")


# -- rows -------------------------------------------------------------------------------------------------------------


Rows = Annotated[
    list[Inputs],
    Field(min_length=1, max_length=MOST_ROWS, description="Each with the inputs of one run; numbered from 1."),
]


class CheckRows(Sent):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"rows": [DRAWINGS]}]})

    rows: Rows


class StartRows(Sent):
    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"task": "send-drawings", "rows": [DRAWINGS]}]}
    )

    task: Annotated[str, Field(max_length=200)]
    rows: Rows
    name: Annotated[Text, Field(min_length=1, max_length=100)] = Field(
        "JSON", description="What people see that the batch is of.", examples=["mars"]
    )
    dry_run: bool = Field(False, description="Everything but the changes.")
    skip_wrong: bool = Field(False, description="Starts the good rows although others are wrong.")


class RowProblem(BaseModel):
    row: int
    field: str = Field(description='The input\'s name; "" for what is wrong between several.')
    expected: str


class RowsChecked(BaseModel):
    """What would start. The first 200 faults are told."""

    good: int
    bad: int
    doubled: int = Field(description="Rows that ask for the same as one above; made once.")
    asked_before: int = Field(description="Rows whose run was asked for before; not made again.")
    problems: list[RowProblem]


class RowsFault(Fault):
    """Why nothing was started. ``problems`` are the first 200 faults of rows; empty where it is something else."""

    problems: list[RowProblem] = Field(default_factory=list)


class RowReceipt(BaseModel):
    effect: str
    receipt: str


class BatchRow(BaseModel):
    """A row and what became of it."""

    row: int
    error: str = Field(description='Why it has no run, or none that the account reaches; "" where it has.')
    run: int | None
    first_row: int | None = Field(description="The row above that asks for the same run.")
    joined: bool = Field(description="Whether the run was asked for before the batch; it was not made again.")
    state: State | None
    kind: str | None
    reason: str | None
    todo: str | None
    seconds: float | None
    receipts: list[RowReceipt]


class BatchRowList(BaseModel):
    rows: list[BatchRow]
    next: str | None = Field(description="The cursor of the next page; null on the last.")


class ChosenRows(BaseModel):
    """Which rows are told."""

    cursor: str = Field("", pattern="^[0-9]{0,9}$", description="As ``next`` of the page before.")
    limit: int = Field(200, ge=1, le=1000)
