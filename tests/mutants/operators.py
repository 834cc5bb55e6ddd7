"""Ways to spoil code that cosmic-ray has not: something is left out, or looked for where it must not be.

The tree is parso's, as cosmic-ray's own operators have it; this runs in the place of ``making.py``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from cosmic_ray.operators.operator import Operator  # type: ignore[import-not-found]  # in build/mutants only
from parso.python.tree import Name  # type: ignore[import-not-found]  # likewise


class _Ours(Operator):  # type: ignore[misc]
    """``points`` are what can be spoilt at a node; ``mutate`` spoils one of them."""

    def points(self, node: Any) -> list[Any]:
        raise NotImplementedError

    def mutation_positions(self, node: Any) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
        for point in self.points(node):
            yield point.start_pos, point.end_pos

    @classmethod
    def examples(cls) -> tuple[()]:
        return ()


class DropStatement(_Ours):
    """A call whose answer nobody takes, or what is written in something that is there already."""

    def points(self, node: Any) -> list[Any]:
        if node.type != "simple_stmt":
            return []
        told = node.children[0]
        called = told.type in ("atom_expr", "power") and told.children[-1].type == "trailer"
        written = told.type == "expr_stmt" and (
            told.children[0].type != "name" or (told.children[1].type == "operator" and told.children[1].value != "=")
        )
        return [told] if called or written else []

    def mutate(self, node: Any, index: int) -> Any:
        node.children[0] = _as_is(node.get_first_leaf().prefix + "pass")
        return node


class _DropOne(_Ours):
    """One of several things between commas."""

    types: tuple[str, ...] = ()

    def points(self, node: Any) -> list[Any]:
        if node.type not in self.types or any(child.type in ("comp_for", "sync_comp_for") for child in node.children):
            return []
        if node.parent.type == "classdef":
            return []
        groups = _between_commas(node)
        return [group[0] for group in groups] if len(groups) > 1 else []

    def mutate(self, node: Any, index: int) -> Any:
        groups = _between_commas(node)
        gone = groups.pop(index)
        if index == 0:
            groups[0][0].get_first_leaf().prefix = gone[0].get_first_leaf().prefix
        words = ",".join("".join(part.get_code() for part in group) for group in groups)
        of_tuple = node.type == "testlist_comp" and node.parent.children[0].value == "("
        return _as_is(words + "," * of_tuple)  # a tuple of one needs its comma


def _as_is(words: str) -> Any:
    """A leaf of the tree that is written out as these words, whatever they are."""
    return Name(words, (1, 0))


def _between_commas(node: Any) -> list[list[Any]]:
    groups: list[list[Any]] = [[]]
    for child in node.children:
        if child.type == "operator" and child.value == ",":
            groups.append([])
        else:
            groups[-1].append(child)
    return [group for group in groups if group]


class DropArgument(_DropOne):
    types = ("arglist",)


class DropElement(_DropOne):
    types = ("testlist_comp", "dictorsetmaker")


class TurnIn(_Ours):
    """``in`` becomes ``not in``, and the other way."""

    def points(self, node: Any) -> list[Any]:
        if node.type != "comparison":
            return []
        return [child for child in node.children[1::2] if child.get_code().split() in (["in"], ["not", "in"])]

    def mutate(self, node: Any, index: int) -> Any:
        point = self.points(node)[index]
        other = "in" if "not" in point.get_code() else "not in"
        node.children[node.children.index(point)] = _as_is(f" {other}")
        return node


class DropFromPattern(_Ours):
    """In a raw string, a pattern: one alternative less, once less often, or no longer left out."""

    pieces = re.compile(r"\|[^|()\[\]{}]+(?=[|)])|\{\{?\d+,\d+\}\}?|(?<=[)\]a-z.])\?(?![:=!<P])")

    def is_one(self, node: Any) -> bool:
        begins = node.value if node.type == "string" else node.parent.children[0].value if self._within(node) else ""
        return "r" in begins.split('"')[0].lower()

    def points(self, node: Any) -> list[Any]:
        if not (node.type == "string" or self._within(node)) or not self.is_one(node):
            return []
        return [node] * len(self.pieces.findall(node.value))

    def mutate(self, node: Any, index: int) -> Any:
        found = list(self.pieces.finditer(node.value))[index]
        node.value = node.value[: found.start()] + self.instead(found[0]) + node.value[found.end() :]
        return node

    def instead(self, piece: str) -> str:
        return re.sub(r"\d+(?=\}\}?$)", lambda most: str(int(most[0]) - 1), piece) if "{" in piece else ""

    @staticmethod
    def _within(node: Any) -> bool:
        return bool(node.type == "fstring_string")


class DropFromSql(DropFromPattern):
    """One condition of several, or one of several words that are looked for."""

    pieces = re.compile(r" (?:and|or) (?:not )?(?:(?! and | or )[^()])+(?:\([^()]*\))?|, '[^']+'(?=[,)])")

    def is_one(self, node: Any) -> bool:
        is_words = node.type == "string" and node.parent.type == "simple_stmt"  # for people
        return not is_words and re.search(r"\b(?:select|where|from|not exists|t\.\w+) ", node.value) is not None

    def instead(self, piece: str) -> str:
        return ""


OURS = (DropStatement, DropArgument, DropElement, TurnIn, DropFromPattern, DropFromSql)
