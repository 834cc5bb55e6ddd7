"""The audit's chain: whatever is changed in it afterwards is found, and named; and what is not, is not."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some
from sqlalchemy import Connection, func, select, text, update
from sqlalchemy.exc import DBAPIError

from robots.audit import chain
from robots.audit.chain import Anchor, sum_of, verify
from robots.audit.origin import coming_from
from robots.audit.proof import read_anchor, read_proof, verify_proof, write_proof
from robots.audit.reading import Wanted, noted
from robots.audit.writing import note
from robots.cli.audit import FAULTS
from robots.errors import ConfigurationError, WrongInput
from robots.store import Store
from robots.store.keeping.backup import make_backup
from robots.store.schema import audit_chain, runs
from tests.unit.runs import new_run

ROOT = Path(__file__).parents[2]
LINES = 8


@pytest.fixture
def lines(store: Store) -> Store:
    for number in range(1, LINES + 1):
        with store.begin() as connection:
            note(connection, f"p{number % 3}", "looked", f"K-{number}", reason=f"skäl {number}", page=number, å="«ö»")
    return store


@contextmanager
def by_hand(store: Store) -> Iterator[Connection]:
    """What somebody can do who has the database's own rights."""
    tables = ("audit_events", "audit_chain")
    with store.begin() as connection:
        for table in tables:
            connection.execute(text(f"alter table {table} disable trigger user"))
        yield connection
        for table in tables:
            connection.execute(text(f"alter table {table} enable trigger user"))


TAMPERED = {
    "update audit_events set reason = 'ett annat skäl' where id = 5": ("changed", 5),
    "update audit_events set at = at + interval '1 microsecond' where id = 5": ("changed", 5),
    """update audit_events set detail = '{"page": 5, "\\u00e5": "\\u00ab\\u00f6 \\u00bb"}' where id = 5""": (
        "changed",
        5,
    ),
    # What ends one field begins the next: without the lengths both would sum up alike.
    "update audit_events set did = did || left(about, 2), about = substr(about, 3) where id = 5": ("changed", 5),
    "update audit_events set by = did, did = by where id = 5": ("changed", 5),
    "delete from audit_events where id = 5": ("removed", 5),
    "delete from audit_chain where seq = 5": ("removed", 5),
    "delete from audit_events where id = 5; delete from audit_chain where seq = 5": ("removed", 5),
    "delete from audit_events where id < 3; delete from audit_chain where seq < 3": ("removed", 1),
    # Two lines change places: the events, what the links point to, and whole links.
    "update audit_events set id = -id where id in (5, 6); update audit_events set id = 11 + id where id < 0": (
        "changed",
        5,
    ),
    "update audit_chain set event_id = -event_id where seq in (5, 6); update audit_chain set event_id ="
    " case event_id when -5 then 6 else 5 end where event_id < 0": ("reordered", 5),
    "update audit_chain set seq = -seq where seq in (5, 6); update audit_chain set seq = case seq when -5 then 6 else 5"
    " end where seq < 0": ("reordered", 5),
    # Removed, and the others moved up; put in between, with sums of its own, and the others moved down.
    "delete from audit_events where id = 5; delete from audit_chain where seq = 5; update audit_chain set seq = seq - 1"
    " where seq > 5": ("broken", 5),
    "insert into audit_events (by, did) values ('x', 'looked')": ("inserted", LINES + 1),
    "update audit_chain set digest = audit_digest(e) from audit_events e where false;"
    "update audit_events set reason = 'nytt' where id = 5; update audit_chain set digest = audit_digest(e)"
    " from audit_events e where e.id = 5 and seq = 5": ("broken", 5),
}


@pytest.mark.parametrize(("order", "found"), TAMPERED.items(), ids=range(len(TAMPERED)))
def test_what_is_done_to_the_chain_is_found_and_named(lines: Store, order: str, found: tuple[str, int]) -> None:
    assert verify(lines).fault is None
    with by_hand(lines) as connection:
        for each in order.split(";"):
            connection.execute(text(each))
    fault = verify(lines).fault
    assert fault is not None
    assert (fault.kind, fault.seq) == found
    assert str(found[1]) in FAULTS[fault.kind].format(**vars(fault))


def test_what_is_summed_up_anew_and_what_is_cut_off_is_found_by_what_is_kept_elsewhere(lines: Store) -> None:
    known = verify(lines).head
    assert known is not None
    assert (known.seq, verify(lines, [known]).fault) == (LINES, None)
    with by_hand(lines) as connection:
        connection.execute(text("update audit_events set reason = 'nytt' where id = 5"))
        last = ""
        for row in connection.execute(select(audit_chain).order_by(audit_chain.c.seq)).all():
            digest = connection.execute(
                text("select audit_digest(e) from audit_events e where id = :id"), {"id": row.event_id}
            ).scalar_one()
            last = chain.hash_of(last, row.seq, digest)
            connection.execute(update(audit_chain).where(audit_chain.c.seq == row.seq).values(digest=digest, hash=last))
    assert verify(lines).fault is None, "nothing in the database tells"
    fault = verify(lines, [known]).fault
    assert fault is not None
    assert (fault.kind, fault.seq) == ("broken", LINES)
    with by_hand(lines) as connection:
        connection.execute(text("delete from audit_events where id > 6"))
        connection.execute(text("delete from audit_chain where seq > 6"))
    fault = verify(lines, [known]).fault
    assert fault is not None
    assert (fault.kind, fault.seq) == ("cut_off", 7)
    with by_hand(lines) as connection:
        connection.execute(text("delete from audit_chain"))
        connection.execute(text("delete from audit_events"))
    assert (verify(lines).head, verify(lines).fault) == (None, None)
    fault = verify(lines, [known]).fault
    assert fault is not None
    assert (fault.kind, fault.seq) == ("cut_off", 1)


def test_the_database_refuses_every_change(lines: Store) -> None:
    for table in ("audit_events", "audit_chain"):
        for order in (f"update {table} set {'by' if table == 'audit_events' else 'hash'} = 'x'", f"delete from {table}",
                      f"truncate {table}"):  # fmt: skip
            with pytest.raises(DBAPIError, match="only ever added to"), lines.begin() as connection:
                connection.execute(text(order))
    with lines.begin() as connection:
        connection.execute(text("set local ragnhild.audit_forgets = 'on'"))
        with pytest.raises(DBAPIError, match="only ever added to"):
            connection.execute(text("update audit_events set by = 'x'"))
    assert verify(lines).lines == LINES


def test_a_whole_beginning_goes_with_a_remark_and_what_remains_is_verified(lines: Store) -> None:
    old = verify(lines).head
    assert old is not None
    with lines.begin() as connection:
        forget = func.audit_forget(5, "adam", "gallringsbeslut 2026:4", "cli", "dator")
        assert connection.execute(select(forget)).scalar() == 5
    found = verify(lines, [old, Anchor(3, "0" * 64)])
    assert (found.fault, found.first, found.lines, [a.seq for a in found.unknown]) == (None, 6, 4, [3])
    remark = noted(lines, Wanted(did=["audit_forgotten"]))[0]
    assert (remark.by, remark.reason, remark.detail["through"], remark.detail["lines"]) == (
        "adam", "gallringsbeslut 2026:4", 5, 5,
    )  # fmt: skip
    with lines.begin() as connection:  # all there is
        assert connection.execute(select(func.audit_forget(9, "adam", "igen", "cli", "dator"))).scalar() == 4
    assert (verify(lines).fault, verify(lines).lines) == (None, 1)
    with by_hand(lines) as connection:
        connection.execute(text("""update audit_events set detail = '{"through": 9, "hash": "x", "lines": 4}'"""))
    fault = verify(lines).fault
    assert fault is not None
    assert fault.seq == 10


def test_many_at_once_are_one_chain_without_a_gap(store: Store) -> None:
    def one(number: int) -> None:
        with store.begin() as connection:
            note(connection, "gun", "looked", f"K-{number}")
            connection.execute(select(func.pg_sleep(0.002)))
            note(connection, "gun", "changed", f"K-{number}")
            if number % 5 == 0:
                connection.rollback()

    with ThreadPoolExecutor(8) as hands:
        list(hands.map(one, range(60)))
    found = verify(store)
    assert (found.fault, found.lines, found.head and found.head.seq) == (None, 96, 96)


def test_whoever_writes_for_long_holds_nobody_up(store: Store) -> None:
    with store.begin() as slow:
        note(slow, "gun", "looked")
        with store.begin() as quick:
            quick.execute(text("set local lock_timeout = '2s'"))
            note(quick, "lena", "looked")
    assert verify(store).lines == 2


@given(
    some.lists(some.text(some.characters(exclude_categories=["Cs"], exclude_characters="\0")), min_size=2, max_size=4)
)
def test_no_two_lists_of_fields_sum_up_alike(parts: list[str]) -> None:
    joined = [parts[0] + parts[1], *parts[2:]]
    moved = [parts[0] + parts[1][:1], parts[1][1:], *parts[2:]]
    assert sum_of(*parts) != sum_of(*joined)
    assert (sum_of(*parts) == sum_of(*moved)) is (parts == moved)


@pytest.mark.parametrize("told", ["", "å", "1:x", '{"a": "\\u00e5"}', "rad\nrad", "K-1'; --"])
def test_the_database_and_the_program_sum_up_alike(store: Store, told: str) -> None:
    with store.begin() as connection:
        note(connection, told, "looked", told, reason=told, what=told, nested={"ö": [1, 2.5, None, told]})
    assert verify(store).fault is None


# -- the file ---------------------------------------------------------------------------------------------------------


def test_a_file_has_what_was_asked_for_and_proves_it_and_nothing_about_others(
    lines: Store, tmp_path: Path, run_id: int
) -> None:
    with coming_from("cli"), lines.begin() as connection:
        connection.execute(update(runs).values(case_number="KC-26110042-4"))
        note(connection, "gun", "looked", f"K-{run_id}")
        note(connection, "lena", "looked", "K-999")
    file = tmp_path / "bevis.json"
    wanted = Wanted(case_number="KC-26110042-4")
    assert write_proof(lines, wanted, {"case": "KC-26110042-4"}, file) == 1
    assert file.stat().st_mode & 0o777 == 0o600
    proof = read_proof(file)
    assert [(event.by, event.place) for event in proof.events] == [("gun", "cli")]
    assert "lena" not in file.read_text("utf-8")
    known = verify(lines).head
    assert known is not None
    assert verify_proof(proof, [known]).fault is None
    assert verify_proof(proof, [Anchor(known.seq, "0" * 64)]).fault is not None
    assert verify_proof(proof, [Anchor(999, "0" * 64)]).unknown == [Anchor(999, "0" * 64)]
    with pytest.raises(ConfigurationError, match="gick inte att skriva"):
        write_proof(lines, wanted, {}, file)
    with pytest.raises(WrongInput, match="Inga rader"):
        write_proof(lines, Wanted(case_number="KC-26110043-2"), {}, tmp_path / "inga.json")
    assert read_anchor(str(known)) == known
    for wrong in ("", "5", "5:abc", "x:" + "0" * 64, str(tmp_path)):
        with pytest.raises(WrongInput):
            read_anchor(wrong)


def _alone(file: Path) -> subprocess.CompletedProcess[str]:
    """The program that docs/audit.md gives whoever has nothing but the file."""
    (program,) = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "audit.md").read_text("utf-8"), re.S)
    order = [sys.executable, "-I", "-c", program, str(file)]
    return subprocess.run(order, capture_output=True, text=True, timeout=60, check=False)


def test_a_file_that_was_changed_is_found_here_and_by_the_program_of_the_guide(lines: Store, tmp_path: Path) -> None:
    file = tmp_path / "bevis.json"
    write_proof(lines, Wanted(by="p2"), {"by": "p2"}, file)
    whole = json.loads(file.read_text("utf-8"))
    assert [line["event"]["about"] for line in whole["lines"] if "event" in line] == ["K-2", "K-5", "K-8"]
    assert _alone(file).returncode == 0, _alone(file).stderr

    def changed(change: Any) -> str:
        told = json.loads(json.dumps(whole))
        change(told)
        file.write_text(json.dumps(told), "utf-8")
        fault = verify_proof(read_proof(file), []).fault
        assert fault is not None
        return f"{fault.kind} {fault.seq}"

    def swap(told: Any) -> None:
        told["lines"][1], told["lines"][2] = told["lines"][2], told["lines"][1]

    def cut(told: Any) -> None:
        del told["lines"][-1]

    assert changed(lambda told: told["lines"][3]["event"].update(reason="ett annat")) == "changed 5"
    assert _alone(file).returncode == 1
    assert changed(swap) == "removed 3"
    assert changed(cut) == "cut_off 8"
    assert changed(lambda told: told["lines"].pop(2)) == "removed 4"
    assert changed(lambda told: told["after"].update(hash="0" * 64)) == "broken 2"
    file.write_text("{}")
    with pytest.raises(WrongInput, match="audit export"):
        read_proof(file)


def test_a_backup_tells_how_far_the_chain_had_come(lines: Store, tmp_path: Path) -> None:
    made = make_backup(lines, tmp_path, evidence=tmp_path / "none", sources={}, secrets=False)
    with lines.begin() as connection:
        note(connection, "gun", "looked")
    anchor = read_anchor(str(made.folder))
    assert (anchor.seq, verify(lines, [anchor]).fault) == (LINES, None)
    wrong = Anchor(anchor.seq, "0" * 64)
    for known in ([wrong], [anchor, wrong], [wrong, anchor]):
        assert verify(lines, known).fault == chain.Fault("broken", LINES, LINES)


def test_a_run_is_noted_with_its_case(store: Store) -> None:
    run = new_run(store)
    with store.begin() as connection:
        connection.execute(update(runs).values(case_number="KC-26110042-4"))
        note(connection, "gun", "looked", f"K-{run}")
        note(connection, "gun", "looked", "K-99999999999999999999")
    assert [row.case_number for row in noted(store, Wanted(by="gun"))] == ["", "KC-26110042-4"]
