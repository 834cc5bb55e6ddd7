"""What is noted in the audit: by whom, about what, for whom, from where; and that each deed has its words."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import select, update

from robots.audit.chain import verify
from robots.audit.reading import Wanted, noted
from robots.effects import DEEDS as OF_EFFECTS
from robots.effects import Ledger
from robots.evidence import Recorder
from robots.portal.deeds import DEEDS, PLACES
from robots.queue import pauses
from robots.queue.attempts import Outcome, finish
from robots.queue.claims import claim
from robots.queue.orders import cancel, retry
from robots.settings import Settings
from robots.store import Store
from robots.store.processes import this_process
from robots.store.schema import orders, runs
from robots.systems import drawing_archive
from robots.systems.population_register.driver import REASON, Reader
from robots.worker.systems_at_work import SystemsAtWork
from tests.saying import Say
from tests.unit.desks import Desk, desk_over
from tests.unit.runs import new_attempt, new_run

ROBOTS = Path(pauses.__file__).parents[1]
CASE = "KC-26110042-4"
# Whatever takes a deed's word, and among its arguments where.
NOTING = {
    "note": 2,
    "note_robot": 2,
    "note_look": 3,
    "_change": 3,
    "_note": 1,
    "_note_reader": 2,
    "run_in_threadpool": 4,
}


def words_noted() -> set[str]:
    """Every short word that the code gives to what notes it, and those that SQL notes."""
    found = {*OF_EFFECTS.values(), *pauses.DEEDS.values(), "audit_forgotten", "started"}
    for file in ROBOTS.rglob("*.py"):
        if "practice" in file.parts:
            continue
        for call in (each for each in ast.walk(ast.parse(file.read_text("utf-8"))) if isinstance(each, ast.Call)):
            place = NOTING.get(getattr(call.func, "id", ""), len(call.args))
            found |= {str(each.value) for each in call.args[place : place + 1] if isinstance(each, ast.Constant)}
    return found


def test_every_deed_in_the_code_has_its_words_and_no_other() -> None:
    assert words_noted() == DEEDS.keys()


@pytest.fixture
def run_of_case(store: Store) -> int:
    run = new_run(store, state="queued")
    with store.begin() as connection:
        connection.execute(update(runs).where(runs.c.id == run).values(case_number=CASE, started_by="gun"))
    return run


def told(store: Store, **wanted: Any) -> list[tuple[str, ...]]:
    rows = noted(store, Wanted(**wanted))[::-1]
    return [(row.by, row.did, row.for_whom, row.reason, row.detail.get("system", "")) for row in rows]


def test_the_audit_alone_tells_who_has_looked_at_a_case_when_and_why(
    store: Store, machine: Settings, run_of_case: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    claimed = claim(store, run_of_case, this_process())
    assert claimed is not None
    at_work = SystemsAtWork(machine, store, claimed, None, None)  # type: ignore[arg-type]

    def killed(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(SystemsAtWork, "_bench", killed)
    with pytest.raises(KeyboardInterrupt):  # on the way in: what may have been seen after it is accounted for
        at_work.driver(drawing_archive.Reader)
    register = Reader.__new__(Reader)
    recorder = Recorder.__new__(Recorder)
    recorder._store, recorder._run_id = store, run_of_case
    register.bench = SimpleNamespace(recorder=recorder)  # type: ignore[assignment]
    monkeypatch.setattr(Reader, "open", lambda *_, **__: None)
    monkeypatch.setattr(Reader, "_fill_in", lambda *_: None)
    monkeypatch.setattr(Reader, "_ask", killed)
    with pytest.raises(KeyboardInterrupt):
        register._look_up("19800101-9802", CASE)  # type: ignore[arg-type]
    ledger = Ledger(
        store, run_id=run_of_case, attempt_id=claimed.attempt_id, task="example", case_number=CASE, subject="prov"
    )
    for name, ends in (("ett", "confirm"), ("två", "duplicate"), ("tre", "doubt"), ("fyra", "refuse")):
        effect = ledger.intend("archive", "save", name)
        ledger.arm(effect, "prov")
        getattr(ledger, ends)(effect, "kvittens", *(["sedd"] if ends == "confirm" else []))
    finish(store, claimed, Outcome("done"))
    assert told(store, case_number=CASE) == [
        ("ada", "looked_in", "gun", "example", "drawing_archive"),
        ("ada", "looked_up_person", "gun", f"{REASON} {CASE}", "population_register"),
        ("ada", "changed", "gun", "", "archive"),
        ("ada", "changed", "gun", "", "archive"),
        ("ada", "unclear", "gun", "", "archive"),
        ("ada", "ended", "gun", "", ""),
    ]
    assert "19800101" not in str([dict(row._mapping) for row in noted(store, Wanted())])
    assert verify(store).fault is None


def test_an_order_is_in_the_audit_with_the_order_itself_or_neither_is(
    store: Store, run_of_case: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    cancel(store, run_of_case, by="adam", reason="fel ärende")
    assert told(store, about=f"K-{run_of_case}") == [("adam", "stopped", "", "fel ärende", "")]
    monkeypatch.setattr(pauses, "note", lambda *_, **__: 1 / 0)
    for order in (
        lambda: retry(store, run_of_case, by="adam"),
        lambda: pauses.pause(store, pauses.EVERYTHING, by="adam", reason="x"),
    ):
        with pytest.raises(ZeroDivisionError):
            order()
    with store.begin() as connection:
        assert [row.order for row in connection.execute(select(orders))] == ["cancel"]
    assert pauses.pauses_now(store) == []


def test_every_order_has_a_deed() -> None:
    """What the code orders is what the audit can name."""
    found = set()
    for file in ROBOTS.rglob("*.py"):
        found |= set(re.findall(r'write_order\(\s*connection, "([a-z ]+)"', file.read_text("utf-8")))
    found |= {"approve", "deny", "retry", "again"}  # given as values
    assert found == pauses.DEEDS.keys()


# -- the command line and the portal ----------------------------------------------------------------------------------


@pytest.fixture
def here(machine: Settings, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    named = {"DATA_DIR": machine.data_dir, "CONFIG_DIR": machine.config_dir, "DATABASE_URL": store.url}
    for name, value in named.items():
        monkeypatch.setenv(f"RAGNHILD_{name}", str(value))


@pytest.mark.usefixtures("here")
def test_the_command_line_lists_verifies_and_exports_and_is_in_it_itself(
    store: Store, say: Say, run_of_case: int, tmp_path: Path
) -> None:
    say("cancel", f"K-{run_of_case}", "--reason", "fel ärende")
    say("show", f"K-{run_of_case}")
    code, words = say("audit", "--case", CASE, "--json")
    events = json.loads(words)["events"]
    assert (code, [(e["did"], e["place"], e["case_number"]) for e in events]) == (
        0, [("looked", "cli", CASE), ("stopped", "cli", CASE)],
    )  # fmt: skip
    code, words = say("audit", "--about", str(run_of_case))
    assert (code, "stoppade körningen" in words, "kommandoraden" in words) == (0, True, True)
    assert "Inga sådana" in say("audit", "--to", "2020-01-01")[1]
    assert say("audit", "--from", "i går")[0] == 2
    code, words = say("audit", "verify")
    anchor = words.split("annanstans: ")[1].split()[0]
    assert (code, "Händelseloggen är hel" in words) == (0, True)
    assert say("audit", "verify", "--anchor", anchor)[0] == 0
    file = tmp_path / "bevis.json"
    assert say("audit", "export", "--case", CASE, "--out", str(file))[0] == 0
    assert say("audit", "verify", "--file", str(file), "--anchor", anchor)[0] == 0
    assert "audit_exported" in {row.did for row in noted(store, Wanted(did=["audit_exported", "audit_read"]))}
    with store.begin() as connection:
        connection.exec_driver_sql("alter table audit_events disable trigger user")
        connection.exec_driver_sql("update audit_events set by = 'ingen' where did = 'stopped'")
        connection.exec_driver_sql("alter table audit_events enable trigger user")
    code, words = say("audit", "verify")
    assert (code, "Rad 1 är ändrad" in words) == (1, True)
    assert json.loads(say("audit", "verify", "--json")[1])["fault"]["kind"] == "changed"


@pytest.fixture
def desk(machine: Settings, store: Store) -> Iterator[Desk]:
    with desk_over(machine, store) as opened:
        yield opened


def test_the_page_says_it_in_words_and_how_far_the_chain_is_whole(desk: Desk, run_of_case: int) -> None:
    new_attempt(desk.store, run_of_case)
    desk.person("gun").get(f"/runs/{run_of_case}")
    rut = desk.person("rut")
    shown = rut.get(f"/audit?case={CASE}&did=looked").text
    for words in ("läste körningen", "portalen", CASE, "Kedjan är hel från rad 1 till och med rad"):
        assert words in shown, words
    assert "<td>looked</td>" not in shown
    assert f"K-{run_of_case}</a>" not in rut.get("/audit?did=logged_in").text
    with desk.store.begin() as connection:
        connection.exec_driver_sql("alter table audit_events disable trigger user")
        connection.exec_driver_sql("update audit_events set by = 'ingen' where did = 'looked'")
        connection.exec_driver_sql("alter table audit_events enable trigger user")
    assert "är ändrad vid rad" in rut.get("/audit?check=true").text
    assert set(PLACES) == {"portal", "api", "cli", "service"}
