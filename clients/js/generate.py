"""Writes `api/web/photosense-answers.d.ts`, answers and questions for TypeScript: `make clients` runs it."""

from __future__ import annotations

import inspect
import json
from collections.abc import Mapping, Sequence
from enum import Enum
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Final, Union, get_args, get_origin, get_type_hints

import msgspec

from api.answers import (
    AnnotateAnswer,
    ClassifyAnswer,
    MultiSearchAnswer,
    PostAnswer,
    SearchAnswer,
    StatusAnswer,
    SuggestAnswer,
    TopicsAnswer,
)
from api.requests import SearchBody
from clients.python.generate import kinds_of

FILE: Final = Path(__file__).parents[2] / "api" / "web" / "photosense-answers.d.ts"
ASKED: Final = (
    SearchAnswer, MultiSearchAnswer, PostAnswer, AnnotateAnswer, ClassifyAnswer, TopicsAnswer, SuggestAnswer,
    StatusAnswer,
)  # fmt: skip
_PLAIN: Final = {str: "string", int: "number", float: "number", bool: "boolean", NoneType: "null", Any: "unknown"}


def answer_types() -> str:
    """Return the text of the file."""
    head = "/** What the service answers and is asked. Written by clients/js/generate.py (`make clients`). */"
    kinds = kinds_of(*ASKED)
    any_hit = _comment("An entry among hits: a post, or the sentence in place of one.")
    any_hit += "\nexport type AnyHit = Hit | Withheld;"
    return "\n\n".join([head, *map(_interface, kinds), any_hit, _question()]) + "\n"


def _interface(kind: type[msgspec.Struct]) -> str:
    hints = get_type_hints(kind)
    may_lack = bool(kind.__struct_config__.omit_defaults)
    fields = [
        f"  {each.encode_name}{'?' if may_lack and not each.required else ''}: {_type(hints[each.name])};"
        for each in msgspec.structs.fields(kind)
    ]
    return "\n".join([_comment(kind.__doc__ or ""), f"export interface {kind.__name__} {{", *fields, "}"])


def _question() -> str:
    described = SearchBody.model_json_schema()
    fields = []
    for name, schema in described["properties"].items():
        text = "A photo, as a file." if name == "photo" else schema.get("description", "")
        kind = "Blob" if name == "photo" else _schema_type(schema, described.get("$defs", {}))
        fields += [_comment(text, "  ")] if text else []
        fields += [f"  {name}?: {kind.removesuffix(' | null')};"]
    return "\n".join([_comment(SearchBody.__doc__ or ""), "export interface Question {", *fields, "}"])


def _type(kind: Any) -> str:
    origin, arguments = get_origin(kind), get_args(kind)
    if kind in _PLAIN:
        return _PLAIN[kind]
    if origin in (Union, UnionType):
        return " | ".join(dict.fromkeys(map(_type, arguments)))
    if origin is Sequence:
        item = _type(arguments[0])
        return f"({item})[]" if " " in item else f"{item}[]"
    if origin is Mapping:
        return f"Record<string, {_type(arguments[1])}>"
    if issubclass(kind, Enum):
        return " | ".join(json.dumps(str(each.value)) for each in kind)
    return str(kind.__name__)


def _schema_type(schema: Mapping[str, Any], parts: Mapping[str, Any]) -> str:
    if "$ref" in schema:
        schema = parts[schema["$ref"].rpartition("/")[2]]
    if "anyOf" in schema:
        return " | ".join(dict.fromkeys(_schema_type(each, parts) for each in schema["anyOf"]))
    if "enum" in schema:
        return " | ".join(json.dumps(str(each)) for each in schema["enum"])
    kind = schema.get("type")
    if kind == "array":
        return f"{_schema_type(schema['items'], parts)}[]"
    if kind == "object":
        values = schema.get("additionalProperties")
        return f"Record<string, {_schema_type(values, parts) if isinstance(values, dict) else 'unknown'}>"
    return {"string": "string", "integer": "number", "number": "number", "boolean": "boolean"}.get(str(kind), "null")


def _comment(text: str, indent: str = "") -> str:
    lines = inspect.cleandoc(text).splitlines()
    if len(lines) == 1:
        return f"{indent}/** {lines[0]} */"
    return "\n".join([f"{indent}/**", *(f"{indent} * {line}".rstrip() for line in lines), f"{indent} */"])


if __name__ == "__main__":
    FILE.write_text(answer_types(), "utf-8")
