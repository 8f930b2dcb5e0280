"""A committee of models: topics side by side, thetas that sum to 1, members that are models of their own."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.support.planted import Planted, plant
from topic_model.artifact import load_model, save_model
from topic_model.errors import RecipeError
from topic_model.model import TopicModel
from topic_model.training.em import State
from topic_model.training.recipe import Recipe
from topic_model.training.train import train

RECIPE = Recipe(topics=6, background=1, passes=8, committee=3, seed=5, weights={"text": 1.0, "tag": 1.0, "image": 1.0})


@pytest.fixture(scope="module")
def planted() -> Planted:
    """Posts of six subjects."""
    return plant(documents=300)


@pytest.fixture(scope="module")
def committee(planted: Planted) -> TopicModel:
    """Three models of six topics."""
    return train(planted.documents, RECIPE)


class TestMembers:
    def test_each_is_the_model_of_its_seed(self, committee: TopicModel, planted: Planted) -> None:
        """Learning together changes nothing: the third member is what its seed alone gives."""
        alone = train(planted.documents, replace(RECIPE, committee=1, seed=7))
        third = committee.members[2]
        assert np.array_equal(third.phi, alone.phi)
        assert third.topic_shares == pytest.approx(alone.topic_shares, abs=1e-5)
        assert third.background == alone.background == {5}

    def test_the_whole_has_all_their_topics(self, committee: TopicModel) -> None:
        """Shares of topics sum to 1; each member has its own background."""
        assert committee.topics == 18
        assert committee.background == {5, 11, 17}
        assert committee.topic_shares.sum() == pytest.approx(1.0, abs=1e-5)

    def test_one_alone_is_its_only_member(self, planted: Planted) -> None:
        """Nothing is copied or cut."""
        model = train(planted.documents, replace(RECIPE, committee=1))
        assert model.members == (model,)


class TestTheta:
    def test_thetas_stand_side_by_side(self, committee: TopicModel, planted: Planted) -> None:
        """Each member's theta is a part, divided by their number; the whole sums to 1, for one document or many."""
        documents = planted.documents[:5]
        for document, theta in zip(documents, committee.thetas(documents), strict=True):
            assert theta is not None
            assert theta.sum() == pytest.approx(1.0, abs=1e-5)
            assert committee.theta(document, iterations=5) == pytest.approx(theta, abs=1e-5)
            for member, part in zip(committee.members, committee.split(theta), strict=True):
                assert member.theta(document, iterations=5) == pytest.approx(part, abs=1e-5)

    def test_l1_is_the_mean_of_the_members(self, committee: TopicModel, planted: Planted) -> None:
        """So the nearest by the whole are those on which the members agree."""
        one, other = committee.thetas(planted.documents[:2])
        assert one is not None
        assert other is not None
        apart = [np.abs(a - b).sum() for a, b in zip(committee.split(one), committee.split(other), strict=True)]
        assert np.abs(one - other).sum() == pytest.approx(np.mean(apart), abs=1e-5)

    def test_the_first_member_explains(self, committee: TopicModel, planted: Planted) -> None:
        """What is told is a theta of its topics."""
        theta = committee.theta(planted.documents[0])
        assert theta is not None
        assert committee.first_member(theta) == pytest.approx(
            committee.members[0].theta(planted.documents[0]), abs=1e-5
        )

    def test_unknown_words_have_no_theta(self, committee: TopicModel) -> None:
        """No member guesses."""
        assert committee.theta({"text": {"xyzzy": 1.0}}) is None
        assert committee.thetas([{}]) == [None]


class TestFolder:
    def test_it_comes_back_whole(self, committee: TopicModel, tmp_path: Path) -> None:
        """One folder holds all members."""
        back = load_model(save_model(committee, tmp_path))
        assert np.array_equal(back.phi, committee.phi)
        assert (back.id, len(back.members), back.recipe) == (committee.id, 3, replace(committee.recipe, threads=2))


class TestGoingOn:
    def test_learning_goes_on_where_it_was_stopped(self, planted: Planted, tmp_path: Path) -> None:
        """Stopped within the second member, it ends as if it had not been; the passes before are counted."""

        class StoppedError(Exception):
            pass

        def stop(state: State) -> None:
            states.append((state.earlier, state.passes))
            if states[-1] == (8, 3):
                raise StoppedError

        states: list[tuple[int, int]] = []
        with pytest.raises(StoppedError):
            train(planted.documents, RECIPE, workspace=tmp_path / "work", progress=stop)
        states.clear()
        resumed = train(planted.documents, RECIPE, workspace=tmp_path / "work", resume=True, progress=stop)
        assert states[0] == (8, 4)
        assert states[-1] == (16, 8)
        assert np.array_equal(resumed.phi, train(planted.documents, RECIPE).phi)


@pytest.mark.parametrize("size", [0, 17])
def test_a_committee_has_1_to_16_members(size: int) -> None:
    """More would cost and no longer help."""
    with pytest.raises(RecipeError, match=f"committee is {size}"):
        Recipe(committee=size)
