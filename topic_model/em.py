"""Expectation maximisation: learns Phi from a corpus, pass by pass, the same bytes for the same seed and threads."""

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from topic_model.corpus import Corpus
from topic_model.document import IMAGE, TAG, TEXT
from topic_model.errors import CorpusError
from topic_model.kernels import e_step
from topic_model.vocabulary import Vocabulary

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a model is learned. The last `background` topics are smooth and take what every post has."""

    topics: int = 50
    background: int = 2
    passes: int = 25
    inner: int = 10
    weights: Mapping[str, float] = field(default_factory=lambda: {TEXT: 1.0, TAG: 1.0, IMAGE: 3.0})
    sparse_phi: float = 0.0
    smooth_phi: float = 0.1
    sparse_theta: float = 0.0
    smooth_theta: float = 0.1
    seed: int = 0
    threads: int = 2

    def __post_init__(self) -> None:
        if not 1 <= self.topics <= 2000:
            raise CorpusError(f"topics is {self.topics}: a model has 1 to 2000 topics.")
        if not 0 <= self.background < self.topics:
            raise CorpusError(
                f"background is {self.background}: it must be 0 or more and below topics ({self.topics})."
            )
        if self.passes < 1 or self.inner < 1 or self.threads < 1:
            raise CorpusError("passes, inner and threads must each be at least 1.")

    def as_dict(self) -> dict[str, Any]:
        """Give plain data for the model folder; the number of threads is no property of a model."""
        plain = asdict(self)
        del plain["threads"]
        return plain


def subject_or_background(recipe: Recipe, subject: float, background: float) -> Floats:
    """Give one number a topic: `subject` for the subject topics, `background` for the background topics."""
    values = np.full(recipe.topics, subject, dtype=np.float32)
    values[recipe.topics - recipe.background :] = background
    return values


def fit(
    corpus: Corpus, vocabulary: Vocabulary, recipe: Recipe, progress: Callable[[int, float], None] | None = None
) -> tuple[Floats, list[float]]:
    """Learn Phi; returns it with the perplexity seen in each pass."""
    if corpus.documents == 0 or len(corpus.rows) == 0:
        raise CorpusError("There is nothing to learn from: no document holds a known token.")
    phi = normalise(_random_start(vocabulary.size, recipe), vocabulary)
    history: list[float] = []
    total = float(corpus.counts.sum())
    with ThreadPoolExecutor(recipe.threads) as pool:
        for number in range(recipe.passes):
            n_wt, likelihood = _expect(corpus, phi, recipe, pool)
            n_wt += subject_or_background(recipe, -recipe.sparse_phi, recipe.smooth_phi)
            phi = normalise(n_wt, vocabulary)
            history.append(float(np.exp(-likelihood / total)))
            if progress:
                progress(number + 1, history[-1])
    return phi, history


def normalise(n_wt: Floats, vocabulary: Vocabulary) -> Floats:
    """Make every topic a distribution over the tokens of each modality by itself; a topic without any stays zero."""
    phi = np.maximum(n_wt, np.float32(0.0))
    for rows in vocabulary.slices.values():
        sums = phi[rows].sum(axis=0, dtype=np.float64)
        phi[rows] *= np.divide(1.0, sums, out=np.zeros_like(sums), where=sums > 0).astype(np.float32)
    return phi


def theta_prior(recipe: Recipe) -> Floats:
    """Give what the regulariser adds to each topic of a theta in the E-step."""
    return subject_or_background(recipe, -recipe.sparse_theta, recipe.smooth_theta)


def _random_start(size: int, recipe: Recipe) -> Floats:
    return np.random.default_rng(recipe.seed).random((size, recipe.topics), dtype=np.float32)


def _expect(corpus: Corpus, phi: Floats, recipe: Recipe, pool: ThreadPoolExecutor) -> tuple[Floats, float]:
    """Run one E-step with a share of the documents per thread, summed in a fixed order."""
    prior = theta_prior(recipe)

    def work(first: int, last: int) -> tuple[Floats, float]:
        n_wt = np.zeros_like(phi)
        indptr = corpus.indptr[first : last + 1]
        return n_wt, e_step(indptr, corpus.rows, corpus.counts, phi, prior, recipe.inner, n_wt)

    parts = list(pool.map(lambda bounds: work(*bounds), _shares(corpus, recipe.threads)))
    n_wt, likelihood = parts[0]
    for more, more_likelihood in parts[1:]:
        n_wt += more
        likelihood += more_likelihood
    return n_wt, likelihood


def _shares(corpus: Corpus, threads: int) -> Iterator[tuple[int, int]]:
    """Split the documents so that every thread has about as many tokens."""
    cuts = np.searchsorted(corpus.indptr, np.linspace(0, len(corpus.rows), threads + 1)[1:-1])
    bounds = [0, *(int(cut) for cut in cuts), corpus.documents]
    return pairwise(bounds)
