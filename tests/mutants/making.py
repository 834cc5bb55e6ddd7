"""Spoil a file in every way, one at a time: ``build/mutants/bin/python -m tests.mutants.making robots/effects.py``.

Prints a list as JSON; the file itself stays as it is. Runs where cosmic-ray is installed, and imports nothing of ours.
"""

from __future__ import annotations

import ast
import difflib
import json
import re
import sys
from collections.abc import Iterator, Sequence
from itertools import count
from pathlib import Path
from typing import Any

from cosmic_ray.ast import ast_nodes, get_ast  # type: ignore[import-not-found]  # in build/mutants only
from cosmic_ray.mutating import mutate_code  # type: ignore[import-not-found]  # likewise
from cosmic_ray.plugins import get_operator, operator_names  # type: ignore[import-not-found]  # likewise

from tests.mutants.operators import OURS

# Of cosmic-ray's, those that make a program which can run. To put a division where sets are joined is noticed by
# whoever starts it, and would only make the share that is noticed look greater.
_TAKEN = re.compile(
    r"ReplaceComparisonOperator_(Eq_NotEq|NotEq_Eq|Lt_LtE|Lt_GtE|LtE_Lt|LtE_Gt|Gt_GtE|Gt_LtE|GtE_Gt|GtE_Lt|Is_IsNot|IsNot_Is)"
    r"|ReplaceBinaryOperator_(Add_Sub|Sub_Add|Mul_Div|Div_Mul|FloorDiv_Mul|Mod_Mul|BitOr_BitAnd|BitAnd_BitOr)"
    r"|ReplaceUnaryOperator_(Delete_Not|Delete_USub)"
    r"|AddNot|ReplaceTrueWithFalse|ReplaceFalseWithTrue|ReplaceAndWithOr|ReplaceOrWithAnd"
    r"|ReplaceBreakWithContinue|ReplaceContinueWithBreak|NumberReplacer|RemoveDecorator|ZeroIterationForLoop"
)


def operators() -> Iterator[tuple[str, Any]]:
    for name in operator_names():
        if _TAKEN.fullmatch(name.partition("/")[2]):
            yield name.partition("/")[2], get_operator(name)()
    for each in OURS:
        yield each.__name__, each()


def _of_the_type_checker(source: str) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    """Where annotations stand, and ``frozen=True``: mypy sees to them, and the program does the same without."""
    found = []
    for node in ast.walk(ast.parse(source)):
        told = [getattr(node, "annotation", None), getattr(node, "returns", None)]
        told += [node] if isinstance(node, ast.keyword) and node.arg == "frozen" else []
        found += [((n.lineno, n.col_offset), (n.end_lineno, n.end_col_offset)) for n in told if n is not None]
    return found


def mutants_of(file: Path, functions: str = "") -> Iterator[dict[str, Any]]:
    """Each with its number, its line, the words that it ``was`` and what it ``becomes``, and the whole ``source``."""
    source = file.read_text("utf-8")
    left_alone, places = _of_the_type_checker(source), _places(source)
    if functions:
        left_alone += _all_but(source, functions.split(","))
    seen = {source}
    numbers = count(1)
    for name, operator in operators():
        positions = [(node, p) for node in ast_nodes(get_ast(source)) for p in operator.mutation_positions(node)]
        for occurrence, (node, (begins, _)) in enumerate(positions):
            if node.parent and node.parent.type == "parameters":  # a star there multiplies nothing
                continue
            if any(first <= begins < last for first, last in left_alone):
                continue
            spoilt = mutate_code(source, operator, occurrence)
            if spoilt is None or spoilt in seen or not _compiles(spoilt):
                continue
            seen.add(spoilt)
            line, was, becomes = _difference(source, spoilt)
            statement, within = places.get(begins[0], ((line, line), False))
            yield {"number": next(numbers), "operator": name, "line": line, "statement": statement, "within": within,
                   "was": was, "becomes": becomes, "source": spoilt}  # fmt: skip


def _all_but(source: str, functions: Sequence[str]) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    """What stands between them."""
    taken = [n for n in ast.walk(ast.parse(source)) if isinstance(n, ast.FunctionDef) and n.name in functions]
    edges = [(0, 0), *(edge for n in taken for edge in ((n.lineno, 0), (n.end_lineno or 0, 10**6))), (10**9, 0)]
    return list(zip(edges[::2], edges[1::2], strict=True))


def _places(source: str) -> dict[int, tuple[tuple[int, int], bool]]:
    """For each line the first and the last of its statement, and whether that is done when a function is called."""
    found: dict[int, tuple[tuple[int, int], bool]] = {}

    def walk(node: ast.AST, within: bool) -> None:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.stmt):
                body = getattr(child, "body", None)
                # Of one that holds others, what stands before the first of them.
                last = body[0].lineno - 1 if body else child.end_lineno or child.lineno
                for line in range(child.lineno, max(last, child.lineno) + 1):
                    found[line] = ((child.lineno, max(last, child.lineno)), within)
            function = isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef))
            walk(child, within or function)

    walk(ast.parse(source), False)
    return found


def _compiles(source: str) -> bool:
    try:
        compile(source, "mutant", "exec")
    except SyntaxError:
        return False
    return True


def _difference(source: str, spoilt: str) -> tuple[int, str, str]:
    old, new = source.splitlines(), spoilt.splitlines()
    found = [
        each for each in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes() if each[0] != "equal"
    ]
    first, last = found[0][1], found[-1][2]
    after = found[-1][4]
    return first + 1, _in_one_line(old[first:last]), _in_one_line(new[found[0][3] : after])


def _in_one_line(lines: list[str]) -> str:
    return " ".join(" ".join(lines).split())


if __name__ == "__main__":
    json.dump(list(mutants_of(Path(sys.argv[1]), *sys.argv[2:])), sys.stdout)
