"""A model grows by a modality, or loses one, and is used without a compiler."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.support.planted import Planted, plant
from topic_model.artifact import save_model
from topic_model.corpus import encode
from topic_model.document import Document
from topic_model.errors import CorpusError
from topic_model.kernels import compiled as kernels
from topic_model.kernels import plain
from topic_model.model import TopicModel
from topic_model.training.modality import add_modality, remove_modality
from topic_model.training.recipe import Recipe
from topic_model.training.train import train


@pytest.fixture(scope="module")
def planted() -> Planted:
    return plant(topics=5, documents=500)


@pytest.fixture(scope="module")
def model(planted: Planted) -> TopicModel:
    return train(planted.documents, Recipe(topics=5, background=0, regularisers=(), passes=30, seed=1))


def with_albums(planted: Planted) -> list[Document]:
    """Documents with one more modality: the album is the strongest planted topic."""
    return [
        {**document, "album": {f"album_{theta.argmax()}": 1.0}}
        for document, theta in zip(planted.documents, planted.theta, strict=True)
    ]


class TestAddingAModality:
    def test_the_topics_stay_bit_for_bit(self, model: TopicModel, planted: Planted) -> None:
        """Only the new modality's Phi is new; thetas, and so the store, stay as they are."""
        grown = add_modality(model, with_albums(planted), "album")
        np.testing.assert_array_equal(grown.phi[: model.vocabulary.size], model.phi)
        np.testing.assert_array_equal(grown.theta(planted.documents[0]), model.theta(planted.documents[0]))
        assert grown.id != model.id
        assert grown.phi[grown.vocabulary.slices["album"]].sum(axis=0) == pytest.approx(1, abs=1e-4)

    def test_it_classifies_into_the_new_tokens(self, model: TopicModel, planted: Planted) -> None:
        """From words and photo alone the right album comes first, nearly always, with probabilities that sum to 1."""
        grown = add_modality(model, with_albums(planted), "album")
        right = 0
        for document, theta in zip(planted.documents[:200], planted.theta, strict=False):
            albums = grown.classify(grown.thetas([document])[0], "album")
            assert sum(album.p for album in albums) == pytest.approx(1, abs=1e-3)
            right += albums[0].token == f"album_{theta.argmax()}"
        assert right >= 160

    def test_a_modality_of_weight_zero_is_removed(self, model: TopicModel, planted: Planted) -> None:
        """Without its weight a modality has no say."""
        document = planted.documents[0]
        without = {name: tokens for name, tokens in document.items() if name != "image"}
        np.testing.assert_allclose(model.theta(document, {"image": 0.0}), model.theta(without), atol=1e-6)

    def test_with_weight_zero_it_says_nothing_of_a_document(self, model: TopicModel, planted: Planted) -> None:
        """It is classified into, and a theta is the same whatever the document has of it."""
        grown = add_modality(model, with_albums(planted), "album", weight=0.0)
        misled = {**planted.documents[0], "album": {"album_3": 5.0}}
        np.testing.assert_array_equal(grown.theta(misled), model.theta(planted.documents[0]))
        assert len(grown.classify(grown.theta(misled), "album")) == 5

    def test_what_was_added_can_go(self, model: TopicModel, planted: Planted) -> None:
        """The model is the one of before, by its name too; words, hashtags and photos cannot go."""
        again = remove_modality(add_modality(model, with_albums(planted), "album"), "album")
        assert again.id == model.id
        np.testing.assert_array_equal(again.phi, model.phi)
        for name in ("text", "album"):
            with pytest.raises(CorpusError, match="no further modality"):
                remove_modality(model, name)

    def test_a_known_modality_is_refused(self, model: TopicModel, planted: Planted) -> None:
        """Fitting it again would need all topics anew."""
        with pytest.raises(CorpusError, match="already"):
            add_modality(model, planted.documents, "text")

    def test_documents_without_it_are_refused(self, model: TopicModel, planted: Planted) -> None:
        """There must be something to learn from."""
        with pytest.raises(CorpusError, match="No token is left"):
            add_modality(model, planted.documents, "album")
        with pytest.raises(CorpusError, match="both"):
            add_modality(model, [{"album": {"a": 1.0}}] * 4 + [{"album": {"b": 1.0}}] * 2, "album")


def test_numpy_infers_like_the_compiled_loops(model: TopicModel, planted: Planted) -> None:
    """Without numba the same thetas come out, to 1e-5, with regularisers too."""
    corpus = encode([*planted.documents[:50], {}], model.vocabulary, {"image": 2.5})
    keep = np.array([1.0, 0.9, -0.2, 1.0, 1.0], np.float32)
    prior = np.array([0.0, 0.5, 0.0, -1.0, 0.1], np.float32)
    for iterations in (1, 2, 10):
        arguments = (corpus.indptr, corpus.rows, corpus.counts, model.phi, keep, prior, iterations)
        np.testing.assert_allclose(plain.infer_batch(*arguments), kernels.infer_batch(*arguments), atol=1e-5)


def test_a_machine_without_numba_serves_and_says_what_training_needs(model: TopicModel, tmp_path: Path) -> None:
    """A saved model is loaded and infers the same there; training is refused with the install line."""
    folder = save_model(model, tmp_path)
    document: Document = {"text": {model.vocabulary.tokens["text"][0]: 2.0}}
    script = f"""
import sys
sys.modules["numba"] = None
from pathlib import Path
from photosense.house import open_house
from topic_model.artifact import load_model
from topic_model.errors import EngineMissing
from topic_model.training.recipe import Recipe
from topic_model.training.train import train
print(*load_model(Path({str(folder)!r})).theta({document!r}))
try:
    train([{{"text": {{"a": 1}}}}, {{"text": {{"b": 1}}}}] * 3, Recipe(topics=2, background=0))
except EngineMissing as error:
    print(error)
"""
    lines = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    ).stdout.splitlines()
    np.testing.assert_allclose([float(share) for share in lines[0].split()], model.theta(document), atol=1e-5)
    assert lines[1].startswith("Training needs numba")
