"""One topic as HTML: its words, hashtags and visual words, how good it is, its children and typical posts."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from html import escape
from math import log2
from typing import Any

from topic_model.document import IMAGE, TAG, TEXT
from topic_model.model import TopicModel, TopicWord
from topic_model.quality import Quality, read_modality
from topic_model.training.hierarchy import Hierarchy

_WORDS, _TAGS, _VISUAL, _OF_CHILD = 16, 8, 6, 6
_CAPTION = 110
_THUMBS = ("https://", "http://", "data:image/")

WordFilter = Callable[[list[TopicWord]], list[TopicWord]]


@dataclass(frozen=True, slots=True)
class Vocable:
    """Reads topics to people: `describe` says visual words, `readable` leaves out words that may not be shown."""

    model: TopicModel
    describe: Callable[[str], str]
    readable: WordFilter

    def words(self, topic: int, modality: str, limit: int) -> list[TopicWord]:
        """The most telling tokens of a topic, readable."""
        return self._readable(self.model.topic_words(topic, modality, 3 * limit), modality)[:limit]

    def of_child(self, hierarchy: Hierarchy, child: int, parent: int, limit: int) -> list[TopicWord]:
        """The words that tell a child of a topic from the others."""
        modality = read_modality(self.model.vocabulary)
        return self._readable(hierarchy.words(self.model, child, parent, modality, 3 * limit), modality)[:limit]

    def name(self, topic: int, limit: int = 2) -> tuple[str, ...]:
        """A name of a few words, from the first modality that has any."""
        for modality in (TEXT, TAG, IMAGE):
            words = self.words(topic, modality, limit)
            if words:
                return tuple(word.label for word in words)
        return (f"topic {topic}",)

    def _readable(self, words: list[TopicWord], modality: str) -> list[TopicWord]:
        if modality == IMAGE:
            words = [replace(word, label=self.describe(word.token)) for word in words]
        return self.readable(words)


def card(
    topic: int,
    hue: float,
    vocable: Vocable,
    quality: Quality,
    hierarchy: Hierarchy | None,
    posts: Sequence[Mapping[str, Any]],
) -> str:
    """Write one topic."""
    model = vocable.model
    share = float(model.topic_shares[topic])
    kernel = quality.kernels[read_modality(model.vocabulary)][topic]
    coherence = quality.coherence[topic]
    words = vocable.words(topic, TEXT, _WORDS)
    parts = [
        _head(topic, vocable.name(topic, 3), share, topic in model.background, quality.live[topic]),
        _cloud(words),
        _list("tags", "Hashtags", [word.label for word in vocable.words(topic, TAG, _TAGS)]),
        _list("visual", "In the photos", [word.label for word in vocable.words(topic, IMAGE, _VISUAL)]),
        _figures(coherence, kernel.purity, kernel.contrast, kernel.size),
        _children(topic, vocable, hierarchy) if hierarchy else "",
        _posts(posts),
    ]
    kind = "" if quality.live[topic] else " dead"
    return (
        f'<article class="topic{kind}" id="topic-{topic}" style="--hue:{hue:.0f}" data-share="{share:.6f}" '
        f'data-coherence="{-2 if coherence is None else coherence:.4f}" data-purity="{kernel.purity:.4f}">'
        f"{''.join(parts)}</article>"
    )


def percent(share: float) -> str:
    """A share as people read it."""
    return f"{share:.1%}" if share >= 0.001 else "under 0.1%"


def _head(topic: int, name: Sequence[str], share: float, background: bool, live: bool) -> str:
    notes = [note for note, holds in (("background", background), ("dead", not live)) if holds]
    marks = "".join(f'<span class="mark">{note}</span>' for note in notes)
    return (
        f'<header><span class="number">{topic}</span><h3>{escape(", ".join(name))}</h3>{marks}'
        f'<span class="share" title="Share of the corpus">{percent(share)}</span></header>'
    )


def _cloud(words: Sequence[TopicWord]) -> str:
    """Words as large as they are likely, as coloured as they are likelier here than elsewhere."""
    if not words:
        return ""
    most = max(word.p for word in words)
    spans = (
        f'<span style="--size:{(word.p / most) ** 0.5:.2f};--tint:{min(1.0, log2(max(word.lift, 1)) / 6):.2f}" '
        f'title="{escape(f"{word.p:.2%} of the topic, {word.lift:.1f} times as often as elsewhere")}">'
        f"{escape(word.label)}</span>"
        for word in words
    )
    return f'<p class="cloud">{" ".join(spans)}</p>'


def _list(kind: str, title: str, labels: Sequence[str]) -> str:
    if not labels:
        return ""
    items = "".join(f"<li>{escape(label)}</li>" for label in labels)
    return f'<h4>{title}</h4><ul class="pills {kind}">{items}</ul>'


def _figures(coherence: float | None, purity: float, contrast: float, size: int) -> str:
    rows = (
        (
            "Coherence",
            "-" if coherence is None else f"{coherence:.2f}",
            0.0 if coherence is None else max(coherence, 0.0),
            "NPMI of its ten likeliest words: 1 always together, 0 by chance, -1 never",
        ),
        ("Purity", f"{purity:.0%}", purity, f"What its {size} own words make up of it"),
        ("Contrast", f"{contrast:.0%}", contrast, "How surely one of its own words means this topic"),
    )
    cells = "".join(
        f'<div title="{about}"><dt>{name}</dt><dd>{value}</dd><i style="--part:{part:.2f}"></i></div>'
        for name, value, part, about in rows
    )
    return f'<dl class="figures">{cells}</dl>'


def _children(topic: int, vocable: Vocable, hierarchy: Hierarchy) -> str:
    rows = []
    for child, share in hierarchy.children(topic):
        words = ", ".join(word.label for word in vocable.of_child(hierarchy, child, topic, _OF_CHILD))
        rows.append(f'<li style="--part:{share:.2f}"><b>{share:.0%}</b><span>{escape(words or "-")}</span></li>')
    return f'<h4>Within it</h4><ol class="children">{"".join(rows)}</ol>' if rows else ""


def _posts(posts: Sequence[Mapping[str, Any]]) -> str:
    if not posts:
        return ""
    drawn = sorted(map(_post, posts), key=lambda post: "<img" not in post)
    return f'<h4>Typical posts</h4><ul class="posts">{"".join(drawn)}</ul>'


def _post(post: Mapping[str, Any]) -> str:
    captions = [str(caption["text"]) for caption in post.get("captions", ())]
    caption = " / ".join(captions) or " ".join(f"#{tag}" for tag in post.get("tags", ()))
    short = caption if len(caption) <= _CAPTION else caption[: _CAPTION - 1].rstrip() + "…"
    thumb = str(post.get("thumb") or "")
    image = ""
    if thumb.startswith(_THUMBS):
        image = f'<img src="{escape(thumb)}" alt="" loading="lazy" referrerpolicy="no-referrer">'
    about = escape(f"{post.get('id', '')}: {caption}")
    return f'<li title="{about}"{"" if image else " class=bare"}>{image}<p>{escape(short)}</p></li>'
