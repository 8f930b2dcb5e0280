"""The model in use: thetas, words of a theta, unknown tokens, and the folder it is kept in."""

import json
from pathlib import Path

import numpy as np
import pytest

from common.digest import sealed
from topic_model.artifact import load_model, save_model
from topic_model.document import Document
from topic_model.errors import ArtifactError
from topic_model.model import TopicModel
from topic_model.training.recipe import Recipe
from topic_model.training.train import readable_labels, train

SEA: Document = {"text": {"море": 2, "boat": 1, "photo": 1}, "tag": {"закат": 1}, "image": {"blue": 9}}
HILLS: Document = {"text": {"гора": 2, "snow": 1, "photo": 1}, "tag": {"горы": 1}, "image": {"white": 9}}


@pytest.fixture(scope="module")
def model() -> TopicModel:
    labels = readable_labels(["boats, boats and a boat", "snow"])
    return train([SEA, HILLS] * 10, Recipe(topics=3, background=1, passes=30), encoder="patches-2", labels=labels)


class TestTheta:
    def test_it_is_a_distribution(self, model: TopicModel) -> None:
        """A theta is never negative and sums to 1."""
        theta = model.theta(SEA)
        assert theta is not None
        assert theta.min() >= 0
        assert theta.sum() == pytest.approx(1, abs=1e-5)

    def test_alone_equals_in_a_batch(self, model: TopicModel) -> None:
        """The same document gives the same theta in any company; one without known tokens gives None."""
        batch = model.thetas([SEA, {}, HILLS, {"text": {"zebra": 1}}])
        assert batch[1] is None
        assert batch[3] is None
        for document, theta in ((SEA, batch[0]), (HILLS, batch[2])):
            np.testing.assert_allclose(theta, model.theta(document, iterations=5), atol=1e-6)

    def test_no_known_token_is_a_distinct_answer(self, model: TopicModel) -> None:
        """Never uniform theta for words that were never seen; the unknown ones are named."""
        document: Document = {"text": {"zebra": 1, "море": 1}, "tag": {"zoo": 1}}
        assert model.theta({"text": {"zebra": 1}}) is None
        assert model.theta({}) is None
        assert model.unknown(document) == ["zebra", "#zoo"]

    def test_a_weight_of_zero_silences_a_modality(self, model: TopicModel) -> None:
        """Who turns the photo off is answered by the words alone."""
        mixed: Document = {"text": SEA["text"], "image": HILLS["image"]}
        np.testing.assert_allclose(model.theta(mixed, {"image": 0.0}), model.theta({"text": SEA["text"]}), atol=1e-6)
        assert model.theta({"image": {"blue": 1}}, {"image": 0.0}) is None


class TestWords:
    def test_telling_words_win_over_common_ones(self, model: TopicModel) -> None:
        """A word that every post has explains none of them."""
        theta = model.theta(SEA)
        assert theta is not None
        words = model.words(theta, "text", 2)
        assert {word.token for word in words} == {"море", "boat"}
        assert all(word.lift > 1 and 0 < word.p < 1 for word in words)

    def test_words_are_shown_as_people_write_them(self, model: TopicModel) -> None:
        """Stems become the usual form, hashtags get their sign back, Russian lemmas stay."""
        labels = {word.label for topic in range(3) for m in ("text", "tag") for word in model.topic_words(topic, m)}
        assert {"boats", "море", "#закат"} <= labels

    def test_an_absent_modality_has_no_words(self, model: TopicModel) -> None:
        """Asking for album names of a model without albums is answered with none."""
        assert model.topic_words(0, "album") == []


class TestFolder:
    def test_a_model_comes_back_as_it_was(self, model: TopicModel, tmp_path: Path) -> None:
        """Saved and loaded, it answers the same, and the folder is named by what it holds."""
        folder = save_model(model, tmp_path)
        again = load_model(folder)
        assert folder.name == model.id == again.id
        assert (again.vocabulary, again.recipe, again.encoder, again.labels) == (
            model.vocabulary,
            model.recipe,
            model.encoder,
            model.labels,
        )
        assert again.history == pytest.approx(model.history)
        np.testing.assert_array_equal(again.theta(SEA), model.theta(SEA))

    def test_saving_twice_is_saving_once(self, model: TopicModel, tmp_path: Path) -> None:
        """Nothing half-made is left beside the folder."""
        save_model(model, tmp_path)
        save_model(model, tmp_path)
        assert [entry.name for entry in tmp_path.iterdir()] == [model.id]

    @pytest.mark.parametrize("name", ["model.json", "vocabulary.json", "phi.npy", "unigram.npy", "topic_shares.npy"])
    @pytest.mark.parametrize("harm", ["missing", "cut", "garbled"])
    def test_a_damaged_folder_is_refused(self, model: TopicModel, tmp_path: Path, name: str, harm: str) -> None:
        """Whichever file is hurt, the sentence names the folder and says what to do."""
        file = save_model(model, tmp_path) / name
        data = file.read_bytes()
        if harm == "missing":
            file.unlink()
        else:
            file.write_bytes(data[: len(data) // 2] if harm == "cut" else b"\xff" + data[1:])
        with pytest.raises(ArtifactError, match=r"[Tt]rain|restore"):
            load_model(file.parent)

    def test_a_misfit_is_refused_with_both_numbers(self, model: TopicModel, tmp_path: Path) -> None:
        """Settings of another model are told apart from these, and what does not fit what."""
        about = save_model(model, tmp_path) / "model.json"
        about.write_text(json.dumps(sealed({**json.loads(about.read_text()), "topics": 4})))
        with pytest.raises(ArtifactError, match=r"\(8, 3\).*\(8, 4\)"):
            load_model(about.parent)

    def test_another_format_is_refused(self, model: TopicModel, tmp_path: Path) -> None:
        """A folder of another version names both versions."""
        about = save_model(model, tmp_path) / "model.json"
        about.write_text(json.dumps({**json.loads(about.read_text()), "format": 9}))
        with pytest.raises(ArtifactError, match="format 9, this version reads 2"):
            load_model(about.parent)

    def test_a_place_that_cannot_be_written_is_a_sentence(self, model: TopicModel, tmp_path: Path) -> None:
        """A file where the folder should be is said, not raised as an OSError."""
        (tmp_path / "models").write_text("in the way")
        with pytest.raises(ArtifactError, match="writable"):
            save_model(model, tmp_path / "models")
