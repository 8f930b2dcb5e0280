"""Hierarchy: planted children are found below their own parents, and a parent is the mixture of its children."""

from dataclasses import replace

import numpy as np
import pytest

from topic_model.corpus import Corpus, encode
from topic_model.document import Document
from topic_model.errors import RecipeError
from topic_model.model import TopicModel
from topic_model.training.em import State, normalise
from topic_model.training.hierarchy import Hierarchy, learn_hierarchy
from topic_model.training.recipe import Recipe
from topic_model.training.train import finish
from topic_model.vocabulary import build_vocabulary

PARENTS, CHILDREN, OWN, COMMON = 4, 3, 8, 4
WEIGHTS = {"text": 1.0, "tag": 1.0}


def word(parent: int, child: int | str, number: int) -> str:
    return f"p{parent}_{child}_{number}"


def two_levels(documents: int = 900, seed: int = 3) -> list[Document]:
    """Each document is about one child: half its words are the child's own, half are its parent's."""
    random = np.random.default_rng(seed)
    drawn: list[Document] = []
    for _ in range(documents):
        parent, child = int(random.integers(PARENTS)), int(random.integers(CHILDREN))
        words: dict[str, float] = {}
        for _ in range(12):
            own = random.random() < 0.5
            token = word(parent, child, random.integers(OWN)) if own else word(parent, "any", random.integers(COMMON))
            words[token] = words.get(token, 0.0) + 1.0
        drawn.append({"text": words, "tag": {f"p{parent}_{child}": 1.0}})
    return drawn


@pytest.fixture(scope="module")
def parents() -> tuple[TopicModel, Corpus]:
    """The planted upper level as a model: one topic for each parent, with all the words below it."""
    documents = two_levels()
    vocabulary = build_vocabulary(documents, tuple(WEIGHTS))
    corpus = encode(documents, vocabulary, WEIGHTS)
    mass = corpus.mass(vocabulary.size)
    phi = np.zeros((vocabulary.size, PARENTS), dtype=np.float32)
    for rows in vocabulary.rows.values():
        for token, row in rows.items():
            phi[row, int(token[1])] = mass[row]
    phi = normalise(phi, vocabulary)
    recipe = Recipe(topics=PARENTS, background=0, regularisers=(), weights=WEIGHTS, passes=30)
    return finish(State(phi, phi), [corpus], vocabulary, recipe, "none"), corpus


@pytest.fixture(scope="module")
def hierarchy(parents: tuple[TopicModel, Corpus]) -> Hierarchy:
    """The best of a few starts: the nearest top of the likelihood need not be the highest."""
    model, corpus = parents
    best: list[tuple[float, Hierarchy]] = []
    for seed in range(4):
        history: list[float] = []
        start = replace(model, recipe=replace(model.recipe, seed=seed))
        hierarchy = learn_hierarchy(start, [corpus], progress=lambda state, to=history: to.append(state.history[-1]))
        best.append((history[-1], hierarchy))
    return min(best, key=lambda pair: pair[0])[1]


def test_every_parent_finds_its_planted_children(parents: tuple[TopicModel, Corpus], hierarchy: Hierarchy) -> None:
    """Each planted child is one child topic, below the right parent, by its words and its hashtag."""
    model, _ = parents
    for parent in range(PARENTS):
        below = hierarchy.children(parent)
        assert len(below) == CHILDREN
        tags = {hierarchy.words(model, child, parent, "tag", 1)[0].token for child, _ in below}
        assert tags == {f"p{parent}_{child}" for child in range(CHILDREN)}
        for child, _ in below:
            (tag,) = hierarchy.words(model, child, parent, "tag", 1)
            top = {word.token for word in hierarchy.words(model, child, parent, "text", OWN)}
            assert sum(token.startswith(f"{tag.token}_") for token in top) >= OWN - 1


def test_psi_is_a_distribution_over_children(hierarchy: Hierarchy) -> None:
    """The children of a parent share all of it among themselves, in about equal parts here."""
    np.testing.assert_allclose(hierarchy.psi.sum(axis=0), 1, atol=1e-4)
    for parent in range(PARENTS):
        assert [share for _, share in hierarchy.children(parent)] == pytest.approx([1 / 3] * 3, abs=0.12)


def test_a_parent_is_the_mixture_of_its_children(parents: tuple[TopicModel, Corpus], hierarchy: Hierarchy) -> None:
    """Phi of the children times psi is Phi of the parents, nearly."""
    model, _ = parents
    for rows in model.vocabulary.slices.values():
        assert np.abs(hierarchy.phi[rows] @ hierarchy.psi - model.phi[rows]).sum(axis=0).max() < 0.1


def test_the_same_seed_gives_the_same_children(parents: tuple[TopicModel, Corpus]) -> None:
    """Learning is repeatable to the byte."""
    model, corpus = parents
    one, other = (learn_hierarchy(model, [corpus], passes=3) for _ in range(2))
    assert one.phi.tobytes() == other.phi.tobytes()
    assert one.psi.tobytes() == other.psi.tobytes()


def test_dead_and_background_topics_have_no_children(parents: tuple[TopicModel, Corpus]) -> None:
    """Only live subject topics are divided; the background goes along and is nobody's child."""
    model, corpus = parents
    phi = np.concatenate([model.phi, model.unigram[:, None]], axis=1)
    phi[:, 1] = 0
    recipe = replace(model.recipe, topics=PARENTS + 1, background=1)
    spoilt = finish(State(phi, phi), [corpus], model.vocabulary, recipe, "none")
    hierarchy = learn_hierarchy(spoilt, [corpus], children=2, passes=4)
    assert hierarchy.psi.shape == ((PARENTS - 1) * 2 + 1, PARENTS + 1)
    assert hierarchy.background == 1
    assert hierarchy.children(1) == hierarchy.children(PARENTS) == []
    behind = len(hierarchy.psi) - 1
    assert all(child != behind for parent in range(PARENTS) for child, _ in hierarchy.children(parent, 0.0001))


def test_what_cannot_be_divided_is_refused(parents: tuple[TopicModel, Corpus]) -> None:
    """No children, no weight and no live topic are each refused with a sentence."""
    model, corpus = parents
    for wrong in ({"children": 0}, {"weight": 0.0}, {"weight": float("nan")}):
        with pytest.raises(RecipeError, match="give 1 or more, and above 0 to 1000"):
            learn_hierarchy(model, [corpus], **wrong)
    dead = replace(model, topic_shares=np.zeros(PARENTS, dtype=np.float32))
    with pytest.raises(RecipeError, match="None of the 4 topics can have children"):
        learn_hierarchy(dead, [corpus])
