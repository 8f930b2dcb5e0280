"""Measured on real photos and captions, where PHOTOSENSE_REAL_DATA names them."""

import csv
import os
from pathlib import Path

import pytest

from api.search.question import Mode
from compliance.country import Country
from compliance.lexicon.lexicon import default_lexicon
from ingest.photos.photo_source import FolderPhotos
from ingest.sources.open_source import open_source
from photosense.commands.ingest import take_posts
from photosense.evaluation.corpus import named, read_corpus, read_ids
from photosense.evaluation.evaluate import EvaluationResult, evaluate_posts
from photosense.evaluation.tasks import Task
from photosense.house import open_house
from photosense.settings import Settings
from training.topics import retrain

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif("PHOTOSENSE_REAL_DATA" not in os.environ, reason="PHOTOSENSE_REAL_DATA names no real data"),
]
LEARNED, JUDGED = 240, 100


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> EvaluationResult:
    """A model that learned from some photos, measured on others, both in With Sense's layout."""
    folder = tmp_path_factory.mktemp("real")
    data = Path(os.environ["PHOTOSENSE_REAL_DATA"]) / "flickr8k"
    learned = read_ids(data / "splits" / "train.txt")[:LEARNED]
    judged = read_ids(data / "splits" / "judged.txt")[:JUDGED]
    with (data / "captions.tsv").open(encoding="utf-8") as lines:
        rows = [(name.split("#")[0], name, text.rstrip("\n")) for name, text in (line.split("\t", 1) for line in lines)]
    for ids, name in ((learned, "learned.csv"), (judged, "judged.csv")):
        wanted = set(ids)
        with (folder / name).open("w", encoding="utf-8", newline="") as file:
            header = ("image", "query_id", "query_text")
            csv.writer(file).writerows([header, *(row for row in rows if row[0] in wanted)])
    settings = Settings(home=folder / "home", processes=0)
    with open_house(settings) as house:
        take_posts(house, folder / "learned.csv", data / "photos")
        recipe = settings.model_copy(update={"topics": 30}).recipe(house.store.count())
        retrain(house.store, settings.models_path, recipe, house.photos.encoder.id)
    corpus = read_corpus(open_source(folder / "judged.csv"), named(judged), default_lexicon())
    with open_house(settings) as house:
        return evaluate_posts(
            house,
            corpus,
            Country("DE", "site"),
            None,
            [Mode.HYBRID, Mode.WORDS],
            FolderPhotos(data / "photos"),
            source="judged.csv",
            least_alike=0.3,
            with_examples=True,
        )


def figure(measured: EvaluationResult, task: Task, mode: str, name: str) -> float:
    (outcome,) = (each for each in measured.run.outcomes if (each.task, each.mode) == (task.value, mode))
    return sum(answer.figures[name] for answer in outcome.answers) / len(outcome.answers)


def test_every_question_is_answered_or_accounted_for(measured: EvaluationResult) -> None:
    """Each of five captions of each photo is asked, or left out because the photo is withheld."""
    cold = measured.run.outcomes[0]
    assert len(cold.answers) + sum(cold.left_out.values()) == 5 * JUDGED
    assert set(cold.left_out) == {"about posts that this country withholds"}
    assert {outcome.task for outcome in measured.run.outcomes} == {task.value for task in Task}
    assert measured.run.notes == ()


def test_captions_find_their_photos(measured: EvaluationResult) -> None:
    """Beside other captions nearly always; by colours and textures alone at least sooner than by chance."""
    posts = len({answer.group for answer in measured.run.outcomes[0].answers})
    assert figure(measured, Task.WARM, "words", "r10") > 0.8
    assert figure(measured, Task.WARM, "hybrid", "r10") > 0.8
    assert figure(measured, Task.COLD, "hybrid", "r10") > 1.2 * 10 / posts
    assert figure(measured, Task.COLD, "words", "r10") == 0
    assert figure(measured, Task.ANNOTATE, "", "precision5") > 0.1


def test_examples_come_with_their_photos(measured: EvaluationResult) -> None:
    """The worst and the best of each task are there to be seen."""
    for outcome, examples in zip(measured.run.outcomes, measured.examples, strict=True):
        merits = [example.answer.merit for example in (*examples.worst, *reversed(examples.best))]
        assert merits == sorted(merits)
        assert outcome.mode == "words" or all(picture.photo for each in examples.worst for picture in each.wanted)
