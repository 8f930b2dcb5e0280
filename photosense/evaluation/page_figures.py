"""Figures as HTML: each a number, a bar, and the interval as a line across the bar's end."""

from collections.abc import Sequence
from html import escape
from typing import Final

from photosense.evaluation.compare_runs import Comparison, Part
from photosense.evaluation.intervals import Estimate
from photosense.evaluation.outcomes import MEDIAN, TITLES
from photosense.evaluation.paired_test import Conclusion
from photosense.evaluation.run_file import Outcome, estimates
from photosense.evaluation.terminal import figure_text

_OF_SLICES: Final = ("r1", "r5", "r10")
_CLASSES: Final = {Conclusion.BETTER: "better", Conclusion.WORSE: "worse", Conclusion.NONE: "none"}


def figures_table(outcomes: Sequence[Outcome]) -> str:
    """Every figure of a task, a row for each mode."""
    comparison = [estimates(outcome.answers) for outcome in outcomes]
    names = [name for name in TITLES if name in comparison[0]]
    head = "".join(f"<th>{TITLES[name]}</th>" for name in names)
    rows = []
    for outcome, its in zip(outcomes, comparison, strict=True):
        p50, p99 = outcome.latency
        cells = "".join(_cell(name, its[name]) for name in names)
        rows.append(f"<tr><th>{escape(outcome.mode)}</th>{cells}<td>{p50:.1f}<small>p99 {p99:.1f}</small></td></tr>")
    return _table(f"<th></th>{head}<th>ms</th>", rows)


def slices(outcomes: Sequence[Outcome]) -> str:
    """The slices of a task, with every mode side by side; one that holds all questions says nothing new."""
    parts = [outcome.slices for outcome in outcomes]
    names = [name for name, answers in parts[0].items() if len(answers) < len(outcomes[0].answers)]
    if not names:
        return ""
    head = "".join(f"<th>{TITLES[name]} {escape(outcome.mode)}</th>" for outcome in outcomes for name in _OF_SLICES)
    rows = []
    for name in names:
        comparison = [estimates(part[name]) if name in part else None for part in parts]
        cells = "".join(
            _cell(figure, its[figure]) if its else "<td>-</td>" for its in comparison for figure in _OF_SLICES
        )
        rows.append(f"<tr><th>{name}<small>{len(parts[0][name]):,} questions</small></th>{cells}</tr>")
    return "<h3>Slices</h3>" + _table(f"<th></th>{head}", rows)


def differences_table(comparisons: Sequence[Comparison]) -> str:
    """What the paired test says of the first mode against the others, in all and by slices."""
    if not comparisons:
        return ""
    rows = []
    for comparison in comparisons:
        before, after = comparison.modes
        rows.append(_difference(f"{after} against {before}", comparison.whole))
        rows += [_difference(f"... {name}", part) for name, part in comparison.slices.items()]
    head = "".join(f"<th>{TITLES[name]}</th>" for name in comparisons[0].whole.figures)
    return "<h3>Differences</h3>" + _table(f"<th></th>{head}", rows)


def _difference(title: str, part: Part) -> str:
    cells = "".join(
        f'<td class="{_CLASSES[verdict]}">{100 * grew.value:+.1f}<small>{verdict}</small></td>'
        for grew, _, verdict in part.figures.values()
    )
    return f"<tr><th>{escape(title)}<small>{part.questions:,} questions</small></th>{cells}</tr>"


def _cell(name: str, estimate: Estimate) -> str:
    value, low, high = (figure_text(name, each) for each in estimate)
    if name == MEDIAN:
        return f"<td>{value}<small>{low} to {high}</small></td>"
    bar = f'<i style="--v:{estimate.value:.4f};--l:{estimate.low:.4f};--h:{estimate.high:.4f}"></i>'
    return f"<td>{value}<small>{low} to {high}</small>{bar}</td>"


def _table(head: str, rows: Sequence[str]) -> str:
    return f'<div class="wide"><table><thead><tr>{head}</tr></thead><tbody>{"".join(rows)}</tbody></table></div>'
