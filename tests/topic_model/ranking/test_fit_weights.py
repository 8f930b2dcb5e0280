"""Weights of the last ordering, fitted to posts where it is known what should win."""

from collections.abc import Sequence

import numpy as np

from topic_model.document import Document
from topic_model.model import TopicModel
from topic_model.ranking.fit_weights import EVERYBODY, LEAST_POSTS, OWN, Held, weigh
from topic_model.ranking.weights import Ranking
from topic_model.training.recipe import Recipe
from topic_model.vocabulary import Vocabulary

WORDS = tuple(f"w{n}" for n in range(40))
VOCABULARY = Vocabulary({"text": WORDS, "image": ("blue", "white")})


def model(aligned: object = None) -> TopicModel:
    """Two topics that tell nearly nothing of the words."""
    rng = np.random.default_rng(0)
    phi = rng.uniform(0.9, 1.1, (42, 2)).astype(np.float32)
    phi[:40] /= phi[:40].sum(axis=0)
    phi[40:] /= phi[40:].sum(axis=0)
    unigram = np.concatenate([np.full(40, 1 / 40), [0.5, 0.5]]).astype(np.float32)
    recipe, shares = Recipe(topics=2, background=0), np.full(2, 0.5, np.float32)
    return TopicModel("m", VOCABULARY, phi, unigram, shares, recipe, "none", aligned=aligned)


class Oracle:
    """Places photos and texts where the number of the post says: the right photo is always nearest."""

    size = 2
    photo_mean = np.zeros(1)

    def of_posts(self, features: np.ndarray, documents: object) -> np.ndarray:
        """The angle is the feature."""
        return np.column_stack([np.cos(features[:, 0]), np.sin(features[:, 0])]).astype(np.float32)

    def of_texts(self, documents: Sequence[Document]) -> np.ndarray:
        """The angle is how often the first word is said."""
        angles = [document["angle"]["a"] for document in documents]
        return np.array([[np.cos(angle), np.sin(angle)] for angle in angles], np.float32)


def held(posts: int) -> list[Held]:
    """Posts whose question repeats a word that their other captions say, among words that all posts say."""
    rng = np.random.default_rng(1)
    result = []
    for n in range(posts):
        words = rng.choice(WORDS, 4, replace=False)
        query = {"text": {words[0]: 1.0}, "angle": {"a": n / posts}}
        others = {"text": dict.fromkeys(words, 1.0)}
        result.append(Held(query, {"image": {"blue": 1.0}}, others, np.array([n / posts], np.float32)))
    return result


def test_an_arm_that_is_always_right_is_heard_most() -> None:
    """Where words and topics tell little and the places everything, the cosine gets the largest weight there is."""
    result = weigh(model(Oracle()), held(80))
    assert result.aligned >= 0.6
    assert result.mixture.own in OWN
    assert result.mixture.everybody in EVERYBODY


def test_too_few_posts_leave_the_usual_weights() -> None:
    """A handful would fit noise."""
    assert weigh(model(), held(LEAST_POSTS - 1)) == Ranking()


def test_without_places_their_weight_stays() -> None:
    """There is nothing to fit it to."""
    assert weigh(model(), held(60)).aligned == Ranking().aligned


def test_a_photo_that_another_encoder_measured_has_no_place() -> None:
    """Features of another length are passed over, not an error."""
    posts = held(60)
    posts[0] = posts[0]._replace(features=np.zeros(7, np.float32))
    assert weigh(model(Oracle()), posts).aligned >= 0.6
