"""Who has to act is told by the kind of the error; the tree at the top of the file is the one that is there."""

from __future__ import annotations

import inspect
import re

import pytest

from robots import errors
from robots.errors import (
    AccessDenied,
    ApplicationException,
    BusinessException,
    ConfigurationError,
    DryRunStop,
    EffectRefused,
    RagnhildError,
    RunCancelled,
    WrongInput,
)

ALL = [c for _, c in inspect.getmembers(errors, inspect.isclass) if issubclass(c, RagnhildError)]
_DRAWN = re.compile(r"^(?P<lead>[ │├└─]*)(?P<name>[A-Z]\w+)", re.MULTILINE)


def _drawn_parents() -> dict[str, str]:
    """Name -> the name it hangs under, as the drawing shows it."""
    tree = (errors.__doc__ or "").partition("::\n")[2].partition("\n\nMessages")[0]
    parents: dict[str, str] = {}
    path: list[str] = []
    for drawn in _DRAWN.finditer(inspect.cleandoc(tree)):
        depth = len(drawn["lead"]) // 4
        path[depth:] = [drawn["name"]]
        parents[drawn["name"]] = path[depth - 1] if depth else ""
    return parents


def test_the_tree_is_drawn_as_it_is() -> None:
    drawn = _drawn_parents()
    assert set(drawn) == {c.__name__ for c in ALL}
    for kind in ALL:
        assert drawn[kind.__name__] in ("", *(b.__name__ for b in kind.__mro__[1:]))
        if kind is not RagnhildError:
            assert drawn[kind.__name__]


@pytest.mark.parametrize(
    ("kind", "code"),
    [(WrongInput, 2), (ConfigurationError, 2), (AccessDenied, 2), (BusinessException, 3), (EffectRefused, 3),
     (ApplicationException, 1), (RunCancelled, 1), (DryRunStop, 0)],
)  # fmt: skip
def test_exit_codes(kind: type[RagnhildError], code: int) -> None:
    assert kind.exit_code == code


def test_a_person_is_never_needed_for_what_is_tried_again() -> None:
    assert not [c for c in ALL if issubclass(c, ApplicationException) and issubclass(c, BusinessException)]


def test_every_technical_error_has_words_for_the_handover() -> None:
    for kind in ALL:
        if issubclass(kind, ApplicationException):
            assert kind.kind
            assert kind.todo.endswith(".")


def test_a_business_exception_is_counted_under_its_kind_or_its_reason() -> None:
    assert BusinessException("Fastigheten saknas").kind == "Fastigheten saknas"
    assert BusinessException("Ingen plan för X", kind="Ingen plan", todo="Ring").todo == "Ring"


@pytest.mark.parametrize(
    ("file", "line", "told"), [("", None, "Fel."), ("a.toml", None, "a.toml: Fel."), ("a.toml", 3, "a.toml:3: Fel.")]
)
def test_a_configuration_error_says_where(file: str, line: int | None, told: str) -> None:
    assert str(ConfigurationError("Fel.", file, line)) == told


def test_wrong_input_says_field_value_and_what_was_expected() -> None:
    assert str(WrongInput("Datum", "x", "Skriv ett datum.")) == "Datum: 'x' går inte att använda. Skriv ett datum."
