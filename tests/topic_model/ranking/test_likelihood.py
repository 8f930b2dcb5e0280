"""The likelihood of words and photos: by hand, and against the plain formula."""

from dataclasses import asdict, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from topic_model.errors import RecipeError
from topic_model.model import TopicModel
from topic_model.ranking.likelihood import of_photo, of_words, parts_of_words, shares_of
from topic_model.ranking.weights import Mixture, Ranking
from topic_model.training.recipe import Recipe
from topic_model.vocabulary import Vocabulary

VOCABULARY = Vocabulary({"text": ("sea", "snow"), "tag": ("winter",), "image": ("blue", "white")})
PHI = np.array([[0.9, 0.2], [0.1, 0.8], [1.0, 1.0], [0.7, 0.1], [0.3, 0.9]], np.float32)
UNIGRAM = np.array([0.6, 0.4, 1.0, 0.5, 0.5], np.float32)


def model(*phis: np.ndarray) -> TopicModel:
    """A model, or a committee of several Phi."""
    phi = np.concatenate(phis, axis=1)
    shares = np.full(phi.shape[1], 1 / phi.shape[1], np.float32)
    recipe = Recipe(topics=2, background=0, committee=len(phis))
    return TopicModel("m", VOCABULARY, phi, UNIGRAM, shares, recipe, "none")


ONE = model(PHI)
THETAS = np.array([[1.0, 0.0], [0.5, 0.5]], np.float32)


def likelihood(
    words: list[str], thetas: np.ndarray, own: list[dict[str, float]], model: TopicModel, mixture: Mixture
) -> np.ndarray:
    return of_words(words, thetas, shares_of(words, own), model, mixture)


class TestWords:
    def test_by_hand(self) -> None:
        """Topics, own words and everybody, in their shares."""
        mixture = Mixture(0.5, 0.4, 0.1)
        result = likelihood(["sea"], THETAS, [{"sea": 1.0, "snow": 3.0}, {"snow": 1.0}], ONE, mixture)
        first = 0.5 * 0.9 + 0.4 * 0.25 + 0.1 * 0.6
        second = 0.5 * 0.55 + 0.4 * 0.0 + 0.1 * 0.6
        assert np.exp(result[:, 0]) == pytest.approx([first, second], rel=1e-5)

    def test_a_post_without_words_speaks_through_its_topics(self) -> None:
        """The share of its own words goes to them."""
        result = likelihood(["sea", "#winter"], THETAS[:1], [{}], ONE, Mixture(0.5, 0.4, 0.1))
        assert np.exp(result[0]) == pytest.approx([0.9 * 0.9 + 0.1 * 0.6, 0.9 + 0.1], rel=1e-5)

    def test_an_unknown_word_counts_where_somebody_said_it(self) -> None:
        """Elsewhere it is as rare as can be, and no likelihood is endless."""
        result = likelihood(["xyzzy"], THETAS, [{"xyzzy": 1.0}, {"sea": 1.0}], ONE, Mixture())
        assert np.exp(result[:, 0]) == pytest.approx([0.4 + 0.1 * ONE.unseen, 0.1 * ONE.unseen], rel=1e-5)

    def test_what_a_small_corpus_does_not_know_is_not_that_rare(self) -> None:
        """Half as common as its rarest word; in a large corpus next to nothing."""
        assert ONE.unseen == pytest.approx(ONE.unigram[ONE.vocabulary.slices["text"]].min() / 2)
        large = replace(ONE, unigram=np.full_like(ONE.unigram, 1e-7))
        assert large.unseen == 1e-6
        assert replace(ONE, unigram=np.zeros_like(ONE.unigram)).unseen == 1e-6

    def test_however_many_words_say_the_same_none_of_which_is_known(self) -> None:
        """They are as rare as one of them, and a post that says any of them has said it."""
        one = parts_of_words(["xyzzy"], THETAS, shares_of(["xyzzy"], [{"xyzzy": 1.0}, {}]), ONE)
        words = ["xyzzy", "plugh", "plover"]
        many = parts_of_words(words, THETAS, shares_of(words, [{"xyzzy": 1.0}, {}]), ONE).joined(np.ones((3, 1)))
        assert many.everybody == pytest.approx(one.everybody)
        assert many.likelihood(Mixture()) == pytest.approx(one.likelihood(Mixture()))

    def test_members_are_asked_each_by_itself(self) -> None:
        """The mean of their logarithms counts."""
        turned = PHI[:, ::-1].copy()
        both = model(PHI, turned)
        side_by_side = np.concatenate([THETAS, THETAS], axis=1) / 2
        mixture = Mixture()
        apart = [likelihood(["sea", "snow"], THETAS, [{}, {}], model(phi), mixture) for phi in (PHI, turned)]
        together = likelihood(["sea", "snow"], side_by_side, [{}, {}], both, mixture)
        assert together == pytest.approx(sum(apart) / 2, rel=1e-5)

    @given(st.lists(st.floats(0, 1), min_size=2, max_size=2), st.floats(0, 0.9))
    def test_more_of_a_word_is_never_less_likely(self, theta: list[float], own: float) -> None:
        """Whatever the topics and the shares."""
        mixture = Mixture(0.9 - own, own, 0.1)
        thetas = np.array([theta, theta], np.float32)
        result = likelihood(["sea"], thetas, [{"sea": 1.0, "snow": 1.0}, {"sea": 1.0, "snow": 9.0}], ONE, mixture)
        assert result[0, 0] >= result[1, 0]


class TestPhoto:
    def test_by_hand(self) -> None:
        """Visual words count as often as they were seen; those that the model does not know do not."""
        result = of_photo({"blue": 2.0, "white": 1.0, "mauve": 5.0}, THETAS, ONE, Mixture(0.5, 0.4, 0.1))
        blue, white = (0.9 * np.array(p) + 0.1 * 0.5 for p in ([0.7, 0.4], [0.3, 0.6]))
        assert result == pytest.approx(2 * np.log(blue) + np.log(white), rel=1e-5)


@pytest.mark.parametrize("parts", [(0.5, 0.5, 0.0), (0.5, 0.6, 0.1), (-0.1, 1.0, 0.1)])
def test_no_mixture_is_refused(parts: tuple[float, float, float]) -> None:
    """Parts that do not sum to 1, or leave everybody nothing, are named."""
    with pytest.raises(RecipeError, match="are no mixture"):
        Mixture(*parts)


@pytest.mark.parametrize("arm", ["aligned", "dual"])
def test_an_arm_has_a_sane_weight(arm: str) -> None:
    """A slip in the folder is refused."""
    with pytest.raises(RecipeError, match=f"weight of the {arm} arm"):
        Ranking(**{arm: -1})


def test_a_ranking_from_before_the_dual_arm_is_read() -> None:
    """Models that were trained then keep what they learned, and the new arm has its usual weight."""
    known = Ranking(Mixture(0.6, 0.3, 0.1), aligned=0.9, dual=0.5)
    assert Ranking.from_dict(asdict(known)) == known
    before = {name: value for name, value in asdict(known).items() if name != "dual"}
    assert Ranking.from_dict(before) == replace(known, dual=Ranking().dual)
    assert Ranking.from_dict({**before, "dual": 0.5}) == known
