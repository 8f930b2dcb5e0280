"""A run: what was asked and how each question went, as a file, so that runs can be compared."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np

from common.files import write_file
from photosense.evaluation.errors import EvaluationError
from photosense.evaluation.intervals import Bootstrap, Estimate, numbered
from photosense.evaluation.outcomes import MEDIAN, Answer, RankedAnswer
from photosense.evaluation.slices import ALL, slices_of

FORMAT: Final = 1


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """How a task went in one mode; `questions` names what was asked, `left_out` counts by reason what was not."""

    task: str
    mode: str
    questions: str
    answers: tuple[Answer, ...]
    left_out: dict[str, int] = {}

    @property
    def slices(self) -> dict[str, tuple[Answer, ...]]:
        """The answers of each slice that has any."""
        answers_of: dict[str, list[Answer]] = {name: [] for name in ALL}
        for answer in self.answers:
            if isinstance(answer, RankedAnswer) and answer.text:
                for name in slices_of(answer.text, unknown=answer.unknown):
                    answers_of[name].append(answer)
        return {name: tuple(answers) for name, answers in answers_of.items() if answers}

    @property
    def latency(self) -> tuple[float, float]:
        """Milliseconds of the first page: half of the questions, and 99 in 100, were faster."""
        p50, p99 = np.quantile([answer.ms for answer in self.answers], [0.5, 0.99])
        return float(p50), float(p99)


class EvaluationRun(msgspec.Struct, frozen=True, kw_only=True):
    """What was measured, with what, for visitors of which country; `notes` say what a reader must know."""

    photosense: str
    source: str
    country: str | None
    rule: str
    model: str | None
    encoder: str
    posts: int
    notes: tuple[str, ...] = ()
    outcomes: tuple[Outcome, ...]
    format: int = FORMAT


def estimates(answers: Sequence[Answer]) -> dict[str, Estimate]:
    """Every figure of some answers, with its interval."""
    drawn = Bootstrap(numbered([answer.group for answer in answers]))
    figures = [answer.figures for answer in answers]
    means = {name: drawn.mean(np.array([each[name] for each in figures])) for name in figures[0]}
    ranks = [answer.rank for answer in answers if isinstance(answer, RankedAnswer)]
    return means | ({MEDIAN: drawn.median(np.array(ranks))} if ranks else {})


def write_run(run: EvaluationRun, file: Path) -> None:
    """Write a run as JSON, with its figures for programs that read them."""
    content = msgspec.to_builtins(run)
    for outcome, written in zip(run.outcomes, content["outcomes"], strict=True):
        written["figures"] = _plain(outcome.answers)
        written["slices"] = {name: _plain(answers) for name, answers in outcome.slices.items()}
        written["latency_ms"] = dict(zip(("p50", "p99"), outcome.latency, strict=True)) if outcome.answers else {}
    try:
        write_file(file, msgspec.json.format(msgspec.json.encode(content), indent=1) + b"\n")
    except OSError as error:
        raise EvaluationError(
            f"{file} cannot be written: {error.strerror}. Give a file in a writable folder."
        ) from None


def read_run(file: Path) -> EvaluationRun:
    """Read a run back."""
    try:
        run = msgspec.json.decode(file.read_bytes(), type=EvaluationRun)
    except OSError as error:
        raise EvaluationError(f"{file} cannot be read: {error.strerror}. Give what --json wrote.") from None
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise EvaluationError(
            f"{file} is no run ({error}): give what `photosense evaluate posts --json` or `queries --json` wrote."
        ) from None
    if run.format != FORMAT:
        raise EvaluationError(f"{file} has format {run.format}, this version reads {FORMAT}: measure again.")
    return run


def _plain(answers: Sequence[Answer]) -> dict[str, Any]:
    """Figures as [value, low, high]; a rank that was not reached is null."""
    if not answers:
        return {"questions": 0}
    figures = {
        name: [round(value, 6) if np.isfinite(value) else None for value in estimate]
        for name, estimate in estimates(answers).items()
    }
    return {"questions": len(answers), **figures}
