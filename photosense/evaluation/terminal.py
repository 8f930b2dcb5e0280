"""How a run looks in a terminal."""

from collections.abc import Iterator, Sequence
from math import isfinite

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from photosense.evaluation.compare_runs import Comparison
from photosense.evaluation.intervals import Estimate
from photosense.evaluation.outcomes import MEDIAN, TITLES
from photosense.evaluation.paired_test import Conclusion
from photosense.evaluation.run_file import EvaluationRun, Outcome, estimates
from photosense.terminal import plain

_COLOURS = {Conclusion.BETTER: "green", Conclusion.WORSE: "red", Conclusion.NONE: "dim"}
_SHORT = {Conclusion.BETTER: "better", Conclusion.WORSE: "worse", Conclusion.NONE: "not shown"}


def figure_text(name: str, value: float) -> str:
    """A figure as people read it: shares in per cent, ranks as they are."""
    if name == MEDIAN:
        return f"{value:.0f}" if isfinite(value) else "none"
    return f"{100 * value:.1f}"


def about(run: EvaluationRun) -> str:
    """Say in a sentence what was measured with what."""
    model = f"model {run.model}" if run.model else "no model"
    return f"{run.posts} posts, {model}, encoder {run.encoder}, visitors of {run.country or 'an unknown country'}."


def print_run(out: Console, run: EvaluationRun) -> None:
    """Show the figures of each task with their intervals, then the slices of its first mode."""
    out.print(escape(about(run)), soft_wrap=True, highlight=False)
    for note in run.notes:
        out.print(f"[yellow]note[/] {plain(note)}", soft_wrap=True, highlight=False)
    for task, outcomes in by_task(run.outcomes):
        out.print()
        _print_task(out, task, outcomes)


def by_task(outcomes: Sequence[Outcome]) -> Iterator[tuple[str, list[Outcome]]]:
    """The outcomes of each task."""
    for task in dict.fromkeys(outcome.task for outcome in outcomes):
        yield task, [outcome for outcome in outcomes if outcome.task == task]


def _print_task(out: Console, task: str, outcomes: Sequence[Outcome]) -> None:
    names = [name for name in TITLES if name in estimates(outcomes[0].answers)]
    table = _table("", *(TITLES[name] for name in names), "ms")
    for outcome in outcomes:
        figures = estimates(outcome.answers)
        p50, p99 = outcome.latency
        table.add_row(
            outcome.mode, *(_cell(name, figures[name]) for name in names), f"{p50:.1f}\n[dim]p99 {p99:.0f}[/]"
        )
    groups = len({answer.group for answer in outcomes[0].answers})
    out.print(
        f"[bold]{task}[/] (per cent), {len(outcomes[0].answers)} questions, {groups} groups of them", highlight=False
    )
    out.print(table)
    for outcome in outcomes[:1]:
        for reason, count in outcome.left_out.items():
            out.print(f"  {count:>6}  left out: {escape(reason)}", highlight=False)
    _print_slices(out, outcomes)


def _print_slices(out: Console, outcomes: Sequence[Outcome]) -> None:
    """Slices side by side; one that holds every question says nothing new."""
    parts = [outcome.slices for outcome in outcomes]
    names = [name for name, answers in parts[0].items() if len(answers) < len(outcomes[0].answers)]
    if not names:
        return
    columns = [f"{TITLES[figure]} {outcome.mode}" for outcome in outcomes for figure in ("r1", "r10")]
    table = _table("slice", "questions", *columns)
    for name in names:
        cells = []
        for slices in parts:
            figures = estimates(slices[name]) if name in slices else {}
            cells += [_cell(figure, figures[figure]) if figures else "-" for figure in ("r1", "r10")]
        table.add_row(name, str(len(parts[0][name])), *cells)
    out.print(table)


def print_comparisons(out: Console, comparisons: Sequence[Comparison]) -> None:
    """Say for each figure whether it is better, worse, or whether no difference is shown."""
    for comparison in comparisons:
        before, after = comparison.modes
        mode = f" {before}" if before == after else f" {after} against {before}"
        alone = f", {comparison.alone} answered in one of them only" if comparison.alone else ""
        about = f"{comparison.whole.questions} questions{alone}"
        out.print(f"[bold]{comparison.task}[/]{mode if before else ''}: {about}", highlight=False)
        heads = ("before", "after") if before == after else (before, after)
        table = _table("", *heads, "difference", "p", "")
        for name, (grew, p, verdict) in comparison.whole.figures.items():
            was = comparison.whole.before[name]
            value, low, high = (f"{100 * each:+.1f}" for each in grew)
            cell = f"[{_COLOURS[verdict]}]{verdict}[/]"
            cells = (
                figure_text(name, was),
                figure_text(name, was + grew.value),
                f"{value} ({low} to {high})",
                f"{p:.4f}",
            )
            table.add_row(TITLES[name], *cells, cell)
        out.print(table)
        if comparison.slices:
            _print_parts(out, comparison)


def _print_parts(out: Console, comparison: Comparison) -> None:
    """Say the same of the slices, each tested by itself."""
    table = _table("slice", "questions", *(TITLES[name] for name in comparison.whole.figures))
    for slice_, part in comparison.slices.items():
        cells = (
            f"{100 * grew.value:+.1f}\n[{_COLOURS[verdict]}]{_SHORT[verdict]}[/]"
            for grew, _, verdict in part.figures.values()
        )
        table.add_row(slice_, str(part.questions), *cells)
    out.print(table)


def _table(*columns: str) -> Table:
    return Table(*columns, box=None, header_style="dim", pad_edge=False, padding=(0, 1))


def _cell(name: str, estimate: Estimate) -> str:
    """A figure above its interval, which keeps columns narrow."""
    value, low, high = (figure_text(name, each) for each in estimate)
    return f"{value}\n[dim]{low}-{high}[/]"
