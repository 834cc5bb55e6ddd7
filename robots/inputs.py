"""A task's signature as a form: what is typed, checked, shown, put into columns and told to the command line.

Nothing about an input is said twice. Its words come from its type, its default from the signature.
"""

from __future__ import annotations

import inspect
import json
import types
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import Enum
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from pydantic import BaseModel, ConfigDict, ValidationError, create_model
from pydantic_core import PydanticUndefined

from robots.errors import COVERED, WrongInput
from robots.fields import CaseNumber, Describe, Identifier

Kind = Literal["identifier", "text", "long_text", "date", "choice", "flag", "number"]


@dataclass(frozen=True)
class Input:
    """One thing that is typed. ``default`` is ``None`` where ``required`` is true."""

    name: str
    kind: Kind
    words: Describe
    annotation: Any
    required: bool
    default: Any = None
    choices: tuple[str, ...] = ()
    group: str = ""
    optional: bool = False

    @property
    def title(self) -> str:
        return self.words.title

    @property
    def option(self) -> str:
        """As the command line writes it: ``--case-number``; an identifier's ``_id`` ending is left out."""
        return "--" + self.name.removesuffix("_id").replace("_", "-")

    @property
    def identifies(self) -> bool:
        """Whether it belongs to the business key: free text does not make another request."""
        return self.kind not in ("text", "long_text")


@dataclass(frozen=True)
class Values:
    """Checked inputs of one run: ``arguments`` for the task, ``stored`` as JSON, ``subject`` as the business key."""

    arguments: dict[str, Any]
    stored: dict[str, Any]
    subject: str
    case_number: CaseNumber | None
    personal: frozenset[str] = field(default_factory=frozenset)

    @property
    def shown(self) -> dict[str, Any]:
        """As it may stand in a log: personal data masked."""
        return {name: COVERED if name in self.personal and value else value for name, value in self.stored.items()}


class Inputs:
    """All inputs of a task, in the order of its signature."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.all: tuple[Input, ...] = tuple(_inputs_of(function))
        self._groups = {
            name: hint for name, hint in get_type_hints(function).items() if _is_group(hint) and name != "return"
        }
        fields: dict[str, Any] = {
            i.name: (i.annotation, ... if i.required else i.default) for i in self.all if not i.group
        }
        fields |= {name: (hint, ...) for name, hint in self._groups.items()}
        self._model = create_model("Inputs", __config__=ConfigDict(extra="forbid"), **fields)

    def __iter__(self) -> Any:
        return iter(self.all)

    def __getitem__(self, name: str) -> Input:
        return next(i for i in self.all if i.name == name)

    @property
    def case_number(self) -> Input | None:
        """The input that names the citizen's case, if the task has one."""
        return next((i for i in self.all if CaseNumber in (i.annotation, *get_args(i.annotation))), None)

    def parse(self, typed: Mapping[str, Any]) -> Values:
        """Check what was typed. Raises ``WrongInput`` for the first thing wrong; its ``__notes__`` tell the others."""
        problems = self.problems(typed)
        if problems:
            for other in problems[1:]:
                problems[0].add_note(str(other))
            raise problems[0]
        model = self._model.model_validate(self._grouped(typed))
        arguments = {name: getattr(model, name) for name in type(model).model_fields}
        stored = self._flat(model.model_dump(mode="json"))
        subject = json.dumps({i.name: stored[i.name] for i in self.all if i.identifies}, sort_keys=True)
        case = self.case_number
        return Values(
            arguments, stored, subject, getattr(model, case.name) if case else None,
            frozenset(i.name for i in self.all if i.words.personal),
        )  # fmt: skip

    def problems(self, typed: Mapping[str, Any]) -> list[WrongInput]:
        """Everything that is wrong with what was typed, in words; empty when it can be used."""
        return [wrong for _, wrong in self._wrong(typed)]

    def faults(self, typed: Mapping[str, Any]) -> dict[str, str]:
        """What a form says at each input, by name, when it cannot be used; by "" what is wrong between several."""
        found: dict[str, str] = {}
        for name, wrong in self._wrong(typed):
            found.setdefault(name, wrong.expected)
        return found

    def _wrong(self, typed: Mapping[str, Any]) -> list[tuple[str, WrongInput]]:
        unknown = [name for name in typed if name not in {i.name for i in self.all}]
        if unknown:
            known = ", ".join(i.name for i in self.all)
            words = f"Uppgiften har inget sådant fält. Den har {known}."
            return [(name, WrongInput(name, typed[name], words)) for name in unknown]
        try:
            self._model.model_validate(self._grouped(typed))
        except ValidationError as error:
            return [self._in_words(dict(e), typed) for e in error.errors()]
        return []

    def _grouped(self, typed: Mapping[str, Any]) -> dict[str, Any]:
        values: dict[str, Any] = {name: {} for name in self._groups}
        for each in self.all:
            if _empty(typed.get(each.name)):
                continue
            target = values[each.group] if each.group else values
            target[each.name] = _untyped(each, typed[each.name])
        return values

    def _flat(self, dumped: dict[str, Any]) -> dict[str, Any]:
        flat = {name: value for name, value in dumped.items() if name not in self._groups}
        for name in self._groups:
            flat |= dumped[name]
        return {i.name: flat[i.name] for i in self.all}

    def _in_words(self, error: dict[str, Any], typed: Mapping[str, Any]) -> tuple[str, WrongInput]:
        place = [str(part) for part in error["loc"] if str(part) not in self._groups]
        each = next((i for i in self.all if i.name in place), None)
        if each is None:  # a rule between fields, in the words of the municipality's own model
            return "", WrongInput("Uppgifterna", "", str(error["msg"]).removeprefix("Value error, "))
        value = typed.get(each.name, "")
        if error["type"] == "missing" or _empty(value):
            such = f", till exempel {each.words.example}" if each.words.example else ""
            return each.name, WrongInput(each.title, "", f"Fältet måste fyllas i{such}.")
        return each.name, WrongInput(each.title, value, _expected(each, error))


def _inputs_of(function: Callable[..., Any]) -> list[Input]:
    hints = get_type_hints(function, include_extras=True)
    found: list[Input] = []
    for name, parameter in list(inspect.signature(function).parameters.items())[1:]:
        if parameter.kind is inspect.Parameter.KEYWORD_ONLY:
            break
        hint = hints[name]
        if _is_group(hint):
            for inner, info in hint.model_fields.items():
                default = None if info.default is PydanticUndefined else info.default
                annotation = get_type_hints(hint, include_extras=True)[inner]
                found.append(_input(inner, annotation, info.is_required(), default, name))
        else:
            required = parameter.default is inspect.Parameter.empty
            found.append(_input(name, hint, required, None if required else parameter.default))
    return found


def _input(name: str, annotation: Any, required: bool, default: Any, group: str = "") -> Input:
    words = unnamed = Describe(name.replace("_", " ").capitalize())
    plain = annotation
    if get_origin(annotation) is Annotated:
        plain, *extras = get_args(annotation)
        words = next((e for e in reversed(extras) if isinstance(e, Describe)), words)
    optional = get_origin(plain) in (Union, types.UnionType) and type(None) in get_args(plain)
    if optional:
        plain = next(a for a in get_args(plain) if a is not type(None))
        if get_origin(plain) is Annotated:
            plain, *extras = get_args(plain)
            words = next((e for e in extras if isinstance(e, Describe)), words)
    choices: tuple[str, ...] = ()
    kind: Kind
    if isinstance(plain, type) and issubclass(plain, Identifier):
        # Its title may be the task's own, since a form can ask for two persons; what it is made of may not.
        kind, words = "identifier", plain.words if words is unnamed else replace(plain.words, title=words.title)
    elif get_origin(plain) is Literal:
        kind, choices = "choice", tuple(str(a) for a in get_args(plain))
    elif isinstance(plain, type) and issubclass(plain, Enum):
        kind, choices = "choice", tuple(str(m.value) for m in plain)
    elif plain is bool:
        kind = "flag"
    elif plain is date:
        kind = "date"
    elif plain in (int, float):
        kind = "number"
    elif plain is str:
        kind = "long_text" if words.long else "text"
    else:
        raise TypeError(f"Fältet {name} har typen {annotation!r}, som inget formulär kan visa.")
    return Input(name, kind, words, annotation, required, default, choices, group, optional)


def _is_group(hint: Any) -> bool:
    return isinstance(hint, type) and issubclass(hint, BaseModel)


def _empty(value: Any) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def _untyped(each: Input, value: Any) -> Any:
    """What a person or a sheet writes, in the form the type takes: ja and nej, 2,5, a date with its midnight."""
    if each.kind in ("text", "long_text") and isinstance(value, int | float) and not isinstance(value, bool):
        return str(int(value)) if float(value).is_integer() else str(value)
    if each.kind == "number" and isinstance(value, str):
        return value.strip().replace(",", ".")
    if each.kind == "flag" and isinstance(value, str):
        return {"ja": True, "nej": False}.get(value.strip().lower(), value)
    if each.kind == "date" and hasattr(value, "date"):
        return value.date()
    if each.kind == "choice" and isinstance(value, str):
        return next((c for c in each.choices if c.lower() == value.strip().lower()), value)
    return value


def _expected(each: Input, error: dict[str, Any]) -> str:
    if error["type"] in ("identifier", "value_error"):  # the words of whoever wrote the rule
        return str(error["msg"]).removeprefix("Value error, ")
    match each.kind:
        case "choice":
            return f"Välj {' eller '.join(each.choices)}."
        case "date":
            return each.words.hint or "Skriv datumet som ÅÅÅÅ-MM-DD."
        case "flag":
            return "Svara ja eller nej."
        case "number":
            return "Skriv ett tal."
        case "text" | "long_text":
            return "Skriv en text."
    return str(error["msg"]).removeprefix("Value error, ")
