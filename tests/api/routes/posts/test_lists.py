"""Posts by their id: read, deleted, and others like them."""

import json
from typing import Any
from urllib.parse import quote

import pytest

from tests.support.http_client import TestClient, problem_of
from tests.support.reference_store import ReferenceStore
from tests.support.small_world import HELD_MARKS, World, as_base64, photo_file

ODD_IDS = [
    "a/b/c",
    "фото 1",
    "x" * 256,
    "50%",
    "a?b#c",
    "naïve\u0000",
    "🌊",
    "../up",
    "a/similarly",
    ";,:@&=+$",
    "a\nb",
    "a\n",
]


def at(post: str, rest: str = "") -> str:
    return f"/v1/posts/{quote(post, safe='')}{rest}"


class TestReading:
    def test_a_post_is_given_as_it_was_sent(self, site: TestClient) -> None:
        """Captions with their authors, tags, link, attributes and version; nothing of the photo."""
        answer = site.get("/v1/posts/mountains-1")
        body = answer.json()
        assert set(body) == {"id", "version", "post"}
        assert (body["id"], body["version"]) == ("mountains-1", 1)
        assert set(body["post"]) == {"captions", "tags", "link", "thumb", "photo", "attrs", "consented"}
        assert body["post"]["captions"][0]["author"] == "u001"
        assert body["post"]["attrs"] == {"album": "mountains"}
        assert answer.headers["cache-control"] == "private, no-store"

    @pytest.mark.parametrize("post", [*ODD_IDS, "y" * 300], ids=lambda post: ascii(post)[:20])
    def test_an_absent_id_is_not_found(self, site: TestClient, post: str) -> None:
        """However odd the id, the answer is 404 and a sentence."""
        problem_of(site.get(at(post)), 404, "not_found")
        problem_of(site.get(at(post, "/similar")), 404, "not_found")
        problem_of(site.delete(at(post)), 404, "not_found")

    @pytest.mark.parametrize("post", ODD_IDS, ids=lambda post: ascii(post)[:20])
    def test_whatever_id_was_taken_can_be_read_and_deleted(
        self, fresh: TestClient, world: World, empty_store: ReferenceStore, post: str
    ) -> None:
        """An id with slashes, blanks or letters of any script is reachable once it is stored."""
        (result,) = World(empty_store, world.model).take({"id": post, "text": "море, волна, берег"})
        assert result.status == "stored"
        assert fresh.get(at(post)).json()["id"] == post
        assert fresh.get(at(post, "/similar")).json()["query"]["mode"] == "topics"
        assert fresh.delete(at(post)).json() == {"id": post, "status": "deleted"}
        problem_of(fresh.get(at(post)), 404, "not_found")

    def test_bytes_that_are_no_text_are_not_found(self, site: TestClient) -> None:
        """A path that is not UTF-8 names no post."""
        problem_of(site.get("/v1/posts/%ED%A0%80%FF"), 404, "not_found")


class TestDeleting:
    def test_a_deleted_post_is_gone(self, fresh: TestClient, world: World, empty_store: ReferenceStore) -> None:
        """It is neither read nor found, and deleting it again is 404."""
        World(empty_store, world.model).take({"id": "p", "text": "море, волна, берег"})
        assert fresh.post("/v1/search", json={"text": "море"}).json()["total"] == 1
        assert fresh.delete("/v1/posts/p").status_code == 200
        assert fresh.post("/v1/search", json={"text": "море"}).json()["total"] == 0
        problem_of(fresh.delete("/v1/posts/p"), 404, "not_found")


class TestSimilar:
    def test_posts_like_a_post_are_of_its_subject(self, site: TestClient) -> None:
        """Nearest first, with a match and reasons, and never the post itself."""
        body = site.get("/v1/posts/city-2/similar", params={"limit": 5}).json()
        assert {hit["post"]["attrs"]["album"] for hit in body["hits"]} == {"city"}
        assert "city-2" not in [hit["id"] for hit in body["hits"]]
        matches = [hit["match"] for hit in body["hits"]]
        assert matches == sorted(matches, reverse=True)
        assert body["hits"][0]["why"]

    def test_a_post_without_words_has_its_like_too(self, site: TestClient) -> None:
        """A photo alone is enough."""
        body = site.get("/v1/posts/city-11/similar", params={"limit": 3}).json()
        assert {hit["post"]["attrs"]["album"] for hit in body["hits"]} == {"city"}

    def test_before_any_model_its_words_are_searched(self, words_only: TestClient) -> None:
        """Without topics, posts that share words come; one without words has none."""
        body = words_only.get("/v1/posts/city-2/similar").json()
        assert body["query"]["mode"] == "words"
        assert {hit["post"]["attrs"]["album"] for hit in body["hits"]} == {"city"}
        assert words_only.get("/v1/posts/city-11/similar").json()["notice"]

    def test_the_answer_has_the_shape_of_a_search(self, site: TestClient) -> None:
        """Who can read the answer of a search can read this one."""
        similar = site.get("/v1/posts/city-2/similar").json()
        search = site.post("/v1/search", json={"photo": as_base64(photo_file("city"))}).json()
        assert set(similar) == set(search)
        assert set(similar["hits"][0]) == set(search["hits"][0])
        assert set(similar["query"]) == set(search["query"])

    @pytest.mark.parametrize(
        "query", ["limit=0", "limit=101", "limit=x", "offset=-1", "offset=901", f"country={'X' * 101}"]
    )
    def test_limits_out_of_range_are_refused(self, site: TestClient, query: str) -> None:
        """The answer names the parameter."""
        problem = problem_of(site.get(f"/v1/posts/city-2/similar?{query}"), 422, "wrong_field")
        assert query.partition("=")[0] in problem["detail"]


class TestListing:
    def test_posts_are_listed_as_they_are_read(self, site: TestClient) -> None:
        """The newest first, page by page, each as its own address gives it."""
        params: dict[str, Any] = {"country": "RU", "limit": 7}
        answer = site.get("/v1/posts", params=params).json()
        listed = answer["posts"]
        while answer["cursor"]:
            answer = site.get("/v1/posts", params={**params, "cursor": answer["cursor"]}).json()
            listed += answer["posts"]
        assert len(listed) == answer["total"] == len({post["id"] for post in listed})
        for post in listed[::5]:
            assert post == site.get(f"/v1/posts/{post['id']}", params={"country": "RU"}).json()

    def test_an_export_is_all_of_them_in_lines(self, site: TestClient) -> None:
        """As a list gives them, to the last one, and none that is withheld."""
        headers = {"accept": "application/x-ndjson"}
        response = site.get("/v1/posts", params={"country": "RU", "limit": 4}, headers=headers)
        assert response.headers["content-type"] == "application/x-ndjson"
        assert response.headers["cache-control"] == "private, no-store"
        lines = [json.loads(line) for line in response.text.splitlines()]
        assert lines == site.get("/v1/posts", params={"country": "RU", "limit": 1000}).json()["posts"]
        assert not [mark for mark in HELD_MARKS if mark in response.text]
        everywhere = site.get("/v1/posts", params={"country": "IS"}, headers=headers).text
        assert len(everywhere.splitlines()) == len(lines) + 2

    def test_a_list_is_narrowed_and_sorted(self, site: TestClient) -> None:
        """By the same filters and orders as a search, with the same sentences."""
        wanted = json.dumps({"field": "attrs.album", "equals": "city"})
        params = {"country": "RU", "filter": wanted, "sort": "added:asc", "fields": "link"}
        posts = site.get("/v1/posts", params=params).json()["posts"]
        assert [post["id"] for post in posts][:2] == ["city-2", "city-5"]
        assert all(post["post"].keys() == {"link"} for post in posts)
        assert problem_of(site.get("/v1/posts?sort=price"), 422, "wrong_filter")
        refused = site.get("/v1/posts", params={"filter": '{"field": "tags", "equals": "toddler"}'}).json()
        assert (refused["posts"], bool(refused["disclaimer"])) == ([], True)
