"""A change is called better only when it is."""

import numpy as np

from photosense.evaluation.paired_test import Conclusion, differences

GROUPS = np.repeat(np.arange(60), 3)


def ranks(rng: np.random.Generator, chance: float) -> np.ndarray:
    """Ranks whose groups have something in common, as the captions of a photo do."""
    hard = np.repeat(rng.normal(0, 1, 60), 3)
    return np.ceil(np.exp(rng.normal(2 - chance, 1, 180) + hard))


def figures(ranks: np.ndarray) -> np.ndarray:
    return np.array([ranks <= 1, ranks <= 5, ranks <= 10, 1 / ranks], dtype=float)


def test_equals_are_rarely_told_apart() -> None:
    """Of 120 pairs of runs that are equally good, a wrong verdict on any of four figures comes in about one in 20."""
    rng = np.random.default_rng(3)
    wrong = 0
    for run in range(120):
        before, after = figures(ranks(rng, 0)), figures(ranks(rng, 0))
        # What a photo's questions have in common comes by chance in either run, so groups are the unit.
        wrong += any(each.verdict is not Conclusion.NONE for each in differences(before, after, GROUPS, run))
    assert wrong / 120 <= 0.1


def test_captions_taken_for_strangers_would_be_told_apart() -> None:
    """The check above can fail: with every question a group of its own, wrong verdicts come far more often."""
    rng = np.random.default_rng(3)
    alone = np.arange(180)
    wrong = 0
    for run in range(120):
        before, after = figures(ranks(rng, 0)), figures(ranks(rng, 0))
        wrong += any(each.verdict is not Conclusion.NONE for each in differences(before, after, alone, run))
    assert wrong / 120 > 0.15


def test_what_is_better_is_found_in_either_direction() -> None:
    """A clear gain is better, and the same the other way round is worse, by as much."""
    rng = np.random.default_rng(1)
    before, after = figures(ranks(rng, 0)), figures(ranks(rng, 1.5))
    there, back = differences(before, after, GROUPS), differences(after, before, GROUPS)
    assert {each.verdict for each in there} == {Conclusion.BETTER}
    assert {each.verdict for each in back} == {Conclusion.WORSE}
    assert [each.grew.value for each in there] == [-each.grew.value for each in back]
    assert all(each.grew.low > 0 and each.grew.low <= each.grew.value <= each.grew.high for each in there)


def test_a_run_is_no_better_than_itself() -> None:
    """No difference, no spread, and a chance of one."""
    same = figures(ranks(np.random.default_rng(2), 0))
    for each in differences(same, same, GROUPS):
        assert (each.grew, each.p, each.verdict) == ((0, 0, 0), 1, Conclusion.NONE)


def test_one_question_shows_nothing() -> None:
    """With a single question, or a single photo, no difference can be shown, however large."""
    one = differences(np.zeros((1, 1)), np.ones((1, 1)), np.zeros(1, dtype=int))
    photo = differences(np.zeros((1, 5)), np.ones((1, 5)), np.zeros(5, dtype=int))
    assert [each.verdict for each in (*one, *photo)] == [Conclusion.NONE, Conclusion.NONE]


def test_the_chance_of_a_few_signs_is_the_exact_one() -> None:
    """Six groups that all grew alike: two of 64 ways to sign them are as extreme, so p is about 1/32."""
    (ranks,) = differences(np.zeros((1, 6)), np.ones((1, 6)), np.arange(6))
    assert abs(ranks.p - 2 / 64) < 0.008
    assert ranks.verdict is Conclusion.BETTER
