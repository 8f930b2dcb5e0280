"""Calibration of the match by captions held aside: each asks for its own post, and so do some of its words."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np

from common.arrays import Bool, Float32, Float64, Int64
from ingest.document import make_document
from topic_model.document import TAG, TEXT, Document, own_words
from topic_model.ideas.ideas import Ideas
from topic_model.ideas.widening import widen
from topic_model.model import TopicModel
from topic_model.ranking.fit_odds_line import LEAST, OTHERS, CaptionTrial, fit_odds_line
from topic_model.ranking.likelihood import shares_of
from topic_model.ranking.odds import Speech, known_share, odds_by_kind, speech_of
from topic_model.ranking.odds_line import USUAL, OddsLine, kind_of_post
from topic_model.tokens import surfaces

CAPTIONS: Final = 2  # of a post ask at most
MOST_WORDS: Final = 3  # of a short question


class HeldPost(NamedTuple):
    """A post whose words nobody learned from: its captions, its tags, what is seen and measured in its photo."""

    captions: Sequence[str]
    tags: Document
    photo: Document
    features: Float32 | None


class _Posts(NamedTuple):
    """Held posts as a question meets them: their topics, own words, places among texts."""

    thetas: Float32
    own: Sequence[Mapping[str, float]]
    places: Float32 | None


def calibrate(
    model: TopicModel, held: Sequence[HeldPost], ideas: Ideas | None = None, seed: int = 0
) -> dict[str, OddsLine]:
    """Learn a line for each kind of post that there are enough captions of; the others have the usual ones."""
    lines = dict(USUAL)
    said = [_said(post) for post in held]
    for silent in (True, False):
        asking = [row for row, post in enumerate(held) if post.captions and (silent or len(post.captions) > 1)]
        if len(asking) < LEAST:
            continue
        posts = _met(model, [held[row] for row in asking], silent=silent)
        trials = list(_trials(model, [held[row] for row in asking], [said[row] for row in asking], posts, ideas, seed))
        for placed in (True, False):
            kind = kind_of_post(silent=silent, placed=placed)
            fitting = [trial for trial in trials if not (placed and np.isnan(trial.cosine).any())]
            lines[kind] = fit_odds_line(fitting, kind)
    return lines


def _met(model: TopicModel, held: Sequence[HeldPost], *, silent: bool) -> _Posts:
    """Posts without words, or with all of them but the first caption, which asks."""
    documents = [
        post.photo if silent else {**post.photo, **make_document(post.captions[1:], post.tags.get(TAG, ()))}
        for post in held
    ]
    thetas = [np.zeros(model.topics, np.float32) if theta is None else theta for theta in model.thetas(documents)]
    own: list[Mapping[str, float]] = [{} if silent else own_words(document) for document in documents]
    return _Posts(np.array(thetas), own, places_of(model, held, documents))


def places_of(model: TopicModel, held: Sequence[HeldPost], documents: Sequence[Document]) -> Float32 | None:
    """Where posts lie among texts; a row of no numbers for one whose photo was not measured, or by another encoder."""
    aligned = model.aligned
    if aligned is None:
        return None
    size = len(aligned.photo_mean)
    measured = [row for row, post in enumerate(held) if post.features is not None and len(post.features) == size]
    places = np.full((len(held), aligned.size), np.nan, np.float32)
    if measured:
        features = np.stack([held[row].features for row in measured])  # type: ignore[misc]
        places[measured] = aligned.of_posts(features, [documents[row] for row in measured])
    return places


def _trials(
    model: TopicModel,
    held: Sequence[HeldPost],
    said: Sequence[frozenset[str]],
    posts: _Posts,
    ideas: Ideas | None,
    seed: int,
) -> Iterator[CaptionTrial]:
    rng = np.random.default_rng(seed)
    silent = not any(posts.own)
    for row, post in enumerate(held):
        for caption in post.captions[: CAPTIONS if silent else 1]:
            others = rng.permutation(np.delete(np.arange(len(held)), row))[:OTHERS]
            rows = np.concatenate([[row], others])
            words = [word for _, word in surfaces(caption)]
            some = int(rng.integers(1, MOST_WORDS + 1))
            at = int(rng.integers(0, max(len(words) - some, 0) + 1))
            for text in (caption, " ".join(words[at : at + some])):
                trial = _trial(model, text, rows, posts, said, ideas, whole=text is caption)
                if trial is not None:
                    yield trial


def _trial(
    model: TopicModel,
    text: str,
    rows: Int64,
    posts: _Posts,
    said: Sequence[frozenset[str]],
    ideas: Ideas | None,
    *,
    whole: bool,
) -> CaptionTrial | None:
    document, widening = make_document([text]), widen([text], ideas)
    words = list(own_words({modality: document.get(modality, {}) for modality in (TEXT, TAG)}))
    if not words:
        return None
    speech, cosine = _heard(model, text, rows, posts, ideas)
    about: Bool = np.arange(len(rows)) == 0
    if not whole:
        about = np.array([all(widening.is_said(word, said[row]) for word in words) for row in rows])
    return CaptionTrial(speech.lift, cosine, speech.own, about, speech.words, whole)


def own_ranks(
    model: TopicModel, held: Sequence[HeldPost], ideas: Ideas | None = None, *, silent: bool = True
) -> list[float]:
    """At which place the first caption of each post finds it among all of them, by photos alone or by other captions.

    Posts that stand at one place share it: who says nothing of any of them finds each in the middle.
    """
    posts, rows = _met(model, held, silent=silent), np.arange(len(held))
    ranks = []
    for row, post in enumerate(held):
        odds = np.zeros(len(held))
        if own_words(make_document(post.captions[:1])):
            odds = odds_by_kind(*_heard(model, post.captions[0], rows, posts, ideas), model.ranking.lines)
        ranks.append(1 + float((odds > odds[row]).sum()) + (float((odds == odds[row]).sum()) - 1) / 2)
    return ranks


def _heard(model: TopicModel, text: str, rows: Int64, posts: _Posts, ideas: Ideas | None) -> tuple[Speech, Float64]:
    """What a text has to do with some posts, and how near it lies to each; no number where one is not placed."""
    document, widening = make_document([text]), widen([text], ideas)
    words = list(own_words({modality: document.get(modality, {}) for modality in (TEXT, TAG)}))
    own = [posts.own[row] for row in rows]
    speech = speech_of(words, widening, posts.thetas[rows], lambda tokens: shares_of(tokens, own), model)
    cosine = np.full(len(rows), np.nan)
    if model.aligned is not None and posts.places is not None:
        place = model.aligned.of_text(widening.document(document, model), widening.wordings(text))
        near = posts.places[rows] @ (np.zeros(model.aligned.size, np.float32) if place is None else place)
        cosine = known_share(document, widening, model) * near.astype(np.float64)
    return speech, cosine


def _said(post: HeldPost) -> frozenset[str]:
    """All words that anybody says of a post."""
    return frozenset(own_words(make_document(post.captions, post.tags.get(TAG, ()))))
