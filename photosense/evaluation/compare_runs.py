"""Comparing two runs: over the questions that both answered, figure by figure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from common.arrays import Float64
from photosense.evaluation.errors import EvaluationError
from photosense.evaluation.intervals import numbered
from photosense.evaluation.outcomes import Answer
from photosense.evaluation.paired_test import Difference, differences
from photosense.evaluation.run_file import EvaluationRun, Outcome


@dataclass(frozen=True, slots=True)
class Part:
    """What became of each figure over some questions: before, and how much it grew."""

    questions: int
    before: dict[str, float]
    figures: dict[str, Difference]


@dataclass(frozen=True, slots=True)
class Comparison:
    """A task in two runs or modes, in all and by slices; `alone` counts what only one of them answered."""

    task: str
    modes: tuple[str, str]
    whole: Part
    slices: dict[str, Part]
    alone: int


def compare_runs(before: EvaluationRun, after: EvaluationRun, tasks: Sequence[str] | None = None) -> list[Comparison]:
    """Compare every task (or some) and mode that both runs have; runs that asked other questions are refused."""
    pairs = [
        (one, other)
        for one in before.outcomes
        for other in after.outcomes
        if (one.task, one.mode) == (other.task, other.mode) and (tasks is None or one.task in tasks)
    ]
    if not pairs:
        raise EvaluationError(
            f"There is no task and mode to compare: the first run has {_named(before)}, the second {_named(after)}."
        )
    return [compare_outcomes(one, other) for one, other in pairs]


def compare_modes(run: EvaluationRun) -> list[Comparison]:
    """Compare the modes of each task of one run: the first with every other."""
    first: dict[str, Outcome] = {}
    rows = []
    for outcome in run.outcomes:
        if outcome.task in first:
            rows.append(compare_outcomes(outcome, first[outcome.task]))
        first.setdefault(outcome.task, outcome)
    return rows


def compare_outcomes(before: Outcome, after: Outcome) -> Comparison:
    """Compare how the same questions went."""
    if before.questions != after.questions:
        raise EvaluationError(
            f"The runs asked different questions in the task {before.task}, so their figures cannot be compared: "
            "measure both with the same file and split, or compare other tasks (--tasks)."
        )
    then, now = ({answer.key: answer for answer in outcome.answers} for outcome in (before, after))
    both = [key for key in then if key in now]
    if not both:
        raise EvaluationError(f"No question of the task {before.task} was answered in both runs.")
    slices = {name: [answer.key for answer in answers if answer.key in now] for name, answers in before.slices.items()}
    return Comparison(
        before.task,
        (before.mode, after.mode),
        _part(then, now, both),
        {name: _part(then, now, keys) for name, keys in slices.items() if 0 < len(keys) < len(both)},
        len(then.keys() ^ now.keys()),
    )


def _part(then: Mapping[str, Answer], now: Mapping[str, Answer], keys: Sequence[str]) -> Part:
    names = list(then[keys[0]].figures)
    earlier, later = (_rows([answers[key] for key in keys], names) for answers in (then, now))
    changes = differences(earlier, later, numbered([then[key].group for key in keys]))
    before = earlier.mean(axis=1).tolist()
    return Part(len(keys), dict(zip(names, before, strict=True)), dict(zip(names, changes, strict=True)))


def _rows(answers: Sequence[Answer], names: Sequence[str]) -> Float64:
    figures = [answer.figures for answer in answers]
    return np.array([[each[name] for each in figures] for name in names])


def _named(run: EvaluationRun) -> str:
    return ", ".join(f"{outcome.task} ({outcome.mode})" if outcome.mode else outcome.task for outcome in run.outcomes)
