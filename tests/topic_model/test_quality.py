"""Quality: planted topics measure as good ones, spoilt topics as worse ones, and every odd model can be measured."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.planted import Planted, plant
from topic_model.coherence import coherences, npmi
from topic_model.corpus import Corpus, encode
from topic_model.model import TopicModel
from topic_model.quality import Quality, kernels, measure, perplexities, perplexity_at_once
from topic_model.training.em import State, normalise
from topic_model.training.recipe import Recipe
from topic_model.training.train import finish, train
from topic_model.vocabulary import build_vocabulary

EVEN = {"text": 1.0, "tag": 1.0, "image": 1.0}
TOPICS = 6


@pytest.fixture(scope="module")
def planted() -> Planted:
    return plant(topics=TOPICS, documents=500)


@pytest.fixture(scope="module")
def true(planted: Planted) -> tuple[TopicModel, Corpus]:
    """The model that the documents were drawn from, and the documents."""
    recipe = Recipe(topics=TOPICS, background=0, regularisers=(), weights=EVEN)
    vocabulary = build_vocabulary(planted.documents, tuple(EVEN))
    phi = np.concatenate([planted.true_rows(modality, vocabulary.tokens[modality]) for modality in vocabulary.tokens])
    phi = normalise(phi.astype(np.float32), vocabulary)
    corpus = encode(planted.documents, vocabulary, EVEN)
    return finish(State(phi, phi), [corpus], vocabulary, recipe, "none"), corpus


def with_phi(model: TopicModel, phi: np.ndarray) -> TopicModel:
    return replace(model, phi=normalise(phi.astype(np.float32), model.vocabulary))


def uniform(model: TopicModel) -> TopicModel:
    return with_phi(model, np.ones_like(model.phi))


class TestPerplexity:
    def test_the_truth_predicts_better_than_frequencies_and_these_better_than_nothing(
        self, true: tuple[TopicModel, Corpus]
    ) -> None:
        """Planted Phi, then every topic like the corpus, then every word alike, whose perplexity is their number."""
        model, corpus = true
        best, _, usual = perplexities(model, [corpus])
        common, *_ = perplexities(with_phi(model, np.repeat(model.unigram[:, None], TOPICS, axis=1)), [corpus])
        alike, *_ = perplexities(uniform(model), [corpus])
        for modality, tokens in model.vocabulary.tokens.items():
            assert best[modality] < 0.8 * common[modality] < 0.8 * alike[modality]
            assert alike[modality] == pytest.approx(len(tokens), rel=0.03)
            assert usual[modality] == pytest.approx(common[modality], rel=0.02)

    def test_at_once_it_is_what_the_passes_show(self, planted: Planted) -> None:
        """Of what it learned from, the same figure; of documents that are put together otherwise a larger one."""
        recipe = Recipe(topics=TOPICS, background=0, passes=20, regularisers=(), weights=EVEN)
        documents = planted.documents
        mixed = [{**one, "tag": other["tag"]} for one, other in pairwise(documents)]
        model = train(documents, recipe)
        own, odd = (perplexity_at_once(model, [encode(of, model.vocabulary, EVEN)]) for of in (documents, mixed))
        assert own == pytest.approx(model.history[-1], rel=0.02)
        assert odd is not None
        assert odd > 1.03 * model.history[-1]
        assert measure(model, []).at_once is None

    def test_what_no_topic_explains_counts_as_often_as_the_corpus_has_it(self, true: tuple[TopicModel, Corpus]) -> None:
        """A word that vanished from Phi costs its smoothed frequency, is reported, and never makes it endless."""
        model, corpus = true
        phi = model.phi.copy()
        phi[model.vocabulary.slices["text"]][::2] = 0
        perplexity, unexplained, _ = perplexities(with_phi(model, phi), [corpus])
        assert 0.2 < unexplained["text"] < 0.8
        assert unexplained["image"] < 0.01
        assert np.isfinite(perplexity["text"])

    def test_what_topics_make_next_to_impossible_does_not_decide(self, true: tuple[TopicModel, Corpus]) -> None:
        """A few words with hardly any share of any topic cost what words that vanished do, not a hundred times more."""
        model, corpus = true
        phi = model.phi.copy()
        phi[model.vocabulary.slices["text"]][::2] = 1e-7
        vanished = model.phi.copy()
        vanished[model.vocabulary.slices["text"]][::2] = 0
        perplexity, *_ = perplexities(with_phi(model, phi), [corpus])
        without, *_ = perplexities(with_phi(model, vanished), [corpus])
        assert perplexity["text"] == pytest.approx(without["text"], rel=0.05)

    def test_hidden_tokens_do_not_help(self) -> None:
        """A model that knows each document by heart cannot use words that it is not shown."""
        documents = [{"text": {f"a{n}": 1.0, f"b{n % 2}": 1.0}} for n in range(40)] * 2
        model = train(documents, Recipe(topics=2, background=0, passes=20, regularisers=(), weights=EVEN))
        perplexity, *_ = perplexities(model, [encode(documents, model.vocabulary)])
        assert perplexity["text"] > 4

    def test_it_is_the_same_for_the_same_seed(self, true: tuple[TopicModel, Corpus]) -> None:
        """Halves are drawn at random, yet twice the same."""
        model, corpus = true
        assert perplexities(model, [corpus], 3) == perplexities(model, [corpus], 3)
        assert perplexities(model, [corpus], 3) != perplexities(model, [corpus], 4)


class TestCoherence:
    def test_planted_topics_are_more_coherent_than_random_ones(self, true: tuple[TopicModel, Corpus]) -> None:
        """Words of a topic meet in documents; words drawn at random meet by chance, near 0."""
        model, corpus = true
        rows = model.vocabulary.slices["text"]
        real = np.mean(coherences(model.phi, rows, [corpus]))
        shuffled = np.random.default_rng(0).permuted(model.phi, axis=0)
        chance = np.mean(coherences(shuffled, rows, [corpus]))
        assert real > 0.15
        assert real > chance + 0.15

    def test_the_scale_ends_where_it_should(self) -> None:
        """Never together is -1, always and only together 1, by chance 0."""
        assert npmi(0, 5, 5, 100) == -1
        assert npmi(5, 5, 5, 100) == pytest.approx(1)
        assert npmi(25, 50, 50, 100) == pytest.approx(0)
        assert npmi(100, 100, 100, 100) == 0

    def test_shards_count_together(self, true: tuple[TopicModel, Corpus]) -> None:
        """A corpus in two files is the same corpus."""
        model, corpus = true
        cut = 200
        at = corpus.indptr[cut]
        parts = [
            Corpus(corpus.indptr[: cut + 1], corpus.rows[:at], corpus.counts[:at]),
            Corpus(corpus.indptr[cut:] - at, corpus.rows[at:], corpus.counts[at:]),
        ]
        rows = model.vocabulary.slices["text"]
        assert coherences(model.phi, rows, parts) == pytest.approx(coherences(model.phi, rows, [corpus]))


class TestKernels:
    def test_planted_topics_are_pure(self, true: tuple[TopicModel, Corpus]) -> None:
        """Sparse planted topics consist of their own words; topics that are all alike own none."""
        model, corpus = true
        own = measure(model, [corpus]).kernels["text"]
        assert min(kernel.purity for kernel in own) > 0.7
        assert min(kernel.contrast for kernel in own) > 0.6
        assert [kernel.size for kernel in measure(uniform(model), [corpus]).kernels["text"]] == [0] * TOPICS

    def test_the_definition_by_hand(self) -> None:
        """Purity sums p(w|t) over the kernel, contrast is the mean of p(t|w) over it."""
        phi = np.array([[0.5, 0.0], [0.5, 0.1], [0.0, 0.9]], dtype=np.float32)
        first, second = kernels(phi, np.array([0.5, 0.5], dtype=np.float32))
        assert (first.size, first.purity) == (2, pytest.approx(1.0))
        assert first.contrast == pytest.approx((1 + 5 / 6) / 2)
        assert (second.size, second.purity, second.contrast) == (1, pytest.approx(0.9), pytest.approx(1))


class TestOddModels:
    def test_a_dead_topic_is_told_from_a_live_one(self, true: tuple[TopicModel, Corpus]) -> None:
        """A topic without words has no coherence and no kernel, is not live, and spoils no figure."""
        model, corpus = true
        phi = model.phi.copy()
        phi[:, 2] = 0
        dead = finish(State(phi, phi), [corpus], model.vocabulary, model.recipe, "none")
        quality = measure(dead, [corpus])
        assert quality.live == tuple(topic != 2 for topic in range(TOPICS))
        assert quality.live_topics == TOPICS - 1
        assert quality.coherence[2] is None
        assert quality.mean_coherence is not None
        assert quality.kernels["text"][2].size == 0
        assert all(np.isfinite(value) for value in quality.perplexity.values())

    def test_a_missing_modality_is_left_out(self, planted: Planted) -> None:
        """A model of hashtags alone is measured by hashtags."""
        documents = [{"tag": document["tag"]} for document in planted.documents]
        model = train(documents, Recipe(topics=TOPICS, background=1, passes=5))
        quality = measure(model, [encode(documents, model.vocabulary, model.recipe.weights)])
        assert set(quality.perplexity) == set(quality.kernels) == {"tag"}
        assert len(quality.coherence) == TOPICS

    def test_no_document_is_no_accident(self, true: tuple[TopicModel, Corpus]) -> None:
        """Nothing to measure on leaves the figures of documents out."""
        model, _ = true
        for shards in ([], [encode([{}, {"text": {"zebra": 1.0}}], model.vocabulary)]):
            quality = measure(model, shards)
            assert (quality.documents, quality.perplexity, quality.mean_coherence) == (0, {}, None)

    def test_plain_data_and_back(self, true: tuple[TopicModel, Corpus]) -> None:
        """What is kept in a model folder is read back as it was."""
        quality = measure(true[0], [true[1]])
        assert Quality.from_dict(quality.as_dict()) == quality

    @settings(max_examples=40, deadline=None)
    @given(
        st.lists(
            st.dictionaries(
                st.sampled_from(["text", "tag"]), st.dictionaries(st.sampled_from("abcd"), st.floats(0, 50), max_size=4)
            ),
            max_size=8,
        ),
        st.integers(0, 5),
    )
    def test_any_few_documents_are_measured(self, documents: list[dict[str, dict[str, float]]], seed: int) -> None:
        """However small or odd a corpus is, shares stay shares and perplexity stays a number of at least 1."""
        taught = [
            {"text": {"a": 2.0, "b": 1.0}, "tag": {"a": 1.0}},
            {"text": {"c": 1.0, "b": 1.0}, "tag": {"b": 1.0}},
        ] * 3
        model = train(taught, Recipe(topics=2, background=0, passes=3, regularisers=(), seed=seed))
        quality = measure(model, [encode(documents, model.vocabulary, model.recipe.weights)], seed)
        assert all(1 <= value < 1e9 for value in quality.perplexity.values())
        assert all(0 <= share <= 1 for share in (*quality.unexplained.values(), quality.theta_sparsity))
        assert all(value is None or -1 <= value <= 1 + 1e-9 for value in quality.coherence)
