"""Everything about one case as files, opened and summed up, and nothing of any other case."""

from __future__ import annotations

import hashlib
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, text

from robots.audit.writing import note
from robots.evidence.keys import Keys, destroy
from robots.evidence.sealed import SEALED, RunEvidence
from robots.settings import Settings
from robots.store import Store
from robots.store.schema import messages, news, tellings
from tests.saying import Say
from tests.unit.old_cases import Archive, ago

A, B = "KC-26110042-4", "KC-26110043-2"
WHO = "19460817-9806"


@pytest.fixture
def archive(machine: Settings, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Archive:
    """Two cases, told of in one message, and looked at by a person."""
    made = Archive.laid(machine, store, tmp_path, monkeypatch)
    monkeypatch.setenv("RAGNHILD_DATA_DIR", str(made.settings.data_dir))
    for number, person in ((A, WHO), (B, "19520304-9818")):
        for _ in range(2):
            run_id = made.case(number, 5, inputs={"person": person, "about": number})
            evidence = RunEvidence.below(made.settings.evidence_dir, run_id, Keys.of(made.settings, store))
            evidence.write("01-001.jpg", f"bild av {number}".encode())
            evidence.write("report.html", f"<h1>rapport om {number}</h1>".encode())
            with store.begin() as connection:
                note(connection, "anna", "looked", f"K-{run_id}", reason=f"frågade om {number}")
    with store.begin() as connection:
        message = connection.execute(
            insert(messages)
            .values(person="p", about="handover", subject=f"{A} och {B}", text=f"{A} och {B}", html="", made_at=ago(4),
                    try_at=ago(4), sent_at=ago(4), state="sent").returning(messages.c.id)
        ).scalar_one()  # fmt: skip
        for run_id, number in ((1, A), (3, B)):
            told = {"kind": "handover", "key": str(run_id), "topic": "", "alike": "", "about": {"one": f"Om {number}"}}
            piece = insert(news).values(told | {"at": ago(4), "noted_at": ago(4)}).returning(news.c.id)
            told_to = {"news_id": connection.execute(piece).scalar_one(), "person": "p", "message_id": message}
            connection.execute(insert(tellings).values(told_to))
    return made


def files_in(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_all_of_one_case_and_nothing_of_another(archive: Archive, say: Say, tmp_path: Path) -> None:
    code, told = say("export", "--case", A.lower(), "--out", tmp_path / "ut", "--reason", "Begäran om registerutdrag")

    assert code == 0, told
    assert "personuppgifter i klartext" in " ".join(told.split())
    found = files_in(tmp_path / "ut")
    assert {name for name in found if "/" in name} == {
        f"korningar/K-{n}/{file}" for n in (1, 2) for file in ("01-001.jpg", "report.html")
    }
    assert found["korningar/K-2/01-001.jpg"] == f"bild av {A}".encode(), "opened"
    everything = b"".join(found.values())
    for others in (B, "19520304-9818", "K-3", "K-4"):
        assert others.encode() not in everything, others
    document: dict[str, Any] = json.loads(found["arende.json"])
    first = document["runs"][0]
    assert first["inputs"]["person"] == WHO
    assert first["effects"][0]["receipt"] == f"kvittens till {A}"
    assert first["effects"][0]["history"][0]["to_state"] == "CONFIRMED"
    assert first["approvals"][0]["shown"] == {"Till": f"fråga om {A}"}
    assert (first["steps"][0]["title"], first["handover"]["done"]) == (f"steg i {A}", f"ord i {A}")
    assert [set(each) >= {"schedule"} or set(each) >= {"batch"} for each in first["came_from"]] == [True] * 3
    assert (document["messages"][0]["about"], document["messages"][0]["person"]) == ({"one": f"Om {A}"}, "p")
    assert [line["did"] for line in document["audit"]] == ["looked", "looked", "case_exported"]
    page = found["index.html"].decode()
    for words in (
        WHO,
        f"kvittens till {A}",
        f"utfall i {A}",
        "Begäran om registerutdrag",
        'href="korningar/K-1/report.html"',
    ):
        assert words in page, words
    assert "http" not in page, "it opens without network"
    sums = json.loads(found.pop("innehall.json"))
    assert {name: each["sha256"] for name, each in sums.items()} == {
        name: hashlib.sha256(content).hexdigest() for name, content in found.items()
    }
    modes = {path.stat().st_mode & 0o777 for path in (tmp_path / "ut").rglob("*") if path.is_file()}
    assert (modes, (tmp_path / "ut").stat().st_mode & 0o777) == ({0o600}, 0o700)
    with archive.store.begin() as connection:
        noted = connection.execute(
            text("select case_number, reason from audit_events where did = 'case_exported'")
        ).all()
    assert noted == [(A, "Begäran om registerutdrag")]
    whole = tmp_path / "ut.zip"
    assert say("export", "--case", B, "--out", whole, "--reason", "x")[0] == 0
    with zipfile.ZipFile(whole) as archive_file:
        assert archive_file.testzip() is None
        assert B in archive_file.read("index.html").decode()
        assert A.encode() not in b"".join(archive_file.read(name) for name in archive_file.namelist())
    assert whole.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.glob(".halv*")) == []


def test_what_cannot_be_had_is_said_and_what_is_wrong_changes_nothing(
    archive: Archive, say: Say, tmp_path: Path
) -> None:
    out = tmp_path / "ut"
    for options, words in (
        (("--case", A, "--out", out, "--reason", " "), "Skriv varför"),
        (("--case", "KC-26119999-1", "--out", out, "--reason", "x"), "Ingen körning har det ärendenumret"),
        (("--case", A, "--out", tmp_path, "--reason", "x"), "Där finns redan något"),
        (("--case", A, "--out", tmp_path / "no" / "ut", "--reason", "x"), "gick inte att skriva"),
        (("--case", A, "--out", out), "--reason"),
    ):
        code, told = say("export", *options)
        assert (code, words in " ".join(told.split())) == (2, True), told
    assert not out.exists()
    assert archive.count("audit_events", "did = 'case_exported'") == 0
    with archive.store.begin() as connection:
        destroy(connection, {f"case:{A}"}, "Dnr 7")
    code, told = say("export", "--case", A, "--out", out, "--reason", "x")
    assert code == 0, told
    assert "gallrat" in told
    assert "Dnr 7" in told
    assert not any(SEALED in content for content in files_in(out).values()), "nothing that nobody can open"
    assert "enligt Dnr 7" in (out / "index.html").read_text("utf-8")
