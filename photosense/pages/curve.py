"""The curve of a photo detector as a page: how many photos of children are caught, for how many clear ones held."""

from html import escape
from pathlib import Path
from typing import Final

from common.files import write_file
from compliance.photo.detector import PhotoDetector, rates_at

_SIDE: Final = 400


def write_curve(detector: PhotoDetector, file: Path) -> None:
    """Write the page, one file that needs nothing else."""
    figures = detector.figures
    line = " ".join(
        f"{_SIDE * clear:.1f},{_SIDE * (1 - recall):.1f}"
        for _, _, recall, clear in sorted(figures["curve"], reverse=True)
    )
    marks, rows = [], []
    for name, threshold, rates in rates_at(detector.thresholds, figures):
        x, y = _SIDE * rates["clear_held"][0], _SIDE * (1 - rates["recall"][0])
        marks.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5"/><text x="{x + 9:.1f}" y="{y + 5:.1f}">{name}</text>')
        cells = "".join(f"<td>{value:.1%} ({low:.1%} to {high:.1%})</td>" for value, low, high in rates.values())
        rows.append(f"<tr><th>{name}, from {threshold:.3f}</th>{cells}</tr>")
    write_file(
        file,
        f"""<!doctype html><html lang="en"><meta charset="utf-8"><title>Photo detector</title>
<style>body{{font:16px/1.5 system-ui;max-width:52rem;margin:2rem auto;padding:0 1rem}}svg{{overflow:visible}}
polyline{{fill:none;stroke:#06c;stroke-width:2}}circle{{fill:#c30}}td,th{{padding:.2rem .8rem;text-align:left}}</style>
<h1>Photo detector</h1>
<p>{figures["photos"]} photos, {figures["children"]} of children, seen by {escape(detector.encoder)};
ROC AUC {figures["auc"]:.3f}. Each was judged by a detector that had not learned from it.</p>
<svg viewBox="-40 -10 {_SIDE + 90} {_SIDE + 60}" width="{_SIDE + 90}" role="img" aria-label="Receiver operating curve">
<rect width="{_SIDE}" height="{_SIDE}" fill="none" stroke="#999"/><polyline points="{line}"/>{"".join(marks)}
<text x="90" y="{_SIDE + 30}">share of clear photos that are held</text>
<text transform="translate(-12 330) rotate(-90)">share of photos of children that are caught</text></svg>
<table><tr><th></th><th>precision</th><th>recall</th><th>clear photos held</th></tr>{"".join(rows)}</table></html>
""",
    )
