"""Hierarchy: child topics below the topics of a model, such that every parent is a mixture of its children.

The parents join the corpus as documents of their own (as hARTM does), so that one EM learns the children's Phi from the
posts and, as the theta of those documents, p(child | parent).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from common.arrays import Float32
from topic_model.corpus import Corpus
from topic_model.errors import RecipeError
from topic_model.kernels.inference import infer_batch
from topic_model.model import TopicModel, TopicWord
from topic_model.training.em import State, learn, normalise
from topic_model.training.recipe import MOST_TOPICS, Recipe

CHILDREN = 3
LEAST = 0.1
_TRACE = 1e-7  # of a parent; words below it would make the parents' documents long and change nothing
_ITERATIONS = 100


@dataclass(frozen=True, slots=True)
class Hierarchy:
    """Child topics: `phi[token, child]`, and `psi[child, parent]` = p(child | parent), zero for parents without any.

    The last `background` children carry on the background topics, and are nobody's children.
    """

    phi: Float32
    psi: Float32
    background: int = 0

    def children(self, parent: int, least: float = LEAST) -> list[tuple[int, float]]:
        """List the children that make up at least this share of a parent, largest first."""
        shares = self.psi[: len(self.psi) - self.background, parent]
        return [
            (int(child), float(shares[child])) for child in np.argsort(-shares, kind="stable") if shares[child] >= least
        ]

    def words(self, model: TopicModel, child: int, parent: int, modality: str, limit: int = 5) -> list[TopicWord]:
        """Find the tokens that tell a child from its siblings, and from the rest of the corpus."""
        elsewhere = (model.phi[:, parent] + model.unigram) / np.float32(2)
        return replace(model, phi=self.phi, unigram=elsewhere).topic_words(child, modality, limit)


def learn_hierarchy(
    model: TopicModel,
    shards: Sequence[Corpus],
    *,
    children: int = CHILDREN,
    passes: int | None = None,
    weight: float = 1.0,
    progress: Callable[[State], None] | None = None,
) -> Hierarchy:
    """Learn so many children for every topic that is neither dead nor background, from the corpus of the model.

    `shards` are encoded with the model's vocabulary and weights. The parents' documents hold `weight` times as many
    tokens as the corpus: more of it binds children to their parents, less lets them follow the posts. Of many parents
    each has fewer children, for together they are topics of one model.
    """
    if children < 1 or not 0 < weight <= 1000:
        raise RecipeError(f"children is {children} and weight {weight}: give 1 or more, and above 0 to 1000.")
    parents = [
        topic for topic in range(model.topics) if topic not in model.background and model.topic_shares[topic] > 0
    ]
    if not parents:
        raise RecipeError(
            f"None of the {model.topics} topics can have children: all are dead or background. Train again."
        )
    children = min(children, (MOST_TOPICS - model.recipe.background) // len(parents))
    recipe = _recipe(model, len(parents) * children, passes)
    state = _begin(model, parents, children, recipe)
    as_documents = _parents_as_documents(model, parents, shards, weight)
    for now in learn([*shards, as_documents], model.vocabulary, recipe, state):
        state = now
        if progress:
            progress(now)
    return Hierarchy(state.phi, _psi(model, parents, as_documents, state.phi), recipe.background)


def _recipe(model: TopicModel, subjects: int, passes: int | None) -> Recipe:
    """The parents' recipe for more topics; passes are whole, since the parents must be counted with every post."""
    background = model.recipe.background
    return replace(model.recipe, topics=subjects + background, passes=passes or model.recipe.passes, online=False)


def _begin(model: TopicModel, parents: Sequence[int], children: int, recipe: Recipe) -> State:
    """Start each child as its parent with every word made rarer at random."""
    random = np.random.default_rng(recipe.seed)
    subjects = np.repeat(model.phi[:, parents], children, axis=1)
    subjects *= random.random(subjects.shape, dtype=np.float32)
    behind = model.phi[:, model.topics - recipe.background :]
    phi = normalise(np.concatenate([subjects, behind], axis=1), model.vocabulary)
    return State(phi, phi)


def _parents_as_documents(model: TopicModel, parents: Sequence[int], shards: Sequence[Corpus], weight: float) -> Corpus:
    """Each parent as a document: its words, as often as its share of the corpus has them in each modality."""
    mass = np.zeros(model.vocabulary.size)
    for shard in shards:
        mass += shard.mass(model.vocabulary.size)
    scale = np.zeros(model.vocabulary.size)
    for rows in model.vocabulary.slices.values():
        scale[rows] = weight * mass[rows].sum()
    counts = (model.phi[:, parents] * scale[:, None] * model.topic_shares[parents]).T
    held = (model.phi[:, parents] > _TRACE).T & (counts > 0)
    tokens = np.nonzero(held)[1].astype(np.int32)
    indptr = np.concatenate(([0], np.cumsum(held.sum(axis=1), dtype=np.int64)))
    return Corpus(indptr, tokens, counts[held].astype(np.float32))


def _psi(model: TopicModel, parents: Sequence[int], as_documents: Corpus, phi: Float32) -> Float32:
    topics = phi.shape[1]
    keep, prior = np.ones(topics, dtype=np.float32), np.zeros(topics, dtype=np.float32)
    thetas = infer_batch(as_documents.indptr, as_documents.rows, as_documents.counts, phi, keep, prior, _ITERATIONS)
    psi = np.zeros((topics, model.topics), dtype=np.float32)
    psi[:, parents] = thetas.T
    return psi
