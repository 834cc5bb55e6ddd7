"""Lines of the audit as one file with its proof, for a court: who has it needs neither the database nor this program.

The lines that were asked for stand in it whole. Of those between them, and of all that follow up to the newest, only
the sums: enough to go along the chain, and nothing about anybody else.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from pydantic import AwareDatetime, BaseModel, ValidationError
from sqlalchemy import Connection, func, select

from robots.audit.chain import TEXTS, Anchor, Checked, Link, begins_at, check, hash_of, head, links_of
from robots.audit.reading import Wanted
from robots.errors import ConfigurationError, WrongInput
from robots.store import Store
from robots.store.schema import audit_chain, audit_events

FORMAT = "ragnhild-audit-1"


class _Anchor(BaseModel):
    seq: int
    hash: str


class _Event(BaseModel, extra="forbid"):
    id: int
    at: AwareDatetime
    by: str
    did: str
    about: str
    case_number: str
    for_whom: str
    reason: str
    place: str
    machine: str
    detail: str


class _Line(BaseModel, extra="forbid"):
    seq: int
    digest: str
    hash: str
    event: _Event | None = None


class Proof(BaseModel):
    """The file: which lines were asked for, and the chain from the first of them to the newest line there was."""

    format: str
    made_at: AwareDatetime
    asked: dict[str, Any]
    after: _Anchor
    head: _Anchor
    lines: list[_Line]

    @property
    def events(self) -> list[_Event]:
        return [line.event for line in self.lines if line.event]


def write_proof(store: Store, wanted: Wanted, asked: Mapping[str, Any], file: Path) -> int:
    """Write the file, for its owner alone, and return how many lines it has whole. ``asked`` is told in it in words.

    Raises ``WrongInput`` where no line is as it was asked for, ``ConfigurationError`` where there is such a file.
    """
    with store.engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection, connection.begin():
        lines = {row.id: row.seq for row in connection.execute(_numbered.where(*wanted.conditions))}
        if not lines:
            raise WrongInput("Händelser", "", "Inga rader i händelseloggen är sådana som du har bett om.")
        newest = head(connection)
        if None in lines.values() or newest is None:
            raise ConfigurationError("Händelseloggen är inte hel. Se vad som är fel med: ragnhild audit verify")
        after = _before(connection, min(lines.values()))
        told = {
            "format": FORMAT, "made_at": connection.execute(select(func.clock_timestamp())).scalar_one().isoformat(),
            "asked": dict(asked), "after": after._asdict(), "head": newest._asdict(),
        }  # fmt: skip
        _write(file, told, (_told(link, lines) for link in links_of(connection, after.seq) if link.seq))
    return len(lines)


_numbered = select(audit_events.c.id, audit_chain.c.seq).outerjoin(
    audit_chain, audit_chain.c.event_id == audit_events.c.id
)


def _before(connection: Connection, seq: int) -> Anchor:
    row = connection.execute(select(audit_chain).where(audit_chain.c.seq == seq - 1)).first()
    return Anchor(row.seq, row.hash) if row else begins_at(connection) or Anchor(0, "")


def _told(link: Link, found: Collection[int]) -> dict[str, Any]:
    told: dict[str, Any] = {"seq": link.seq, "digest": link.digest, "hash": link.hash}
    if link.event and link.event["id"] in found:
        event = {name: link.event[name] for name in ("id", "at", *TEXTS)}
        told["event"] = event | {"at": event["at"].isoformat()}
    return told


def _write(file: Path, told: Mapping[str, Any], lines: Iterable[dict[str, Any]]) -> None:
    """A line of the chain a line of the file, however many they are."""
    try:
        written = os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(f"Filen {file} gick inte att skriva: {error.strerror}.") from None
    with written:
        written.write(json.dumps(told, ensure_ascii=False, indent=1)[:-2] + ',\n "lines": [')
        for number, line in enumerate(lines):
            written.write(("," if number else "") + "\n  " + json.dumps(line, ensure_ascii=False))
        written.write("\n ]\n}\n")


def read_proof(file: Path) -> Proof:
    """Raises ``WrongInput`` for what is no such file."""
    try:
        found = Proof.model_validate_json(file.read_bytes())
    except OSError as error:
        raise WrongInput("Fil", str(file), f"Filen går inte att läsa: {error.strerror}.") from None
    except ValidationError:
        raise WrongInput("Fil", str(file), "Det är ingen fil som «ragnhild audit export» har skrivit.") from None
    if found.format != FORMAT:
        raise WrongInput("Fil", str(file), f"Filen är av ett annat slag ({found.format[:40]}).")
    return found


def verify_proof(proof: Proof, anchors: list[Anchor]) -> Checked:
    """Whether the file is whole, to its own newest line and to what is known from elsewhere."""
    by_digest = {line.digest: line.seq for line in proof.lines}

    def follows(previous: str, seq: int) -> int | None:
        return next((line.seq for line in proof.lines if hash_of(previous, seq, line.digest) == line.hash), None)

    links = (
        Link(line.seq, line.digest, line.hash, line.event.model_dump() if line.event else None) for line in proof.lines
    )
    after, newest = Anchor(**proof.after.model_dump()), Anchor(**proof.head.model_dump())
    # What is older or newer than the file is not for it to say.
    within = [anchor for anchor in anchors if after.seq <= anchor.seq <= newest.seq]
    found = check(
        links, begins_at=after if after.seq else None, whole=False, anchors=[newest, *within], where=by_digest.get,
        follows=follows,
    )  # fmt: skip
    found.unknown = [anchor for anchor in anchors if anchor not in within]
    return found


def read_anchor(told: str) -> Anchor:
    """``1234:<hash>`` as it is written in a log, a digest or a backup, or the path of a backup's manifest.

    Raises ``WrongInput``.
    """
    path = Path(told)
    with suppress(OSError):  # longer than a path may be
        if path.is_dir():
            path /= "manifest.json"
        if path.is_file():
            try:
                told = str(json.loads(path.read_text("utf-8")).get("audit_head", ""))
            except (ValueError, AttributeError, RecursionError):
                told = ""
    seq, _colon, hashed = told.partition(":")
    if not re.fullmatch(r"[0-9]{1,18}", seq) or len(hashed) != 64 or set(hashed) - set("0123456789abcdef"):
        raise WrongInput("Ankare", str(path)[:80], "Ange raden som 1234:…, eller en säkerhetskopias mapp.")
    return Anchor(int(seq), hashed)
