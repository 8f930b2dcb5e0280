"""Cues: what is counted of a text and a post, and that noise takes away from every one of them."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from topic_model.alignment.aligned import Aligned
from topic_model.document import IMAGE, TAG, TEXT
from topic_model.match.cues import CUES, Cue, PostSide, columns, gather, text_side
from topic_model.match.mass import match
from topic_model.model import TopicModel
from topic_model.training.recipe import Recipe
from topic_model.vocabulary import Vocabulary

WORDS = ("sea", "wave", "snow", "ridge")
VOCABULARY = Vocabulary({TEXT: WORDS, TAG: ("sea",), IMAGE: ("blue", "white")})
PHI = np.array([[0.5, 0], [0.5, 0], [0, 0.5], [0, 0.5], [1, 0], [1, 0], [0, 1]], np.float32)
SEA, SNOW = np.array([1, 0], np.float32), np.array([0, 1], np.float32)


@pytest.fixture(scope="module")
def model() -> TopicModel:
    """Two topics, the sea and the mountains; every word is as common as any other."""
    unigram = np.array([0.25] * 4 + [1, 0.5, 0.5], np.float32)
    recipe = Recipe(topics=2, background=0, regularisers=())
    return TopicModel("m", VOCABULARY, PHI, unigram, np.array([0.5, 0.5], np.float32), recipe, "none")


def cues(model: TopicModel, text: str, *posts: PostSide) -> list[dict[Cue, float]]:
    words = dict.fromkeys(text.split(), 1.0)
    return [
        dict(zip(CUES, row, strict=True))
        for row in gather(text_side({TEXT: words}, model), list(posts), model).tolist()
    ]


def test_a_text_about_the_photo_and_one_about_another(model: TopicModel) -> None:
    """Worked out by hand: a word of the topic is twice as likely as with everybody, another one a tenth."""
    (sea, snow) = cues(model, "sea wave", PostSide(SEA), PostSide(SNOW))
    assert sea[Cue.SHARED] == pytest.approx(1)
    assert sea[Cue.LIKELIHOOD] == pytest.approx(np.log(0.9 * 0.5 / 0.25 + 0.1), abs=1e-5)
    assert (sea[Cue.EXPLAINED], snow[Cue.EXPLAINED], snow[Cue.SHARED]) == (1, 0, 0)
    assert snow[Cue.LIKELIHOOD] == pytest.approx(np.log(0.1), abs=1e-5)
    assert sea[Cue.BREVITY] == pytest.approx(-np.log(2))


def test_the_shared_mass_is_that_of_a_match(model: TopicModel) -> None:
    """With every word known it is the match of the two thetas, to the last digit."""
    text = text_side({TEXT: {"sea": 1.0, "snow": 2.0}}, model)
    theta = np.array([0.7, 0.3], np.float32)
    assert text.theta is not None
    assert gather(text, [PostSide(theta)], model)[0, 0] == pytest.approx(match(text.theta, theta))


def test_what_a_pair_has_not_is_no_number(model: TopicModel) -> None:
    """A post without words has none of its own, one without a place among photos no cosine: no zero stands in."""
    (alone, worded) = cues(model, "sea boat", PostSide(SEA), PostSide(SEA, {"boat": 1.0, "#sea": 1.0}))
    assert np.isnan([alone[Cue.OWN], alone[Cue.ALIGNED], worded[Cue.ALIGNED]]).all()
    assert worded[Cue.OWN] == 0.5


def test_words_that_the_encoder_expects_count_by_the_root_of_their_share(model: TopicModel) -> None:
    """Worked out by hand; where it expects none of the words the cue is 0, where it expects nothing it is no number."""
    expecting = PostSide(SEA, predicted={"sea": 90.0, "boat": 10.0})
    (row,) = cues(model, "sea boat dog", expecting)
    assert row[Cue.PREDICTED] == pytest.approx((0.9**0.5 + 0.1**0.5) / 3)
    assert cues(model, "dog", expecting)[0][Cue.PREDICTED] == 0
    assert np.isnan(cues(model, "sea", PostSide(SEA))[0][Cue.PREDICTED])


def test_hashtags_are_words(model: TopicModel) -> None:
    """A hashtag is known, and meets the same hashtag of the post."""
    text = text_side({TAG: {"sea": 1.0}}, model)
    assert (text.words, text.known) == (("#sea",), 1)
    (row,) = gather(text, [PostSide(SEA, {"#sea": 1.0})], model)
    assert columns(row[None], [Cue.OWN, Cue.EXPLAINED]).tolist() == [[1.0, 0.0]]  # all speak of #sea: it tells nothing


def test_a_place_among_photos_counts_by_what_is_known(model: TopicModel) -> None:
    """The cosine, of which half is left when half of the words are noise."""
    known = Vocabulary({TEXT: WORDS})
    embeddings = np.eye(2, dtype=np.float32)[[0, 0, 1, 1]]
    ones, zeros = np.ones(4, np.float32), np.zeros(2, np.float32)
    aligned = Aligned(known, ones, zeros, np.eye(2, dtype=np.float32), zeros, embeddings)
    placing = replace(model, aligned=aligned)
    post = PostSide(SEA, aligned=np.array([0.8, 0.6], np.float32))
    assert [cues(placing, text, post)[0][Cue.ALIGNED] for text in ("sea", "sea xqzt", "xqzt")] == [
        pytest.approx(0.8),
        pytest.approx(0.4),
        0.0,
    ]


@given(st.lists(st.sampled_from(WORDS), min_size=1, max_size=4, unique=True), st.integers(1, 6))
def test_noise_takes_away_from_every_cue(words: list[str], noise: int) -> None:
    """Words that mean nothing among known ones leave less of each cue, whatever the post."""
    model = TopicModel(
        "m", VOCABULARY, PHI, np.full(7, 0.25, np.float32), SEA, Recipe(topics=2, background=0, regularisers=()), "none"
    )
    unknown = " ".join(f"zq{index}" for index in range(noise))
    posts = [
        PostSide(theta, {"sea": 1.0}, predicted={"snow": 3.0, "wave": 1.0})
        for theta in (SEA, SNOW, np.array([0.6, 0.4], np.float32))
    ]
    plain, noisy = (cues(model, f"{' '.join(words)} {more}", *posts) for more in ("", unknown))
    for before, after in zip(plain, noisy, strict=True):
        assert all(after[cue] <= before[cue] + 1e-6 for cue in CUES if cue is not Cue.ALIGNED)


def test_nothing_said_and_nobody_shown_are_no_cues(model: TopicModel) -> None:
    """A text of no words has no cue at all; without posts there are no rows."""
    assert np.isnan(gather(text_side({}, model), [PostSide(SEA)], model)).all()
    assert gather(text_side({TEXT: {"sea": 1.0}}, model), [], model).shape == (0, len(CUES))


def test_a_post_without_topics_shares_nothing(model: TopicModel) -> None:
    """It is as one that is about nothing: what its own words say still counts."""
    (row,) = cues(model, "sea", PostSide(None, {"sea": 1.0}))
    assert (row[Cue.SHARED], row[Cue.OWN]) == (0, 1)
