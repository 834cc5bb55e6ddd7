"""What programs send and are answered about the calls that they want."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from robots.portal.api.models import Sent, Text

Event = Literal["run_ended", "handover", "approval_asked"]


class Subscribe(Sent):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"url": "https://etjanst.example.se/ragnhild", "events": ["run_ended"]}]},
    )

    url: Annotated[Text, Field(max_length=1000)]
    events: Annotated[list[Event], Field(min_length=1, max_length=3)]


class WebhookMade(BaseModel):
    webhook: int = Field(description="Its number, which stands as key in the signature of each call.")
    secret: str = Field(description="What the calls are signed with; told this once.")


class Webhook(BaseModel):
    webhook: int
    url: str
    events: list[Event]
    made_at: datetime
    paused: bool = Field(description="An admin has paused it: the calls wait.")
    waiting: int = Field(description="Calls that have not been taken yet.")
    given_up: int = Field(description="Calls that nobody took for a day.")
    error: str = Field(description="Of the newest call that was not taken.")


class WebhookList(BaseModel):
    webhooks: list[Webhook]
