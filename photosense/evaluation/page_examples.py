"""The best and the worst questions as HTML: what was asked, what was wanted, and what came first."""

from collections.abc import Sequence
from html import escape

from photosense.evaluation.answers import Found
from photosense.evaluation.asking import DEPTH
from photosense.evaluation.examples import Example, Picture
from photosense.evaluation.run import Outcome


def gallery(title: str, outcome: Outcome, examples: Sequence[Example]) -> str:
    """A card for each question."""
    if not examples:
        return ""
    mode = f" <small>{escape(outcome.mode)}</small>" if outcome.mode else ""
    return f'<h3>{title}{mode}</h3><div class="cards">{"".join(map(_card, examples))}</div>'


def _card(example: Example) -> str:
    answer = example.answer
    if not isinstance(answer, Found):
        chips = "".join(
            f'<li class="{"right" if right else ""}">{escape(word)}</li>'
            for word, right in zip(answer.words, answer.right, strict=True)
        )
        badge = f"{sum(answer.right)} of {len(answer.words)} right"
        return f"<article>{_head(example, badge)}<ul class=chips>{chips}</ul></article>"
    badge = f"rank {answer.ranks[0]}" if answer.ranks else f"not in the first {DEPTH}"
    wanted = "".join(_figure(picture, "wanted") for picture in example.wanted)
    found = "".join(_figure(picture, "wanted" if picture.post in answer.relevant else "") for picture in example.found)
    return (
        f"<article>{_head(example, badge)}"
        f'<div class="pair"><div><h4>wanted</h4>{wanted}</div><div><h4>found first</h4><div class="strip">'
        f"{found or '<p>nothing</p>'}</div></div></div></article>"
    )


def _head(example: Example, badge: str) -> str:
    text = example.answer.text if isinstance(example.answer, Found) else None
    asked = f"<p>{escape(text)}</p>" if text else ""
    photo = _figure(example.asked, "asked") if example.asked else ""
    return f'<header>{photo}{asked}<span class="badge">{badge}</span></header>'


def _figure(picture: Picture, kind: str) -> str:
    """A photo, or what is said where there is none to be had."""
    about = escape(" - ".join(filter(None, (picture.post, picture.says))))
    inner = (
        f'<img src="{picture.photo}" alt="{about}">'
        if picture.photo
        else f"<span>{escape(picture.says or picture.post)}</span>"
    )
    return f'<figure class="{kind}" title="{about}">{inner}</figure>'
