"""Evidence on disk: sealed with its case's key, bound to its run and name, opened by nobody without the master key."""

from __future__ import annotations

import stat
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, cast

import pytest
from playwright.sync_api import Browser
from sqlalchemy import insert, select, text, update

from robots.errors import COVERED, ConfigurationError, EvidenceUnreadable
from robots.evidence.keys import Keys, destroy, lock_out_others, name_of, rewrap
from robots.evidence.master_key import SecretMasterKeys
from robots.evidence.redaction import Known
from robots.evidence.report import Caption, report_page
from robots.evidence.sealed import SEALED
from robots.queue.engine import RetryLater
from robots.queue.runs import find_run
from robots.settings import Settings, write_secret
from robots.sources.own_keys import EVIDENCE, new_key
from robots.store import Store
from robots.store.schema import audit_events, evidence_keys, run_events, runs
from robots.task_files import LoadedTasks
from robots.worker.attempt import attempt_run
from robots.worker.warm_browser import WarmBrowser
from tests.in_this_process import in_this_process
from tests.journey.commands import wait_until
from tests.saying import Say
from tests.sealing import TestMaster, keys_in
from tests.unit.runs import new_attempt
from tests.unit.sealed_runs import CASE, WORDS, evidence_of, own_machine, run_of, written


@pytest.fixture
def own(machine: Settings, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    return own_machine(machine, store, tmp_path, monkeypatch)


# -- files --------------------------------------------------------------------------------------------------------


def test_a_file_opens_as_it_was_written_and_in_no_other_way(own: Settings, store: Store) -> None:
    first, second = run_of(store), run_of(store)
    path = written(own, store, first)
    here, there = evidence_of(own, store, first), evidence_of(own, store, second)
    sealed = path.read_bytes()
    assert here.read("report.html") == WORDS  # the control of all below
    assert (sealed[:4], b"Testdotter" in sealed) == (SEALED, False)
    assert [each.name for each in here.folder.iterdir()] == ["report.html"]
    written(own, store, first, "again.html")
    assert (here.folder / "again.html").read_bytes()[12:] != sealed[12:]  # a nonce of its own
    for folder, name, content in (
        (there.folder, "report.html", sealed),  # another run of the same case, so the same key
        (here.folder, "01-001.jpg", sealed),
        (here.folder, "report.html", sealed[:-1]),
        (here.folder, "report.html", sealed[:10]),
        (here.folder, "report.html", sealed[:30] + bytes([sealed[30] ^ 1]) + sealed[31:]),
        (here.folder, "report.html", sealed[:11] + bytes([sealed[11] ^ 64]) + sealed[12:]),
        (here.folder, "report.html", WORDS),  # a run of these days has nothing that is not sealed
    ):
        (folder / name).write_bytes(content)
        evidence = there if folder == there.folder else here
        with pytest.raises(EvidenceUnreadable, match=r"går inte att öppna: filen är ändrad|finns inte i databasen"):
            evidence_of(own, store, evidence.run_id).read(name)
        path.write_bytes(sealed)
    with pytest.raises(FileNotFoundError):
        here.read("02-001.jpg")


def test_what_is_from_before_opens_and_is_sealed_when_asked(own: Settings, store: Store, say: Say) -> None:
    old = run_of(store, finished_at=text("now()"))
    new_attempt(store, old)
    folder = evidence_of(own, store, old).folder
    (folder / "report.html").write_bytes(WORDS)
    (folder / "report.part").write_bytes(WORDS[:5])
    assert evidence_of(own, store, old).read("report.html") == WORDS  # there is no key at all yet
    written(own, store, run_of(store))
    assert evidence_of(own, store, old).read("report.html") == WORDS
    assert say("evidence", "seal") == (0, "2 filer är låsta.\n")
    assert (folder / "report.html").read_bytes().startswith(SEALED)
    assert [each.name for each in folder.iterdir()] == ["report.html"]
    assert evidence_of(own, store, old).read("report.html") == WORDS
    assert say("evidence", "seal") == (0, "0 filer är låsta.\n")


def test_a_disk_that_takes_no_more_leaves_what_was(own: Settings, store: Store, monkeypatch: Any) -> None:
    path = written(own, store, run_of(store))
    before = path.read_bytes()

    def full(self: Path, content: bytes) -> int:
        with self.open("wb") as file:
            file.write(content[:5])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OSError, match="No space"):
        evidence_of(own, store, int(path.parent.name)).write("report.html", b"x")
    assert (path.read_bytes(), list(path.parent.iterdir())) == (before, [path])


# -- keys ---------------------------------------------------------------------------------------------------------


def test_a_case_has_one_key_until_it_is_destroyed(store: Store) -> None:
    first, second, other, alone = run_of(store), run_of(store), run_of(store, "KC-26110002-6"), run_of(store, None)
    keys = {run_id: keys_in(store).for_run(run_id) for run_id in (first, second, other, alone)}
    assert keys[first] == keys[second]
    assert len({key.id for key in keys.values()}) == len({key.secret for key in keys.values()}) == 3
    assert "secret" not in repr(keys[first])
    with pytest.raises(LookupError):
        keys_in(store).for_run(4711)
    with store.begin() as connection:
        stored = connection.execute(select(evidence_keys).order_by(evidence_keys.c.id)).all()
        assert destroy(connection, {name_of(first, CASE), "case:KC-none"}, "beslut KS 2026/17") == 1
    assert [row.name for row in stored] == [f"case:{CASE}", "case:KC-26110002-6", f"run:{alone}"]
    assert all(keys[first].secret not in row.wrapped for row in stored)
    with pytest.raises(EvidenceUnreadable, match=r"gallrat \d{4}-\d\d-\d\d enligt beslut KS 2026/17"):
        keys_in(store).by_id(keys[first].id)
    assert keys_in(store).by_id(keys[other].id) == keys[other]
    assert keys_in(store).for_run(second).secret != keys[first].secret  # the case came back


def test_two_keys_cannot_change_places_in_the_database(store: Store) -> None:
    first, second = run_of(store), run_of(store, None)
    for run_id in (first, second):
        keys_in(store).for_run(run_id)
    with store.begin() as connection:
        connection.execute(text("update evidence_keys set wrapped = (select min(wrapped) from evidence_keys)"))
    told = [keys_in(store).why_none(run_id) for run_id in (first, second)]
    assert sorted(map(bool, told)) == [False, True]


def test_the_master_key_is_made_once_and_never_in_place_of_one_that_is_gone(own: Settings, store: Store) -> None:
    path = own.secrets_dir / EVIDENCE.current
    run_id = run_of(store)
    assert Keys.of(own, store).why_unusable() == ""
    written(own, store, run_id)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    key = path.read_text("utf-8")
    for wrong, told in (
        (None, "Nyckeln till underlaget saknas: det är låst med nyckeln "),
        (new_key(), "Nyckeln till underlaget är en annan"),
        ("kort", "är ingen nyckel"),
        ("", "Hemligheten är tom"),
    ):
        path.unlink()
        if wrong is not None:
            write_secret(path, wrong)
        for asked in (run_id, run_of(store, f"KC-{run_id}{wrong}")):
            with pytest.raises(RetryLater, match=told):
                attempt_run(own, store, LoadedTasks(), cast("WarmBrowser", None), asked, carry=in_this_process)
            assert find_run(store, asked).attempts == 0
        assert told in Keys.of(own, store).why_unusable()
        assert path.exists() == (wrong is not None)
        write_secret(path, key)
    assert evidence_of(own, store, run_id).read("report.html") == WORDS


def test_where_keys_lie_in_a_vault_a_person_puts_the_first_there(own: Settings, store: Store) -> None:
    vault = own.model_copy(update={"secret_sources": ("systemd",)})
    assert "Lägg 32 slumpade byte i base64 i systemds credential evidence.key" in Keys.of(vault, store).why_none(
        run_of(store)
    )
    assert not (own.secrets_dir / EVIDENCE.current).exists()


def test_a_new_master_key_wraps_all_anew_and_touches_no_file(own: Settings, store: Store, say: Say) -> None:
    run_id, gone = run_of(store), run_of(store, None)
    path = written(own, store, run_id)
    written(own, store, gone)
    before = path.read_bytes()
    with store.begin() as connection:
        destroy(connection, {name_of(gone, None)}, "beslut")
    current, former = EVIDENCE.files(own)
    first = current.read_text("utf-8")
    assert say("evidence", "new-key")[0] == 0
    assert (former.read_text("utf-8"), current.read_text("utf-8") != first) == (first, True)
    assert say("evidence", "new-key")[0] == 2, "the former one still lies there"
    former.unlink()
    assert (path.read_bytes(), evidence_of(own, store, run_id).read("report.html")) == (before, WORDS)
    write_secret(current, new_key())  # another is put in its place, and the one before it is not at hand
    code, told = say("evidence", "rewrap")
    assert (code, "1 ärenden är låsta med en nyckel som inte finns här" in told) == (2, True)
    current.unlink()
    code, told = say("evidence", "new-key")
    assert (code, current.exists()) == (2, False)
    assert say("evidence", "new-key", "--lost")[0] == 0
    assert Keys.of(own, store).why_none(run_of(store, "KC-26110002-6")) == ""
    with pytest.raises(ConfigurationError, match="är en annan"):
        evidence_of(own, store, run_id).read("report.html")
    with store.begin() as connection:
        noted = connection.execute(select(audit_events.c.detail).where(audit_events.c.did == "rewrapped_evidence"))
        assert noted.scalars().all() == [{"done": 1, "left": 0}, {"done": 0, "left": 1}]


def test_of_two_that_change_the_master_key_at_once_the_second_waits_and_is_refused(
    own: Settings, store: Store, say: Say
) -> None:
    """Else it would lay the first one's new key over the former, the only one that opens what is sealed."""
    current, former = EVIDENCE.files(own)
    written(own, store, run_of(store))
    first = current.read_text("utf-8")
    waits = text("select count(*) from pg_locks where locktype = 'advisory' and not granted")
    with ThreadPoolExecutor(1) as elsewhere:
        with store.begin() as connection:
            lock_out_others(connection)
            second = elsewhere.submit(say, "evidence", "new-key")
            wait_until(lambda: second.done() or connection.execute(waits).scalar_one())
            current.rename(former)  # as who came first does
            write_secret(current, new_key())
            rewrap(connection, SecretMasterKeys(own))
        code, told = second.result()
    assert (code, "Nyckeln är redan bytt, och den förra ligger kvar" in told) == (2, True)
    assert former.read_text("utf-8") == first


def test_a_key_that_is_lost_and_found_opens_again(store: Store) -> None:
    first, second = TestMaster("a"), TestMaster("b")
    run_id = run_of(store)
    key = Keys(store, first).for_run(run_id)
    with store.begin() as connection:
        assert rewrap(connection, second) == (0, 1)
    assert Keys(store, second).why_none(run_of(store, None)) == ""  # from now on the second counts
    assert "är en annan (a)" in Keys(store, first).why_none(run_of(store, None))
    assert Keys(store, first).by_id(key.id) == key


# -- reports ------------------------------------------------------------------------------------------------------


def test_a_report_covers_what_is_typed_into_personal_inputs_and_what_the_robot_has_met(
    own: Settings, store: Store
) -> None:
    typed = {
        "witness": "Vera Tall",
        "message": "Hej Åsa Älvdotter, ring 070-174 06 05",
        "day": "2026-11-24",
        "sms": True,
    }
    evidence = evidence_of(own, store, run_of(store, inputs=typed | {"sms": True}))
    captions = {name: Caption(name.title()) for name in ("sms", "day", "message", "witness")}
    known = Known()
    known.add(["Åsa Älvdotter"])
    page = report_page(store, evidence, title="Vigsel", captions=captions | {"witness": Caption("Vittne", True)})
    assert "Vittne" in page
    for name in ("Vera", "Tall", "Åsa", "Älvdotter", "174 06 05"):
        assert name not in page
    for shown in ("2026-11-24", ">ja<", f"Hej {COVERED}, ring [telefon]"):
        assert shown in page
    # Control: an input that nobody has called personal, and a name that the robot has not met.
    del known
    page = report_page(store, evidence, title="Vigsel", captions=captions)
    assert "Vera Tall" in page
    assert "Hej Åsa Älvdotter, ring [telefon]" in page


@pytest.mark.browser
def test_a_report_is_one_file_that_opens_without_network(
    own: Settings, store: Store, say: Say, browser: WarmBrowser, tmp_path: Path, drawn: Callable[[], bytes]
) -> None:
    run_id = run_of(store)
    evidence = evidence_of(own, store, run_id)
    for file in ("01-001.jpg", "01-002.jpg"):
        evidence.write(file, drawn())
        told = {"run_id": run_id, "attempt": 1, "kind": "picture", "title": "Före: brev", "detail": {"file": file}}
        with store.begin() as connection:
            connection.execute(insert(run_events).values(told))
    (evidence.folder / "01-002.jpg").write_bytes(b"cut")
    out = tmp_path / "ut" / "rapport.html"
    assert say("report", f"K-{run_id}", "--out", out)[0] == 2, "the folder is missing"
    out.parent.mkdir()
    assert say("report", f"K-{run_id}", "--out", out)[0] == 0
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    engine: Browser = browser._browser
    context = engine.new_context(offline=True)
    asked = list[str]()
    context.on("request", lambda request: asked.append(request.url))
    page = context.new_page()
    page.goto(out.as_uri())
    assert page.locator("figure img").evaluate_all("all => all.map(each => each.naturalWidth)") == [64]
    assert "01-002.jpg i underlaget till K-" in page.locator("figure").nth(1).inner_text()
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
    context.close()
    evidence.write("report.html", WORDS)
    with store.begin() as connection:
        connection.execute(update(runs).where(runs.c.id == run_id).values(finished_at=text("now()")))
    assert say("report", str(run_id), "--out", out)[0] == 0
    assert out.read_bytes() == WORDS, "how it ended"
    with store.begin() as connection:
        noted = connection.execute(select(audit_events.c.about).where(audit_events.c.did == "downloaded_report"))
        assert noted.scalars().all() == [f"K-{run_id}"] * 2


@pytest.fixture
def drawn() -> Callable[[], bytes]:
    from io import BytesIO

    from PIL import Image

    def picture() -> bytes:
        written = BytesIO()
        Image.new("RGB", (64, 40), "#dfe8ea").save(written, "JPEG")
        return written.getvalue()

    return picture


def test_another_provider_is_all_that_the_keys_ask_for(own: Settings) -> None:
    """The toolkit's own and the tests' are two of them; both make what they unwrap."""
    ours = SecretMasterKeys(own)
    ours.make()
    for master in (ours, TestMaster()):
        assert master.unwrap(master.wrap(b"k" * 32, "case:x"), master.current(), "case:x") == b"k" * 32
        with pytest.raises(ConfigurationError):
            master.unwrap(master.wrap(b"k" * 32, "case:x"), master.current(), "case:y")
