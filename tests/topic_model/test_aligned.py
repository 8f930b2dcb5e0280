"""Photos placed among texts: what is planted in both is found, whoever asks."""

import numpy as np
import pytest

from topic_model.aligned import LEAST_POSTS, Aligned, align
from topic_model.document import Document
from topic_model.vocabulary import Vocabulary

SUBJECTS = [("sea", "wave", "beach"), ("snow", "ski", "slope"), ("dog", "ball", "lawn"), ("street", "tram", "bridge")]
VOCABULARY = Vocabulary({"text": tuple(word for words in SUBJECTS for word in words), "tag": ("sea",)})
DIMENSIONS = 12


def world(posts: int, seed: int) -> tuple[np.ndarray, list[Document], np.ndarray]:
    """Posts of a hidden subject: their photos are noisy pictures of it, their captions two of its words."""
    rng = np.random.default_rng(seed)
    pictures = np.random.default_rng(99).normal(size=(len(SUBJECTS), DIMENSIONS))
    subjects = rng.integers(0, len(SUBJECTS), posts)
    features = (pictures[subjects] + rng.normal(scale=0.8, size=(posts, DIMENSIONS))).astype(np.float32)
    said = [rng.choice(SUBJECTS[subject], 2, replace=False) for subject in subjects]
    return features, [{"text": dict.fromkeys(words, 1.0)} for words in said], subjects


@pytest.fixture(scope="module")
def aligned() -> Aligned:
    """What 400 posts teach."""
    features, documents, _ = world(400, seed=1)
    learned = align(features, documents, VOCABULARY)
    assert learned is not None
    return learned


class TestAlign:
    def test_words_lie_near_the_photos_of_their_subject(self, aligned: Aligned) -> None:
        """Of photos that nobody learned from, those of the subject are nearest to its words."""
        features, documents, subjects = world(200, seed=2)
        near = aligned.of_texts(documents) @ aligned.of_photos(features).T
        nearest = subjects[near.argmax(axis=1)]
        assert (nearest == subjects).mean() > 0.95

    def test_photos_without_a_subject_in_common_lie_apart(self, aligned: Aligned) -> None:
        """The mean cosine of a text with photos of other subjects is not above that of strangers: about nothing."""
        features, documents, subjects = world(300, seed=3)
        near = aligned.of_texts(documents) @ aligned.of_photos(features).T
        same = subjects[:, None] == subjects[None, :]
        assert near[same].mean() > 0.6
        assert near[~same].mean() < 0.05

    def test_every_place_has_length_1(self, aligned: Aligned) -> None:
        """So that a product is a cosine."""
        features, documents, _ = world(20, seed=4)
        for placed in (aligned.of_photos(features), aligned.of_texts(documents)):
            assert np.linalg.norm(placed, axis=1) == pytest.approx(np.ones(20), abs=1e-5)

    def test_one_is_placed_as_among_many(self, aligned: Aligned) -> None:
        """A query is placed as the same words of a post are."""
        _, documents, _ = world(5, seed=5)
        together = aligned.of_texts(documents)
        for document, place in zip(documents, together, strict=True):
            assert aligned.of_text(document) == pytest.approx(place, abs=1e-6)

    def test_unknown_words_have_no_place(self, aligned: Aligned) -> None:
        """Nobody is sent to the middle of the photos by words that say nothing."""
        assert aligned.of_text({"text": {"xyzzy": 1.0}}) is None
        assert not aligned.of_texts([{}, {"text": {"xyzzy": 1.0}}]).any()

    def test_too_few_posts_teach_nothing(self) -> None:
        """Posts without known words do not count."""
        features, documents, _ = world(LEAST_POSTS, seed=6)
        assert align(features, [*documents[1:], {}], VOCABULARY) is None
        assert align(features, documents, VOCABULARY) is not None

    def test_the_same_posts_teach_the_same(self) -> None:
        """To the bit."""
        features, documents, _ = world(300, seed=7)
        one, other = align(features, documents, VOCABULARY), align(features, documents, VOCABULARY)
        assert one is not None
        assert other is not None
        assert np.array_equal(one.photo_map, other.photo_map)
        assert np.array_equal(one.text_map, other.text_map)

    def test_a_post_lies_between_its_photo_and_its_words(self, aligned: Aligned) -> None:
        """As near to both; without known words it lies where its photo does."""
        features, documents, _ = world(8, seed=8)
        places = aligned.of_posts(features, documents)
        to_photo = (places * aligned.of_photos(features)).sum(axis=1)
        to_words = (places * aligned.of_texts(documents)).sum(axis=1)
        assert to_photo == pytest.approx(to_words, abs=1e-5)
        silent = aligned.of_posts(features, [{} for _ in documents])
        assert silent == pytest.approx(aligned.of_photos(features), abs=1e-6)
