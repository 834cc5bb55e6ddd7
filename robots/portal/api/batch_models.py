"""What programs send and are answered about Excel sheets and their batches."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from robots.portal.api.models import Sent


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
    rows: int = Field(description="Rows of the sheet that were asked for so far.")
    runs: int
    left: int = Field(description="Runs that have not ended.")
    done: int
    handed_over: int
    failed: int = Field(description="Failed or cancelled.")
    waiting: int = Field(description="Of those left: wait for a person's answer.")
