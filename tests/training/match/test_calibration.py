"""Calibration: posts whose words are held aside teach how likely a text is to be about a post."""

import numpy as np
import pytest

from common.stats import logistic
from ingest.document import make_document
from ingest.photos.photo_source import InlinePhotos
from tests.support.crawl import crawl, lines, make_pipeline
from tests.support.reference_store import ReferenceStore
from topic_model.document import IMAGE, TAG, TEXT, Document, own_words
from topic_model.ideas.widening import NOTHING_MORE
from topic_model.model import TopicModel
from topic_model.ranking.likelihood import shares_of
from topic_model.ranking.odds import Nearness, odds_by_kind, speech_of
from topic_model.ranking.odds_line import USUAL, kind_of_post
from topic_model.training.recipe import Recipe
from topic_model.training.train import train
from training.match.calibration import HeldPost, calibrate
from training.topics import TeachingPosts

THINGS = ("dog", "boat", "snow", "tram", "horse", "bridge", "flower", "train", "kite", "lamp")
DEEDS = ("running", "standing", "waiting", "shining", "falling", "turning")


def held(count: int, seed: int) -> list[HeldPost]:
    """Posts of one thing and one deed each, whose photos show both by visual words, and noise."""
    rng = np.random.default_rng(seed)
    posts = []
    for _ in range(count):
        thing, deed = str(rng.choice(THINGS)), str(rng.choice(DEEDS))
        captions = [f"{deed} {thing}", f"{thing}, {deed}"]
        noise = {f"v{rng.integers(20)}": 2.0 for _ in range(3)}
        posts.append(HeldPost(captions, {}, {IMAGE: {f"see-{thing}": 6.0, f"see-{deed}": 6.0, **noise}}, None))
    return posts


def whole(post: HeldPost) -> Document:
    """All that is known of a post."""
    return {**post.photo, **make_document(post.captions)}


@pytest.fixture(scope="module")
def model() -> TopicModel:
    """A model of six hundred such posts."""
    recipe = Recipe(topics=20, background=0, passes=15, threads=1)
    return train([whole(post) for post in held(600, 0)], recipe, encoder="none")


def test_what_it_says_comes_true_of_other_posts(model: TopicModel) -> None:
    """A thing and its photo go together: asked for one word, of posts that are said to fit most do, of others few."""
    lines_ = calibrate(model, held(150, 1))
    others = held(200, 2)
    thetas = np.array(model.thetas([post.photo for post in others]))
    chances, about = [], []
    for thing in (*THINGS, *DEEDS):
        words = list(own_words(make_document([thing])))
        speech = speech_of(words, NOTHING_MORE, thetas, lambda tokens: shares_of(tokens, [{}] * len(others)), model)
        chances += logistic(odds_by_kind(speech, Nearness(np.full(len(others), np.nan)), lines_)).tolist()
        about += [thing in post.captions[0] for post in others]
    said, right = np.array(chances), np.array(about)
    assert right[said >= 0.5].mean() > 0.5
    assert right[said < 0.1].mean() < 0.1
    assert said.mean() == pytest.approx(right.mean(), abs=0.06)


def test_too_few_posts_leave_the_usual_lines(model: TopicModel) -> None:
    """And posts without captions teach nothing."""
    assert calibrate(model, held(10, 1)) == USUAL
    assert calibrate(model, [HeldPost((), {}, {}, None)] * 100) == USUAL
    some = calibrate(model, [post._replace(captions=post.captions[:1]) for post in held(60, 1)])
    assert some["words"] == USUAL["words"]
    assert some[kind_of_post(silent=True, placed=False)] != USUAL["photo"]


@pytest.fixture
def posts() -> TeachingPosts:
    """Twenty-four posts of a store, of every sixth of which the words are held aside."""
    store = ReferenceStore()
    make_pipeline(store).take(lines(*crawl(24)), InlinePhotos())
    return TeachingPosts(store, aside=6)


def test_words_that_are_held_aside_teach_nothing_else(posts: TeachingPosts) -> None:
    """Photos of such posts are learned from; their words only calibrate."""
    learned = list(posts)
    aside = list(posts.held_aside())
    assert 0 < len(aside) < 12
    assert len(learned) == 24
    assert [TEXT in document or TAG in document for document in learned].count(False) == len(aside)
    assert all(document[IMAGE] for document in learned)
    assert len(list(posts.with_photos(100))) == 24 - len(aside)
    assert all(len(post.captions) == 2 and post.tags[TAG] and post.features is not None for post in aside)
