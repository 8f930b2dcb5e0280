"""Single posts are sent, changed and removed at their own address, and many are removed at once."""

from typing import Any
from urllib.parse import quote

import pytest

from tests.support.http_client import TestClient, problem_of
from tests.support.small_world import as_base64, photo_file

GOOD = "море, волна, берег"


def at(post: str) -> str:
    return f"/v1/posts/{quote(post, safe='')}"


def put(client: TestClient, post: str, **fields: Any) -> Any:
    return client.put(at(post), json=fields)


def found(client: TestClient, text: str = "море") -> list[str]:
    return [hit["id"] for hit in client.post("/v1/search", json={"text": text, "mode": "words"}).json()["hits"]]


@pytest.mark.parametrize("post", ["a", "a/b c", "фото?#1"])
def test_a_post_is_sent_changed_and_removed(fresh: TestClient, post: str) -> None:
    """What is answered holds for the next request; what was not named stays, but for PUT."""
    fields = {
        "text": GOOD,
        "tags": ["album"],
        "attrs": {"n": 1},
        "photo": as_base64(photo_file("sea", 1)),
        "child": False,
    }
    assert put(fresh, post, **fields).json() == {"id": post, "status": "stored", "marks": {}}
    assert put(fresh, post, **fields).json()["status"] == "unchanged"
    answer = fresh.patch(at(post), json={"attrs": {"m": "x"}}, headers={"content-type": "application/merge-patch+json"})
    assert answer.json() == {"id": post, "status": "stored", "marks": {}}
    assert fresh.get(at(post)).json()["post"]["attrs"] == {"n": 1, "m": "x"}
    assert found(fresh) == [post]
    assert fresh.patch(at(post), json={"text": "горы и снег, вершина"}).json()["status"] == "stored"
    assert (found(fresh), found(fresh, "снег")) == ([], [post])
    assert put(fresh, post, text=f"{GOOD} 2").json()["status"] == "stored"
    assert fresh.get(at(post)).json()["post"]["attrs"] == {}
    assert fresh.delete(at(post)).status_code == 200
    problem_of(fresh.patch(at(post), json={"tags": []}), 404, "not_found")


def test_what_cannot_be_stored_is_a_problem(fresh: TestClient) -> None:
    """Each with the reason that a line of a bulk would have, and 409 where another version is stored."""
    problem_of(put(fresh, "a", text="hm"), 422, "too_few_words")
    problem_of(put(fresh, "a", text=GOOD, colour="red"), 422, "wrong_field")
    problem_of(put(fresh, "a", text=GOOD, id="b"), 422, "wrong_field")
    problem_of(put(fresh, "a", photo="no base64!"), 422, "photo_not_base64")
    put(fresh, "a", text=GOOD, version=3)
    problem_of(put(fresh, "a", text=f"{GOOD} 2", version=2), 409, "stale")
    problem_of(fresh.patch("/v1/posts/a", json={"tags": ["x"]}), 409, "version_missing")
    problem_of(fresh.patch("/v1/posts/a", json={"tags": ["x"], "version": 1}), 409, "stale")
    for body in (b"[1]", b"{", b"null"):
        headers = {"content-type": "application/json"}
        problem_of(fresh.patch("/v1/posts/a", content=body, headers=headers), 400, "broken_json")
    problem_of(fresh.put("/v1/posts/a", content=b"{}", headers={"content-type": "text/plain"}), 415)
    assert fresh.get("/v1/posts/a").json()["version"] == 3
    for part in ("photo", "similar", "compliance/life"):
        problem_of(fresh.put(f"/v1/posts/a/{part}", json={"text": GOOD}), 405)
    withdrawn = fresh.patch("/v1/posts/a", params={"on_reject": "withdraw"}, json={"text": "hm", "version": 4})
    assert "removed" in problem_of(withdrawn, 422, "too_few_words")["detail"]
    problem_of(fresh.get("/v1/posts/a"), 404)


def test_a_change_about_a_child_is_withheld_at_once(fresh: TestClient) -> None:
    """The whole new post is judged; the answer to the site is that it is stored."""
    put(fresh, "a", text=GOOD)
    assert fresh.patch("/v1/posts/a", json={"tags": ["девочка"]}).json()["status"] == "stored"
    assert fresh.get("/v1/posts/a", params={"country": "RU"}).status_code == 451
    assert found(fresh) == []


class TestDeletingMany:
    @pytest.fixture(autouse=True)
    def posts(self, fresh: TestClient) -> None:
        """Six posts of two albums, one of them held."""
        for n in range(6):
            put(fresh, f"p{n}", text=f"{GOOD} {n}", attrs={"album": "ab"[n % 2]}, child=n == 5)

    def delete(self, client: TestClient, **body: Any) -> Any:
        return client.post("/v1/posts:delete", json=body)

    def test_by_ids(self, fresh: TestClient) -> None:
        """Those that are there go, the others are named; twice is no mistake."""
        answer = self.delete(fresh, ids=["p0", "p5", "nobody", "p0"]).json()
        assert answer == {
            "total": 2,
            "deleted": 2,
            "ids": ["p0", "p5"],
            "missing": ["nobody"],
            "more": False,
            "dry_run": False,
        }
        assert self.delete(fresh, ids=["p0"]).json()["deleted"] == 0
        assert fresh.get("/v1/status").json()["posts"] == 4

    def test_by_a_filter_with_a_dry_run_before(self, fresh: TestClient) -> None:
        """Held ones too, so many at most; none where it would be another number than expected."""
        wanted = {"field": "attrs.album", "equals": "b"}
        told = self.delete(fresh, filter=wanted, dry_run=True).json()
        assert (told["total"], told["deleted"], sorted(told["ids"])) == (3, 0, ["p1", "p3", "p5"])
        problem_of(self.delete(fresh, filter=wanted, expected=2), 409, "count_differs")
        assert fresh.get("/v1/status").json()["posts"] == 6
        some = self.delete(fresh, filter=wanted, expected=3, limit=2).json()
        assert (some["deleted"], some["more"]) == (2, True)
        assert self.delete(fresh, filter=wanted).json()["deleted"] == 1
        assert sorted(found(fresh)) == ["p0", "p2", "p4"]

    @pytest.mark.parametrize(
        "body", [{}, {"ids": []}, {"ids": ["a"], "filter": {"field": "tags", "equals": "x"}}, {"ids": ["a"] * 10_001}]
    )
    def test_a_body_that_means_nothing_removes_nothing(self, fresh: TestClient, body: dict[str, Any]) -> None:
        """Nor does one that means everything by mistake."""
        problem_of(self.delete(fresh, **body), 422, "wrong_field")
        problem_of(self.delete(fresh, filter={}), 422, "wrong_filter")
        assert fresh.get("/v1/status").json()["posts"] == 6
