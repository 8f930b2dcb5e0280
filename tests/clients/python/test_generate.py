"""What the client knows of the service follows from the service: nothing in it was forgotten, nothing is old."""

import json
from dataclasses import asdict
from typing import Any

import msgspec
import pytest

import photosense_client
from api.examples import EXAMPLES
from clients.python import generate
from photosense_client import answers as client_answers
from photosense_client.answer_reader import read_answer


def test_every_answer_of_the_service_is_an_answer_of_the_client() -> None:
    """Field by field, and what must be there must be there in both."""
    kinds = generate.kinds_of(*generate.answer_kinds())
    assert len(kinds) > 60
    for kind in kinds:
        own = getattr(client_answers, kind.__name__).__dataclass_fields__
        assert list(own) == [field.encode_name for field in msgspec.structs.fields(kind)], kind


@pytest.mark.parametrize("kind", EXAMPLES, ids=lambda kind: kind.__name__)
def test_an_example_of_the_service_is_read(kind: type[msgspec.Struct]) -> None:
    """What the service would send becomes the client's type, and nothing of it is lost."""
    sent = json.loads(msgspec.json.encode(EXAMPLES[kind]))
    read = read_answer(getattr(client_answers, kind.__name__), sent)
    assert _without_usual(asdict(read), sent) == sent


def _without_usual(read: Any, sent: Any) -> Any:
    """What was read, without the fields that the service left out because they are as usual."""
    if isinstance(sent, dict):
        return {name: _without_usual(read[name], value) for name, value in sent.items()}
    if isinstance(sent, list):
        return [_without_usual(one, other) for one, other in zip(read, sent, strict=True)]
    return read


def test_the_package_says_what_it_gives() -> None:
    """All that stands in `__all__` is there."""
    assert [name for name in photosense_client.__all__ if not hasattr(photosense_client, name)] == []
