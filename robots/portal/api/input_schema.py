"""A task's inputs as a JSON Schema, for programs that make a form of them or check what they send."""

from __future__ import annotations

from typing import Any, get_args

from pydantic import TypeAdapter

from robots.fields import Identifier
from robots.inputs import Input, Inputs
from robots.portal.forms import written


def schema_of(inputs: Inputs) -> dict[str, Any]:
    """JSON Schema 2020-12. ``x-personal`` are personal data; a ``pattern`` is the way of writing that is kept."""
    return {
        "type": "object", "properties": {each.name: _property(each) for each in inputs},
        "required": [each.name for each in inputs if each.required], "additionalProperties": False,
    }  # fmt: skip


def _property(each: Input) -> dict[str, Any]:
    told: dict[str, Any] = {"title": each.title, **_shape(each)}
    if each.words.hint:
        told["description"] = each.words.hint
    if each.words.example:
        told["examples"] = [each.words.example]
    if each.words.personal:
        told["x-personal"] = True
    if not each.required and each.default is not None:
        told["default"] = each.default if isinstance(each.default, bool | int | float) else written(each.default)
    return told


def _shape(each: Input) -> dict[str, Any]:
    if each.kind in ("identifier", "choice"):
        shape = {"type": "string"} | ({"enum": list(each.choices)} if each.choices else {"pattern": _pattern(each)})
        return {"anyOf": [shape, {"type": "null"}]} if each.optional else shape
    shape = TypeAdapter(each.annotation).json_schema()
    return {"minLength": 1, **shape} if each.required and shape.get("type") == "string" else shape


def _pattern(each: Input) -> str:
    inner = [part for hint in (each.annotation, *get_args(each.annotation)) for part in (hint, *get_args(hint))]
    kind = next(part for part in inner if isinstance(part, type) and issubclass(part, Identifier))
    return f"^(?:{kind.pattern.pattern})$"
