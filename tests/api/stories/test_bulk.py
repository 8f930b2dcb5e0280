"""Posts in bulk: a result for each line, in order, and what is stored can be found."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from api.app import Parts, create_app
from api.settings import ServiceSettings
from qdrant.engine.write_plan import Written
from qdrant.errors import StoreDown, StoreError, StoreFull
from qdrant.points import PhotoPoint
from tests.support.http_client import TestClient, client_from, problem_of
from tests.support.reference_store import ReferenceStore
from tests.support.small_world import as_base64, lines, photo_file

MEDIA = {"content-type": "application/x-ndjson"}
GOOD = "море, волна, берег"


class RefusingStore(ReferenceStore):
    """A store that takes so many posts and then refuses to write, like a disk that fills up."""

    def __init__(self, room: int, refusal: StoreError) -> None:
        super().__init__()
        self._room = room
        self._refusal = refusal

    def upsert(self, points: Sequence[PhotoPoint]) -> list[Written]:
        if self.count() + len(points) > self._room:
            raise self._refusal
        return super().upsert(points)


def body_of(*posts: dict[str, Any]) -> bytes:
    return b"\n".join(line.data or b"" for line in lines(*posts)) + b"\n"


def send(client: TestClient, body: bytes | Iterator[bytes], status: int = 200) -> list[dict[str, Any]]:
    answer = client.post("/v1/posts:bulk", content=body, headers=MEDIA)
    assert answer.status_code == status, answer.text[:300]
    assert answer.headers["content-type"] == "application/x-ndjson"
    results = [json.loads(line) for line in answer.text.splitlines()]
    assert all(set(result) == {"line", "id", "status", "reason", "detail", "marks"} for result in results)
    return results


def statuses(results: list[dict[str, Any]]) -> list[str]:
    return [result["reason"] or result["status"] for result in results]


def test_stored_posts_are_found_at_once(fresh: TestClient) -> None:
    """When the answer says stored, a search finds the post."""
    (result,) = send(fresh, body_of({"id": "p", "captions": [{"text": GOOD, "author": "u1"}], "tags": ["sea"]}))
    assert result == {"line": 1, "id": "p", "status": "stored", "reason": None, "detail": None, "marks": {}}
    (hit,) = fresh.post("/v1/search", json={"text": "волны"}).json()["hits"]
    assert (hit["id"], hit["post"]["captions"]) == ("p", [{"text": GOOD, "author": "u1"}])


def test_good_and_bad_lines_stand_side_by_side(fresh: TestClient) -> None:
    """One bad line fails no other; each has its reason and a sentence, in the order of the lines."""
    body = b"\n".join(
        [
            body_of({"id": "a", "text": f"{GOOD} один"}).strip(),
            b'{"id": "b", "text": ',
            b"[1, 2]",
            b'{"id": "c", "colour": "red"}',
            b'{"id": "", "text": "x"}',
            b'{"text": "no id"}',
            b'{"id": "d", "text": "\xff\xfe"}',
            b'{"id": "e", "text": "\\ud800 wave beach surf"}',
            b'{"id": "f"}',
            b'{"id": "g", "text": "hm"}',
            b'{"id": "h", "attrs": {"size": 1e999}, "text": "sea wave beach"}',
            body_of({"id": "i", "text": f"{GOOD} два"}).strip(),
        ]
    )
    results = send(fresh, body)
    assert [result["line"] for result in results] == list(range(1, 13))
    assert [result["status"] for result in results] == ["stored", *["rejected"] * 10, "stored"]
    assert statuses(results)[1:8] == ["broken_json", *["wrong_field"] * 4, *["broken_json"] * 2]
    assert statuses(results)[8:10] == ["empty", "too_few_words"]
    assert all(" " in result["detail"] for result in results if result["status"] == "rejected")


def test_blank_lines_are_counted_but_have_no_result(fresh: TestClient) -> None:
    """The numbers are those of the lines as sent; line ends of any system, a BOM and a missing last one do no harm."""
    one, two = (body_of({"id": name, "text": f"{GOOD} {name}"}).strip() for name in ("one", "two"))
    results = send(fresh, b"\xef\xbb\xbf\r\n" + one + b"\r\n\n  \t\n" + two)
    assert [(result["line"], result["status"]) for result in results] == [(2, "stored"), (5, "stored")]


@pytest.mark.parametrize("body", [b"", b"\n", b"\n \r\n\n"], ids=["nothing", "a blank line", "blank lines"])
def test_nothing_sent_is_nothing_answered(fresh: TestClient, body: bytes) -> None:
    """An empty body has an empty answer."""
    assert send(fresh, body) == []


def test_more_lines_than_a_batch_in_odd_chunks(fresh: TestClient) -> None:
    """However the bytes are cut, every line has its result, in order."""
    body = body_of(*({"id": f"p{n}", "text": f"{GOOD} {n}"} for n in range(150)))
    results = send(fresh, (body[at : at + 37] for at in range(0, len(body), 37)))
    assert [(result["line"], result["id"]) for result in results] == [(n + 1, f"p{n}") for n in range(150)]
    assert set(statuses(results)) == {"stored"}
    assert fresh.get("/v1/status").json()["posts"] == 150


def test_sending_a_file_twice_changes_nothing(fresh: TestClient) -> None:
    """Posts that are there already are unchanged, with a version and without."""
    body = body_of({"id": "a", "text": f"{GOOD} один", "version": 3}, {"id": "b", "text": f"{GOOD} два"})
    assert statuses(send(fresh, body)) == ["stored", "stored"]
    assert statuses(send(fresh, body)) == ["unchanged", "unchanged"]


def test_an_older_version_is_stale(fresh: TestClient) -> None:
    """What comes late does not undo what is newer, within one body too."""
    written = [{"id": "a", "text": f"{GOOD} {version}", "version": version} for version in (2, 5, 4)]
    assert statuses(send(fresh, body_of(*written))) == ["stored", "stored", "stale"]
    assert fresh.get("/v1/posts/a").json()["version"] == 5
    assert statuses(send(fresh, body_of(written[0]))) == ["stale"]
    assert statuses(send(fresh, body_of({**written[0], "version": 6}))) == ["stored"]


def test_the_same_content_under_another_id_is_a_duplicate(fresh: TestClient) -> None:
    """The first of them stays; the result names it."""
    results = send(fresh, body_of({"id": "a", "text": GOOD}, {"id": "b", "text": GOOD.upper()}))
    assert statuses(results) == ["stored", "duplicate"]
    assert "'a'" in results[1]["detail"]
    assert statuses(send(fresh, body_of({"id": "c", "text": GOOD}))) == ["duplicate"]


def test_a_photo_comes_as_base64(fresh: TestClient) -> None:
    """A photo in the line, plain or as a data URI, is seen: the post is found by a photo like it."""
    photo = as_base64(photo_file("mountains", 1))
    other = as_base64(photo_file("mountains", 2, "JPEG"))
    posts = [{"id": "a", "photo": photo}, {"id": "b", "photo": f"data:image/jpeg;base64,{other}"}]
    posts = [{**post, "child": False} for post in posts]
    assert statuses(send(fresh, body_of(*posts))) == ["stored", "stored"]
    answer = fresh.post("/v1/search", json={"photo": as_base64(photo_file("mountains", 3))}).json()
    assert {hit["id"] for hit in answer["hits"]} == {"a", "b"}


@pytest.mark.parametrize(
    ("photo", "reason"),
    [
        ("photos/1.jpg", "photo_not_base64"),
        ("/etc/passwd1", "photo_unsupported"),
        ("../../secret", "photo_not_base64"),
        ("file:///etc/passwd", "photo_url_off"),
        ("https://photos.example/1.jpg", "photo_url_off"),
        ("data:image/svg+xml,<svg/>", "photo_not_base64"),
        ("", "photo_empty"),
        (as_base64(b"<html>no photo</html>"), "photo_unsupported"),
        (as_base64(photo_file("sea", 1, "JPEG")[:300]), "photo_broken"),
    ],
    ids=["path", "path like base64", "up", "file URL", "URL", "SVG", "empty", "HTML", "cut"],
)
def test_nothing_but_a_photo_in_the_line_is_taken(fresh: TestClient, photo: str, reason: str) -> None:
    """Over HTTP no path is read and no URL is fetched; what is no photo is turned away, the next line is not."""
    results = send(fresh, body_of({"id": "a", "photo": photo, "text": GOOD}, {"id": "b", "text": GOOD}))
    assert statuses(results) == [reason, "stored"]


@pytest.mark.parametrize("media", ["application/jsonl", "text/plain", "multipart/form-data; boundary=x", ""])
def test_another_content_type_is_refused(fresh: TestClient, media: str) -> None:
    """Only NDJSON and JSON are taken, so no web page can send posts by a plain form."""
    answer = fresh.post("/v1/posts:bulk", content=body_of({"id": "a", "text": GOOD}), headers={"content-type": media})
    problem_of(answer, 403)
    assert fresh.get("/v1/status").json()["posts"] == 0


def test_ndjson_with_a_charset_is_taken(fresh: TestClient) -> None:
    """What clients add to the content type does no harm."""
    media = {"content-type": "Application/X-NDJSON; charset=utf-8"}
    assert fresh.post("/v1/posts:bulk", content=body_of({"id": "a", "text": GOOD}), headers=media).status_code == 200


@pytest.mark.parametrize(
    ("refusal", "status", "reason"),
    [(StoreFull("The disk is full."), 507, "store_full"), (StoreDown("The engine is away."), 503, "store_down")],
    ids=["full", "down"],
)
def test_lines_that_the_store_refuses_say_so(refusal: StoreError, status: int, reason: str) -> None:
    """Batches before stay stored; each line after has failed and may be sent again; the status is the first batch's."""
    app = create_app(ServiceSettings(), Parts(RefusingStore(64, refusal)))
    posts = [{"id": f"p{n}", "text": f"{GOOD} {n}"} for n in range(130)]
    with client_from(app) as client:
        results = send(client, body_of(*posts))
        assert [result["line"] for result in results] == list(range(1, 131))
        assert statuses(results) == ["stored"] * 64 + [reason] * 66
        assert {result["status"] for result in results[64:]} == {"failed"}
        assert results[64]["detail"] == str(refusal)
        assert client.get("/v1/status").json()["posts"] == 64
        answer = client.post("/v1/posts:bulk", content=body_of(*posts[64:]), headers=MEDIA)
        assert (answer.status_code, answer.headers.get("retry-after")) == (status, "5" if status == 503 else None)


def test_posts_come_as_one_array_too(fresh: TestClient) -> None:
    """Its elements are numbered as lines are, and what is wrong with one fails no other."""
    body = json.dumps([{"id": "a", "text": f"{GOOD} [1], {{2}}"}, {"id": "b", "colour": 1}, {"id": "c", "text": GOOD}])
    answer = fresh.post("/v1/posts:bulk", content=body, headers={"content-type": "application/json"})
    results = [json.loads(line) for line in answer.text.splitlines()]
    assert [(result["line"], result["id"]) for result in results] == [(1, "a"), (2, "b"), (3, "c")]
    assert statuses(results) == ["stored", "wrong_field", "stored"]
    one = fresh.post("/v1/posts:bulk", json={"id": "a", "text": GOOD})
    assert "no JSON array" in problem_of(one, 422, "broken_json")["detail"]


def test_a_refused_update_leaves_no_old_text_where_the_site_says_so(fresh: TestClient) -> None:
    """`on_reject=withdraw` removes what it was to replace, unless that is newer; `keep` does not."""
    send(fresh, body_of(*({"id": name, "text": f"{GOOD} {name}", "version": 3} for name in ("a", "b", "c"))))
    refused = body_of(*({"id": name, "text": "hm", "version": version} for name, version in (("a", 4), ("b", 2))))
    bad = b'{"id": "c", "version": 4, "colour": "red"}'
    for wish, marks in (("keep", [[], [], []]), ("withdraw", [["withdrawn"], [], ["withdrawn"]])):
        answer = fresh.post(f"/v1/posts:bulk?on_reject={wish}", content=refused + bad, headers=MEDIA)
        results = [json.loads(line) for line in answer.text.splitlines()]
        assert statuses(results) == ["too_few_words", "too_few_words", "wrong_field"]
        assert [list(result["marks"]) for result in results] == marks
    assert [hit["id"] for hit in fresh.post("/v1/search", json={"text": "море"}).json()["hits"]] == ["b"]
    problem_of(fresh.post("/v1/posts:bulk?on_reject=burn", content=refused, headers=MEDIA), 422, "wrong_field")


def test_captions_that_were_emptied_leave_nothing_findable(fresh: TestClient) -> None:
    """Without a word of the site: who deletes all that he wrote does not want it found; other refusals keep it."""
    send(fresh, body_of({"id": "a", "text": f"{GOOD} один"}, {"id": "b", "text": f"{GOOD} два"}))
    results = send(fresh, body_of({"id": "a", "captions": [{"text": " "}]}, {"id": "b", "text": "hm"}))
    assert statuses(results) == ["empty", "too_few_words"]
    assert [list(result["marks"]) for result in results] == [["withdrawn"], []]
    assert [hit["id"] for hit in fresh.post("/v1/search", json={"text": "море"}).json()["hits"]] == ["b"]


def test_what_is_held_can_be_sent_but_is_not_told(fresh: TestClient) -> None:
    """A post about a child is stored like any other; only visitors do not get it."""
    (result,) = send(fresh, body_of({"id": "a", "text": "девочка у моря, волна"}))
    assert result["status"] == "stored"
    assert fresh.get("/v1/posts/a").status_code == 451
