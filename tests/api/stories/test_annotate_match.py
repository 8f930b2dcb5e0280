"""Annotating and matching: words for a photo, and a number for how well a text fits."""

from typing import Any

import pytest

from tests.support.http_client import TestClient, problem_of
from tests.support.small_world import WORDS, as_base64, photo_file


def annotate(client: TestClient, **body: Any) -> dict[str, Any]:
    response = client.post("/v1/annotate", json={"country": "DE", **body})
    assert response.status_code == 200, response.text
    return response.json()


def match(client: TestClient, **body: Any) -> dict[str, Any]:
    response = client.post("/v1/match", json={"country": "DE", **body})
    assert response.status_code == 200, response.text
    return response.json()


class TestAnnotate:
    @pytest.mark.parametrize("subject", ["sea", "mountains", "city"])
    def test_a_photo_gets_the_words_of_its_subject(self, site: TestClient, subject: str) -> None:
        """Keywords in both languages and hashtags, from pixels alone, each likelier than elsewhere."""
        answer = annotate(site, photo=as_base64(photo_file(subject, 77)), limit=3)
        tags = {f"#{tag}" for tag in WORDS[subject][2]}
        assert answer["tags"][0]["word"] in tags
        assert len(answer["keywords"]) == 3
        assert all(
            set(word) == {"word", "p", "lift"} and word["lift"] > 1 for word in answer["keywords"] + answer["tags"]
        )
        assert answer["topics"][0]["words"]
        assert answer["notice"] is answer["disclaimer"] is None

    @pytest.mark.parametrize("limit", [1, 4, 50])
    def test_no_more_words_than_asked(self, site: TestClient, limit: int) -> None:
        """The limit holds for keywords and for hashtags, each."""
        answer = annotate(site, text="горы", photo=as_base64(photo_file("city", 3)), limit=limit)
        assert 1 <= len(answer["keywords"]) <= limit
        assert 1 <= len(answer["tags"]) <= limit

    def test_words_are_whole_words(self, site: TestClient) -> None:
        """People are shown "mountains" as people write it, not its stem."""
        words = [keyword["word"] for keyword in annotate(site, text="mountain snow")["keywords"]]
        assert "mountains" in words

    def test_unknown_words_get_no_guess(self, site: TestClient) -> None:
        """A text of unknown words gets no keywords, and a sentence that says so."""
        answer = annotate(site, text="абракадабр")
        assert answer["keywords"] == answer["tags"] == answer["topics"] == []
        assert "known" in answer["notice"]

    def test_without_a_model_the_notice_says_what_is_missing(self, words_only: TestClient) -> None:
        """Before training there are no topics to speak from."""
        answer = annotate(words_only, photo=as_base64(photo_file("city", 3)))
        assert answer["keywords"] == []
        assert "train" in answer["notice"]


class TestMatch:
    @pytest.mark.parametrize("subject", ["sea", "mountains", "city"])
    def test_a_text_fits_the_photo_of_its_subject_best(self, site: TestClient, subject: str) -> None:
        """The right photo scores above the others, with the reason in words."""
        scores = {scene: match(site, text=WORDS[subject][0], photo=as_base64(photo_file(scene, 77))) for scene in WORDS}
        assert max(scores, key=lambda scene: scores[scene]["match"]) == subject
        assert all(0 <= score["match"] <= 1 for score in scores.values())
        assert scores[subject]["why"][0]["words"]
        assert scores[subject]["method"] == "calibrated"

    @pytest.mark.parametrize("text", ["абракадабр", "asdf qwerty zxcv", "абракадабр трамвай qwerty zxcv"])
    def test_nonsense_matches_nothing(self, site: TestClient, text: str) -> None:
        """Words that nobody knows get next to nothing, also around one that a post has."""
        answer = match(site, text=text, post_id="city-2")
        assert answer["match"] <= 0.1
        assert answer["fit"] == "none"

    def test_without_a_model_there_is_no_score(self, words_only: TestClient) -> None:
        """Before training nothing can be compared, and the notice says so."""
        answer = match(words_only, text="трамвай", post_id="city-2")
        assert answer["match"] is None
        assert "train" in answer["notice"]

    def test_an_absent_post_is_not_found(self, site: TestClient) -> None:
        """The answer names the id that was asked for."""
        answer = site.post("/v1/match", json={"text": "море", "post_id": "nobody/has#this"})
        assert "nobody/has#this" in problem_of(answer, 404, "not_found")["detail"]

    @pytest.mark.parametrize(
        "body",
        [
            {"text": "море"},
            {"post_id": "sea-0"},
            {"text": "  ", "post_id": "sea-0"},
            {"text": "море", "post_id": "sea-0", "photo": as_base64(photo_file("sea"))},
            {"photo": as_base64(photo_file("sea"))},
            {},
        ],
        ids=["no other side", "no text", "blank text", "two other sides", "photo alone", "nothing"],
    )
    def test_two_sides_are_needed(self, site: TestClient, body: dict[str, str]) -> None:
        """A text, and either a photo or a post."""
        assert "text" in problem_of(site.post("/v1/match", json=body), 422, "wrong_field")["detail"]
