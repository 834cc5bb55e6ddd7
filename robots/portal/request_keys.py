"""The asker's own name for an order: the same once more is answered as before and does nothing more."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select

from robots.errors import WrongInput
from robots.portal.pages import words_of
from robots.portal.rights import Visitor
from robots.portal.wording import marked as _
from robots.queue.runs import Submitted
from robots.store import Store
from robots.store.clock import span
from robots.store.schema import start_requests

# Also the field that a ``WrongInput`` about a key names.
IDEMPOTENCY_KEY = "Idempotency-Key"
# A page that is left open over a long weekend still starts its run once.
KEYS_KEPT_SECONDS = 7 * 24 * 3600.0
KEY = re.compile(r"[!-~]{1,200}")


def digest_of(*told: Any) -> str:
    """The same for the same order only."""
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def known(connection: Connection, visitor: Visitor, key: str, digest: str) -> Row[Any] | None:
    """What the key has given, ``run_id`` or ``batch_id``. Of two that come at once the second waits here for the first.

    Ask before anything else is locked. Raises ``WrongInput`` for what is no key, and for one that has given something
    else.
    """
    if not KEY.fullmatch(key):
        words = _("Nyckeln får ha 1 till 200 tecken ur ASCII.")
        raise WrongInput(IDEMPOTENCY_KEY, key[:20], words_of(visitor, words))
    lock = func.hashtextextended(f"start {visitor.account_id} {key}", 0)
    connection.execute(select(func.pg_advisory_xact_lock(lock)))
    mine = start_requests.c.account_id == visitor.account_id, start_requests.c.key == key
    row = connection.execute(select(start_requests).where(*mine)).first()
    if row is not None and row.digest != digest:
        if row.batch_id is None:
            words = _("Den här starten har redan gett körning K-%(run)s, med andra uppgifter.")
        else:
            words = _("Den här starten har redan gett bunt %(batch)s, med andra uppgifter.")
        raise WrongInput(IDEMPOTENCY_KEY, key, words_of(visitor, words, run=row.run_id, batch=row.batch_id))
    return row


def remember(
    connection: Connection, visitor: Visitor, key: str, digest: str, *, run_id: int | None = None,
    batch_id: int | None = None,
) -> None:  # fmt: skip
    """What the key has given from now on, in the transaction that gives it."""
    old = start_requests.c.at < func.clock_timestamp() - span(KEYS_KEPT_SECONDS)
    connection.execute(delete(start_requests).where(old))
    values = {"account_id": visitor.account_id, "key": key, "digest": digest, "run_id": run_id, "batch_id": batch_id}
    connection.execute(insert(start_requests).values(**values))


def once(
    store: Store, visitor: Visitor, key: str, digest: str, order: Callable[[Connection], Submitted]
) -> Submitted:  # fmt: skip
    """Carry out an order for a run, unless the key has given it before. Without a key ("") it is carried out.

    Raises ``WrongInput`` as ``known``, and what ``order`` raises.
    """
    with store.begin() as connection:
        if key and (row := known(connection, visitor, key, digest)):
            return Submitted(row.run_id, new=False)
        made = order(connection)
        if key:
            remember(connection, visitor, key, digest, run_id=made.run_id)
    return made
