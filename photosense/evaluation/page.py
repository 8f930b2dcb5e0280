"""The page of a run: one HTML file for people, with figures, slices, and photos of the best and worst questions."""

from collections.abc import Sequence
from html import escape
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Final

from common.files import write_file
from photosense.evaluation.compare_runs import Comparison
from photosense.evaluation.errors import EvaluationError
from photosense.evaluation.examples import Examples
from photosense.evaluation.page_examples import gallery
from photosense.evaluation.page_figures import differences_table, figures_table, slices
from photosense.evaluation.run_file import EvaluationRun, Outcome
from photosense.evaluation.terminal import about, by_task

_EXPLAINED: Final = {
    "queries": "The store as it is, and questions with the posts that answer them.",
    "cold": "Photos are indexed without any word; each of their captions is a question.",
    "short": "Photos are indexed without any word; one or two words that people gave them are a question.",
    "warm": "Photos are indexed with their captions but one, and that one, by somebody else, is the question.",
    "photo": "Photos are indexed without any word; a photo asks for those whose captions are alike.",
    "annotate": "Words are proposed for a photo alone, and compared with those of its captions.",
}


def write_evaluation_page(
    run: EvaluationRun, examples: Sequence[Examples], comparisons: Sequence[Comparison], path: Path
) -> None:
    """Write the page to a file; it asks no network."""
    examples_of = {id(outcome): its for outcome, its in zip(run.outcomes, examples, strict=True)}
    sections = [
        _section(
            task,
            outcomes,
            examples_of[id(outcomes[0])],
            [comparison for comparison in comparisons if comparison.task == task],
        )
        for task, outcomes in by_task(run.outcomes)
    ]
    page = Template(_packaged("evaluation.html")).substitute(
        css=_packaged("evaluation.css"),
        source=escape(run.source),
        about=escape(about(run)),
        notes="".join(f"<li>{escape(note)}</li>" for note in run.notes),
        sections="".join(sections),
        version=escape(run.photosense),
    )
    try:
        write_file(path, page)
    except OSError as error:
        raise EvaluationError(
            f"The page cannot be written to {path}: {error.strerror}. Give a file in a writable folder."
        ) from None


def _section(task: str, outcomes: Sequence[Outcome], examples: Examples, comparisons: Sequence[Comparison]) -> str:
    first = outcomes[0]
    left_out = "".join(f"<li><b>{count}</b> {escape(reason)}</li>" for reason, count in first.left_out.items())
    groups = len({answer.group for answer in first.answers})
    left = f'<ul class="left">Left out: {left_out}</ul>' if left_out else ""
    return (
        f'<section id="{task}"><h2>{task}</h2><p class="lead">{_EXPLAINED[task]} '
        f"{len(first.answers):,} questions in {groups:,} groups.</p>"
        f"{figures_table(outcomes)}{left}{differences_table(comparisons)}{slices(outcomes)}"
        f"{gallery('Worst', first, examples.worst)}{gallery('Best', first, examples.best)}</section>"
    )


def _packaged(name: str) -> str:
    return (files("photosense") / "templates" / name).read_text("utf-8")
