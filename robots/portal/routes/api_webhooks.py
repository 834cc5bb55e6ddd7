"""The API: which addresses are called when something has happened to the account's own runs."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, HTTPException, Path, Request

from robots.errors import WrongInput
from robots.portal.api.faults import NOT_USABLE, RESPONSES, Refused
from robots.portal.api.models import Number
from robots.portal.api.webhook_models import Subscribe, Webhook, WebhookList, WebhookMade
from robots.portal.desk import desk_of
from robots.portal.doors.guards import needs
from robots.portal.rights import May, Visitor
from robots.telling.subscriptions import end_subscription, subscribe, subscriptions_of

router = APIRouter(
    prefix="/api/v1", tags=["webhooks"], responses=RESPONSES, generate_unique_id_function=lambda route: route.name
)
Starting = Annotated[Visitor, needs(May.START)]


@router.post("/webhooks", status_code=201)
def make_webhook(request: Request, visitor: Starting, sent: Subscribe) -> WebhookMade:
    """Call this address about the runs that the account starts. The secret that signs the calls is told this once."""
    desk = desk_of(request)
    try:
        made = subscribe(
            desk.store, desk.settings, sent.url, sent.events, by=visitor.name, account_id=visitor.account_id
        )  # fmt: skip
    except WrongInput as error:
        raise Refused(422, NOT_USABLE, error.field, error.expected) from error
    return WebhookMade(webhook=made.id, secret=made.secret)


@router.get("/webhooks")
def list_webhooks(request: Request, visitor: Starting) -> WebhookList:
    """The account's own, and how the calls go."""
    listed = subscriptions_of(desk_of(request).store, visitor.account_id)
    return WebhookList(
        webhooks=[
            Webhook(webhook=row.id, url=row.url, events=row.events, made_at=row.made_at, waiting=row.waiting,
                    paused=row.paused_at is not None, given_up=row.given_up, error=row.error)
            for row in listed
        ]
    )  # fmt: skip


@router.post("/webhooks/{number}/end", status_code=204)
def end_webhook(
    request: Request,
    visitor: Starting,
    number: Annotated[Number, Path(description="As ``webhook``, where it was made.")],
) -> None:
    """Call it no more, also not about what has happened already."""
    if not end_subscription(desk_of(request).store, number, by=visitor.name, account_id=visitor.account_id):
        raise HTTPException(404)
