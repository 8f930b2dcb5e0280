"""Expectation maximisation: learns Phi from shards of a corpus, pass by pass, the same bytes for the same seed."""

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from common.arrays import Float32
from topic_model.corpus import Corpus
from topic_model.errors import CorpusError, EngineMissing
from topic_model.training.recipe import Recipe
from topic_model.training.regularisers import add_to_phi, theta_terms
from topic_model.vocabulary import Vocabulary

_LEAST = float(np.finfo(np.float32).tiny)  # one over anything below is no number


@dataclass(frozen=True, slots=True)
class State:
    """Where learning stands: Phi, the counts it was learned from, and the perplexity of each pass that is done.

    `earlier` counts the passes of the members of a committee that were learned before.
    """

    phi: Float32
    n_wt: Float32
    history: tuple[float, ...] = ()
    earlier: int = 0

    @property
    def passes(self) -> int:
        """How many passes are done."""
        return len(self.history)


def first_state(vocabulary: Vocabulary, recipe: Recipe) -> State:
    """Start from a random Phi."""
    random = np.random.default_rng(recipe.seed).random((vocabulary.size, recipe.topics), dtype=np.float32)
    phi = normalise(random, vocabulary)
    return State(phi, phi)


def learn(shards: Sequence[Corpus], vocabulary: Vocabulary, recipe: Recipe, state: State) -> Iterator[State]:
    """Go on until the recipe's number of passes, and give the state after each."""
    if _mass(shards) == 0:
        raise CorpusError("There is nothing to learn from: no document holds a known token that counts.")
    one_pass = _online_pass if recipe.online else _offline_pass
    with ThreadPoolExecutor(recipe.threads) as pool:
        while state.passes < recipe.passes:
            state = one_pass(shards, vocabulary, recipe, state, pool)
            yield state


def normalise(n_wt: Float32, vocabulary: Vocabulary) -> Float32:
    """Make every topic a distribution over the tokens of each modality by itself; one without mass there is zero."""
    phi = np.maximum(n_wt, np.float32(0.0))
    for rows in vocabulary.slices.values():
        sums = phi[rows].sum(axis=0, dtype=np.float64)
        phi[rows] *= np.divide(1.0, sums, out=np.zeros_like(sums), where=sums >= _LEAST).astype(np.float32)
    return phi


def _offline_pass(
    shards: Sequence[Corpus], vocabulary: Vocabulary, recipe: Recipe, state: State, pool: ThreadPoolExecutor
) -> State:
    """Count with one Phi over the whole corpus, then learn from the counts."""
    n_wt = np.zeros_like(state.phi)
    likelihood = sum(_count(shard, state.phi, state.n_wt, recipe, state.passes, pool, n_wt) for shard in shards)
    phi = _m_step(n_wt, state.phi, vocabulary, recipe, state.passes)
    return State(phi, n_wt, (*state.history, _perplexity(likelihood, shards)))


def _online_pass(
    shards: Sequence[Corpus], vocabulary: Vocabulary, recipe: Recipe, state: State, pool: ThreadPoolExecutor
) -> State:
    """Learn after every shard: what it counts enters with a weight that falls, scaled to the whole corpus."""
    whole = _mass(shards)
    phi, n_wt = state.phi, state.n_wt
    likelihood = 0.0
    for index, shard in enumerate(shards):
        if _mass([shard]) == 0:
            continue
        counted = np.zeros_like(phi)
        likelihood += _count(shard, phi, n_wt, recipe, state.passes, pool, counted)
        weight = (recipe.delay + state.passes * len(shards) + index) ** -recipe.forget
        n_wt = np.float32(1 - weight) * n_wt + np.float32(weight * whole) * (counted / np.float32(_mass([shard])))
        phi = _m_step(n_wt, phi, vocabulary, recipe, state.passes)
    return State(phi, n_wt, (*state.history, _perplexity(likelihood, shards)))


def _m_step(n_wt: Float32, phi: Float32, vocabulary: Vocabulary, recipe: Recipe, number: int) -> Float32:
    regularised = n_wt.copy()
    add_to_phi(regularised, phi, recipe.regularisers, number, vocabulary, recipe.background)
    return normalise(regularised, vocabulary)


def _count(
    corpus: Corpus, phi: Float32, before: Float32, recipe: Recipe, number: int, pool: ThreadPoolExecutor, n_wt: Float32
) -> float:
    """Take the E-step with a share of the documents per thread, summed into `n_wt` in a fixed order."""
    try:
        from topic_model.kernels.compiled import e_step
    except ImportError as error:  # a service that only infers does without a compiler
        raise EngineMissing(f"Training needs numba, which cannot be imported ({error}): pip install numba.") from error
    keep, prior = theta_terms(recipe.regularisers, number, before.sum(axis=0, dtype=np.float64), recipe.background)

    def work(bounds: tuple[int, int]) -> tuple[Float32, float]:
        counted = np.zeros_like(phi)
        indptr = corpus.indptr[bounds[0] : bounds[1] + 1]
        return counted, e_step(indptr, corpus.rows, corpus.counts, phi, keep, prior, recipe.inner, counted)

    likelihood = 0.0
    for counted, of_share in pool.map(work, _shares(corpus, recipe.threads)):
        n_wt += counted
        likelihood += of_share
    return likelihood


def _perplexity(likelihood: float, shards: Sequence[Corpus]) -> float:
    return float(np.exp(-likelihood / _mass(shards)))


def _mass(shards: Iterable[Corpus]) -> float:
    return sum(float(shard.counts.sum(dtype=np.float64)) for shard in shards)


def _shares(corpus: Corpus, threads: int) -> Iterable[tuple[int, int]]:
    """Split the documents so that every thread has about as many tokens."""
    cuts = np.searchsorted(corpus.indptr, np.linspace(0, len(corpus.rows), threads + 1)[1:-1])
    return pairwise([0, *(int(cut) for cut in cuts), corpus.documents])
