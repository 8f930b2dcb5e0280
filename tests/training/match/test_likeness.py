"""Calibration of likeness: posts held aside teach what a photo, and a post, have to have in common with another."""

import numpy as np
import pytest

from common.stats import logistic
from ingest.document import make_document
from tests.training.match.test_calibration import held, whole
from topic_model.document import own_words
from topic_model.match.alike import alike
from topic_model.match.mass import matches
from topic_model.model import TopicModel
from topic_model.ranking.likeness import USUAL_LIKENESS, likeness_odds
from topic_model.training.recipe import Recipe
from topic_model.training.train import train
from training.match.calibration import HeldPost
from training.match.likeness import calibrate_likeness


@pytest.fixture(scope="module")
def model() -> TopicModel:
    """A model of four hundred posts of a thing and a deed each."""
    recipe = Recipe(topics=20, background=0, passes=15, threads=1)
    return train([whole(post) for post in held(400, 0)], recipe, encoder="none")


def test_what_it_says_of_photos_comes_true(model: TopicModel) -> None:
    """Of other posts, as many are described alike as are said to be, sure ones and unsure ones."""
    lines, others = calibrate_likeness(model, held(150, 1)), held(150, 2)
    thetas = np.array(model.thetas([post.photo for post in others]))
    neighbours = alike([own_words(make_document(post.captions)) for post in others])
    said, right = [], []
    for row in range(len(others)):
        odds = likeness_odds(np.array(matches(thetas[row], thetas)), np.full(150, np.nan), lines, photo=True)
        said += np.delete(logistic(odds), row).tolist()
        right += np.delete(np.isin(np.arange(150), neighbours[row]), row).tolist()
    chances, about = np.array(said), np.array(right)
    assert chances.mean() == pytest.approx(about.mean(), abs=0.05)
    assert about[chances >= 0.5].mean() > 0.5
    assert about[chances < 0.1].mean() < 0.15


def test_too_few_posts_leave_the_usual_lines(model: TopicModel) -> None:
    """None, one, and those that nobody has described."""
    assert calibrate_likeness(model, []) == USUAL_LIKENESS
    assert calibrate_likeness(model, held(1, 1)) == USUAL_LIKENESS
    assert calibrate_likeness(model, [HeldPost((), {}, {}, None)] * 100) == USUAL_LIKENESS
