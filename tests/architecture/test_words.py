"""One name for each thing, and nothing in the files that belongs to one machine."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.source import in_toolkit, name_of, nodes, project_files, python_files

FORBIDDEN = frozenset("manager helper util utils bot transaction item job process".split())
# (file, or folder with a slash at its end; word): why the word is right there.
ALLOWED = {
    ("robots/store/", "process"): "a process of the operating system, not a run",
    ("robots/worker/", "process"): "a process of the operating system, not a run",
    ("robots/cli/", "process"): "a process of the operating system, not a run",
    ("robots/queue/", "job"): "what the queue engine calls its own row",
    ("robots/worker/", "job"): "what the queue engine calls its own row",
}


def words_of(name: str) -> list[str]:
    """``findHTTPJobs`` and ``find_http_jobs`` are both find, http, job."""
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()
    return [w.removesuffix("es") if w == "processes" else w.removesuffix("s") if w != "process" else w
            for w in apart.split("_") if w]  # fmt: skip


def names_in(path: Path) -> Iterator[str]:
    """The names that a file gives: its own, and those of its classes, functions, arguments and variables."""
    yield path.stem
    for node in nodes(path):
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield name
            case ast.arg(arg=name) | ast.Name(id=name, ctx=ast.Store()) | ast.Attribute(attr=name, ctx=ast.Store()):
                yield name


def forbidden_words(path: Path) -> set[str]:
    return {word for name in names_in(path) for word in words_of(name) if word in FORBIDDEN}


def _fits(place: str, path: Path) -> bool:
    return name_of(path).startswith(place) if place.endswith("/") else name_of(path) == place


TOOLKIT = [p for p in python_files("robots", "tasks") if in_toolkit(p) or "tasks" in p.parts]


@pytest.mark.parametrize("path", TOOLKIT, ids=name_of)
def test_names_keep_to_the_vocabulary(path: Path) -> None:
    allowed = {word for place, word in ALLOWED if _fits(place, path)}

    assert forbidden_words(path) - allowed == set()


@pytest.mark.parametrize("name", ["JobManager", "run_items", "a_helper", "make_bot", "transactions", "HTTPUtils"])
def test_control_a_forbidden_word_is_seen(name: str, tmp_path: Path) -> None:
    file = tmp_path / "plain.py"
    file.write_text(f"def {name}(): ...", "utf-8")

    assert forbidden_words(file)


def test_no_word_is_allowed_without_need() -> None:
    needed = {
        (place, word) for place, word in ALLOWED for p in TOOLKIT if _fits(place, p) and word in forbidden_words(p)
    }

    assert set(ALLOWED) - needed == set()


# -- what belongs to one machine ------------------------------------------------------------------------------------

# Each is put together here, so that this file does not find itself.
REGISTRIES = tuple("".join(parts) for parts in (
    ("pypi", ".org"), ("python", "hosted.org"), ("registry.npm", "js"), ("npm", "js.com"), ("crates", ".io"),
    ("proxy.golang", ".org"), ("index-", "url ="), ("--index-", "url="), ("--extra-", "index-url"), ("arti", "factory"),
))  # fmt: skip
MACHINE = re.compile(r"(?<![\w.])/(wo" r"rk/|ho" r"me/\w|ro" r"ot/)|[Cc]:\\+[Uu]s" r"ers\\")
EVERYWHERE = "0.0.0" + ".0"
TEXTS = [p for p in project_files() if p.suffix not in (".png", ".jpg", ".pdf", ".woff2", ".xlsx")]


def test_no_file_names_a_registry_or_a_machine() -> None:
    found = []
    for path in TEXTS:
        text = path.read_text("utf-8")
        found += [(name_of(path), host) for host in REGISTRIES if host in text]
        found += [(name_of(path), place[0]) for place in MACHINE.finditer(text)]

    assert found == []


def test_control_a_machine_is_seen() -> None:
    assert all(MACHINE.search(f'"/{place}/anna"') for place in ("work", "home", "root"))
    assert not MACHINE.search("https://town.example/work/1")


def test_everything_listens_on_this_machine_only() -> None:
    assert [name_of(p) for p in TEXTS if EVERYWHERE in p.read_text("utf-8")] == []


PERSONAL_NUMBER = re.compile(r"(?<![\w-])(?:19|20)(\d{6})-(\d{3})(\d)(?![\w-])")


def test_no_personal_number_can_be_a_real_persons() -> None:
    """Those with the birth numbers 980–999 are set aside by Skatteverket for tests."""
    found = [
        (name_of(path), number[0])
        for path in TEXTS
        for number in PERSONAL_NUMBER.finditer(path.read_text("utf-8"))
        if int(number[2]) < 980 and _luhn_fits(number[1] + number[2] + number[3])
    ]

    assert found == []


def _luhn_fits(digits: str) -> bool:
    doubled = [int(d) * (2 - place % 2) for place, d in enumerate(digits)]
    return sum(d // 10 + d % 10 for d in doubled) % 10 == 0


def test_control_a_real_looking_personal_number_is_seen() -> None:
    found = PERSONAL_NUMBER.search("född 1912" + "1212-" + "1212 i")

    assert found
    assert _luhn_fits(found[1] + found[2] + found[3])
