"""The topics page: one HTML file for people, with a map, every topic, and how the model learned; it asks no network."""

from collections.abc import Callable, Mapping, Sequence
from html import escape
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Any

from common.files import write_file
from photosense.errors import PhotosenseError
from photosense.pages.topics_card import Vocable, WordFilter, card, percent
from photosense.pages.topics_map import bubbles, draw
from topic_model.model import TopicModel
from topic_model.quality import Quality, read_modality
from topic_model.training.hierarchy import Hierarchy

_CURVE_WIDTH, _CURVE_HEIGHT = 360, 120
_NAMES = {"text": "words", "tag": "hashtags", "image": "visual words"}


def write_topics_page(
    model: TopicModel,
    quality: Quality,
    hierarchy: Hierarchy | None,
    typical: Mapping[int, Sequence[Mapping[str, Any]]],
    path: Path,
    *,
    describe: Callable[[str], str] = str,
    readable: WordFilter = list,
) -> None:
    """Write the page to a file.

    `typical` are posts by topic, with `captions`, `tags` and `thumb`, that everybody may see. `describe` says a visual
    word in words for people; `readable` leaves out the words that the law withholds.
    """
    page = _page(Vocable(model, describe, readable), quality, hierarchy, typical)
    try:
        write_file(path, page)
    except OSError as error:
        raise PhotosenseError(
            f"The page cannot be written to {path}: {error.strerror}. Give a file in a writable folder."
        ) from error


def _page(
    vocable: Vocable,
    quality: Quality,
    hierarchy: Hierarchy | None,
    typical: Mapping[int, Sequence[Mapping[str, Any]]],
) -> str:
    """Put the page together; the largest topics come first, dead ones last and not on the map."""
    model = vocable.model
    order = sorted(range(model.topics), key=lambda topic: (-float(model.topic_shares[topic]), topic))
    live = [topic for topic in order if quality.live[topic]]
    circles, hues = bubbles(model, {topic: vocable.name(topic) for topic in live})
    shares = {topic: percent(float(model.topic_shares[topic])) for topic in live}
    cards = (card(topic, hues.get(topic, 0.0), vocable, quality, hierarchy, typical.get(topic, ())) for topic in order)
    return Template(_packaged("topics.html")).substitute(
        css=_packaged("topics.css"),
        js=_packaged("topics.js"),
        model=escape(model.id),
        about=escape(_about(model, quality)),
        figures=_figures(model, quality, hierarchy),
        curve=_curve(model.history),
        map=draw(circles, hues, shares),
        hint=_hint(len(circles), len(live)),
        cards="".join(cards),
        count=model.topics,
    )


def _about(model: TopicModel, quality: Quality) -> str:
    sizes = [f"{len(tokens):,} {_NAMES.get(name, name)}" for name, tokens in model.vocabulary.tokens.items()]
    return f"Measured on {quality.documents:,} posts. Knows {', '.join(sizes)}."


def _figures(model: TopicModel, quality: Quality, hierarchy: Hierarchy | None) -> str:
    mean = quality.mean_coherence
    tiles = [
        ("topics", f"{quality.live_topics}", f"of {model.topics} hold something"),
        ("coherence", "-" if mean is None else f"{mean:.2f}", "mean NPMI; 0 is chance, 1 always together"),
    ]
    if hierarchy:
        tiles.insert(1, ("child topics", f"{len(hierarchy.psi) - hierarchy.background}", "one level below"))
    for name, value in quality.perplexity.items():
        share = quality.unexplained[name]
        note = "from the other half of each post" + (f"; {share:.1%} explained by no topic" if share > 0 else "")
        tiles.append((f"perplexity of {_NAMES.get(name, name)}", f"{value:,.0f}", note))
    if quality.at_once is not None:
        tiles.append(("perplexity at once", f"{quality.at_once:,.0f}", "of all words, none hidden, as in the passes"))
    modality = read_modality(model.vocabulary)
    kind = _NAMES.get(modality, modality)
    tiles.append(("sparse topics", f"{quality.phi_sparsity[modality]:.0%}", f"of the {kind} have no part in a topic"))
    tiles.append(("sparse posts", f"{quality.theta_sparsity:.0%}", "of the topics have no part in a post"))
    return "".join(
        f"<div><dt>{escape(name)}</dt><dd>{value}</dd><small>{escape(note)}</small></div>"
        for name, value, note in tiles
    )


def _curve(history: Sequence[float]) -> str:
    """Perplexity by pass, as SVG."""
    if not history:
        return ""
    low, high = min(history), max(history)
    step, height = _CURVE_WIDTH / max(len(history) - 1, 1), _CURVE_HEIGHT / max(high - low, 1e-9)
    points = [(index * step, (high - value) * height) for index, value in enumerate(history)]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    x, y = points[-1]
    last = f'x="{_CURVE_WIDTH}" text-anchor="end"'
    return (
        '<figure class="curve"><figcaption>Perplexity by pass of training</figcaption>'
        f'<svg viewBox="-4 -16 {_CURVE_WIDTH + 8} {_CURVE_HEIGHT + 38}" role="img" '
        f'aria-label="From {history[0]:,.1f} to {history[-1]:,.1f} in {len(history)} passes">'
        f'<polygon points="0,{_CURVE_HEIGHT} {line} {x:.1f},{_CURVE_HEIGHT}"/>'
        f'<polyline points="{line}"/><circle cx="{x:.1f}" cy="{y:.1f}" r="3.5"/>'
        f'<text x="2" y="-5">{history[0]:,.0f}</text><text {last} y="{y - 9:.1f}">{history[-1]:,.1f}</text>'
        f'<text x="0" y="{_CURVE_HEIGHT + 16}">1</text><text {last} y="{_CURVE_HEIGHT + 16}">{len(history)}</text>'
        "</svg></figure>"
    )


def _hint(drawn: int, live: int) -> str:
    which = f"The {drawn} largest topics" if drawn < live else "Every topic"
    return f"{which}, each as large as its share of the corpus; topics with words in common lie side by side."


def _packaged(name: str) -> str:
    return (files("photosense") / "templates" / name).read_text("utf-8")
