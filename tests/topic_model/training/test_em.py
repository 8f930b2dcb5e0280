"""EM: planted topics are found again, and every step keeps what the mathematics promises."""

from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.support.planted import Planted, best_pairs, plant
from topic_model.corpus import encode
from topic_model.document import Document
from topic_model.errors import CorpusError, RecipeError
from topic_model.kernels.compiled import e_step, infer
from topic_model.kernels.plain import infer as plain_infer
from topic_model.model import TopicModel
from topic_model.training.em import first_state, learn, normalise
from topic_model.training.recipe import Recipe
from topic_model.training.regularisers import Regulariser, RegulariserKind, theta_terms
from topic_model.training.train import train
from topic_model.vocabulary import build_vocabulary

EVEN = {"text": 1.0, "tag": 1.0, "image": 1.0}
PLAIN = {"background": 0, "regularisers": (), "weights": EVEN}


def learned(documents: Sequence[Document], **changes: object) -> tuple[np.ndarray, list[float]]:
    vocabulary = build_vocabulary(documents, tuple(EVEN))
    recipe = Recipe(**{"topics": 3, "passes": 5, **PLAIN, **changes})
    *_, state = learn(
        [encode(documents, vocabulary, recipe.weights)], vocabulary, recipe, first_state(vocabulary, recipe)
    )
    return state.phi, list(state.history)


@pytest.fixture(scope="module")
def planted() -> Planted:
    return plant(topics=6, documents=1000)


@pytest.fixture(scope="module")
def fitted(planted: Planted) -> TopicModel:
    """The best of five starts by perplexity: EM climbs to the nearest top, which need not be the highest."""
    models = [train(planted.documents, Recipe(topics=6, passes=60, seed=seed, **PLAIN)) for seed in range(5)]
    return min(models, key=lambda model: model.history[-1])


def paired(model: TopicModel, planted: Planted) -> list[tuple[int, int]]:
    """Which learned topic is which planted one, by their words."""
    learned = model.phi[model.vocabulary.slices["text"]].astype(np.float64)
    return best_pairs(learned, planted.true_rows("text", model.vocabulary.tokens["text"]))


@pytest.mark.parametrize("modality", EVEN)
def test_planted_topics_are_found_again(planted: Planted, fitted: TopicModel, modality: str) -> None:
    """At least 95 % of each topic's mass lies where it was planted, paired by words, also in the other modalities."""
    learned = fitted.phi[fitted.vocabulary.slices[modality]]
    truth = planted.true_rows(modality, fitted.vocabulary.tokens[modality])
    for one, other in paired(fitted, planted):
        assert np.minimum(learned[:, one], truth[:, other]).sum() >= 0.95


@pytest.mark.parametrize("modality", ["text", "image"])
def test_a_missing_modality_is_simply_missing(planted: Planted, fitted: TopicModel, modality: str) -> None:
    """Theta from one modality alone is the planted theta, nearly."""
    pairs = dict(paired(fitted, planted))
    order = [pairs[topic] for topic in range(6)]
    matches = []
    for document, truth in zip(planted.documents[:100], planted.theta, strict=False):
        theta = fitted.theta({modality: document[modality]}, iterations=30)
        assert theta is not None
        matches.append(np.minimum(theta, truth[order]).sum())
    assert np.mean(matches) >= 0.9  # sixty words leave some doubt even about the true topics


def test_perplexity_falls_in_every_pass() -> None:
    """Without regularisers EM can only climb."""
    _, history = learned(plant(documents=200).documents, topics=6, passes=15)
    assert all(later <= earlier * 1.0001 for earlier, later in pairwise(history))
    assert history[-1] < 0.7 * history[0]


def test_the_same_seed_gives_the_same_bytes() -> None:
    """Same corpus, recipe and number of threads: the same model, byte for byte; another seed gives another."""
    documents = plant(documents=80).documents
    first, second, other = (train(documents, Recipe(topics=4, passes=4, seed=seed)) for seed in (1, 1, 2))
    assert first.phi.tobytes() == second.phi.tobytes()
    assert first.id == second.id
    assert first.id != other.id


def test_threads_change_nothing_but_rounding() -> None:
    """One thread or three learn the same topics."""
    documents = plant(documents=120).documents
    one, _ = learned(documents, threads=1)
    three, _ = learned(documents, threads=3)
    np.testing.assert_allclose(one, three, atol=1e-4)


def test_more_threads_than_documents_is_fine() -> None:
    """Some threads then have nothing to do."""
    phi, _ = learned([{"text": {"a": 2, "b": 1}}, {"text": {"a": 1, "b": 1}}], topics=2, threads=8)
    assert np.isfinite(phi).all()


def test_sparsing_empties_and_smoothing_fills() -> None:
    """The subject topics lose rare words, the background topics get a little of every word."""
    documents = plant(documents=200).documents
    regularisers = (Regulariser("phi", -2.0, "subject"), Regulariser("phi", 5.0, "background"))
    phi, _ = learned(documents, topics=6, background=2, regularisers=regularisers, passes=20)
    assert (phi[:, :4] == 0).mean() > 0.3
    assert (phi[:, 4:] > 0).all()


@settings(deadline=None, max_examples=30)
@example([{"text": {"a": 1}, "image": {"b": 8.5e-40}}] * 2, 2)  # one over such a count is no number
@given(
    st.lists(
        st.dictionaries(
            st.sampled_from(["text", "image"]),
            st.dictionaries(st.sampled_from("abcdefgh"), st.floats(0, 50, width=32), max_size=6),
            max_size=2,
        ),
        min_size=2,
        max_size=12,
    ),
    st.integers(1, 5),
)
def test_phi_is_a_distribution_in_each_modality(documents: list[dict], topics: int) -> None:
    """Whatever the counts, zero ones too: finite, never negative, each topic sums to 1 over a modality or is empty."""
    try:
        vocabulary = build_vocabulary(documents, ("text", "image"))
        recipe = Recipe(topics=topics, passes=3, **PLAIN)
        *_, state = learn([encode(documents, vocabulary)], vocabulary, recipe, first_state(vocabulary, recipe))
    except CorpusError:
        return
    phi = state.phi
    assert np.isfinite(phi).all()
    assert (phi >= 0).all()
    for rows in vocabulary.slices.values():
        sums = phi[rows].sum(axis=0)
        assert np.all((np.abs(sums - 1) < 1e-3) | (sums == 0))


def test_the_kernel_does_what_the_formula_says() -> None:
    """One E-step in compiled float32 equals the textbook formula in float64 to 1e-4."""
    rng = np.random.default_rng(0)
    phi = rng.dirichlet(np.ones(12), 3).T.astype(np.float32)
    rows, counts = np.array([0, 3, 7, 11], np.int32), np.array([2, 1, 4, 0.5], np.float32)
    prior = np.zeros(3, np.float32)
    theta = np.full(3, 1 / 3)
    for _ in range(10):
        shares = phi[rows] * theta
        theta = theta * (counts[:, None] * phi[rows] / shares.sum(axis=1, keepdims=True)).sum(axis=0)
        theta /= theta.sum()
    got = np.empty(3, np.float32)
    infer(rows, counts, phi, np.ones(3, np.float32), prior, 10, got)
    np.testing.assert_allclose(got, theta, atol=1e-5)
    n_wt = np.zeros_like(phi)
    likelihood = e_step(np.array([0, 4]), rows, counts, phi, np.ones(3, np.float32), prior, 10, n_wt)
    shares = phi[rows] * theta
    p = shares.sum(axis=1)
    np.testing.assert_allclose(n_wt[rows], counts[:, None] * shares / p[:, None], atol=1e-4)
    assert likelihood == pytest.approx((counts * np.log(p)).sum(), rel=1e-4)


@pytest.mark.parametrize("kernel", [infer, plain_infer], ids=["compiled", "numpy"])
@pytest.mark.parametrize(
    ("count", "phi", "expected"),
    [
        pytest.param(8.5e-40, [[0.5, 0.5], [0.5, 0.5]], [0, 0], id="counts that are next to nothing: no theta"),
        pytest.param(1e9, [[4e-30, 0], [4e-30, 1]], [0, 1], id="the largest counts, a word that is hardly explained"),
    ],
)
def test_theta_is_a_number_at_the_ends_of_float32(
    kernel: Callable[..., None], count: float, phi: list[list[float]], expected: list[float]
) -> None:
    """Neither the smallest nor the largest count is divided into infinity."""
    theta = np.empty(2, np.float32)
    rows, counts, ones = np.array([0, 1], np.int32), np.full(2, count, np.float32), np.ones(2, np.float32)
    kernel(rows, counts, np.array(phi, np.float32), ones, np.zeros(2, np.float32), 10, theta)
    assert theta.tolist() == expected


def test_a_topic_of_next_to_nothing_is_not_selected() -> None:
    """What selection takes from it is large, and still a number."""
    keep, _ = theta_terms([Regulariser(RegulariserKind.SELECT, 0.5)], 0, np.array([1e9, 1e-40]), background=0)
    assert np.isfinite(keep).all()
    assert keep[0] > 0 > keep[1]


def test_a_count_of_zero_is_no_token() -> None:
    """A document that only counts zero is an empty one: no theta, not the prior's."""
    documents = [{"text": {"a": 1, "b": 1}}] * 2 + [{"text": {"c": 1}}] * 2
    model = train(documents, Recipe(topics=3, background=1, passes=1))
    assert model.thetas([{"text": {"a": 0}}]) == [None]


def test_an_empty_topic_stays_empty() -> None:
    """Normalising a topic that lost every word gives zeros, never a division by zero."""
    vocabulary = build_vocabulary([{"text": {"a": 1, "b": 1}}] * 2, ("text",))
    assert normalise(np.array([[0.0, 2.0], [0.0, 2.0]], np.float32), vocabulary).tolist() == [[0.0, 0.5], [0.0, 0.5]]


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        pytest.param({"topics": 0}, "topics is 0", id="no topics"),
        pytest.param({"topics": 5000}, "topics is 5000", id="too many topics"),
        pytest.param({"topics": 3, "background": 3}, "background is 3", id="only background"),
        pytest.param({"passes": 0}, "at least 1", id="no passes"),
    ],
)
def test_a_recipe_that_cannot_be_is_refused(changes: dict, says: str) -> None:
    """The sentence has the value and the limits."""
    with pytest.raises(RecipeError, match=says):
        Recipe(**changes)


@pytest.mark.parametrize(
    ("documents", "says"),
    [
        pytest.param([], "No token is left", id="no documents"),
        pytest.param([{"text": {"a": 1}}], "No token is left", id="one document"),
        pytest.param([{}, {}], "No token is left", id="empty documents"),
        pytest.param([{"text": {"a": 1, "b": -1}}] * 2, "negative", id="negative count"),
        pytest.param([{"text": {"a": float("nan")}}] * 2, "not a number", id="NaN count"),
    ],
)
def test_a_corpus_that_teaches_nothing_is_refused(documents: list[Document], says: str) -> None:
    """Too little or broken data is a sentence, not a model."""
    with pytest.raises(CorpusError, match=says):
        train(documents, Recipe(topics=2, passes=1, background=0, regularisers=()))


def test_more_topics_than_documents_are_refused() -> None:
    """The sentence has both numbers and what to do."""
    documents = plant(documents=5).documents
    with pytest.raises(RecipeError, match="topics is 6, and only 5 documents"):
        train([*documents, {}], Recipe(topics=6, passes=1))
