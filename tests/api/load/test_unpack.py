"""Bodies that come packed are read as if they had come unpacked, and never to more than is allowed."""

import gzip
import json
from collections.abc import Iterator

import pytest

from api.app import Parts, create_app
from api.errors import BadRequest
from api.load.unpack import Unpacker
from api.settings import ServiceSettings
from tests.support.http_client import TestClient, client_from, problem_of
from tests.support.reference_store import ReferenceStore

PACKED = {"content-encoding": "gzip", "content-type": "application/x-ndjson"}
QUESTION = {"content-encoding": "gzip", "content-type": "application/json"}
LINES = b"".join(b'{"id": "p%d", "text": "sea wave beach surf %d"}\n' % (n, n) for n in range(70))

FEW = b"".join(LINES.splitlines(keepends=True)[:9])  # less than is stored at once


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    with client_from(create_app(ServiceSettings(max_body_mb=1), Parts(ReferenceStore()))) as client:
        yield client


def test_a_packed_body_is_what_is_in_it(client: TestClient) -> None:
    """Of a bulk and of a question, in pieces of any size, and of two files that were joined."""
    packed = gzip.compress(LINES[:1000]) + gzip.compress(LINES[1000:])
    pieces = (packed[at : at + 7] for at in range(0, len(packed), 7))
    answer = client.post("/v1/posts:bulk", content=pieces, headers=PACKED)
    assert [json.loads(line)["status"] for line in answer.text.splitlines()] == ["stored"] * 70
    question = gzip.compress(b'{"text": "beach"}')
    assert client.post("/v1/search", content=question, headers=QUESTION).json()["total"] == 70
    assert client.post("/v1/search", content=b'{"text": "a"}', headers={**QUESTION, "content-encoding": "identity"})


def test_a_thousandfold_body_stops_at_the_limit(client: TestClient) -> None:
    """A question at the largest body, a line at the longest line, and a bulk where no honest one comes near."""
    bomb = gzip.compress(b" " * 2**22)
    assert len(bomb) < 2**13
    problem_of(client.post("/v1/search", content=bomb, headers=QUESTION), 413, "too_large")
    pieces = Unpacker().feed(gzip.compress(b" " * 2**27))
    assert {len(next(pieces)) for _ in range(2**26 // 2**18)} == {2**18}
    with pytest.raises(BadRequest, match="more than 200 times its size"):
        next(pieces)


@pytest.mark.parametrize("body", [FEW, gzip.compress(FEW)[:-9], gzip.compress(FEW) + b"more"])
def test_what_is_not_what_it_says_is_refused(client: TestClient, body: bytes) -> None:
    """Plain, cut short, or with something behind it."""
    problem_of(client.post("/v1/posts:bulk", content=body, headers=PACKED), 400, "broken_gzip")


@pytest.mark.parametrize("packing", ["br", "deflate", "gzip, gzip", "zstd"])
def test_another_packing_is_refused(client: TestClient, packing: str) -> None:
    """The sentence says which one is taken."""
    answer = client.post("/v1/search", content=b'{"text": "a"}', headers={**QUESTION, "content-encoding": packing})
    assert "gzip" in problem_of(answer, 415, "unsupported_media_type")["detail"]
