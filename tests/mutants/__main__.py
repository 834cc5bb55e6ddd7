"""``python -m tests.mutants [module …]``: spoil, try, count. ``file:number`` is one mutant, with what its tests say.

With ``--survivors`` only those are tried that survived the last time, or were not there. ``--write`` writes the figures
into docs/mutants.md.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.mutants.explained import Explained, explained, gone

MODULES = Path(__file__).with_name("modules.toml")
MAKER = "build/mutants/bin/python"
FOUND = Path("build/mutants-found")
DOCUMENT = Path("docs/mutants.md")
# The share that must be noticed, of those that have no explanation.
LEAST = 95.0
_HEADS = ["module", "mutants", "killed", "timed out", "survived", "explained", "percent"]
_COLUMNS = "{:<10} {:>8} {:>8} {:>10} {:>9} {:>10} {:>8}"


def main(asked: Sequence[str]) -> int:
    modules = tomllib.loads(MODULES.read_text("utf-8"))
    FOUND.mkdir(parents=True, exist_ok=True)
    if stale := gone(explained()):
        print("Explained, but not there any more:", *(f"{each.file}: {each.was}" for each in stale), sep="\n  ")
        return 1
    with _database() as address:
        if asked and ":" in asked[0]:
            file, _, number = asked[0].partition(":")
            place, tests = next((p, t) for m in modules.values() for p, t in m.items() if p.partition("#")[0] == file)
            mutant = [each for each in _made(place) if each["number"] == int(number)]
            for each, became in _tried(file, mutant, tests, address, loud=True):
                print(f"{became}: line {each['line']}", each["was"], each["becomes"], sep="\n  ")
            return 0
        anew = "--survivors" not in asked
        chosen = [name for name in asked if name in modules] or list(modules)
        counted = {name: _of_module(modules[name], address, anew) for name in chosen}
    rows = [_row(name, each) for name, each in counted.items()]
    print(*(_COLUMNS.format(*row) for row in (_HEADS, *rows)), sep="\n")
    if "--write" in asked:
        _write(rows)
    return 0 if min(float(row[-1]) for row in rows) >= LEAST else 1


def _row(name: str, became: Counter[str]) -> list[str]:
    noticed = became["killed"] + became["timed out"]
    parts = (became[part] for part in ("killed", "timed out", "survived", "explained"))
    return [name, *map(str, (sum(became.values()), *parts)), f"{100 * noticed / (noticed + became['survived']):.1f}"]


def _write(rows: list[list[str]]) -> None:
    """The two tables of docs/mutants.md; of the modules that were not tried now, the rows stay as they are."""
    whys = [[f"`{each.file}`", f"`{each.was.replace('|', '&#124;')}`", each.why] for each in explained()]
    text = DOCUMENT.read_text("utf-8")
    written = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines()]
    by_name = {row[0]: row for row in (*written, *rows)}
    figures = [by_name[name] for name in tomllib.loads(MODULES.read_text("utf-8")) if name in by_name]
    for name, table in (("figures", [_HEADS, *figures]), ("explained", [["file", "what", "why"], *whys])):
        lines = ["| " + " | ".join(row) + " |" for row in table]
        lines.insert(1, "|" + "---|" * len(table[0]))
        before, begins, after = text.partition(f"<!-- {name}: make mutants WHICH=--write -->\n")
        text = before + begins + "\n".join([*lines, ""]) + after[after.index("<!-- end -->") :]
    DOCUMENT.write_text(text, "utf-8")


def _of_module(tests_of: dict[str, list[str]], address: str, anew: bool) -> Counter[str]:
    """How many became what; each that survives is printed with its place and number."""
    counted: Counter[str] = Counter()
    known = explained()
    for place, tests in tests_of.items():
        file, mutants = place.partition("#")[0], _made(place)
        kept = FOUND / f"{file.replace('/', '.')}.became.json"
        before: dict[str, str] = {} if anew or not kept.is_file() else json.loads(kept.read_text("utf-8"))
        became = {
            each["digest"]: _known(each, file, known) or before.get(each["digest"], "survived") for each in mutants
        }
        left = [each for each in mutants if became[each["digest"]] == "survived"]
        try:
            for mutant, state in _tried(file, left, tests, address) if left else ():
                became[mutant["digest"]] = state
                if state == "survived":
                    number = f"{file}:{mutant['number']} line {mutant['line']}"
                    print(number, f"- {mutant['was']}", f"+ {mutant['becomes']}", sep="\n  ", flush=True)
        finally:  # one that is interrupted goes on with --survivors
            kept.write_text(json.dumps(became), "utf-8")
        counted.update(became.values())
    return counted


def _known(mutant: dict[str, Any], file: str, known: list[Explained]) -> str:
    return "explained" if any(each.is_about(file, mutant["was"], mutant["becomes"]) for each in known) else ""


def _made(place: str) -> list[dict[str, Any]]:
    """``place`` is a file, and after # the functions that are taken, when it is not all of it."""
    made = subprocess.run(
        [MAKER, "-m", "tests.mutants.making", *place.split("#")], check=True, capture_output=True, text=True
    )
    found: list[dict[str, Any]] = json.loads(made.stdout)
    return [each | {"digest": hashlib.sha256(each["source"].encode()).hexdigest()} for each in found]


def _tried(
    file: str, mutants: list[dict[str, Any]], tests: Sequence[str], address: str, *, loud: bool = False
) -> Iterator[tuple[dict[str, Any], str]]:
    found = FOUND / f"{file.replace('/', '.')}.json"
    found.write_text(json.dumps(mutants), "utf-8")
    by_number = {each["number"]: each for each in mutants}
    asked = [sys.executable, "-m", "tests.mutants.warm", file, str(found), address, *tests]
    said = found.with_suffix(".log")  # by the tests, and by pytest
    with (
        said.open("w", encoding="utf-8") as log,
        subprocess.Popen(asked, stdout=subprocess.PIPE, stderr=None if loud else log, text=True) as warm,
    ):
        assert warm.stdout is not None
        for line in warm.stdout:
            told = json.loads(line)
            yield by_number[told["number"]], told["became"]
    if warm.returncode:
        raise SystemExit(f"The tests of {file} fail as it is, or could not be run; see {said}")


@contextmanager
def _database() -> Iterator[str]:
    asked = [sys.executable, "-m", "tests.mutants.database"]
    with subprocess.Popen(asked, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        yield server.stdout.readline().strip()
        server.stdin.close()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
