"""Full traces: who may order one and why, what is left when one is scrubbed and searched, and that a week is a week."""

from __future__ import annotations

import base64
import io
import json
import shutil
import zipfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from sqlalchemy import select

from robots.errors import ConfigurationError, WrongInput
from robots.evidence import full_trace
from robots.evidence.full_trace import (
    KEPT_DAYS,
    TraceRefused,
    finds,
    name_of,
    remove_old_traces,
    safe_trace,
    there_now,
    traces_of,
)
from robots.evidence.keys import Keys
from robots.evidence.redaction import Known
from robots.evidence.sealed import RunEvidence
from robots.queue.runs import find_run, list_runs
from robots.queue.traces import order_trace
from robots.retention.nights import Nights
from robots.retention.plan import read_plan
from robots.settings import Settings
from robots.store import Store
from robots.store.schema import audit_events
from robots.task_files import LoadedTasks
from tests.saying import Say
from tests.unit.desk_runs import Robot, new_case, noted, seated
from tests.unit.desks import Desk, desk_over
from tests.unit.kept import Household, made_by
from tests.unit.old_cases import plan_text
from tests.unit.sealed_runs import own_machine, run_of

NAME, NUMBER, SECRET = "Tova Testdotter", "19811118-9802", "hemligt-lösen-17"
CONTENT = b"PK a trace"
WEB = "http://127.0.0.1:1/arenden"


@pytest.fixture
def known() -> Known:
    known = Known()
    known.add([NAME, NUMBER])
    known.add_secrets([SECRET])
    return known


# -- scrubbed and searched --------------------------------------------------------------------------------------------


def zipped(**files: str | bytes) -> bytes:
    """``trace_network`` is the file ``trace.network``; the others are what the browser was sent."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as written:
        for name, content in files.items():
            written.writestr(name.replace("trace_", "trace.").replace("resources_", "resources/"), content)
    return made.getvalue()


def lines(*events: dict[str, Any]) -> str:
    return "".join(json.dumps(event) + "\n" for event in events)


def snapshot(*html: Any) -> dict[str, Any]:
    told = {"frameUrl": f"{WEB}?namn={NAME}", "resourceOverrides": [], "html": ["HTML", {}, *html], "frameId": "f"}
    return {"type": "frame-snapshot", "snapshot": told}


def exchange() -> dict[str, Any]:
    headers = [{"name": "Content-Type", "value": "text/html"}, {"name": "Set-Cookie", "value": f"sid={SECRET}"}]
    request = {"method": "POST", "url": f"{WEB}/nytt?namn={NAME}", "headers": headers, "cookies": [{"value": SECRET}],
               "queryString": [{"name": "namn", "value": NAME}], "postData": {"text": f"namn={NAME}"}}  # fmt: skip
    response = {"status": 302, "statusText": "Found", "headers": headers, "redirectURL": f"{WEB}/{NAME}",
                "content": {"mimeType": "text/html", "_sha1": "ab.html", "text": NAME}}  # fmt: skip
    return {"type": "resource-snapshot", "snapshot": {"request": request, "response": response, "time": 1}}


EVENTS = (
    {"type": "context-options", "browserName": "chromium", "options": {}},
    {"type": "before", "callId": "1", "method": "fill", "params": {"selector": "label=Namn", "value": NAME}},
    {"type": "before", "callId": "2", "method": "goto", "params": {"url": f"{WEB}?namn={NAME}", "timeout": 1}},
    {"type": "log", "callId": "1", "message": f'fill("{NAME}") in <input value="{NAME}">'},
    {"type": "after", "callId": "1", "result": {"value": NAME}, "error": {"name": "E", "message": f"<td>{NAME}</td>"}},
    {"type": "console", "text": f"sparade {NUMBER}", "args": [{"preview": NAME, "value": NAME}]},
    {"type": "screencast-frame", "sha1": "bild.jpeg"},
    snapshot(
        ["TITLE", {}, "Ärende"],
        ["LABEL", {"for": "namn"}, "Namn"],
        ["INPUT", {"id": "namn", "value": NAME, "__playwright_value_": NAME, "placeholder": "Förnamn Efternamn"}],
        ["BUTTON", {"data-person": NUMBER}, "Spara"],
        ["TABLE", {}, ["TR", {}, ["TD", {"title": NAME}, NAME, ["BUTTON", {}, NAME]]]],
        ["P", {}, f"Hej {NAME}"], ["A", {"href": f"{WEB}?person={NUMBER}"}, NAME], [[1, 4]],
    ),
)  # fmt: skip


def raw() -> bytes:
    sent: dict[str, str | bytes] = {
        "resources_ab12cd34.css": "b{color:red}", "resources_ab12cd34.html": NAME, "resources_ab12cd34.jpeg": b"x",
    }  # fmt: skip
    return zipped(
        trace_trace=lines(*EVENTS), trace_network=lines(exchange()), **sent,
        trace_stacks=json.dumps({"files": ["/hem/ada/ragnhild/tasks/send.py"], "stacks": [["1", [[0, 7, 1, "f"]]]]}),
    )  # fmt: skip


def opened(content: bytes) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(content)) as files:
        return {name: files.read(name).decode() for name in files.namelist()}


def test_what_names_things_stays_and_all_else_is_gone(known: Known) -> None:
    kept = opened(safe_trace(raw(), known))
    assert sorted(kept) == ["resources/ab12cd34.css", "trace.network", "trace.stacks", "trace.trace"]
    told = "".join(kept.values())
    assert not [each for each in (NAME, NAME.split(maxsplit=1)[0], NUMBER, SECRET, "/hem/ada") if each in told]
    assert all(
        each in told for each in ("Spara", "Ärende", "label=Namn", "tasks/send.py", "color:red", '"status": 302')
    )
    events = [json.loads(line) for line in kept["trace.trace"].splitlines()]
    assert [each["type"] for each in events] == [each["type"] for each in EVENTS if each["type"] != "screencast-frame"]
    (page,) = (each["snapshot"]["html"] for each in events if each["type"] == "frame-snapshot")
    tags = [each[0] for each in page[2:]]
    assert tags == ["TITLE", "LABEL", "INPUT", "BUTTON", "TABLE", "P", "A", [1, 4]], "no node is lost"
    (asked,) = (json.loads(line)["snapshot"]["request"] for line in kept["trace.network"].splitlines())
    assert [each["name"] for each in asked["headers"]] == ["Content-Type"]
    assert "postData" not in asked


def test_control_what_is_not_scrubbed_is_refused_and_its_words_tell_nothing(
    known: Known, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(full_trace, "scrubbed", lambda content, _clean: content)
    with pytest.raises(TraceRefused, match="hemlighet") as refused:
        safe_trace(raw(), known)
    assert not [each for each in (NAME, NUMBER, SECRET) if each in str(refused.value)]


@pytest.mark.parametrize("value", [NAME, NUMBER, SECRET])
@pytest.mark.parametrize(
    "written",
    [
        str, quote, lambda told: "".join(f"&#{ord(each)};" for each in told), json.dumps, str.upper,
        lambda told: base64.b64encode(f"x{told}".encode()).decode(), lambda told: told.encode().hex(),
        lambda told: told.replace("-", "\u2013").replace(" ", "\n"),
        lambda told: told.encode("utf-16").decode("latin-1"),
    ],
    ids=["plain", "web address", "html", "json", "capitals", "base64", "hex", "odd dashes", "utf-16"],
)  # fmt: skip
def test_it_is_found_in_every_writing(known: Known, value: str, written: Callable[[str], str]) -> None:
    assert list(finds(zipped(**{"resources_ab12cd34.css": f"/* {written(value)} */".encode()}), known))


def test_a_number_that_the_run_has_never_met_is_found_and_what_is_harmless_is_not(known: Known) -> None:
    assert set(finds(zipped(trace_trace="19900101-9811"), Known())) == {"personuppgift (zip trace.trace, plain)"}
    assert not list(finds(safe_trace(raw(), known), known))


@pytest.mark.parametrize(
    "content", [b"", b"PK", zipped(trace_trace="{}"), zipped(trace_trace="[1]"), zipped(trace_stacks="1")]
)
def test_what_is_no_trace_is_told_from_one(known: Known, content: bytes) -> None:
    with pytest.raises(ValueError, match=r"no trace|Expecting"):
        safe_trace(content, known)


# -- ordered ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def desk(machine: Settings, store: Store) -> Iterator[Desk]:
    with desk_over(machine, store) as seats:
        yield seats
    shutil.rmtree(machine.evidence_dir, ignore_errors=True)


def ordered(store: Store) -> list[tuple[str, str, str]]:
    with store.begin() as connection:
        asked = connection.execute(select(audit_events).where(audit_events.c.did == "trace_ordered"))
        return [(row.by, row.about, row.reason) for row in asked]


def test_it_is_ordered_with_a_reason_and_of_a_run_that_has_not_begun(desk: Desk, tasks: LoadedTasks) -> None:
    run = Robot(desk, tasks)
    for reason in (" \n", "x" * 501):
        with pytest.raises(WrongInput, match="Skriv varför"), desk.store.begin() as connection:
            order_trace(connection, run.id, by="ada", reason=reason)
    with desk.store.begin() as connection:
        order_trace(connection, run.id, by="ada", reason=" Kartan\nfastnar ")
    assert (find_run(desk.store, run.id).trace_reason, ordered(desk.store)) == (
        "Kartan fastnar", [("ada", f"K-{run.id}", "Kartan fastnar")]
    )  # fmt: skip
    assert run.begin().traced
    other = Robot(desk, tasks)
    assert not other.begin().traced
    with pytest.raises(WrongInput, match="redan börjat"), desk.store.begin() as connection:
        order_trace(connection, other.id, by="ada", reason="Kartan fastnar")


def test_a_leader_orders_it_with_the_run_and_a_guide_cannot(desk: Desk) -> None:
    form = {"case_number": new_case(), "property_id": "EKBACKEN 3:14", "_trace": "Kartan fastnar"}
    gun, lena = seated(desk, "gun"), seated(desk, "lena")
    assert 'name="_trace"' not in gun.get("/run/send-drawings").text
    assert 'name="_trace"' in lena.get("/run/send-drawings").text
    refused = gun.send_form("/run/send-drawings", _key="k1", **form)
    assert "Ditt konto får inte beställa fullständiga spår." in refused.text
    assert ordered(desk.store) == []
    for _ in range(2):
        assert lena.send_form("/run/send-drawings", _key="k2", **form).status_code == 303
    (run,) = list_runs(desk.store)
    assert ordered(desk.store) == [("lena", f"K-{run.id}", "Kartan fastnar")]


# -- kept, looked at and gone -----------------------------------------------------------------------------------------


@pytest.fixture
def own(machine: Settings, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    return own_machine(machine, store, tmp_path / "own", monkeypatch)


def lay(settings: Settings, store: Store, run_id: int, days: float = 0) -> tuple[RunEvidence, str]:
    """A trace of so many days ago."""
    traces = traces_of(settings.evidence_dir, run_id, Keys.of(settings, store))
    traces.folder.mkdir(parents=True, exist_ok=True)
    file = name_of(1, datetime.now(UTC) - timedelta(days=days))
    traces.write(file, CONTENT)
    return traces, file


def test_it_is_downloaded_by_who_may_see_personal_data_and_that_is_noted(desk: Desk, tasks: LoadedTasks) -> None:
    run = Robot(desk, tasks)
    with desk.store.begin() as connection:
        order_trace(connection, run.id, by="lena", reason="Kartan fastnar")
    run.end(run.begin())
    _, old = lay(desk.settings, desk.store, run.id, KEPT_DAYS + 0.01)
    traces, file = lay(desk.settings, desk.store, run.id)
    assert (traces.folder / file).read_bytes().startswith(b"RGN1")
    lena, adam = seated(desk, "lena"), seated(desk, "adam")
    there = f"{run.page}/trace/{file}"
    assert there in lena.get(run.page).text
    assert there not in adam.get(run.page).text
    assert lena.get(there).content == CONTENT
    assert ("lena", "downloaded_trace") in noted(desk.store, run.id)
    for gone in (f"{run.page}/trace/{old}", f"{run.page}/trace/..%2Freport.html"):
        assert lena.get(gone).status_code == 404
    assert (adam.get(there).status_code, seated(desk, "olle").get(there).status_code) == (403, 404)


def test_the_command_lays_it_in_a_file_of_ones_own(own: Settings, store: Store, say: Say, tmp_path: Path) -> None:
    run_id, out = run_of(store), tmp_path / "out"
    out.mkdir()
    code, told = say("trace", f"K-{run_id}", "--out", out)
    assert (code, "Det finns inget fullständigt spår" in told) == (2, True)
    _, file = lay(own, store, run_id)
    assert say("trace", f"K-{run_id}", "--out", out)[0] == 0
    (laid,) = out.iterdir()
    assert (laid.name, laid.read_bytes(), laid.stat().st_mode & 0o77) == (f"K-{run_id}-{file}", CONTENT, 0)


def test_after_a_week_it_is_gone_whatever_is_decided(own: Settings, store: Store) -> None:
    run_id = run_of(store)
    kept, file = lay(own, store, run_id, KEPT_DAYS - 0.1)
    lay(own, store, run_id, KEPT_DAYS + 0.1)
    (kept.folder / "02.part").write_bytes(b"half of one")
    Nights(own.model_copy(update={"retention_at": ""}), store, rows=True).look()
    assert {path.name for path in kept.folder.iterdir()} == {file, "02.part"}
    assert there_now(kept) == [file]
    later = datetime.now(UTC) + timedelta(days=KEPT_DAYS)
    assert (remove_old_traces(own.evidence_dir, later), list(kept.folder.iterdir())) == (2, [])


def test_nobody_decides_on_more_than_a_week(tmp_path: Path) -> None:
    plan = tmp_path / "retention.toml"
    plan.write_text(plan_text(spår="7 dagar"), "utf-8")
    assert read_plan(plan).rules["spår"].kept.days == KEPT_DAYS
    plan.write_text(plan_text(spår="8 dagar"), "utf-8")
    with pytest.raises(ConfigurationError, match="spår sparas i högst 7 dagar"):
        read_plan(plan)


def test_it_is_in_no_backup(home: Household, say: Say, tmp_path: Path) -> None:
    _, file = lay(home.settings, home.store, home.done)
    made = made_by(say, tmp_path / "backups")
    assert not [path for path in made.rglob("*") if file in path.name or path.name == "traces"]
