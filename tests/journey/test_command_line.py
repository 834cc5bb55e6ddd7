"""The command line as a person uses it: real commands as processes of their own, judged by the town."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import psutil
import pytest
from sqlalchemy import text

from robots.cli.services import TOWN_FILE
from robots.cli.town import LOOKER, Town, join_town
from robots.queue.runs import find_run, list_runs, worker_alive
from robots.settings import load_settings
from robots.store import Store
from tests.journey.commands import resident, wait_until
from tests.saying import Say

pytestmark = pytest.mark.browser
SECONDS = 120.0


def _typed(town: Town, twist: str = "normal") -> list[str]:
    case = town.cases("drawings", twist)[0]
    return ["run", "send-drawings", "--case-number", case["number"], "--property", case["property_id"]]


def test_shows_what_it_would_send_then_sends_it_once_and_says_so_when_asked_again(
    town: Town, store: Store, say: Say, ragnhild: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    told = ragnhild(*_typed(town), "--dry-run")
    assert told.returncode == 0, told.stderr
    assert town.truth() == []
    assert town.mail() == []
    assert "Det här var en provkörning: inget är sparat i något system." in told.stdout
    pictures = re.findall(r"^Bild av det ifyllda formuläret: (\S+\.jpg) i rapporten$", told.stdout, re.MULTILINE)
    assert len(set(pictures)) == 3
    assert say("report", "K-1", "--out", tmp_path / "report.html")[0] == 0
    assert (tmp_path / "report.html").read_text("utf-8").count("data:image/jpeg") >= 3

    # A dry run is no answer to the real request: that one still sends.
    first = ragnhild(*_typed(town))
    assert first.returncode == 0, first.stderr
    assert "Ingen worker är igång" in first.stderr
    assert [change["kind"] for change in town.truth("case_management")] == ["message_sent", "note_added", "status_set"]
    receipts = re.findall(r"Kvittens för (?:ritningar|anteckning|avslut): (\S+) \(märkning R-", first.stdout)
    assert len(receipts) == 3

    code, again = say(*_typed(town))
    assert code == 0
    assert re.search(r"Redan gjort \d{4}-\d\d-\d\d \d\d:\d\d:\d\d: körning K-2 ", again)
    assert all(receipt in again for receipt in receipts)
    assert len(town.truth()) == 3
    assert len(list_runs(store)) == 2

    shown = json.loads(say("show", "K-2", "--json")[1])
    assert [e["receipt"] for e in shown["effects"]] == receipts
    assert Path(shown["report"]).is_file()
    assert [r["run"] for r in json.loads(say("runs", "--json")[1])["runs"]] == ["K-2", "K-1"]


def test_wrong_input_is_told_all_at_once_and_nothing_is_asked_for(
    town: Town, store: Store, ragnhild: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    told = ragnhild("run", "send-drawings", "--case-number", "KC-26110042-9", "--property", "där borta", "--json")
    assert told.returncode == 2
    assert told.stdout == ""
    assert "Ärendenummer: 'KC-26110042-9' går inte att använda. Kontrollsiffran" in told.stderr
    assert "Fastighetsbeteckning: 'där borta' går inte att använda. Skriv" in told.stderr
    assert list_runs(store) == []
    assert town.truth() == []


@pytest.mark.long
def test_a_case_for_a_person_is_handed_over_once(
    town: Town, ragnhild: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    told = ragnhild(*_typed(town, "none_found"), "--json", "--as", "Eva Ek")
    assert told.returncode == 3, told.stderr
    document = json.loads(told.stdout)
    assert (document["outcome"], document["in_case"], document["started_by"]) == ("handed_over", True, "Eva Ek")
    assert document["reason"]
    assert document["todo"]
    assert [c["kind"] for c in town.truth()] == ["handed_over"]

    again = ragnhild(*_typed(town, "none_found"), "--json")
    assert again.returncode == 3
    assert json.loads(again.stdout)["already_done"] is True
    assert len(town.truth()) == 1


@pytest.mark.long
def test_a_worker_ends_its_runs_before_it_ends_itself(
    town: Town, store: Store, environment: dict[str, str], say: Say
) -> None:
    with resident(environment, "worker", "--slots", "1") as worker:
        wait_until(lambda: worker_alive(store))
        code, asked = say(*_typed(town), "--no-wait", "--json")
        assert (code, '"outcome": null' in asked) == (0, True)
        wait_until(lambda: find_run(store, 1).state != "queued")
        worker.send_signal(signal.SIGTERM)
        _, talk = worker.communicate(timeout=SECONDS)
    assert worker.returncode == 0, talk
    assert "Avslutar när pågående körningar är klara." in talk
    assert (find_run(store, 1).outcome, find_run(store, 1).attempts) == ("done", 1)
    assert len(town.truth()) == 3


@pytest.mark.long
def test_a_second_signal_ends_at_once_and_the_run_is_done_once_later(
    town: Town,
    store: Store,
    environment: dict[str, str],
    say: Say,
    ragnhild: Callable[..., subprocess.CompletedProcess[str]],
) -> None:
    town.fault("drawing_archive", "slow", path="/traffar", seconds=60)
    with resident(environment, "worker", "--slots", "1") as worker:
        wait_until(lambda: worker_alive(store))
        assert say(*_typed(town), "--no-wait")[0] == 0
        wait_until(lambda: town.ask("/faults")["set"][0]["hits"])
        started = psutil.Process(worker.pid).children(recursive=True)
        before = time.monotonic()
        worker.send_signal(signal.SIGINT)
        time.sleep(0.5)  # two signals at the same moment are one signal
        worker.send_signal(signal.SIGINT)
        worker.communicate(timeout=SECONDS)
    assert time.monotonic() - before < 15
    _, alive = psutil.wait_procs(started, timeout=5)
    assert alive == []
    assert find_run(store, 1).outcome is None
    assert town.truth() == []

    town.clear_faults()
    again = ragnhild(*_typed(town))
    assert again.returncode == 0, again.stderr
    assert "Redan beställd: körning K-1" in again.stderr
    assert len(town.truth()) == 3


def test_practice_tells_where_and_who_and_no_password(tmp_path: Path, environment: dict[str, str]) -> None:
    own = environment | {"RAGNHILD_DATA_DIR": str(tmp_path), "RAGNHILD_TOWN": ""}
    with resident(own, "practice", "--port", "0") as town:
        assert town.stdout is not None
        told = ""
        while "robot.svea" not in told:
            told += town.stdout.readline()
        address = f"http://127.0.0.1:{json.loads((tmp_path / TOWN_FILE).read_text())['port']}"
        assert httpx.get(f"{address}/health").is_success
        second = subprocess.run(
            [sys.executable, "-m", "robots", "practice"], env=own, capture_output=True, text=True,
            check=False, timeout=SECONDS,
        )  # fmt: skip
        assert (second.returncode, f"redan öppen på {address}" in second.stderr) == (1, True)
        assert httpx.get(f"{address}/health").is_success
        town.send_signal(signal.SIGINT)
        rest, talk = town.communicate(timeout=SECONDS)
    assert (town.returncode, "Övningskommunen är stängd." in talk) == (0, True)
    assert not (tmp_path / TOWN_FILE).exists()
    assert f"{address}/arenden" in told
    for name in (LOOKER, "ragnhild", "torvald", "svea"):
        assert str(tmp_path / "secrets" / name) in told
        assert (tmp_path / "secrets" / name).read_text() not in told + rest + talk


def test_who_does_not_want_to_wait_is_told_that_the_run_stays(
    town: Town, store: Store, environment: dict[str, str], say: Say
) -> None:
    with store.begin() as connection:  # a worker that gives signs of life and does nothing
        connection.execute(
            text("insert into procrastinate_workers (last_heartbeat) values (now() + interval '1 hour')")
        )
    with resident(environment, *_typed(town)) as waiting:
        wait_until(lambda: list_runs(store))
        time.sleep(1.0)  # until it waits; nothing outside the process tells
        waiting.send_signal(signal.SIGINT)
        _, talk = waiting.communicate(timeout=SECONDS)
    assert (waiting.returncode, "K-1 är inte slut: den ligger kvar." in talk) == (130, True)
    assert "Traceback" not in talk
    assert find_run(store, 1).state == "queued"
    assert say("cancel", "1")[0] == 0
    assert say(*_typed(town))[0] == 1
    assert town.truth() == []


def test_a_missing_browser_is_told_at_once(town: Town, store: Store, environment: dict[str, str]) -> None:
    told = subprocess.run(
        [sys.executable, "-m", "robots", *_typed(town)], env=environment | {"RAGNHILD_BROWSER": "/nowhere/chrome"},
        capture_output=True, text=True, check=False, timeout=SECONDS,
    )  # fmt: skip
    assert (told.returncode, "Webbläsaren /nowhere/chrome finns inte." in told.stderr) == (2, True)
    assert "Traceback" not in told.stderr


def test_up_is_all_that_one_machine_needs(tmp_path: Path, environment: dict[str, str]) -> None:
    own = {name: value for name, value in environment.items() if name not in ("RAGNHILD_DATABASE_URL", "RAGNHILD_TOWN")}
    own["RAGNHILD_DATA_DIR"] = str(tmp_path)
    with resident(own, "up", "--practice", "--port", "0", "--slots", "1") as everything:
        assert everything.stderr is not None
        while "Igång." not in everything.stderr.readline():
            assert everything.poll() is None
        town = join_town(load_settings(data_dir=tmp_path))
        told = subprocess.run(
            [sys.executable, "-m", "robots", *_typed(town)], env=own, capture_output=True, text=True, check=False,
            timeout=SECONDS,
        )  # fmt: skip
        assert told.returncode == 0, told.stderr
        assert "Ingen worker är igång" not in told.stderr
        assert [c["kind"] for c in town.truth()] == ["message_sent", "note_added", "status_set"]
        town.stop()
        everything.send_signal(signal.SIGTERM)
        everything.communicate(timeout=SECONDS)
    assert everything.returncode == 0
    assert not (tmp_path / TOWN_FILE).exists()
    assert not (tmp_path / "database" / "postmaster.pid").exists()
