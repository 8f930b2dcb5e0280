"""Matcher: which scorer answers, and how it is kept in the model folder."""

import json
from pathlib import Path

import numpy as np
import pytest

from topic_model.artifact import load_model, save_model
from topic_model.errors import ArtifactError
from topic_model.match.cues import CUES, Cue
from topic_model.match.matcher import Matcher, load_matcher, save_matcher
from topic_model.match.scorer import Layer, Logistic, Scorer
from topic_model.model import TopicModel
from topic_model.training.recipe import Recipe
from topic_model.training.train import train

FIGURES: dict = {"people": {}, "kinds": []}


def always(answer: float, *cues: Cue) -> Scorer:
    """A scorer that says the same of every pair that it takes."""
    layer = Layer(np.zeros((len(cues), 1)), np.array([np.log(answer / (1 - answer))]))
    return Scorer(cues, np.zeros(len(cues)), np.ones(len(cues)), (layer,), Logistic(1.0, 0.0))


def matcher(answer: float = 0.3) -> Matcher:
    return Matcher((always(0.9, Cue.SHARED, Cue.OWN), always(answer, Cue.SHARED)), FIGURES)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    documents = [{"text": {"sea": 1.0, "wave": 1.0}}, {"text": {"snow": 1.0, "ridge": 1.0}}] * 5
    model: TopicModel = train(documents, Recipe(topics=2, background=0, regularisers=(), passes=3))
    return save_model(model, tmp_path / "models")


def test_the_most_telling_scorer_answers() -> None:
    """A post with words is scored with them, a photo alone without, and what has neither gets no number."""
    table = np.full((3, len(CUES)), np.nan)
    table[:2, CUES.index(Cue.SHARED)] = 0.5
    table[0, CUES.index(Cue.OWN)] = 0.5
    result = matcher().probabilities(table)
    assert result[:2] == pytest.approx([0.9, 0.3])
    assert np.isnan(result[2])


def test_the_folder_gives_the_same_matcher(folder: Path) -> None:
    """It lies in one plain file beside the model, and the model can still be read."""
    assert load_matcher(folder) is None
    file = save_matcher(matcher(), folder)
    loaded = load_matcher(folder)
    assert loaded is not None
    assert [scorer.as_dict() for scorer in loaded.scorers] == [scorer.as_dict() for scorer in matcher().scorers]
    assert loaded.figures == FIGURES
    assert json.loads(file.read_text())["format"] == 1
    assert load_model(folder).topics == 2


def test_a_later_one_takes_its_place(folder: Path) -> None:
    """Of two, the one trained last answers, and nothing of the first is left."""
    save_matcher(matcher(0.3), folder)
    file = save_matcher(matcher(0.6), folder)
    save_matcher(matcher(0.6), folder)
    loaded = load_matcher(folder)
    assert loaded is not None
    assert loaded.scorers[1].as_dict() == matcher(0.6).scorers[1].as_dict()
    assert [result.name for result in folder.glob("*match*")] == [file.name]


def test_a_kill_in_between_leaves_the_older_one(folder: Path) -> None:
    """The new file is written before model.json names it: until then the old one is in force."""
    save_matcher(matcher(0.3), folder)
    before = (folder / "model.json").read_bytes()
    old = next(folder.glob("match-*.json"))
    kept = old.read_bytes()
    save_matcher(matcher(0.6), folder)
    (folder / "model.json").write_bytes(before)  # as if killed before model.json was replaced
    old.write_bytes(kept)
    load_model(folder)
    loaded = load_matcher(folder)
    assert loaded is not None
    assert loaded.scorers[1].as_dict() == matcher(0.3).scorers[1].as_dict()


def test_a_damaged_one_stops_the_model(folder: Path) -> None:
    """Its checksum is among those of the folder."""
    file = save_matcher(matcher(), folder)
    file.write_text(file.read_text().replace("shared", "shores"))
    with pytest.raises(ArtifactError, match="checksum"):
        load_model(folder)


@pytest.mark.parametrize("content", ["{", "[]", '{"format": 2}', '{"format": 1, "scorers": [], "figures": {}}'])
def test_what_is_no_matcher_is_refused(folder: Path, content: str) -> None:
    """With the file's name and the way out."""
    file = save_matcher(matcher(), folder)
    file.write_text(content)
    with pytest.raises(ArtifactError, match=r"match-\w+\.json is damaged.*photosense match train"):
        load_matcher(folder)


def test_a_folder_without_a_model_is_refused(tmp_path: Path) -> None:
    """A matcher belongs to a model."""
    with pytest.raises(ArtifactError, match="is damaged"):
        save_matcher(matcher(), tmp_path)
