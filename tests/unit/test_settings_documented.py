"""docs/configuration.md tells every setting and every secret as the code has them, and nothing that is not."""

from __future__ import annotations

import ast
import re
from datetime import time
from pathlib import Path
from typing import Any

import pytest
from pydantic_core import PydanticUndefined

from robots.settings import NOT_FOR_ROBOTS, Settings, load_settings
from robots.sources.own_keys import EVIDENCE, MACHINE
from robots.sources.vault import SECRET_ID, TOKEN
from tests.architecture.source import ROOT, nodes, python_files

DOCUMENT = (ROOT / "docs" / "configuration.md").read_text("utf-8")
SETTING = re.compile(r"^\| `(\w+)` \| (?:`(.*?)`|–) \| (.+) \| `(.+?)` \|$", re.MULTILINE)
SECRET = re.compile(r"^\| `([\w.<>]+)` \| ([^|]+) \| [^|]+ \|$", re.MULTILINE)
SECRETS = DOCUMENT.partition("## The secrets")[2].partition("## ")[0]
ASKING = ("secret", "secrets.ask", "demanded")


def as_written(value: Any) -> str:
    """The default as a cell of the table: TOML; nothing for None."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return "[" + ", ".join(f'"{word}"' for word in value) + "]"
    return str(value) if isinstance(value, int | float | time) else f'"{value}"'


def wrong_in(document: str) -> list[str]:
    """The names of settings whose row is missing, stale or has another default."""
    told = {name: default for name, default, _, _ in SETTING.findall(document)}
    there = {name: as_written(field.default) for name, field in Settings.model_fields.items()}
    assert PydanticUndefined not in [field.default for field in Settings.model_fields.values()]
    return sorted(name for name in told.keys() | there.keys() if told.get(name) != there.get(name))


def test_every_setting_is_documented_with_its_default() -> None:
    assert wrong_in(DOCUMENT) == []


def test_control_a_row_that_is_missing_stale_or_untrue_is_seen() -> None:
    row = next(line for line in DOCUMENT.splitlines() if line.startswith("| `attempts` |"))
    assert wrong_in(DOCUMENT.replace(row + "\n", "")) == ["attempts"]
    assert wrong_in(DOCUMENT.replace(row, row.replace("`4`", "`5`"))) == ["attempts"]
    assert wrong_in(DOCUMENT.replace(row, f"{row}\n{row.replace('attempts', 'tries')}")) == ["tries"]


def test_every_example_can_be_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = []
    for name, default, _, example in SETTING.findall(DOCUMENT):
        variable, _, value = example.partition("=")
        if variable == f"RAGNHILD_{name.upper()}":
            monkeypatch.setenv(variable, value)
        else:
            assert example.split(" = ")[0] == name
            assert example != f"{name} = {default}", f"an example of the default shows nothing: {name}"
            lines.append(example)
    monkeypatch.setenv("RAGNHILD_CONFIG_DIR", str(tmp_path))
    (tmp_path / "ragnhild.toml").write_text("\n".join(lines), "utf-8")
    settings = load_settings()
    assert settings.attempts == 6
    assert set(settings.model_fields_set) == set(Settings.model_fields)


def secrets_asked_for() -> set[str]:
    """What the toolkit's code asks for by a name that stands there; a part that is filled in is ``<>``."""
    found = set()
    for path in python_files("robots"):
        if "practice" in path.parts:
            continue
        for node in nodes(path):
            if isinstance(node, ast.Call) and _called(node) in ASKING:
                found |= {name for argument in node.args for name in _names(argument)}
    ours = {name for key in (EVIDENCE, MACHINE) for name in (key.current, key.former)}
    return found | ours | {TOKEN, SECRET_ID}


def _called(node: ast.Call) -> str:
    """The function's name; of ``ask``, which others have too, with whom is asked."""
    name = str(getattr(node.func, "attr", getattr(node.func, "id", "")))
    whom = getattr(getattr(node.func, "value", None), "attr", "")
    return f"{whom}.{name}" if name == "ask" else name


def _names(argument: ast.expr) -> set[str]:
    if isinstance(argument, ast.Tuple):
        return {name for each in argument.elts for name in _names(each)}
    if isinstance(argument, ast.JoinedStr):
        text = "".join(str(part.value) if isinstance(part, ast.Constant) else "<>" for part in argument.values)
    else:
        text = str(argument.value) if isinstance(argument, ast.Constant) else ""
    return {text} if re.fullmatch(r"[a-z_<>]+(\.[a-z_<>]+)*", text) else set()


def test_every_secret_is_documented_and_kept_from_robots() -> None:
    documented = {re.sub("<.*?>", "<>", name) for name, _ in SECRET.findall(SECRETS)}
    assert documented == secrets_asked_for() | {"<>"}, "<> alone is a robot's one password, asked for by its name"
    first_words = {name.partition(".")[0] for name in documented} - {"<>"}
    assert first_words <= set(NOT_FOR_ROBOTS)
