"""The chain: each link sums up its event and the link before, so that whatever is changed afterwards shows.

What is summed up, and how, stands in docs/audit.md; the database does it when an event is written
(``0016_audit_chain.py``), and here it is done again to see that everything is as it was.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, NamedTuple

from sqlalchemy import Connection, Row, Text, cast, func, select

from robots.store import Store
from robots.store.schema import audit_chain, audit_events

VERSION = "1"
# The parts of an event's sum, in their order, between the version and the end.
TEXTS = ("by", "did", "about", "case_number", "for_whom", "reason", "place", "machine", "detail")
FORGOTTEN = "audit_forgotten"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
AT_A_TIME = 5_000

Kind = Literal["changed", "removed", "reordered", "inserted", "broken", "cut_off"]


class Link(NamedTuple):
    """One line of the chain. ``event`` has the event's ``id``, ``at`` and texts, or is None where it is not there.

    An event that no line has is told without ``seq``, ``digest`` and ``hash``.
    """

    seq: int | None
    digest: str | None
    hash: str | None
    event: Mapping[str, Any] | None


class Anchor(NamedTuple):
    """What was known of the chain at one time, kept where nobody who changes the database reaches it."""

    seq: int
    hash: str

    def __str__(self) -> str:
        return f"{self.seq}:{self.hash}"


@dataclass(frozen=True)
class Fault:
    """The first line that is not as it was: its number in the chain, the event's where it is known."""

    kind: Kind
    seq: int
    event_id: int | None = None
    other: int | None = None


@dataclass
class Checked:
    """How far the chain is whole: from line ``first`` on, ``lines`` of them, to ``head``.

    ``unknown`` are the anchors of lines that were not looked at, or are no longer kept.
    """

    fault: Fault | None = None
    lines: int = 0
    head: Anchor | None = None
    first: int = 1
    unknown: list[Anchor] = field(default_factory=list)

    @property
    def forgotten(self) -> int:
        """The last line before these, which was removed by decision or is not asked for; 0 for none."""
        return self.first - 1


def sum_of(*parts: str) -> str:
    """A SHA-256 over the parts, each behind its length in bytes: no part can pass for two, or lend to its neighbour."""
    summed = hashlib.sha256()
    for part in parts:
        content = part.encode()
        summed.update(b"%d:" % len(content) + content)
    return summed.hexdigest()


def digest_of(event: Mapping[str, Any]) -> str:
    microseconds = (event["at"] - _EPOCH) // timedelta(microseconds=1)
    return sum_of(VERSION, str(event["id"]), str(microseconds), *(event[name] for name in TEXTS))


def hash_of(previous: str, seq: int, digest: str) -> str:
    return sum_of(VERSION, previous, str(seq), digest)


def check(
    links: Iterable[Link],
    *,
    begins_at: Anchor | None,
    whole: bool = True,
    anchors: Sequence[Anchor] = (),
    where: Callable[[str], int | None] = lambda digest: None,  # noqa: ARG005
    follows: Callable[[str, int], int | None] = lambda previous, seq: None,  # noqa: ARG005
) -> Checked:
    """Go along the chain, and stop at the first line that is not as it was.

    ``begins_at`` is the line before the first one, as whoever removed it has sealed; None where the chain is to begin
    with its line 1. ``whole``: every line has its event, as in the database. ``where`` finds the line that has a
    digest, ``follows`` one that would stand right after another: what is found there has been moved and not changed.
    """
    last = begins_at or Anchor(0, "")
    found = Checked(first=last.seq + 1, head=begins_at)
    found.unknown = [anchor for anchor in anchors if anchor.seq < last.seq]
    known: dict[int, set[str]] = {}
    for anchor in anchors:
        known.setdefault(anchor.seq, set()).add(anchor.hash)
    if known.get(last.seq, {last.hash}) != {last.hash}:
        found.fault = Fault("broken", last.seq)
        return found
    for link in links:
        found.fault = _fault_of(link, last, where, follows, whole=whole)
        if found.fault:
            return found
        assert link.seq is not None
        assert link.hash is not None
        if known.get(link.seq, {link.hash}) != {link.hash}:  # all up to here may have been summed up anew
            found.fault = Fault("broken", link.seq, _id(link))
            return found
        last = found.head = Anchor(link.seq, link.hash)
        found.lines += 1
    if known and max(known) > last.seq:
        found.fault = Fault("cut_off", last.seq + 1)
    return found


def _fault_of(
    link: Link, last: Anchor, where: Callable[[str], int | None], follows: Callable[[str, int], int | None], *,
    whole: bool,
) -> Fault | None:  # fmt: skip
    expected = last.seq + 1
    if link.seq is None or link.digest is None:
        return Fault("inserted", expected, _id(link))
    if link.seq != expected or (whole and link.event is None):
        return Fault("removed", expected)
    if link.event is not None and (digest := digest_of(link.event)) != link.digest:
        other = where(digest)
        return Fault("reordered" if other else "changed", expected, _id(link), other)
    if link.hash != hash_of(last.hash, link.seq, link.digest):
        other = follows(last.hash, expected)
        return Fault("reordered" if other else "broken", expected, _id(link), other)
    return None


def _id(link: Link) -> int | None:
    return link.event["id"] if link.event else None


# -- in the database --------------------------------------------------------------------------------------------------


def head(connection: Connection) -> Anchor | None:
    """The last line of the chain; what is not committed yet is not in it."""
    row = connection.execute(select(audit_chain).order_by(audit_chain.c.seq.desc()).limit(1)).first()
    return Anchor(row.seq, row.hash) if row else None


def verify(store: Store, anchors: Sequence[Anchor] = (), *, newest: int = 0) -> Checked:
    """The whole chain as it is at one moment, or its ``newest`` so many lines."""
    with store.engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection, connection.begin():
        after = _link_before(connection, newest) if newest else None
        return check(
            links_of(connection, after.seq if after else 0), begins_at=after or begins_at(connection), anchors=anchors,
            where=lambda digest: _line_with(connection, digest),
            follows=lambda previous, seq: _line_after(connection, previous, seq),
        )  # fmt: skip


def _link_before(connection: Connection, newest: int) -> Anchor | None:
    row = connection.execute(select(audit_chain).order_by(audit_chain.c.seq.desc()).offset(newest).limit(1)).first()
    return Anchor(row.seq, row.hash) if row else None


def begins_at(connection: Connection) -> Anchor | None:
    """The line before the first that is kept, where it was removed by decision: the remark in the chain says so."""
    first = connection.execute(select(func.min(audit_chain.c.seq))).scalar()
    if first in (None, 1):
        return None
    through = audit_events.c.detail["through"].as_string()
    remark = select(audit_events.c.detail).where(audit_events.c.did == FORGOTTEN, through == str(first - 1))
    told = connection.execute(remark.limit(1)).scalar()
    return Anchor(first - 1, told["hash"]) if told else None


_WHOLE = (
    select(
        audit_chain.c.seq, audit_chain.c.digest, audit_chain.c.hash, audit_chain.c.event_id, audit_events.c.id,
        audit_events.c.at, *(cast(audit_events.c[name], Text).label(name) for name in TEXTS),
    )
    .select_from(audit_chain.outerjoin(audit_events, audit_events.c.id == audit_chain.c.event_id, full=True))
)  # fmt: skip


def links_of(connection: Connection, after: int = 0) -> Iterator[Link]:
    """All lines in the chain's order, and at the end the events that no line has."""
    while rows := connection.execute(
        _WHOLE.where(audit_chain.c.seq > after).order_by(audit_chain.c.seq).limit(AT_A_TIME)
    ).all():
        yield from map(_link, rows)
        after = rows[-1].seq
    yield from map(_link, connection.execute(_WHOLE.where(audit_chain.c.seq.is_(None)).order_by(audit_events.c.id)))


def _link(row: Row[Any]) -> Link:
    return Link(row.seq, row.digest, row.hash, dict(row._mapping) if row.id is not None else None)


def _line_with(connection: Connection, digest: str) -> int | None:
    return connection.execute(select(audit_chain.c.seq).where(audit_chain.c.digest == digest)).scalar()


def _line_after(connection: Connection, previous: str, seq: int) -> int | None:
    """Asked once, of a chain that is broken: each line is tried."""
    links = connection.execute(select(audit_chain).order_by(audit_chain.c.seq))
    return next((row.seq for row in links if hash_of(previous, seq, row.digest) == row.hash), None)
