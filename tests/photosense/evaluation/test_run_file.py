"""Runs as files, and what two of them say together."""

from pathlib import Path

import msgspec
import pytest

from photosense.evaluation.compare_runs import compare_modes, compare_outcomes, compare_runs
from photosense.evaluation.errors import EvaluationError
from photosense.evaluation.paired_test import Conclusion
from photosense.evaluation.run_file import estimates, read_run, write_run
from tests.support.runs import PROPOSED, outcome, ranked_answer, run

GOOD = outcome(*(ranked_answer(n, 1) for n in range(40)))
POOR = outcome(*(ranked_answer(n, *([] if n % 4 else [7])) for n in range(40)))


def test_a_run_is_read_back_as_it_was(tmp_path: Path) -> None:
    """Everything that was measured is in the file, infinities included; the figures beside it are for programs."""
    whole = run(POOR, outcome(PROPOSED, task="annotate", mode=""), outcome(task="warm"))
    write_run(whole, tmp_path / "run.json")
    assert read_run(tmp_path / "run.json") == whole
    cold, annotate, warm = msgspec.json.decode((tmp_path / "run.json").read_bytes())["outcomes"]
    assert cold["figures"]["r10"][0] == 0.25
    assert cold["figures"]["median_rank"] == [None, None, None]
    assert cold["latency_ms"] == {"p50": 20.5, "p99": pytest.approx(39.61)}
    assert annotate["figures"]["precision5"][0] == 0.2
    assert annotate["figures"]["recall10"][0] == 0.25
    assert warm["figures"] == {"questions": 0}


def test_figures_by_hand() -> None:
    """Means over questions, as percentages of them."""
    figures = estimates([ranked_answer(0, 1), ranked_answer(1, 3), ranked_answer(2, 12), ranked_answer(3)])
    values = {name: estimate.value for name, estimate in figures.items()}
    assert values == pytest.approx(
        {"r1": 0.25, "r5": 0.5, "r10": 0.5, "mrr": (1 + 1 / 3 + 1 / 12) / 4, "ndcg10": 1.5 / 4, "median_rank": 3}
    )


def test_slices_hold_the_questions_that_belong_there() -> None:
    """A question is in each of its slices; words that were not known count as the service said."""
    answers = ranked_answer(0, 1, text="dog"), ranked_answer(1, text="две собаки", unknown=True), PROPOSED
    assert {name: len(its) for name, its in outcome(*answers).slices.items()} == {
        "one word": 1,
        "two or three words": 1,
        "Russian": 1,
        "English": 1,
        "with an unknown word": 1,
        "number or colour": 1,
    }


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is no run"),
        (b"{}", "is no run (Object missing required field"),
        (b"\xff\xfe", "is no run"),
        (b"[" * 9000, "is no run"),
        (msgspec.json.encode(msgspec.structs.replace(run(), format=9)), "has format 9, this version reads 1"),
    ],
    ids=["empty", "fields", "bytes", "deep", "format"],
)
def test_what_is_no_run_is_a_sentence(content: bytes, says: str, tmp_path: Path) -> None:
    """A file of another kind or of another version is refused."""
    (tmp_path / "run.json").write_bytes(content)
    with pytest.raises(EvaluationError) as refused:
        read_run(tmp_path / "run.json")
    assert says in str(refused.value)


def test_better_runs_are_called_better() -> None:
    """Figures, intervals and verdicts of the same questions, in pairs."""
    (comparison,) = compare_runs(run(POOR), run(GOOD))
    assert comparison.whole.questions == 40
    assert {each.verdict for each in comparison.whole.figures.values()} == {Conclusion.BETTER}
    assert comparison.whole.before["r10"] == 0.25
    assert comparison.whole.figures["r10"].grew.value == 0.75
    (back,) = compare_runs(run(GOOD), run(POOR))
    assert {each.verdict for each in back.whole.figures.values()} == {Conclusion.WORSE}


def test_questions_that_one_run_left_out_are_counted() -> None:
    """Only what both answered is compared."""
    fewer = msgspec.structs.replace(GOOD, answers=GOOD.answers[:30])
    assert (compare_outcomes(POOR, fewer).whole.questions, compare_outcomes(POOR, fewer).alone) == (30, 10)
    with pytest.raises(EvaluationError, match="was answered in both runs"):
        compare_outcomes(POOR, msgspec.structs.replace(GOOD, answers=()))


def test_slices_are_compared_as_well() -> None:
    """Each slice by itself; one that holds every question is the whole once more."""
    answers = [ranked_answer(n, 2, text="dog" if n < 20 else "a dog on the beach") for n in range(40)]
    later = [ranked_answer(n, 1 if n < 20 else 2, text="dog" if n < 20 else "a dog on the beach") for n in range(40)]
    comparison = compare_outcomes(outcome(*answers), outcome(*later))
    assert set(comparison.slices) == {"one word", "long"}
    assert comparison.slices["one word"].figures["r1"].verdict is Conclusion.BETTER
    assert comparison.slices["long"].figures["r1"].verdict is Conclusion.NONE


def test_other_questions_are_not_compared() -> None:
    """Another split, or no task in common, is refused with what is different."""
    with pytest.raises(EvaluationError, match="asked different questions in the task cold"):
        compare_runs(run(GOOD), run(msgspec.structs.replace(POOR, questions="other")))
    with pytest.raises(EvaluationError, match=r"the first run has cold \(hybrid\), the second annotate"):
        compare_runs(run(GOOD), run(outcome(PROPOSED, task="annotate", mode="")))


def test_tasks_are_chosen() -> None:
    """A task that asked other questions is no hindrance to the others."""
    other, warm = msgspec.structs.replace(POOR, questions="other"), msgspec.structs.replace(POOR, task="warm")
    better = msgspec.structs.replace(GOOD, task="warm")
    (comparison,) = compare_runs(run(other, warm), run(GOOD, better), ["warm"])
    assert comparison.task == "warm"
    with pytest.raises(EvaluationError, match="no task and mode to compare"):
        compare_runs(run(other), run(GOOD), ["warm"])


def test_the_first_mode_is_compared_with_the_others() -> None:
    """Within a run, modes of one task are compared, and tasks of one mode are not."""
    words = msgspec.structs.replace(POOR, mode="words")
    warm = msgspec.structs.replace(GOOD, task="warm")
    (comparison,) = compare_modes(run(GOOD, words, warm))
    assert (comparison.task, comparison.modes) == ("cold", ("words", "hybrid"))
    assert comparison.whole.figures["r1"].verdict is Conclusion.BETTER
