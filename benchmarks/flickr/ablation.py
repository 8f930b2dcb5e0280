"""What each ingredient of the ranking brings, cold: one after another, each beside all the earlier ones."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from benchmarks.flickr.rivals import ranks_of
from common.arrays import Float64
from topic_model.document import IMAGE, TEXT, Document, own_words
from topic_model.model import TopicModel
from topic_model.ranking.likelihood import of_words
from topic_model.training.recipe import Recipe
from topic_model.training.train import train


def ablation(
    taught: Sequence[Document],
    photos: Sequence[Document],
    queries: Sequence[Document],
    right: Sequence[int],
    recipe: Recipe,
    whole: TopicModel,
    arms: Mapping[str, Float64],
) -> dict[str, Float64]:
    """Ranks of the right photo for each step; `whole` is the committee with all words, `arms` are added to it."""
    plain = replace(recipe, committee=1, weights={TEXT: 1.0, IMAGE: 1.0})
    classes = _learned(taught, photos, queries, plain, kinds=("classes",))
    several = _learned(taught, photos, queries, plain, kinds=("classes", "c8", "book"))
    heavier = _learned(taught, photos, queries, replace(recipe, committee=1), kinds=("classes", "c8", "book"))
    one = _Asked(whole.members[0], photos, queries)
    committee = _Asked(whole, photos, queries)
    likelihood = committee.likelihood()
    steps: Mapping[str, Float64] = {
        "class words, theta after 20 rounds, L1": classes.l1(20),
        "channels and patterns as well": several.l1(20),
        "a question's theta after 2 rounds": several.l1(2),
        "photos count three times in training": heavier.l1(2),
        "ordered by likelihood, no longer by L1": heavier.likelihood(),
        "concept words as well": one.likelihood(),
        "a committee of three": likelihood,
    } | {name: standard(likelihood) + arm for name, arm in arms.items()}
    return {name: ranks_of(scores, right).astype(float) for name, scores in steps.items()}


class _Asked:
    """A model, and how it scores photos for questions."""

    def __init__(self, model: TopicModel, photos: Sequence[Document], queries: Sequence[Document]) -> None:
        self._model = model
        self._queries = queries
        none = np.full(model.topics, 1 / model.topics, np.float32)
        self._photos = np.array([none if theta is None else theta for theta in model.thetas(photos)])
        self._none = none

    def l1(self, rounds: int) -> Float64:
        """The nearer, the better; a question's theta is inferred in so many rounds."""
        thetas = (self._model.theta(query, iterations=rounds) for query in self._queries)
        return np.array(
            [-np.abs(self._photos - (self._none if theta is None else theta)).sum(axis=1) for theta in thetas], float
        )

    def likelihood(self) -> Float64:
        """How likely each photo is to have been described by the question."""
        mixture, queries = self._model.ranking.mixture, [list(own_words(query)) for query in self._queries]
        silent = [np.full((len(self._photos), len(words)), np.nan) for words in queries]
        return np.array(
            [
                of_words(words, self._photos, own, self._model, mixture).sum(axis=1)
                for words, own in zip(queries, silent, strict=True)
            ]
        )


def _learned(
    taught: Sequence[Document],
    photos: Sequence[Document],
    queries: Sequence[Document],
    recipe: Recipe,
    kinds: Sequence[str],
) -> _Asked:
    def only(document: Document) -> Document:
        words = {word: weight for word, weight in document[IMAGE].items() if word.partition(":")[0] in kinds}
        return {**document, IMAGE: words}

    model = train([only(document) for document in taught], recipe)
    return _Asked(model, [only(photo) for photo in photos], queries)


def standard(rows: Float64) -> Float64:
    """Bring each row to one scale."""
    return np.asarray((rows - rows.mean(axis=1, keepdims=True)) / np.maximum(rows.std(axis=1, keepdims=True), 1e-12))
