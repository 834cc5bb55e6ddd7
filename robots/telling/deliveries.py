"""Programs are called about runs: signed, in order for each run, and again until they have taken it.

A teller that dies between the call and its note of it leaves the call to the next one, which makes it again: at least
once, and known again by its number.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import httpx
from loguru import logger
from sqlalchemy import Connection, and_, exists, or_, select, update

from robots.errors import NotTaken, RagnhildError
from robots.evidence.redaction import redact
from robots.settings import Settings
from robots.store import Store
from robots.store.schema import outcomes, runs, webhook_deliveries, webhooks
from robots.telling.sending import CLAIM, Clock, pause_after
from robots.telling.subscriptions import TEST, demand_allowed, unsealed
from robots.tls import trusted

SECONDS = 10.0
GIVEN_UP_AFTER = timedelta(days=1)


@dataclass(frozen=True)
class Call:
    """A call that is this teller's to make until ``until``. ``tries`` counts this one."""

    id: int
    webhook_id: int
    event: str
    url: str
    secret: bytes
    told: dict[str, Any]
    tries: int
    made_at: datetime
    until: datetime


def claim(connection: Connection, settings: Settings, now: datetime) -> Call | None:
    """The oldest call whose time has come, and that follows upon none of the same run that is not settled yet."""
    mine, before = webhook_deliveries, webhook_deliveries.alias()
    ready = or_(
        and_(mine.c.state == "waiting", mine.c.try_at <= now),
        and_(mine.c.state == "sending", mine.c.claimed_until <= now),
    )
    earlier = exists().where(
        before.c.webhook_id == mine.c.webhook_id, before.c.run_id == mine.c.run_id, before.c.id < mine.c.id,
        before.c.state.in_(["waiting", "sending"]),
    )  # fmt: skip
    wanted = (
        select(mine, webhooks.c.url, webhooks.c.secret)
        .join(webhooks, webhooks.c.id == mine.c.webhook_id)
        .where(webhooks.c.ended_at.is_(None), or_(webhooks.c.paused_at.is_(None), mine.c.event == TEST))
        .where(ready, ~earlier)
        .order_by(mine.c.try_at, mine.c.id)
        .limit(1)
        .with_for_update(of=mine, skip_locked=True)
    )
    row = connection.execute(wanted).first()
    if row is None:
        return None
    claimed = {"state": "sending", "tries": row.tries + 1, "claimed_until": now + CLAIM}
    connection.execute(update(mine).where(mine.c.id == row.id).values(**claimed))
    told = {"delivery": row.id, "event": row.event, "at": row.made_at.isoformat(), **_run(connection, row, settings)}
    until = now + CLAIM
    return Call(row.id, row.webhook_id, row.event, row.url, row.secret, told, row.tries + 1, row.made_at, until)


def _run(connection: Connection, row: Any, settings: Settings) -> dict[str, Any]:
    """How the run stands now. Nothing personal: a kind without words of its own is the reason itself, and not told."""
    found = connection.execute(
        select(runs.c.task, runs.c.state, outcomes.c.outcome, outcomes.c.kind, outcomes.c.reason)
        .outerjoin(outcomes, outcomes.c.run_id == runs.c.id)
        .where(runs.c.id == row.run_id)
    ).first()
    link = f"{settings.portal_url.rstrip('/')}/runs/{row.run_id}" if settings.portal_url else ""
    told: dict[str, Any] = {"run": None, "link": ""} if row.event == TEST else {"run": row.run_id, "link": link}
    if found is None:
        return told | {"task": None, "state": None, "outcome": None, "kind": None}
    task = found.task.replace("_", "-")
    kind = redact(found.kind) if found.kind and found.kind != found.reason else None
    return told | {"task": task, "state": found.state, "outcome": found.outcome, "kind": kind}


def call_one(store: Store, settings: Settings, now: Clock) -> bool:
    """Make the oldest call whose time has come. False when there is none."""
    with store.begin() as connection:
        mine = claim(connection, settings, now(connection))
    if mine is None:
        return False
    error = ""
    try:
        _post(settings, mine)
    except Exception as told:  # whatever it is, the call is made again, and stands in no other's way
        error = str(told) if isinstance(told, RagnhildError) else f"Ett oväntat fel: {type(told).__name__}."
        logger.warning("webhook {} did not take delivery {}: {}", mine.webhook_id, mine.id, error)
    with store.begin() as connection:
        _settle(connection, mine, error, now(connection))
    return True


def signature(secret: bytes, timestamp: str, body: bytes) -> str:
    """HMAC-SHA256 over the time, a full stop and the body, in hexadecimal."""
    return hmac.new(secret, timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def _post(settings: Settings, call: Call) -> None:
    """Raises ``RagnhildError`` when it was not taken. Only the status is looked at, and no redirect followed."""
    demand_allowed(settings, call.url)
    body = json.dumps(call.told, ensure_ascii=False).encode()
    at = str(int(time.time()))
    headers = {
        "Content-Type": "application/json", "Ragnhild-Delivery": str(call.id), "Ragnhild-Timestamp": at,
        "Ragnhild-Signature": f"key={call.webhook_id},v1={signature(unsealed(settings, call.secret), at, body)}",
    }  # fmt: skip
    try:
        with (
            httpx.Client(timeout=SECONDS, follow_redirects=False, trust_env=False, verify=trusted()) as client,
            client.stream("POST", call.url, content=body, headers=headers) as answer,
        ):  # its head only: nothing of its body is read
            if not answer.is_success:
                raise NotTaken(f"Den svarade {answer.status_code}.")
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise NotTaken(f"Den svarar inte ({type(error).__name__}).") from None


def _settle(connection: Connection, mine: Call, error: str, now: datetime) -> None:
    """Unless another teller has claimed it since, because this one was away too long."""
    values: dict[str, Any] = {"state": "sent", "settled_at": now, "error": ""}
    if error and mine.event == TEST:  # a person looks at what became of it, and asks for another
        values = {"state": "given_up", "settled_at": now, "error": error}
    elif error and now - mine.made_at >= GIVEN_UP_AFTER:
        values = {"state": "given_up", "settled_at": now, "error": error}
        logger.error("delivery {} to webhook {} is given up: {}", mine.id, mine.webhook_id, error)
    elif error:
        values = {"state": "waiting", "error": error, "try_at": now + pause_after(mine.tries)}
    still = webhook_deliveries.c
    still_mine = still.id == mine.id, still.state == "sending", still.claimed_until == mine.until
    connection.execute(update(webhook_deliveries).where(*still_mine).values(claimed_until=None, **values))
