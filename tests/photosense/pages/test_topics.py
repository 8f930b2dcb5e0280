"""The topics page: whole, self-contained, safe to open, and drawn for models of every kind."""

import re
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import numpy as np
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from photosense.errors import PhotosenseError
from photosense.pages.topics import write_topics_page
from photosense.pages.topics_map import MOST, apart, bubbles, hues
from photosense.pages.typical_posts import typical_posts
from qdrant.points import StoredPoint
from qdrant.vector_kind import THETA
from tests.support.html_page import Page
from tests.support.planted import plant
from topic_model.corpus import encode
from topic_model.model import TopicModel, TopicWord
from topic_model.quality import Quality, measure
from topic_model.training.hierarchy import Hierarchy, learn_hierarchy
from topic_model.training.recipe import Recipe
from topic_model.training.train import train

EVIL = '"><script>alert(1)</script>'
THUMB = "https://photos.example/t/1.jpg"
TOPICS = 5

Learned = tuple[TopicModel, Quality, Hierarchy]


def learned_with(topics: int, background: int = 1) -> Learned:
    documents = plant(topics=TOPICS, documents=150).documents
    model = train(documents, Recipe(topics=topics, background=background, passes=6))
    shards = [encode(documents, model.vocabulary, model.recipe.weights)]
    return model, measure(model, shards), learn_hierarchy(model, shards, passes=3)


@pytest.fixture(scope="module")
def learned() -> Learned:
    return learned_with(TOPICS)


def topics_of(page: Page) -> set[str | None]:
    return {article["id"] for article in page.all("article")}


def test_every_topic_is_there(learned: Learned, tmp_path: Path) -> None:
    """Each topic has a card with its words, hashtags and visual words, and a circle that leads to it."""
    model, quality, hierarchy = learned
    write_topics_page(model, quality, hierarchy, {}, tmp_path / "topics.html", describe=lambda word: f"seen {word}")
    page = Page(tmp_path / "topics.html")
    assert page.open == []
    assert topics_of(page) == {f"topic-{topic}" for topic in range(TOPICS)}
    assert {link["href"] for link in page.all("a")} == {f"#topic-{topic}" for topic in range(TOPICS)}
    for topic in range(TOPICS):
        for modality, written in (("text", "{}"), ("tag", "#{}"), ("image", "seen {}")):
            for word in model.topic_words(topic, modality, 3):
                assert f">{written.format(word.token)}</" in page.html
    assert page.html.count("Within it") == TOPICS - 1  # the background is not divided


def test_nothing_is_fetched_but_thumbs(learned: Learned, tmp_path: Path) -> None:
    """No script, style, font or link comes from elsewhere, and the page itself forbids it."""
    posts = {0: [{"id": "a", "captions": [{"text": "море"}], "thumb": THUMB, "link": "https://photos.example/p/a"}]}
    write_topics_page(*learned, posts, tmp_path / "topics.html")
    page = Page(tmp_path / "topics.html")
    addresses = [
        value
        for _, attributes in page.elements
        for name, value in attributes.items()
        if name in ("src", "href", "srcset", "action") and not (value or "").startswith("#")
    ]
    assert addresses == [THUMB]
    assert "url(" not in page.html
    assert "@import" not in page.html
    (policy,) = [meta["content"] or "" for meta in page.all("meta") if meta.get("http-equiv")]
    assert policy.startswith("default-src 'none';")
    assert len(page.all("script")) == 1


@pytest.mark.parametrize(
    "thumb", ["javascript:alert(1)", "data:text/html,x", "/host/1.jpg", EVIL, f"https://x{EVIL}", 7]
)
def test_what_strangers_wrote_stays_text(learned: Learned, tmp_path: Path, thumb: object) -> None:
    """Captions, tags, ids and thumbs of posts never become markup, and only picture addresses become pictures."""
    post = {"id": EVIL, "captions": [{"text": EVIL, "author": EVIL}], "tags": [EVIL], "thumb": thumb}
    write_topics_page(*learned, {1: [post, {"id": "b", "captions": [], "tags": [EVIL]}]}, tmp_path / "topics.html")
    page = Page(tmp_path / "topics.html")
    assert len(page.all("script")) == 1
    assert "<script>alert" not in page.html
    assert [image["src"] for image in page.all("img")] == ([thumb] if str(thumb).startswith("https:") else [])


def test_words_of_the_model_are_escaped_too(tmp_path: Path) -> None:
    """A hashtag or a visual word is text of strangers as well."""
    document = {"text": {EVIL: 2.0, "sea": 1.0}, "tag": {EVIL: 1.0}, "image": {EVIL: 1.0}}
    other = {"text": {"hill": 2.0}, "tag": {"hill": 1.0}, "image": {"green": 1.0}}
    documents = [document, other] * 5
    model = train(documents, Recipe(topics=2, background=0, passes=5))
    write_topics_page(model, measure(model, [encode(documents, model.vocabulary)]), None, {}, tmp_path / "topics.html")
    page = Page(tmp_path / "topics.html")
    assert len(page.all("script")) == 1
    assert "&lt;script&gt;" in page.html


def test_withheld_words_are_nowhere(learned: Learned, tmp_path: Path) -> None:
    """A word that may not be shown is in no card, no name, no child and not on the map."""
    withheld = {word.token for topic in range(TOPICS) for word in learned[0].topic_words(topic, limit=4)}

    def readable(words: list[TopicWord]) -> list[TopicWord]:
        return [word for word in words if word.token not in withheld]

    write_topics_page(*learned, {}, tmp_path / "topics.html", readable=readable)
    html = (tmp_path / "topics.html").read_text("utf-8")
    assert {word for word in withheld if re.search(rf"\b{word}\b", html)} == set()


@pytest.mark.parametrize("history", [(), (12.5,), (9.0, 9.0)], ids=["none", "one pass", "flat"])
def test_one_topic_is_enough(tmp_path: Path, history: tuple[float, ...]) -> None:
    """The smallest model has a page, however it was trained."""
    model, quality, hierarchy = learned_with(1, background=0)
    write_topics_page(replace(model, history=history), quality, hierarchy, {}, tmp_path / "topics.html")
    page = Page(tmp_path / "topics.html")
    assert topics_of(page) == {"topic-0"}
    assert "nan" not in page.html.lower()
    assert len(page.all("polyline")) == bool(history)


def test_dead_topics_are_listed_last_and_not_on_the_map(learned: Learned, tmp_path: Path) -> None:
    """A topic without words keeps its card, marked, and has no circle."""
    model, _, hierarchy = learned
    phi, shares = model.phi.copy(), model.topic_shares.copy()
    phi[:, :2], shares[:2] = 0, 0
    dead = replace(model, phi=phi, topic_shares=shares)
    write_topics_page(dead, measure(dead, []), hierarchy, {}, tmp_path / "topics.html")
    page = Page(tmp_path / "topics.html")
    assert [article["id"] for article in page.all("article")][-2:] == ["topic-0", "topic-1"]
    assert {link["data-topic"] for link in page.all("a")} == {"2", "3", "4"}
    everything = replace(dead, phi=np.zeros_like(phi), topic_shares=np.zeros_like(shares))
    write_topics_page(everything, measure(everything, []), None, {}, tmp_path / "topics.html")
    assert len(topics_of(Page(tmp_path / "topics.html"))) == TOPICS


def test_a_place_that_cannot_be_written_is_named(learned: Learned, tmp_path: Path) -> None:
    """The error names the file and says what to do."""
    with pytest.raises(PhotosenseError, match=r"nowhere/topics\.html.*Give a file in a writable folder"):
        write_topics_page(*learned, {}, tmp_path / "nowhere" / "topics.html")


class TestMap:
    @settings(max_examples=30, deadline=None)
    @given(st.lists(st.tuples(st.floats(-1, 1), st.floats(-1, 1)), max_size=40))
    def test_boxes_part(self, expected: list[tuple[float, float]]) -> None:
        """Whatever lies on top of each other is pushed apart, so that every label can be read."""
        halves = np.tile([40.0, 25.0], (len(expected), 1))
        moved = apart(np.array(expected).reshape(-1, 2) * [500, 250], halves)
        for one, other in combinations(moved, 2):
            assert (np.abs(one - other) > [76, 46]).any()

    def test_neighbours_are_told_apart_by_colour(self) -> None:
        """No point has a colour within 30 degrees of those of the six that lie nearest and were coloured before it."""
        points = np.random.default_rng(3).uniform(-1, 1, (60, 2))
        colours = hues(points)
        for place in range(1, len(points)):
            nearest = np.argsort(np.linalg.norm(points[:place] - points[place], axis=1))[:6]
            for other in nearest:
                difference = abs(colours[place] - colours[other])
                assert min(difference, 360 - difference) >= 30
        assert hues(np.zeros((0, 2))) == []

    def test_only_so_many_circles_are_drawn(self, learned: Learned) -> None:
        """A large model has its largest topics on the map and a colour for every one."""
        model = learned[0]
        many = MOST + 20
        phi = np.tile(model.phi, (1, many // TOPICS + 1))[:, :many]
        large = replace(model, phi=phi, topic_shares=np.linspace(1, 2, many, dtype=np.float32) / (1.5 * many))
        circles, colours = bubbles(large, dict.fromkeys(range(many), ("море", "sea")))
        assert {bubble.topic for bubble in circles} == set(range(20, many))
        assert set(colours) == set(range(many))


def test_typical_posts_are_those_with_most_of_the_topic() -> None:
    """The largest shares come first; posts without a theta, or with other topics before it, are no examples."""
    thetas = [[0.6, 0.4], [0.9, 0.1], None, [0.9, 0.1], [1.0, 0.0]]
    points = [
        StoredPoint(
            {"id": f"p{n}", "post": orjson.dumps({"tags": [str(n)]})},
            {} if theta is None else {THETA.of("m1").name: np.float32(theta)},
            "m1",
        )
        for n, theta in enumerate(thetas)
    ]
    typical = typical_posts(points, limit=3)
    assert [post["id"] for post in typical[0]] == ["p4", "p1", "p3"]
    assert [post["id"] for post in typical[1]] == ["p0", "p1", "p3"]
    assert typical[0][0]["tags"] == ["4"]
