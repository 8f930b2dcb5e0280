"""A further arm costs one kind of vectors and one weight: every store keeps, searches and drops it as it is."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from api.search.admission import Admitted, Visit
from api.search.candidates import find
from api.search.ordered import ordered
from api.search.query import Query
from api.search.question import Mode, Question
from api.search.ranking import WEIGHTS
from compliance.country import resolve
from compliance.law import Law
from ingest.sparse_words import query_words, words_of
from ingest.vectors import add_vectors
from qdrant.errors import PointRefused
from qdrant.points import PhotoPoint
from qdrant.store import Search, Store, Target
from qdrant.vector_kind import THETA, Measure, VectorKind
from tests.support.points import STORES, every
from tests.support.small_world import small_world
from topic_model.model import TopicModel

PALETTE = VectorKind("palette", Measure.L1)  # the shares of an encoder's colours in a photo
INK = PALETTE.of("ink")
DARK, DIM, BRIGHT = (np.array(shares, np.float32) for shares in ([0.9, 0.1, 0.0], [0.6, 0.4, 0.0], [0.0, 0.1, 0.9]))


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> TopicModel:
    model = small_world(tmp_path_factory.mktemp("models")).model
    assert model is not None
    return model


@pytest.fixture(params=every(STORES))
def store(request: pytest.FixtureRequest, tmp_path: Path, model: TopicModel) -> Iterator[Store]:
    """Posts that say the same, or nothing, beside their colours; one is held."""
    store = STORES[request.param](tmp_path)
    add_vectors(store, model)
    store.add_vector(INK, 3)
    store.activate(model.id)
    colours = {"bright": BRIGHT, "dim": DIM, "dusk": DIM, "dark": DARK, "held": DARK}
    store.upsert([post(name, model, shares) for name, shares in colours.items()])
    yield store
    store.close()


@pytest.fixture(autouse=True)
def _weight(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(WEIGHTS, PALETTE, lambda _, __: 3.0)


def post(name: str, model: TopicModel, colours: np.ndarray) -> PhotoPoint:
    """A point with topics, unless it is the dim one, which says nothing."""
    document = {} if name == "dim" else {"text": {"море": 1.0, "волна": 1.0}}
    theta = model.theta(document) if document else None
    vectors = {INK: colours} if theta is None else {INK: colours, THETA.of(model.id): theta}
    vis, words = ("held", {}) if name == "held" else ("open", words_of(document))
    return PhotoPoint(name, vis, "clear", {"captions": []}, document, words, vectors)


def search(
    store: Store, model: TopicModel, colours: np.ndarray, cutoff: float | None = None, **weights: float
) -> list[str]:
    """Ask for the sea in some colours, by all arms."""
    law, document = Law(), {"text": {"море": 1.0}}
    country = resolve("DE", None, True)
    question = Question(text="море", mode=Mode.HYBRID, weights=weights)
    admitted = Admitted(question, Visit(country, law.gate.policy.rule_for(country)), document, model.theta(document))
    near = {PALETTE: Target(colours, INK.owner, cutoff)}
    query = Query(admitted, query_words(document), Mode.HYBRID, {}, (), near)
    return [candidate.point.id for candidate in ordered(find(query, store, law.gate), query, model)]


def test_it_finds_what_no_other_arm_does_and_orders(store: Store, model: TopicModel) -> None:
    """A post without a word comes in by its colours alone; of two that say the same the nearer in colour is first."""
    hits = search(store, model, DARK, cutoff=1.0)
    assert set(hits) == {"bright", "dim", "dusk", "dark"}, "and nothing that is held"
    assert [name for name in hits if name != "dim"] == ["dark", "dusk", "bright"]
    hits = search(store, model, DIM, cutoff=1.0)
    assert [name for name in hits if name != "dim"] == ["dusk", "dark", "bright"]


def test_a_cutoff_or_a_weight_of_nothing_leaves_it_out(store: Store, model: TopicModel) -> None:
    """What is too far in colour is no hit; a visitor's weight names the kind, and 0 silences it."""
    assert set(search(store, model, DARK, cutoff=0.1)) == {"bright", "dusk", "dark"}
    assert set(search(store, model, DARK, palette=0.0)) == {"bright", "dusk", "dark"}


def test_the_store_keeps_its_scores_and_lets_go_of_it(store: Store) -> None:
    """L1 distances, nearest first; a point brings the vector with it; once dropped, it is asked for in vain."""
    hits = store.candidates(Search(9, {PALETTE: Target(DARK, INK.owner)})).hits[PALETTE]
    assert [round(hit.score, 4) for hit in hits] == [0.0, 0.0, 0.6, 0.6, 1.8]
    assert {hit.point.id for hit in hits[:2]} == {"dark", "held"}
    assert hits[2].point.vector(PALETTE, INK.owner) == pytest.approx(DIM)
    assert store.info().sizes(PALETTE) == {"ink": 3}
    with pytest.raises(PointRefused, match="palette vector of ink must hold finite numbers of 0 or more that sum to 1"):
        store.put_vectors(INK, [("dark", DARK + 1)])
    store.drop_vector(INK)
    with pytest.raises(PointRefused, match="no palette vector of ink"):
        store.candidates(Search(9, {PALETTE: Target(DARK, INK.owner)}))
