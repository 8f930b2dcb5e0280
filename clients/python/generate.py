"""Writes the parts of photosense_client that follow from others: `make clients` runs it.

- `answers.py`: dataclasses, from the types in `api/answers.py`.
- `options.py`: keyword arguments of requests, from the bodies in `api/requests.py`.
- `client.py`: the synchronous client, from `async_client.py`.
"""

from __future__ import annotations

import inspect
import re
import subprocess
import sys
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from enum import Enum
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Final, Union, get_args, get_origin, get_type_hints

import msgspec
from msgspec.structs import FieldInfo, fields
from pydantic import BaseModel

from api import answers
from api.answers import AnyHit, ChosenFields, Hit, Withheld
from api.requests import AnnotateBody, ClassifyBody, ListBody, SearchBody

PACKAGE: Final = Path(__file__).parent / "photosense_client"
NOTE: Final = "Written by generate.py (`make clients`): change {source} instead."

# Where an answer holds it, a subclass that only says how it is written adds nothing.
LEFT_OUT: Final = (ChosenFields,)

# What the client gives by itself: the text and the photo stand first, and pages follow their cursor.
OPTIONS: Final[Mapping[str, tuple[type[BaseModel], frozenset[str]]]] = {
    "SearchOptions": (SearchBody, frozenset({"text", "photo"})),
    "ListOptions": (ListBody, frozenset()),
    "AnnotateOptions": (AnnotateBody, frozenset({"text", "photo"})),
    "ClassifyOptions": (ClassifyBody, frozenset({"text", "photo", "modality"})),
}

SYNCHRONOUS: Final = (
    (r'"""The asynchronous client\..*?"""', f'"""The synchronous client. {NOTE.format(source="async_client.py")}"""'),
    (r"import asyncio\n", "import time\n"),
    (r"asyncio\.sleep", "time.sleep"),
    (r"from photosense_client\.async_iteration import async_items\n", ""),
    (r"async_items\((\w+)\)", r"\1"),
    (r" \| AsyncIterable\[[^\]]+\]\]", ""),
    (r"AsyncIterable, AsyncIterator, Iterable", "Iterable, Iterator"),
    (r"\basync (def|for|with) ", r"\1 "),
    (r"\bawait ", ""),
    (r"AsyncIterator\[", "Iterator["),
    (r"\b(httpx\.)?AsyncClient\b", r"\1Client"),
    (r"__aenter__", "__enter__"),
    (r"__aexit__", "__exit__"),
    (r"\baclose\b", "close"),
    (r"\baiter_", "iter_"),
    (r"\baread\b", "read"),
    (r", asked asynchronously", ""),
)


def answers_module() -> str:
    """Return the text of answers.py."""
    classes = [_dataclass(kind) for kind in kinds_of(*answer_kinds())]
    head = [
        f'"""What the service answers. {NOTE.format(source="api/answers.py")}"""',
        "from __future__ import annotations",
        "from collections.abc import Mapping, Sequence\nfrom dataclasses import dataclass, field\n"
        "from typing import Any, Literal, TypeAlias",
    ]
    tail = 'AnyHit: TypeAlias = "Hit | Withheld"\n"""An entry among hits: a post, or the sentence in place of one."""'
    return _formatted("\n\n".join([*head, *classes, tail]))


def options_module() -> str:
    """Return the text of options.py."""
    head = [
        f'"""Keyword arguments of requests. {NOTE.format(source="api/requests.py")}"""',
        "from __future__ import annotations",
        "from typing import Any, Literal, TypedDict",
    ]
    bodies = [_typed_dict(name, body, without) for name, (body, without) in OPTIONS.items()]
    return _formatted("\n\n".join([*head, *bodies]))


def client_module() -> str:
    """Return the text of client.py."""
    text = (PACKAGE / "async_client.py").read_text("utf-8")
    for pattern, replacement in SYNCHRONOUS:
        text = re.sub(pattern, replacement, text, flags=re.DOTALL)
    return _formatted(text)


def answer_kinds() -> list[type[msgspec.Struct]]:
    """Return the types that the service's module of answers names."""
    kinds = [kind for kind in vars(answers).values() if inspect.isclass(kind) and issubclass(kind, msgspec.Struct)]
    return [kind for kind in kinds if kind is not msgspec.Struct and kind not in LEFT_OUT]


def kinds_of(*wanted: type[msgspec.Struct]) -> list[type[msgspec.Struct]]:
    """Return types with all that they hold, each once, what is held first."""
    kinds: dict[type[msgspec.Struct], None] = {}

    def collect(kind: type[msgspec.Struct]) -> None:
        for hint in get_type_hints(kind).values():
            for part in _parts(hint):
                if part is not kind and part not in kinds:
                    collect(part)
        kinds.setdefault(kind)

    for kind in wanted:
        collect(kind)
    return list(kinds)


def _parts(hint: Any) -> Iterator[type[msgspec.Struct]]:
    if hint is AnyHit:
        yield from (Hit, Withheld)
    elif inspect.isclass(hint) and issubclass(hint, msgspec.Struct):
        yield hint
    for argument in get_args(hint):
        yield from _parts(argument)


FILES: Final = {"answers.py": answers_module, "options.py": options_module, "client.py": client_module}


def _dataclass(kind: type[msgspec.Struct]) -> str:
    hints = get_type_hints(kind)
    lines = ["@dataclass(frozen=True, slots=True, kw_only=True)", f"class {kind.__name__}:"]
    lines.append(f'    """{inspect.cleandoc(kind.__doc__ or "").replace(chr(10), chr(10) + "    ")}\n    """')
    lines.append("")
    lines += [f"    {each.name}: {_annotation(hints[each.name])}{_default(each)}" for each in fields(kind)]
    for value in vars(kind).values():
        if isinstance(value, property) and value.fget and _stands_alone(value.fget):
            lines += ["", inspect.getsource(value.fget).rstrip()]
    return "\n".join(lines)


def _stands_alone(method: Any) -> bool:
    """Whether it needs nothing of its module but types of answers."""
    names = set(method.__code__.co_names) & method.__globals__.keys()
    return all(isinstance(method.__globals__[name], type(msgspec.Struct)) for name in names)


def _annotation(kind: Any) -> str:
    origin, arguments = get_origin(kind), get_args(kind)
    if kind in (NoneType, None):
        return "None"
    if kind is Any:
        return "Any"
    if kind is AnyHit:
        return "AnyHit"
    if origin in (Union, UnionType):
        return " | ".join(map(_annotation, arguments))
    if origin in (Sequence, Mapping):
        return f"{origin.__name__}[{', '.join(map(_annotation, arguments))}]"
    if issubclass(kind, Enum):
        return f"Literal[{', '.join(repr(str(each.value)) for each in kind)}]"
    return str(kind.__name__)


def _default(each: FieldInfo) -> str:
    if each.default_factory is not msgspec.NODEFAULT:
        return f" = field(default_factory={each.default_factory.__name__})"
    if each.default is msgspec.NODEFAULT:
        return ""
    value = each.default.value if isinstance(each.default, Enum) else each.default
    return " = field(default_factory=dict)" if value == {} else f" = {value!r}"


def _typed_dict(name: str, body: type[BaseModel], without: frozenset[str]) -> str:
    described = body.model_json_schema()
    lines = [f"class {name}(TypedDict, total=False):", f'    """{(body.__doc__ or "").strip()}"""', ""]
    for field, schema in described["properties"].items():
        if field not in without:
            text = schema.get("description", "")
            lines += [f"    {field}: {_schema_annotation(schema, described.get('$defs', {}))}"]
            lines += textwrap.wrap(text and f'"""{text}"""', 120, initial_indent="    ", subsequent_indent="    ")
    return "\n".join(lines)


def _schema_annotation(schema: Mapping[str, Any], parts: Mapping[str, Any]) -> str:
    if "$ref" in schema:
        schema = parts[schema["$ref"].rpartition("/")[2]]
    if "anyOf" in schema:
        return " | ".join(_schema_annotation(each, parts) for each in schema["anyOf"])
    if "enum" in schema:
        return f"Literal[{', '.join(repr(str(each)) for each in schema['enum'])}]"
    match schema.get("type"):
        case "array":
            return f"list[{_schema_annotation(schema['items'], parts)}]"
        case "object" if isinstance(schema.get("additionalProperties"), dict):
            return f"dict[str, {_schema_annotation(schema['additionalProperties'], parts)}]"
        case "object":
            return "dict[str, Any]"
        case kind:
            return {"string": "str", "integer": "int", "number": "float", "boolean": "bool", "null": "None"}.get(
                str(kind), "Any"
            )


def _formatted(text: str) -> str:
    """Format as the repository is formatted."""
    config = Path(__file__).parents[2] / "pyproject.toml"
    ruff = [sys.executable, "-m", "ruff"]
    for action in (["check", "--fix", "--quiet", "--exit-zero"], ["format", "--quiet"]):
        command = [*ruff, *action, "--config", str(config), "--stdin-filename", str(PACKAGE / "written.py"), "-"]
        text = subprocess.run(command, input=text, capture_output=True, text=True, check=True).stdout  # noqa: S603
    return text


if __name__ == "__main__":
    for name, module in FILES.items():
        (PACKAGE / name).write_text(module(), "utf-8")
