"""Turns JSON into the dataclasses of `answers`."""

from __future__ import annotations

import types
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import MISSING, fields, is_dataclass
from functools import cache
from typing import Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from photosense_client import answers
from photosense_client.errors import StrangeAnswer

T = TypeVar("T")
Reader = Callable[[Any], Any]


def read_answer(kind: type[T], data: object) -> T:
    """Build an answer of a kind from JSON.

    Fields that this version of the package does not know are ignored, so that a newer service can be talked to.

    Raises:
        StrangeAnswer: A field is missing, or the JSON is of another shape.
    """
    try:
        return cast(T, _reader(cast(Hashable, kind))(data))
    except (KeyError, TypeError, AttributeError) as error:
        raise StrangeAnswer(
            f"The answer is no {kind.__name__} as this version of photosense-client knows it ({error}): "
            "is the address that of a photosense service, and the client not older than it?"
        ) from error


@cache
def _reader(kind: Hashable) -> Reader:
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        return _one_of(arguments)
    if origin is Sequence:
        item = _reader(arguments[0])
        return lambda data: [item(one) for one in data]
    if origin is Mapping:
        value = _reader(arguments[1])
        return lambda data: {name: value(one) for name, one in data.items()}
    if is_dataclass(kind):
        return _dataclass_reader(kind)
    return lambda data: data


def _one_of(kinds: tuple[Any, ...]) -> Reader:
    """Read None as it is, and of several dataclasses the first whose necessary fields are there."""
    shapes = [(_necessary(kind), _reader(cast(Hashable, kind))) for kind in kinds if is_dataclass(kind)]
    others = [_reader(kind) for kind in kinds if not is_dataclass(kind) and kind is not types.NoneType]

    def read(data: Any) -> Any:
        if data is None:
            return None
        if shapes:
            for necessary, reader in shapes:
                if necessary <= data.keys():
                    return reader(data)
            return shapes[0][1](data)  # which says what is missing
        return others[0](data) if others else data

    return read


def _necessary(kind: Any) -> frozenset[str]:
    return frozenset(each.name for each in fields(kind) if each.default is MISSING and each.default_factory is MISSING)


def _dataclass_reader(kind: Any) -> Reader:
    readers: dict[str, Reader] = {}  # filled in below, so that a kind may hold itself
    necessary = _necessary(kind)

    def read(data: Any) -> Any:
        if not readers:
            hints = get_type_hints(kind, vars(answers))
            readers.update({each.name: _reader(hints[each.name]) for each in fields(kind)})
        if missing := necessary - data.keys():
            raise KeyError(f"without {', '.join(sorted(missing))}")
        return kind(**{name: reader(data[name]) for name, reader in readers.items() if name in data})

    return read
