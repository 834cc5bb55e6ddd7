"""A broken task file is told with file and line, and does not stop the others."""

from __future__ import annotations

from pathlib import Path

import pytest

from robots.errors import WrongInput
from robots.task_files import load_tasks

GOOD = '''"""Good."""
from robots import CaseNumber, Cases, Run, task
from robots.systems import drawing_archive


@task(title="Bra", owner="Ingen", saves_minutes=1)
def {name}(run: Run, case_number: CaseNumber, *, cases: Cases.Writer, archive: drawing_archive.Reader) -> None:
    """Gör något bra."""
'''


def _write(folder: Path, **files: str) -> None:
    for name, text in files.items():
        (folder / f"{name}.py").write_text(text, "utf-8")


def test_what_a_task_says_of_itself(tmp_path: Path) -> None:
    _write(tmp_path, good=GOOD.format(name="send_it"))
    loaded = load_tasks(tmp_path)
    assert loaded.problems == []
    found = loaded.find("send-it")
    assert found is loaded.find("send_it")
    assert (found.title, found.command, found.description) == ("Bra", "send-it", "Gör något bra.")
    assert {(a.argument, a.system, a.level) for a in found.systems} == {
        ("cases", "cases", "journal"), ("archive", "drawing_archive", "read"),
    }  # fmt: skip


def test_the_version_changes_with_the_file(tmp_path: Path) -> None:
    _write(tmp_path, good=GOOD.format(name="one"))
    before = load_tasks(tmp_path).find("one").version
    assert load_tasks(tmp_path).find("one").version == before
    _write(tmp_path, good=GOOD.format(name="one") + "# changed\n")
    assert load_tasks(tmp_path).find("one").version != before


def test_an_unknown_task_is_told_with_those_there_are(tmp_path: Path) -> None:
    _write(tmp_path, good=GOOD.format(name="send_it"))
    with pytest.raises(WrongInput, match="Det finns send-it"):
        load_tasks(tmp_path).find("sendit")


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("x = 1\ndef broken(:\n", 2, "SyntaxError"),
        ("x = 1\n\ny = x / 0\n", 3, "ZeroDivisionError"),
        ("import sys\nsys.exit(3)\n", 2, "SystemExit"),
        ("import nothing_of_that_name\n", 1, "ModuleNotFoundError"),
        ("x = 1\n", 1, "ingen funktion är märkt med @task"),
        (GOOD.format(name="one").replace('    """Gör något bra."""', "    return"), 6, "saknar en mening"),
        (GOOD.format(name="one").replace("cases: Cases.Writer", "cases: str"), 6, "cases efter * ska vara ett system"),
        (
            GOOD.format(name="one").replace("case_number: CaseNumber", "case_number: bytes"),
            6,
            "inget formulär kan visa",
        ),
    ],
)
def test_a_broken_file_is_told_with_its_line_and_stops_nobody(tmp_path: Path, text: str, line: int, words: str) -> None:
    _write(tmp_path, a_broken=text, good=GOOD.format(name="send_it"))
    loaded = load_tasks(tmp_path)
    assert list(loaded.by_name) == ["send_it"]
    [problem] = loaded.problems
    assert (problem.file.name, problem.line) == ("a_broken.py", line)
    assert words in problem.message
    assert str(problem).startswith(f"{tmp_path / 'a_broken.py'}:{line}: ")
    assert str(problem).count("a_broken.py") == 1


def test_two_tasks_of_one_name_are_told(tmp_path: Path) -> None:
    _write(tmp_path, a=GOOD.format(name="same"), b=GOOD.format(name="same"))
    loaded = load_tasks(tmp_path)
    assert loaded.find("same").file.name == "a.py"
    assert "finns redan i a.py" in loaded.problems[0].message


def test_a_task_file_hides_no_module_of_the_same_name(tmp_path: Path) -> None:
    _write(tmp_path, json=GOOD.format(name="one") + "import json\nassert json.dumps(1) == '1'\n")
    assert load_tasks(tmp_path).problems == []


def test_files_that_begin_with_an_underscore_are_not_tasks(tmp_path: Path) -> None:
    _write(tmp_path, _notes="raise RuntimeError\n")
    assert load_tasks(tmp_path).problems == []
