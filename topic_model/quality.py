"""Quality: how well a model predicts words it has not seen, and how clear, distinct and sparse its topics are."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from common.arrays import Bool, Float32, Float64, Int64
from topic_model.coherence import NONE, coherences
from topic_model.corpus import Corpus
from topic_model.document import MODALITIES
from topic_model.kernels.inference import infer_batch
from topic_model.model import POST_ITERATIONS, TopicModel
from topic_model.training.regularisers import final_prior
from topic_model.vocabulary import Vocabulary

OF_ITS_TOPIC = 0.25
UNSEEN = 0.01
_ENTRIES = 2_000_000  # numbers of one block, so that memory stays the same for every size of corpus


@dataclass(frozen=True, slots=True)
class Kernel:
    """A topic's own words: how many, their share of the topic, and how surely they mean this topic and no other."""

    size: int
    purity: float
    contrast: float


@dataclass(frozen=True, slots=True)
class Quality:
    """What `measure` found; `coherence` is None for a topic with fewer than two words to compare.

    `usual` is the perplexity of the same tokens where every post is like the whole corpus: what topics have to beat.
    `at_once` is that of all modalities together with nothing hidden: what the passes of training show, of these posts.
    """

    documents: int
    perplexity: Mapping[str, float]
    unexplained: Mapping[str, float]
    phi_sparsity: Mapping[str, float]
    theta_sparsity: float
    kernels: Mapping[str, tuple[Kernel, ...]]
    coherence: tuple[float | None, ...]
    live: tuple[bool, ...]
    usual: Mapping[str, float] = field(default_factory=dict)
    at_once: float | None = None

    @property
    def live_topics(self) -> int:
        """Number of topics that hold something."""
        return sum(self.live)

    @property
    def mean_coherence(self) -> float | None:
        """Mean over the topics that have one."""
        known = [value for value in self.coherence if value is not None]
        return sum(known) / len(known) if known else None

    def as_dict(self) -> dict[str, Any]:
        """Give plain data for the model folder."""
        return asdict(self)

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> "Quality":
        """Read plain data back."""
        kernels = {modality: tuple(Kernel(**kernel) for kernel in of) for modality, of in plain["kernels"].items()}
        lists = {name: tuple(plain[name]) for name in ("coherence", "live")}
        return cls(**{**plain, **lists, "kernels": kernels})


def measure(model: TopicModel, shards: Sequence[Corpus], seed: int = 0) -> Quality:
    """Measure a model on documents, encoded with its vocabulary and weights.

    On documents that the model has not learned from, `perplexity` is that of held-out documents; on its own ones it
    flatters the model. A topic is live when its share of the corpus is above 1 / (10 T).
    """
    vocabulary = model.vocabulary
    perplexity, unexplained, usual = perplexities(model, shards, seed)
    slices = vocabulary.slices
    return Quality(
        documents=sum(int(np.count_nonzero(np.diff(shard.indptr))) for shard in shards),
        perplexity=perplexity,
        unexplained=unexplained,
        phi_sparsity={modality: float(np.mean(model.phi[rows] < NONE)) for modality, rows in slices.items()},
        theta_sparsity=_theta_sparsity(model, shards),
        kernels={modality: kernels(model.phi[rows], model.topic_shares) for modality, rows in slices.items()},
        coherence=coherences(model.phi, slices[read_modality(vocabulary)], shards),
        live=tuple(bool(share > 1 / (10 * model.topics)) for share in model.topic_shares),
        usual=usual,
        at_once=perplexity_at_once(model, shards),
    )


def perplexity_at_once(model: TopicModel, shards: Sequence[Corpus]) -> float | None:
    """Perplexity of all tokens under the topics that these same tokens infer, as each pass of training has it.

    Of documents that the model has not learned from, it says by how much the passes flatter. One part in a hundred is
    the token's share of the corpus here, as in document completion.
    """
    likelihood = scored = 0.0
    share = _smoothed(model)
    for shard in shards:
        thetas, every = _thetas(model, shard), np.zeros(len(shard.rows), bool)
        for document, at in _hidden(shard, every, thetas, model.topics):
            rows, counts = shard.rows[at], shard.counts[at].astype(np.float64)
            p = np.einsum("it,it->i", model.phi[rows], thetas[document]).astype(np.float64)
            likelihood += float(counts @ np.log((1 - UNSEEN) * p + UNSEEN * share[rows]))
            scored += float(counts.sum())
    return float(np.exp(-likelihood / scored)) if scored else None


def perplexities(
    model: TopicModel, shards: Sequence[Corpus], seed: int = 0
) -> tuple[dict[str, float], dict[str, float], dict[str, float]]:
    """Perplexity of each modality by document completion, what no topic explains, and perplexity without topics.

    Half of the distinct tokens of each modality of each document, drawn at random, infer theta; the other half is
    scored with p(w|d) = 99 % of sum_t phi_wt theta_td and 1 % of the token's share of the corpus (of which 1 % is
    uniform), and perplexity is exp(-sum n_dw log p(w|d) / sum n_dw). Without that 1 % a few tokens that sparse topics
    make next to impossible would decide the figure. No topic explains what has a probability below 1e-8; without topics
    tokens are scored by their shares of the corpus. Documents whose first half is empty are left out; so is a modality
    without a scored token.
    """
    vocabulary = model.vocabulary
    modality_of = _modality_of(vocabulary)
    share = _smoothed(model)
    random = np.random.default_rng(seed)
    likelihood, scored, lost, alike = (np.zeros(len(vocabulary.tokens)) for _ in range(4))
    for shard in shards:
        visible = _half(shard, modality_of, random)
        thetas = _thetas(model, _part(shard, visible))
        for document, at in _hidden(shard, visible, thetas, model.topics):
            rows, counts = shard.rows[at], shard.counts[at].astype(np.float64)
            p = np.einsum("it,it->i", model.phi[rows], thetas[document]).astype(np.float64)
            none = p < NONE
            modality = modality_of[rows]
            for total, weight in (
                (likelihood, counts * np.log((1 - UNSEEN) * p + UNSEEN * share[rows])),
                (alike, counts * np.log(share[rows])),
                (scored, counts),
                (lost, counts * none),
            ):
                total += np.bincount(modality, weights=weight, minlength=len(total))
    named = [(index, name) for index, name in enumerate(vocabulary.tokens) if scored[index] > 0]
    return (
        {name: float(np.exp(-likelihood[index] / scored[index])) for index, name in named},
        {name: float(lost[index] / scored[index]) for index, name in named},
        {name: float(np.exp(-alike[index] / scored[index])) for index, name in named},
    )


def kernels(phi: Float32, shares: Float32) -> tuple[Kernel, ...]:
    """The kernel of each topic in one modality: the words of which more than a quarter is the topic's, p(t|w) > 0.25.

    Purity is the sum of p(w|t) over the kernel, contrast the mean of p(t|w) over it; both are 0 for an empty kernel.
    """
    joint = phi * shares
    sums = joint.sum(axis=1, keepdims=True)
    of_topic = np.divide(joint, sums, out=np.zeros_like(joint), where=sums > 0)
    own = of_topic > OF_ITS_TOPIC
    sizes = own.sum(axis=0)
    purity = np.where(own, phi, 0).sum(axis=0, dtype=np.float64)
    contrast = np.where(own, of_topic, 0).sum(axis=0, dtype=np.float64) / np.maximum(sizes, 1)
    return tuple(
        Kernel(int(size), float(pure), float(clear)) for size, pure, clear in zip(sizes, purity, contrast, strict=True)
    )


def read_modality(vocabulary: Vocabulary) -> str:
    """The modality whose words people read: text if the model has it, else hashtags, else what there is."""
    return next((name for name in MODALITIES if name in vocabulary.tokens), next(iter(vocabulary.tokens)))


def _thetas(model: TopicModel, corpus: Corpus) -> Float32:
    prior = final_prior(model.recipe.regularisers, model.topics, model.recipe.background)
    keep = np.ones(model.topics, dtype=np.float32)
    thetas: Float32 = infer_batch(corpus.indptr, corpus.rows, corpus.counts, model.phi, keep, prior, POST_ITERATIONS)
    return thetas


def _theta_sparsity(model: TopicModel, shards: Sequence[Corpus]) -> float:
    zeros = entries = 0
    for shard in shards:
        thetas = _thetas(model, shard)
        known = thetas[thetas.any(axis=1)]
        zeros += int(np.count_nonzero(known < NONE))
        entries += known.size
    return zeros / entries if entries else 0.0


def _modality_of(vocabulary: Vocabulary) -> Int64:
    sizes = [len(tokens) for tokens in vocabulary.tokens.values()]
    return np.repeat(np.arange(len(sizes)), sizes)


def _smoothed(model: TopicModel) -> Float64:
    share = model.unigram.astype(np.float64)
    for rows in model.vocabulary.slices.values():
        share[rows] = (1 - UNSEEN) * share[rows] + UNSEEN / (rows.stop - rows.start)
    return share


def _half(corpus: Corpus, modality_of: Int64, random: np.random.Generator) -> Bool:
    """Every second entry of each document and modality, in an order drawn at random, and so is who begins."""
    document = np.repeat(np.arange(corpus.documents), np.diff(corpus.indptr))
    group = document * (int(modality_of.max()) + 1) + modality_of[corpus.rows]
    order = np.lexsort((random.random(len(group)), group))
    _, starts, sizes = np.unique(group[order], return_index=True, return_counts=True)
    index = np.arange(len(order)) - np.repeat(starts - random.integers(0, 2, len(starts)), sizes)
    visible = np.zeros(len(group), dtype=np.bool_)
    visible[order] = index % 2 == 0
    return visible


def _part(corpus: Corpus, chosen: Bool) -> Corpus:
    before = np.concatenate(([0], np.cumsum(chosen, dtype=np.int64)))
    return Corpus(before[corpus.indptr], corpus.rows[chosen], corpus.counts[chosen])


def _hidden(corpus: Corpus, visible: Bool, thetas: Float32, topics: int) -> Iterator[tuple[Int64, Int64]]:
    """The entries to score, and whose they are, some at a time."""
    document = np.repeat(np.arange(corpus.documents), np.diff(corpus.indptr))
    known = np.asarray(thetas.any(axis=1))
    at = np.flatnonzero(~visible & known[document])
    step = max(1, _ENTRIES // topics)
    for first in range(0, len(at), step):
        part = at[first : first + step]
        yield document[part], part
