"""Whatever strangers send is answered with its reason, and memory stays flat."""

import gzip
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ingest.bulk.run import Run, take_all
from tests.support.crawl import make_pipeline, photo, post
from tests.support.reference_store import ReferenceStore

AT_MOST_MB = 64


def raw(text: str) -> bytes:
    return f'{{"id": "bad", "text": "{text}"}}'.encode("utf-8", "surrogatepass")


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        pytest.param(b'{"id": "bad", "text": "\xc3\x28"}', "broken_json", id="invalid UTF-8"),
        pytest.param(raw("\ud800"), "broken_json", id="lone surrogate, as bytes"),
        pytest.param(rb'{"id": "bad", "text": "\ud800"}', "broken_json", id="lone surrogate, escaped"),
        pytest.param(raw("a\x00b"), "broken_json", id="bare NUL"),
        pytest.param(b"\x00" * 1000, "broken_json", id="nothing but NUL"),
        pytest.param(rb'{"id": "bad", "text": "sea\u0000b"}', "too_few_words", id="escaped NUL is text"),
        pytest.param(b'{"id": 7}', "wrong_field", id="id of wrong type"),
        pytest.param(b'{"id": null}', "wrong_field", id="no id"),
        pytest.param(b'{"id": "bad", "attrs": {"a": NaN}}', "broken_json", id="NaN"),
        pytest.param(b'{"id": "bad", "attrs": {"a": 1e400}}', "wrong_field", id="number beyond floats"),
        pytest.param(b'{"id": "bad", "attrs": {"a": 9223372036854775808}}', "wrong_field", id="int over 2^63"),
        pytest.param(b'{"id": "bad", "version": 9223372036854775808}', "wrong_field", id="version over 2^63"),
        pytest.param(b'{"id": "bad", "photo": "gone.jpg", "text": "a"}', "photo_missing", id="vanished photo"),
        pytest.param(b'{"id": "bad", "photo": "../p.jpg"}', "photo_outside", id="photo outside"),
        pytest.param(b'{"id": "bad", "photo": "page.jpg"}', "photo_unsupported", id="HTML as photo"),
        pytest.param(b'{"id": "bad", "photo": "none.jpg"}', "photo_empty", id="photo of no bytes"),
        pytest.param(b'{"id": "bad", "photo": "cut.png"}', "photo_broken", id="photo that is cut"),
        pytest.param(b'{"id": "p1", "text": "\xd0\xbc\xd0\xbe\xd1\x80\xd0\xb5"}', "too_few_words", id="id sent twice"),
    ],
)
@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
def test_a_bad_line_has_its_reason(tmp_path: Path, bad: bytes, reason: str, packed: bool) -> None:
    """Those around it are stored."""
    (tmp_path / "page.jpg").write_text("<!doctype html>")
    (tmp_path / "none.jpg").write_bytes(b"")
    (tmp_path / "cut.png").write_bytes(photo("sea")[:500])
    text = b"\n".join([json.dumps(post("p1")).encode(), bad, json.dumps(post("p3", "city")).encode()])
    file = tmp_path / "posts.ndjson"
    file.write_bytes(gzip.compress(text) if packed else text)
    store = ReferenceStore()
    report = take_all(Run.of(file, tmp_path / "rejected" / "posts.ndjson"), make_pipeline(store))
    assert report.reasons == {reason: 1}
    assert sorted(point.id for point in store.scroll()) == ["p1", "p3"]


def test_the_last_of_several_posts_with_one_id_stays(tmp_path: Path) -> None:
    """Within a batch and across batches."""
    file = tmp_path / "posts.ndjson"
    sent = [post(f"p{number % 10}", text=f"кадр {number}, вечер, берег") for number in range(600)]
    file.write_text("".join(json.dumps(each, ensure_ascii=False) + "\n" for each in sent), "utf-8")
    store = ReferenceStore()
    take_all(Run.of(file, tmp_path / "rejected.ndjson"), make_pipeline(store))
    texts = {point.id: [caption["text"] for caption in point.post["captions"]] for point in store.scroll()}
    assert {name: [text for text in captions if "вечер" in text] for name, captions in texts.items()} == {
        f"p{number}": [f"кадр {590 + number}, вечер, берег"] for number in range(10)
    }


MEASURE = """
import resource, sys
from pathlib import Path
from ingest.errors import IngestError
from ingest.bulk.run import Run, take_all
from tests.support.crawl import make_pipeline
from tests.support.reference_store import ReferenceStore

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024

small, large = map(Path, sys.argv[1:])
pipeline = make_pipeline(ReferenceStore())
take_all(Run.of(small, small.with_suffix(".rejected")), pipeline)
before = peak()
try:
    outcome = dict(take_all(Run.of(large, large.with_suffix(".rejected")), pipeline).reasons)
except IngestError as error:
    outcome = type(error).__name__
print(round(peak() - before), outcome)
"""


def long_line(file: Path) -> None:
    with file.open("wb") as lines:
        lines.write(b'{"id": "long", "text": "')
        lines.write(b"x" * (200 << 20))
        lines.write(b'"}\n')


def long_row(file: Path) -> None:
    with file.open("wb") as lines:
        lines.write(b'id,text\n1,"')
        lines.write(b"x" * (200 << 20))
        lines.write(b'"\n')


def bomb(file: Path) -> None:
    file.write_bytes(gzip.compress(bytes(2**24)) * 20)


@pytest.mark.parametrize(
    ("make", "name", "outcome"),
    [
        pytest.param(long_line, "large.ndjson", "{'line_too_long': 1}", id="a line of 200 MB"),
        pytest.param(long_row, "large.csv", "{'line_too_long': 1}", id="a row of 200 MB"),
        pytest.param(bomb, "large.ndjson.gz", "InputBroken", id="a gzip bomb"),
    ],
)
def test_memory_stays_flat(tmp_path: Path, make: Any, name: str, outcome: str) -> None:
    """It rises by no more than 64 MB, whatever the size of what is sent."""
    small = tmp_path / "small.ndjson"
    small.write_text("".join(json.dumps(post(f"p{number}")) + "\n" for number in range(600)))
    make(tmp_path / name)
    ended = subprocess.run(
        [sys.executable, "-c", MEASURE, small, tmp_path / name],
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
        check=True,
    )
    rise, _, reasons = ended.stdout.strip().partition(" ")
    assert reasons == outcome
    assert int(rise) <= AT_MOST_MB
