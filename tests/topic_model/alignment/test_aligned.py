"""Photos placed among texts: what is planted in both is found, whoever asks."""

from dataclasses import replace

import numpy as np
import pytest

from topic_model.alignment.aligned import LEAST_POSTS, Aligned, align
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
    chosen = [rng.choice(SUBJECTS[subject], 2, replace=False) for subject in subjects]
    return features, [{"text": dict.fromkeys(words, 1.0)} for words in chosen], subjects


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
        for embeddings in (aligned.of_photos(features), aligned.of_texts(documents)):
            assert np.linalg.norm(embeddings, axis=1) == pytest.approx(np.ones(20), abs=1e-5)

    def test_one_is_placed_as_among_many(self, aligned: Aligned) -> None:
        """A query is placed as the same words of a post are."""
        _, documents, _ = world(5, seed=5)
        together = aligned.of_texts(documents)
        for document, embedding in zip(documents, together, strict=True):
            assert aligned.of_text(document) == pytest.approx(embedding, abs=1e-6)

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
        embeddings = aligned.of_posts(features, documents)
        to_photo = (embeddings * aligned.of_photos(features)).sum(axis=1)
        to_words = (embeddings * aligned.of_texts(documents)).sum(axis=1)
        assert to_photo == pytest.approx(to_words, abs=1e-5)
        silent = aligned.of_posts(features, [{} for _ in documents])
        assert silent == pytest.approx(aligned.of_photos(features), abs=1e-6)


class TestCrowd:
    """Three directions: the crowd talks of the first, and a little of the second."""

    WORDS = Vocabulary({"text": ("much", "little", "never"), "tag": ()})

    def crowded(self) -> Aligned:
        """Features are places here; two texts in three say `much`."""
        ones, zeros, eye = np.ones(3, np.float32), np.zeros(3, np.float32), np.eye(3, dtype=np.float32)
        plain = Aligned(self.WORDS, ones, zeros, eye, zeros, eye)
        texts: list[Document] = [*[{"text": {"much": 1.0}}] * 20, *[{"text": {"little": 1.0}}] * 10, {}]
        return plain.among(eye, texts)

    def test_texts_without_a_place_are_no_crowd(self) -> None:
        """Nobody stands in the middle of it; and where nobody has a place there is no crowd at all."""
        crowded = self.crowded()
        assert crowded.crowd.shape == (30, 3)
        assert crowded.size == 4
        lonely = replace(crowded, crowd=crowded.crowd[:0])
        assert lonely.size == 3
        assert lonely.among(np.eye(3, dtype=np.float32), [{}]) is lonely

    def test_how_crowded_it_is_is_the_mean_cosine_of_those_around(self) -> None:
        """All of the 20 nearest say it, half of them, or none."""
        assert self.crowded().crowding(np.eye(3, dtype=np.float32)) == pytest.approx([1, 0.5, 0])

    def test_of_posts_that_are_as_near_the_less_crowded_comes_first(self) -> None:
        """A question half way between a busy and a quiet place finds the quiet one; without a crowd they are alike."""
        crowded = self.crowded()
        eye = np.eye(3, dtype=np.float32)
        question: Document = {"text": {"much": 1.0, "never": 1.0}}
        busy, _, quiet = crowded.of_posts(eye, [{}] * 3) @ crowded.of_texts([question])[0]
        assert quiet > busy + 0.3
        lonely = replace(crowded, crowd=crowded.crowd[:0])
        busy, _, quiet = lonely.of_posts(eye, [{}] * 3) @ lonely.of_texts([question])[0]
        assert quiet == pytest.approx(busy)

    def test_what_has_no_place_has_none_in_a_crowd(self) -> None:
        """Unknown words and posts of nothing stay rows of zeros."""
        crowded = self.crowded()
        assert crowded.of_text({"text": {"xyzzy": 1.0}}) is None
        assert not crowded.of_posts(np.zeros((1, 3), np.float32), [{}]).any()
        assert crowded.of_posts(np.zeros((0, 3), np.float32), []).shape == (0, 4)

    def test_a_photo_asks_wherever_it_is_crowded(self) -> None:
        """What looks like it is found first, be it as busy there as it may; one photo is placed as among many."""
        crowded = self.crowded()
        eye = np.eye(3, dtype=np.float32)
        question = crowded.of_photos(eye)
        assert not question[:, -1].any()
        assert (question @ crowded.of_posts(eye, [{}] * 3).T).argmax(axis=1).tolist() == [0, 1, 2]
        assert crowded.of_photos(eye[0]) == pytest.approx(question[0])
