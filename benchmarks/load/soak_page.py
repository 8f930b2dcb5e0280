"""A soak as a page: memory, descriptors and latencies over time, with what happened marked; one file."""

from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path

from common.files import write_file

_WIDTH, _HEIGHT = 900, 150
_COLOURS = ("#06c", "#c30", "#393")
_MARKS = {"kill": "#c30", "publish": "#06c", "backup": "#393"}

Line = Sequence[tuple[float, float]]


def write_page(
    file: Path,
    charts: Mapping[str, Mapping[str, Line]],
    events: Sequence[tuple[float, str]],
    figures: Mapping[str, float],
) -> None:
    """Write it: a chart a name, each with its lines by name."""
    end = max((at for lines in charts.values() for line in lines.values() for at, _ in line), default=1.0)
    rows = "".join(f"<tr><th>{escape(name)}</th><td>{value:,.6g}</td></tr>" for name, value in figures.items())
    legend = ", ".join(f'<span style="color:{colour}">{name}</span>' for name, colour in _MARKS.items())
    drawn = "".join(_chart(name, lines, events, end) for name, lines in charts.items())
    write_file(
        file,
        f"""<!doctype html><html lang="en"><meta charset="utf-8"><title>Soak</title>
<style>body{{font:15px/1.5 system-ui;max-width:62rem;margin:2rem auto;padding:0 1rem}}svg{{overflow:visible;width:100%}}
polyline{{fill:none;stroke-width:1.5}}th{{text-align:left;font-weight:400;padding-right:2rem}}text{{font-size:11px}}</style>
<h1>Soak of {end / 60:.1f} minutes</h1><p>Marked: {legend}.</p>{drawn}<table>{rows}</table></html>
""",
    )


def _chart(name: str, lines: Mapping[str, Line], events: Sequence[tuple[float, str]], end: float) -> str:
    most = max((value for line in lines.values() for _, value in line), default=1.0) or 1.0
    marks = "".join(
        f'<line x1="{_x(at, end)}" x2="{_x(at, end)}" y1="0" y2="{_HEIGHT}" stroke="{_MARKS[what]}" opacity=".4"/>'
        for at, what in events
    )
    drawn = "".join(
        f'<polyline stroke="{colour}" points="{_points(line, end, most)}"/>'
        f'<text x="{_WIDTH + 8}" y="{14 + 14 * number}" fill="{colour}">{escape(label)}</text>'
        for number, ((label, line), colour) in enumerate(zip(lines.items(), _COLOURS, strict=False))
    )
    return (
        f"<h2>{escape(name)}</h2>"
        f'<svg viewBox="-50 -10 {_WIDTH + 170} {_HEIGHT + 30}" role="img" aria-label="{escape(name)} over time">'
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="none" stroke="#bbb"/>{marks}{drawn}'
        f'<text x="-45" y="10">{most:,.0f}</text><text x="-45" y="{_HEIGHT}">0</text>'
        f'<text x="{_WIDTH - 60}" y="{_HEIGHT + 15}">{end / 60:.1f} min</text></svg>'
    )


def _points(line: Line, end: float, most: float) -> str:
    return " ".join(f"{_x(at, end)},{_HEIGHT * (1 - value / most):.1f}" for at, value in line)


def _x(at: float, end: float) -> str:
    return f"{_WIDTH * at / end:.1f}"
