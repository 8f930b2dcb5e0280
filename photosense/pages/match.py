"""The page of a trained match: how far its scores can be trusted, drawn and in figures; one file, no network."""

from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any, Final

from common.files import write_file
from photosense.errors import PhotosenseError
from topic_model.match.matcher import Matcher

_SIDE: Final = 320
_MEASURES: Final = (("tau_c", 1), ("auc", 3), ("average_precision", 3), ("calibration_error", 3))
_STYLE: Final = """body{font:16px/1.5 system-ui,sans-serif;max-width:64rem;margin:2rem auto;padding:0 1rem;color:#222}
svg{overflow:visible;margin:1rem 3rem 1rem 1rem}section{margin-top:2.5rem}small,.dim{color:#666}
.ideal{stroke:#999;stroke-dasharray:4 4}polyline{fill:none;stroke:#06c;stroke-width:2}circle{fill:#06c;fill-opacity:.75}
svg text{font-size:13px;fill:#444}table{border-collapse:collapse;font-variant-numeric:tabular-nums}
td,th{padding:.2rem .8rem .2rem 0;text-align:left;vertical-align:top}tr.best{font-weight:600}
small{font-weight:400}
.side{display:flex;flex-wrap:wrap;align-items:center}"""


def write_match(matcher: Matcher, file: Path) -> None:
    """Write the page."""
    people = "".join(f"<p>{escape(line)}</p>" for line in describe_people(matcher.figures["people"]))
    kinds = "".join(_section(kind) for kind in matcher.figures["kinds"])
    page = f"""<!doctype html><html lang="en"><meta charset="utf-8"><title>Match</title><style>{_STYLE}</style>
<h1>Match</h1>
<p>How likely people are to agree that a text fits. Every pair was scored by what had learned from other photos only;
a photo&rsquo;s own captions are not measured. Intervals hold 95&nbsp;% of resamples of the photos.</p>
{people}{kinds}</html>
"""
    try:
        write_file(file, page)
    except OSError as error:
        raise PhotosenseError(f"The page cannot be written to {file}: {error.strerror}.") from error


def describe_people(people: Mapping[str, Any]) -> list[str]:
    """Say how far people agree, in sentences."""
    sentences = []
    if "experts" in people:
        figures = people["experts"]
        kappa = f", weighted kappa {figures['kappa']:.2f}" if figures.get("kappa") is not None else ""
        most = f"most of them gave the same score to {figures['majority']:.0%}"
        sentences.append(f"Experts judged {figures['pairs']} pairs: {_alpha(figures)}{kappa}; {most}.")
    if "crowd" in people:
        figures = people["crowd"]
        sentences.append(f"A crowd judged {figures['pairs']} pairs: {_alpha(figures)}.")
    if "crowd_against_experts" in people:
        figures = people["crowd_against_experts"]
        auc = "" if figures["auc"] is None else f", ROC AUC {figures['auc']:.3f}"
        sentences.append(
            f"On {figures['pairs']} pairs that both judged, the crowd orders them as experts do "
            f"with tau-c {100 * figures['tau_c']:.1f}{auc}."
        )
    return sentences


def describe_kind(kind: Mapping[str, Any]) -> str:
    """Say what is compared with a text, and on how many pairs that was measured."""
    has = "a post with captions" if "own" in kind["cues"] else "a photo alone"
    extra = "".join(f", {cue}" for cue in ("predicted", "aligned") if cue in kind["cues"])
    return f"{has}{extra}: {kind['pairs']} pairs of {kind['photos']} photos, {kind['fits']} fit".capitalize()


def interval(figure: Sequence[float], digits: int) -> str:
    """A figure with its interval; tau-c, which has one digit, is written times 100."""
    times = 100 if digits == 1 else 1
    value, low, high = (f"{times * part:.{digits}f}" for part in figure)
    return f"{value} ({low}-{high})"


def _alpha(figures: Mapping[str, Any]) -> str:
    return "too few to tell agreement" if figures["alpha"] is None else f"Krippendorff's alpha {figures['alpha']:.2f}"


def _section(kind: Mapping[str, Any]) -> str:
    best = kind["trials"][0]
    rows = "".join(_row(trial, best) for trial in kind["trials"])
    words = "".join(
        f"<tr><th>{escape(fit)}</th><td>{count} pairs</td><td>{share:.0%} fit</td></tr>"
        for fit, (count, share) in best["words"].items()
    )
    name, _, counted = describe_kind(kind).partition(": ")
    return f"""<section><h2>{escape(name)}</h2>
<p class="dim">Measured on {escape(counted)}. Learned from the cues {", ".join(map(escape, kind["cues"]))}
of {kind["taught_by"]} pairs.</p>
<div class="side">{_diagram(best)}<table>{words}</table></div>
<table><tr><th>learner</th><th>calibration</th><th>tau-c</th><th>ROC AUC</th><th>average precision</th>
<th>calibration error</th><th>most for noise</th></tr>{rows}</table></section>"""


def _row(trial: Mapping[str, Any], best: Mapping[str, Any]) -> str:
    cells = "".join(f"<td>{_stacked(interval(trial[name], digits))}</td>" for name, digits in _MEASURES)
    name = ' class="best"' if trial is best else ""
    return (
        f"<tr{name}><td>{escape(trial['learner'])}</td><td>{escape(trial['calibration'])}</td>{cells}"
        f"<td>{trial['noise']:.3f}</td></tr>"
    )


def _stacked(text: str) -> str:
    value, _, between = text.partition(" ")
    return f"{value} <small>{between}</small>"


def _diagram(trial: Mapping[str, Any]) -> str:
    """What was said against what came true; a circle is as large as its share of the pairs."""
    total = sum(count for count, _, _ in trial["bins"])
    points = [(_SIDE * score, _SIDE * (1 - share)) for _, score, share in trial["bins"]]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    circles = "".join(
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{4 + 8 * (count / total) ** 0.5:.1f}">'
        f"<title>{count} pairs: said {score:.2f}, {share:.0%} fit</title></circle>"
        for (x, y), (count, score, share) in zip(points, trial["bins"], strict=True)
    )
    ticks = "".join(
        f'<text x="{_SIDE * at:.0f}" y="{_SIDE + 26}" text-anchor="middle">{at:g}</text>'
        f'<text x="-16" y="{_SIDE * (1 - at) + 4:.0f}" text-anchor="end">{at:g}</text>'
        for at in (0, 0.5, 1)
    )
    return f"""<svg viewBox="-50 -12 {_SIDE + 70} {_SIDE + 64}" width="{_SIDE + 70}" role="img"
aria-label="Reliability: share of pairs that fit, by their match">
<rect width="{_SIDE}" height="{_SIDE}" fill="none" stroke="#ccc"/>
<line class="ideal" x1="0" y1="{_SIDE}" x2="{_SIDE}" y2="0"/><polyline points="{line}"/>{circles}{ticks}
<text x="{_SIDE / 2:.0f}" y="{_SIDE + 48}" text-anchor="middle">match</text>
<text transform="translate(-44 {_SIDE / 2:.0f}) rotate(-90)" text-anchor="middle">share that fits</text></svg>"""
