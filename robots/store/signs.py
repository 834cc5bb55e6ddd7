"""Signs of life of what runs all the time beside the workers: each tells the database when it last did its work."""

from __future__ import annotations

from sqlalchemy import bindparam, func
from sqlalchemy.dialects.postgresql import insert as upsert

from robots.store.connect import Store
from robots.store.schema import signs_of_life

SCHEDULER = "scheduler"
TELLER = "teller"
_SIGN = (
    upsert(signs_of_life)
    .values(name=bindparam("sign"))
    .on_conflict_do_update(index_elements=["name"], set_={"seen_at": func.clock_timestamp()})
)


def give_sign(store: Store, name: str) -> None:
    """It has just done what it is there for."""
    store.write_alone(_SIGN, {"sign": name})
