"""Hits are put together by what they share: nothing is counted, named or shown that the visitor may not see."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.http_client import TestClient, problem_of
from tests.support.small_world import CHILD_WORDS, HELD_MARKS

SEA = {"text": "sea wave", "country": "RU"}


def ask(client: TestClient, **body: Any) -> dict[str, Any]:
    answer: dict[str, Any] = client.post("/v1/search", json=body).json()
    return answer


def ids(answer: dict[str, Any]) -> list[str]:
    return [hit["id"] for hit in answer["hits"] if "id" in hit]


def pages(client: TestClient, **body: Any) -> Iterator[dict[str, Any]]:
    cursor = None
    while True:
        answer = ask(client, **body, cursor=cursor)
        yield answer
        cursor = answer["cursor"]
        if cursor is None:
            return


@pytest.mark.parametrize("asked", [SEA, {"country": "RU"}, {**SEA, "sort": "added"}], ids=["found", "listed", "sorted"])
@pytest.mark.parametrize("field", ["attrs.album", "authors", "tags"])
def test_groups_are_those_of_all_that_was_found(site: TestClient, asked: dict[str, Any], field: str) -> None:
    """As somebody would group the flat answer: by the first value, in the order of the best of each, and counted."""
    flat = ask(site, **asked, limit=100)
    by_value: dict[str, list[str]] = {}
    for hit in (hit for hit in flat["hits"] if "id" in hit):
        post = hit["post"]
        authors = [caption["author"] for caption in post["captions"] if caption["author"]]
        values = {"attrs.album": [post["attrs"].get("album")], "authors": authors, "tags": post["tags"]}[field]
        value = next((str(value).casefold() for value in values if value), "babies")
        value = f"alone {hit['id']}" if value in CHILD_WORDS else value
        by_value.setdefault(value, []).append(hit["id"])
    answer = ask(site, **asked, group_by=field, group_limit=2, limit=100)
    told = [(group["value"] or f"alone {group['hits'][0]}", group["posts"]) for group in answer["groups"]]
    assert told == [(value, len(posts)) for value, posts in by_value.items()]
    assert [group["hits"] for group in answer["groups"]] == [posts[:2] for posts in by_value.values()]
    assert ids(answer) == [post for posts in by_value.values() for post in posts[:2]]


def test_pages_count_groups_and_leave_none_out(site: TestClient) -> None:
    """With a cursor and with an offset; the last page says that there are no more."""
    for asked in (SEA, {"country": "RU"}):
        whole = ask(site, **asked, group_by="authors", limit=100)
        by_cursor = [group for page in pages(site, **asked, group_by="authors", limit=3) for group in page["groups"]]
        assert by_cursor == whole["groups"]
        if "text" in asked:
            second = ask(site, **asked, group_by="authors", limit=3, offset=3)
            assert second["groups"] == whole["groups"][3:6]
        assert not whole["more"]


def test_a_filter_leads_to_the_whole_group(site: TestClient) -> None:
    """What a group has beyond the hits that are given; times are grouped by a step."""
    for field in ("attrs.album", "added:year"):
        for group in ask(site, **SEA, group_by=field, group_limit=1)["groups"]:
            if group["filter"]:
                narrowed = ask(site, **SEA, filter=group["filter"], limit=100)
                assert len(ids(narrowed)) >= group["posts"]
                assert group["hits"][0] in ids(narrowed)


def test_nothing_of_what_is_withheld_is_in_a_group(site: TestClient) -> None:
    """Neither its value nor its number: a field that only held posts have is none."""
    everywhere = ask(site, text="sea wave", country="IS", group_by="attrs.album")
    assert "zubrowka" in [group["value"] for group in everywhere["groups"]]
    for country in ("RU", "DE", "XX"):
        answer = site.post("/v1/search", json={**SEA, "country": country, "group_by": "attrs.album", "explain": True})
        assert not [mark for mark in HELD_MARKS if mark in answer.text]


def test_what_cannot_be_grouped_by_is_refused(site: TestClient) -> None:
    """With a sentence that names it."""
    for field in ("text", "attrs.nothing", "attrs.album:100", "colour"):
        answer = site.post("/v1/search", json={**SEA, "group_by": field})
        assert "group" in problem_of(answer, 422, "wrong_filter")["detail"]
    assert ask(site, **SEA)["groups"] is None
