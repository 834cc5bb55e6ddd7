"""The tutorials are true: whoever does what they say, in this order, sees what they say."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.conftest import ROOT
from tests.journey.checkout import copy_checkout, environment_in
from tests.journey.tutorial import Tutorial, blocks_of

TUTORIALS = ("new-task.md", "new-system.md")
NEW_SYSTEM = ROOT / "docs" / "new-system.md"
ways = pytest.mark.parametrize("whole", [False, pytest.param(True, marks=pytest.mark.long)], ids=["short", "whole"])


@pytest.fixture
def checkout() -> Iterator[Path]:
    """Not in pytest's own folder, which PostgreSQL's user cannot reach when the tests are started as root."""
    with TemporaryDirectory(prefix="ragnhild-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        copied = Path(folder) / "checkout"
        copied.mkdir()
        copy_checkout(copied)
        yield copied


@pytest.mark.browser
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("name", [pytest.param("new-task.md", marks=pytest.mark.long), "new-system.md"])
@ways
def test_a_tutorial_is_true(name: str, whole: bool, checkout: Path) -> None:
    with Tutorial(checkout, environment_in(checkout, checkout.parent), whole=whole) as tutorial:
        assert tutorial.carry_out((ROOT / "docs" / name).read_text("utf-8")) > 10


# -- the controls: a tutorial that is not true ------------------------------------------------------------------------


def _follow(folder: Path, markdown: str) -> int:
    with Tutorial(folder, environment_in(folder, folder)) as tutorial:
        return tutorial.carry_out(markdown)


TRUE = """
```sh
echo "Körning K-1"; echo 'prova: --case-number KC-1 --property "EKEN 1:1"'
```

```text
Körning K-…
```

Write in `a/words.txt`:

```text a/words.txt
[svea]
sist
```

Put into `a/words.txt`:

```text a/words.txt under [svea]
först
```

```sh
cat a/words.txt; echo --case-number …; false || exit 0
```

```text
[svea]
först
sist
--case-number KC-1
```

```sh exit=3
exit 3
```

```sh stays
sh -c 'echo Igång.; exec sleep 60'
```

```text
Igång.
```
"""


def test_control_what_is_true_is_carried_out(tmp_path: Path) -> None:
    assert _follow(tmp_path, TRUE) == 9
    assert (tmp_path / "a" / "words.txt").read_text("utf-8") == "[svea]\nförst\nsist\n"


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("Körning K-…\n", "Körning 1\n", "'Körning 1' is not to be seen"),
        ("först\nsist\n--case", "sist\nförst\n--case", "'först' is not to be seen"),
        ("exit 0", "exit 1", "ended with 1"),
        ("exit=3", "exit=2", "ended with 3"),
        ("under [svea]", "under [bo]", "0 lines of"),
        ("Put into `a/words.txt`", "Put in", "the reader is not told"),
        ("echo --case-number …", "echo --robot …", "nothing has told"),
        ("Igång.\n```\n", "Klart.\n```\n", "'Klart.' is not to be seen"),
        ("```sh exit=3", "```python", "nobody has said"),
    ],
)
def test_control_what_is_not_true_is_seen(
    old: str, new: str, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.journey.tutorial.SECONDS", 10)
    assert old in TRUE
    with pytest.raises(AssertionError, match=words.replace("[", r"\[")):
        _follow(tmp_path, TRUE.replace(old, new))


@pytest.mark.parametrize(("whole", "code"), [(True, "ended with 7"), (False, "")])
def test_control_the_short_way_leaves_out_what_is_long_and_what_is_seen_of_it(
    whole: bool, code: str, tmp_path: Path
) -> None:
    markdown = "```sh long\nexit 7\n```\n\n```text\nKlar\n```\n"
    with Tutorial(tmp_path, environment_in(tmp_path, tmp_path), whole=whole) as tutorial:
        with pytest.raises(AssertionError, match=code) if code else nullcontext():
            assert tutorial.carry_out(markdown) == 2


# -- what is said and not carried out ---------------------------------------------------------------------------------


@pytest.mark.parametrize("name", TUTORIALS)
def test_every_block_of_a_tutorial_has_its_role(name: str) -> None:
    """A block that is shown and not carried out could say anything."""
    markdown = (ROOT / "docs" / name).read_text("utf-8")

    assert len(blocks_of(markdown)) * 2 == markdown.count("```")
    assert [b.line for b in blocks_of(markdown) if b.language not in ("sh", "text") and not b.told] == []


def test_every_verb_is_where_the_table_says() -> None:
    rows = re.findall(
        r"^\| [^|]+ \| ([^|]+) \| ((?:`\w+\.py`(?:, )?)+) \|$", NEW_SYSTEM.read_text("utf-8"), re.MULTILINE
    )
    assert len(rows) > 15
    for verbs, files in rows:
        written = "".join(
            (ROOT / "robots" / "systems" / file).read_text("utf-8") for file in re.findall(r"`(.+?)`", files)
        )
        for verb in re.findall(r"`(\w+)", verbs):
            assert re.search(rf"^ *(?:def|class) {verb}\b|^    {verb}: ", written, re.MULTILINE), (verb, files)


def test_a_stranger_s_system_takes_forty_lines() -> None:
    blocks = blocks_of(NEW_SYSTEM.read_text("utf-8"))
    tree = ast.parse(next(b.text for b in blocks if b.told == "robots/systems/grit_bins/driver.py"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node):
            node.body = node.body[1:]
    code = [line for line in ast.unparse(tree).splitlines() if line.strip()]

    assert 20 < len(code) <= 40
