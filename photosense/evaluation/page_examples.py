"""The best and the worst questions as HTML: what was asked, what was wanted, and what came first."""

from collections.abc import Sequence
from html import escape

from photosense.evaluation.examples import AnsweredQuestion, Picture
from photosense.evaluation.outcomes import RankedAnswer
from photosense.evaluation.run_file import Outcome


def gallery(title: str, outcome: Outcome, examples: Sequence[AnsweredQuestion]) -> str:
    """A card for each question."""
    if not examples:
        return ""
    mode = f" <small>{escape(outcome.mode)}</small>" if outcome.mode else ""
    return f'<h3>{title}{mode}</h3><div class="cards">{"".join(map(_card, examples))}</div>'


def _card(example: AnsweredQuestion) -> str:
    answer = example.answer
    if not isinstance(answer, RankedAnswer):
        chips = "".join(
            f'<li class="{"right" if right else ""}">{escape(word)}</li>'
            for word, right in zip(answer.words, answer.right, strict=True)
        )
        badge = f"{sum(answer.right)} of {len(answer.words)} right"
        question = _figure(example.question_picture) if example.question_picture else ""
        return (
            f'<article>{_head(None, badge)}<div class="row"><div>{question}</div>'
            f'<ul class="chips">{chips}</ul></div></article>'
        )
    badge = f"rank {answer.ranks[0]}" if answer.ranks else "not found"
    question = f"<div><h4>asked</h4>{_figure(example.question_picture)}</div>" if example.question_picture else ""
    wanted = "".join(map(_figure, example.wanted))
    pictures = "".join(_figure(picture, wanted=picture.post in answer.relevant) for picture in example.pictures)
    return (
        f"<article>{_head(answer.text, badge)}"
        f'<div class="row">{question}<div><h4>wanted</h4>{wanted}</div>'
        f'<div><h4>found first</h4><div class="strip">{pictures or "<p>nothing</p>"}</div></div></div></article>'
    )


def _head(text: str | None, badge: str) -> str:
    question = f"<p>{escape(text)}</p>" if text else ""
    return f'<header>{question}<span class="badge">{badge}</span></header>'


def _figure(picture: Picture, wanted: bool = False) -> str:
    """A photo, or what is said where there is none to be had."""
    about = escape(" - ".join(filter(None, (picture.post, picture.says))))
    caption = escape(picture.says or picture.post or "no photo")
    inner = f'<img src="{picture.photo}" alt="{about}">' if picture.photo else f"<span>{caption}</span>"
    return f'<figure{" class=wanted" if wanted else ""} title="{about}">{inner}</figure>'
