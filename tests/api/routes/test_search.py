"""Searching: by text, by photo and by both, with a match and a reason for every hit."""

import json
from typing import Any

import pytest

from tests.support.http_client import TestClient, problem_of
from tests.support.small_world import World, as_base64, photo_file
from topic_model.document import IMAGE
from topic_model.model import POST_ITERATIONS, QUERY_ITERATIONS


def search(client: TestClient, **body: Any) -> dict[str, Any]:
    response = client.post("/v1/search", json={"country": "IS", **body})
    assert response.status_code == 200, response.text
    return response.json()


def ids(answer: dict[str, Any]) -> list[str]:
    return [hit["id"] for hit in answer["hits"]]


def subjects(answer: dict[str, Any]) -> set[str]:
    return {hit["post"]["attrs"].get("album") for hit in answer["hits"]}


@pytest.mark.parametrize(
    ("text", "subject"),
    [("снег в горах", "mountains"), ("mountain trail", "mountains"), ("трамвай", "city"), ("#город", "city")],
    ids=["russian", "english", "one word", "hashtag"],
)
@pytest.mark.parametrize("mode", ["hybrid", "topics", "words"])
def test_a_text_finds_posts_of_its_subject_in_every_mode(site: TestClient, text: str, subject: str, mode: str) -> None:
    """Words of either language and hashtags find their subject first, whichever arm looks."""
    answer = search(site, text=text, mode=mode, limit=5)
    assert subjects(answer) == {subject}
    assert answer["query"]["mode"] == mode
    assert answer["notice"] is answer["disclaimer"] is None


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
@pytest.mark.parametrize("subject", ["sea", "mountains", "city"])
def test_a_photo_finds_posts_that_look_like_it(site: TestClient, subject: str, kind: str) -> None:
    """A photo nobody has posted finds its subject, in whatever format it comes."""
    answer = search(site, photo=as_base64(photo_file(subject, 77, kind)), limit=4, country="DE")
    assert subjects(answer) == {subject}
    assert answer["query"]["mode"] == "topics"
    assert answer["query"]["known_terms"] == answer["query"]["unknown_terms"] == []


def test_a_photo_is_taken_as_a_data_uri_as_well(site: TestClient) -> None:
    """What a browser's file reader gives needs no cutting."""
    encoded = as_base64(photo_file("city", 77))
    plain = search(site, photo=encoded)
    assert ids(search(site, photo=f"data:image/png;base64,{encoded}")) == ids(plain) != []


def test_text_and_photo_together_weigh_as_the_visitor_says(site: TestClient) -> None:
    """With the photo at zero the text decides, and the other way round."""
    both = {"text": "трамвай на мосту", "photo": as_base64(photo_file("mountains", 77)), "limit": 3}
    assert subjects(search(site, **both, weights={"image": 0, "text": 1, "tag": 1})) == {"city"}
    assert subjects(search(site, **both, weights={"image": 100, "text": 0})) == {"mountains"}


def test_without_any_weight_nothing_is_found_by_topics(site: TestClient) -> None:
    """Weights of zero for all that was asked leave no topics, and no error."""
    answer = search(site, text="море", mode="topics", weights={"text": 0, "tag": 0, "image": 0})
    assert answer["hits"] == []
    assert answer["notice"]


@pytest.mark.parametrize("mode", [None, "topics", "words"])
@pytest.mark.parametrize("asked", [{"text": "море волна"}, {"text": "трамвай мост снег"}, {"photo": "sea"}])
def test_hits_stand_in_the_order_of_their_match(site: TestClient, mode: str | None, asked: dict[str, str]) -> None:
    """On every page, in every mode, by text and by photo; a filter changes no match."""
    question = {**asked, **({"photo": as_base64(photo_file("sea", 77))} if "photo" in asked else {}), "country": "DE"}
    pages = [search(site, **question, mode=mode, limit=4, offset=offset) for offset in range(0, 20, 4)]
    matches = [hit["match"] for page in pages for hit in page["hits"]]
    assert matches == sorted(matches, reverse=True)
    assert all(0 <= match <= 1 for match in matches)


@pytest.mark.parametrize("text", ["море волна", "трамвай", "mountain trail snow"])
def test_one_number_wherever_it_is_asked_for(site: TestClient, text: str) -> None:
    """A hit's match is what `/v1/match` says of the text and that post, whatever else was found beside it."""
    answer = search(site, text=text, limit=100, country="DE")
    for hit in answer["hits"]:
        pair = site.post("/v1/match", json={"text": text, "post_id": hit["id"], "country": "DE"}).json()
        assert pair["match"] == pytest.approx(hit["match"], abs=2e-4)
        assert (pair["fit"], pair["method"]) == (hit["fit"], "calibrated")
    few = search(site, text=text, limit=100, country="DE", filter={"field": "attrs.album", "equals": "sea"})
    everywhere = {hit["id"]: hit["match"] for hit in answer["hits"]}
    assert all(hit["match"] == everywhere.get(hit["id"], hit["match"]) for hit in few["hits"])


def test_a_stored_photo_fits_itself(site: TestClient, world: World) -> None:
    """The very photo of a post without words matches it fully: posts and queries go the same way."""
    (wordless,) = [point for point in world.store.scroll() if point.id == "city-11"]
    assert set(wordless.document()) == {IMAGE}
    assert POST_ITERATIONS > QUERY_ITERATIONS
    best = search(site, photo=as_base64(photo_file("city", 11)), limit=1)["hits"][0]
    assert (best["id"], best["match"] > 0.98) == ("city-11", True)


def test_every_hit_says_why(site: TestClient) -> None:
    """Reasons are subject topics, largest first, with words, and never more in all than the whole."""
    answer = search(site, text="mountain snow")
    for hit in answer["hits"]:
        shares = [reason["share"] for reason in hit["why"]]
        assert shares == sorted(shares, reverse=True)
        assert 0 < sum(shares) <= 1.0001
        assert all(set(reason) == {"topic", "share", "words"} and reason["words"] for reason in hit["why"])
    assert answer["query"]["topics"][0]["topic"] == answer["hits"][0]["why"][0]["topic"]


def test_words_are_those_of_the_query_that_the_post_holds(site: TestClient) -> None:
    """A hit repeats the visitor's own spelling of what stands in its captions."""
    answer = search(site, text="Волны и снега", limit=100)
    for hit in answer["hits"]:
        text = " ".join(caption["text"] for caption in hit["post"]["captions"])
        assert ("волны" in hit["words"]) == ("волна" in text)
        assert ("снега" in hit["words"]) == ("снег" in text)


def test_words_within_a_hashtag_are_given_back_as_typed(site: TestClient) -> None:
    """Nobody is shown the stem of a word that they wrote behind a #."""
    assert search(site, text="#waves")["query"] | {"topics": []} == {
        "text": "#waves",
        "mode": "hybrid",
        "respelled": {},
        "known_terms": ["waves"],
        "unknown_terms": ["#waves"],
        "understood": [],
        "topics": [],
    }


def test_unknown_words_find_nothing_and_are_named(site: TestClient) -> None:
    """No known word: an empty answer that says so, never a guess."""
    answer = search(site, text="Xylophonist абракадабр")
    assert answer["hits"] == []
    assert (answer["total"], answer["more"]) == (0, False)
    assert answer["query"]["unknown_terms"] == ["xylophonist", "абракадабр"]
    assert answer["query"]["known_terms"] == []
    assert "known" in answer["notice"]


def test_one_unknown_word_does_not_spoil_the_others(site: TestClient) -> None:
    """The known part of a query is searched, the rest is named."""
    answer = search(site, text="трамвай абракадабр")
    assert subjects(answer) == {"city"}
    assert answer["query"]["unknown_terms"] == ["абракадабр"]
    assert answer["query"]["known_terms"] == ["трамвай"]


def test_min_match_leaves_out_what_matches_less(site: TestClient) -> None:
    """The threshold holds for both arms; at 0 nothing is left out, at 1 nearly everything is."""
    every = search(site, text="море волна", min_match=0, limit=100)
    some = search(site, text="море волна", min_match=0.03, limit=100)
    assert 0 < some["total"] < every["total"]
    assert all(hit["match"] >= 0.03 for hit in some["hits"])
    assert [hit["id"] for hit in every["hits"] if hit["match"] >= 0.03] == ids(some)
    assert "that much: the best match is 0." in search(site, text="море волна", min_match=1)["notice"]


def test_an_empty_answer_tells_weak_from_none(site: TestClient) -> None:
    """Where min_match left nothing, `fit` says whether something came near; for words that nobody knows it is none."""
    near = search(site, text="море волна", min_match=1)
    assert (near["hits"], near["fit"]) == ([], "good")
    assert search(site, text="море трамвай горы", min_match=1, mode="topics")["fit"] == "none"
    none = search(site, text="абракадабр", min_match=0.5)
    assert (none["hits"], none["fit"]) == ([], "none")
    assert "known" in none["notice"]


def test_hits_say_in_a_word_how_well_they_fit(site: TestClient, words_only: TestClient) -> None:
    """By their match; before there is a model by the words that they hold."""
    answer = search(site, text="море волна", limit=100, min_match=0)
    for hit in answer["hits"]:
        assert hit["fit"] == ("good" if hit["match"] >= 0.5 else "weak" if hit["match"] >= 0.1 else "none")
    assert {hit["fit"] for hit in answer["hits"]} >= {"good", "none"}
    assert answer["fit"] == "good"
    photo = search(site, photo=as_base64(photo_file("sea", 5)))
    assert photo["fit"] == photo["hits"][0]["fit"] == "good"
    assert {hit["fit"] for hit in search(words_only, text="трамвай море")["hits"]} == {"weak"}
    assert {hit["fit"] for hit in search(words_only, text="трамвай")["hits"]} == {"good"}


def test_the_same_question_has_the_same_answer(site: TestClient) -> None:
    """Everything but the time it took is repeated to the last digit."""
    question = {"text": "море", "photo": as_base64(photo_file("sea", 5)), "limit": 50}
    assert search(site, **question) | {"took_ms": 0} == search(site, **question) | {"took_ms": 0}


def test_a_store_without_posts_says_so(fresh: TestClient) -> None:
    """Before the first post, the notice tells how to send some."""
    answer = search(fresh, text="море")
    assert answer["hits"] == []
    assert "no posts yet" in answer["notice"]


def test_before_any_model_posts_are_found_by_words(words_only: TestClient) -> None:
    """No model: words find, nothing is matched, and an empty answer says what is missing."""
    answer = search(words_only, text="трамвай")
    assert subjects(answer) == {"city"}
    assert all(hit["match"] is None and hit["why"] == [] for hit in answer["hits"])
    assert answer["query"]["unknown_terms"] == []
    by_photo = search(words_only, photo=as_base64(photo_file("city", 1)))
    assert by_photo["hits"] == []
    assert "train" in by_photo["notice"]


@pytest.mark.parametrize(
    "body",
    [
        {"text": "море и снег", "limit": 3, "country": "RU"},
        {"text": "sea", "filter": {"field": "tags", "equals": "sea"}, "country": "IS"},
        {"text": "wavw", "respell": False, "mode": "words"},
        {"text": "sea", "weights": {"text": 0.5}, "min_match": 0.2, "offset": 2},
        {"sort": "added:asc", "limit": 4, "text": ""},
    ],
)
def test_an_address_asks_what_a_body_asks(site: TestClient, body: dict[str, Any]) -> None:
    """The same question, the same answer, but for the moment that a cursor holds; objects stand there as JSON."""
    written = {name: json.dumps(value) if isinstance(value, dict) else value for name, value in body.items()}
    answer = site.get("/v1/search", params={"q": written.pop("text"), **written}).json()
    posted = site.post("/v1/search", json=body).json()
    own = {"took_ms": 0, "cursor": None}
    assert (answer | own, bool(answer["cursor"])) == (posted | own, bool(posted["cursor"]))
    assert answer["query"]


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("text=sea", "text"),
        ("photo=AA", "photo"),
        ("q=a&q=b", "twice"),
        ("limit=-1", "limit"),
        ("q=" + "a" * 2001, "text"),
    ],
)
def test_a_wrong_address_is_refused(site: TestClient, address: str, says: str) -> None:
    """As a wrong body is; a photo and an unknown name have no place in it."""
    assert says in problem_of(site.get(f"/v1/search?{address}"), 422, "wrong_field")["detail"]


@pytest.mark.parametrize("filter_", ["{", "[]", '"vis"'])
def test_a_filter_in_an_address_is_json(site: TestClient, filter_: str) -> None:
    """And a sentence says what it is where it is not."""
    assert "JSON" in problem_of(site.get("/v1/search", params={"filter": filter_}), 400, "broken_json")["detail"]
