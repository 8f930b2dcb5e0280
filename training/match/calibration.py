"""Calibration of the match by captions held aside: each asks for its own post, and so do some of its words."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple, Protocol

import numpy as np

from common.arrays import Bool, Float32, Int64
from ingest.document import make_document
from topic_model.document import TAG, TEXT, Document, own_words
from topic_model.ideas.ideas import Ideas
from topic_model.ideas.widening import widen
from topic_model.model import TopicModel
from topic_model.ranking.fit_odds_line import LEAST, OTHERS, CaptionTrial, fit_odds_line
from topic_model.ranking.likelihood import shares_of
from topic_model.ranking.odds import Nearness, Speech, known_share, odds_by_kind, speech_of
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
    dual: Float32 | None = None  # where a dual encoder places its photo


class TextEmbedder(Protocol):
    """The reading side of a dual encoder."""

    def embed_text(self, text: str) -> Float32 | None:
        """Place a text among photos; None where nothing is said."""
        ...


class Hearing(NamedTuple):
    """What hears a text: the model, ideas, and a dual encoder where there is one."""

    model: TopicModel
    ideas: Ideas | None = None
    dual: TextEmbedder | None = None


class _Posts(NamedTuple):
    """Held posts as a question meets them: their topics, own words, places among texts, and to a dual encoder."""

    thetas: Float32
    own: Sequence[Mapping[str, float]]
    places: Float32 | None
    looks: Float32 | None = None


def calibrate(
    model: TopicModel,
    held: Sequence[HeldPost],
    ideas: Ideas | None = None,
    seed: int = 0,
    dual: TextEmbedder | None = None,
) -> dict[str, OddsLine]:
    """Learn a line for each kind of post that there are enough captions of; the others have the usual ones.

    With a dual encoder the posts that it has seen have lines besides.
    """
    lines = dict(USUAL) | dict(_lines(Hearing(model, ideas), held, seed))
    if dual is None:
        return lines
    seen = [post for post in held if post.dual is not None]
    return lines | dict(_lines(Hearing(model, ideas, dual), seen, seed))


def _lines(hearing: Hearing, held: Sequence[HeldPost], seed: int) -> Iterator[tuple[str, OddsLine]]:
    for silent in (True, False):
        asking = [post for post in held if post.captions and (silent or len(post.captions) > 1)]
        if len(asking) < LEAST:
            continue
        posts = _met(hearing.model, asking, silent=silent)
        trials = list(_trials(hearing, asking, posts, seed))
        for placed in (True, False):
            kind = kind_of_post(silent=silent, placed=placed, dual=hearing.dual is not None)
            fitting = [trial for trial in trials if not (placed and np.isnan(trial.cosine).any())]
            if hearing.dual is None or sum(trial.whole for trial in fitting) >= LEAST:
                yield kind, fit_odds_line(fitting, kind)


def _met(model: TopicModel, held: Sequence[HeldPost], *, silent: bool) -> _Posts:
    """Posts without words, or with all of them but the first caption, which asks."""
    documents = [
        post.photo if silent else {**post.photo, **make_document(post.captions[1:], post.tags.get(TAG, ()))}
        for post in held
    ]
    thetas = [np.zeros(model.topics, np.float32) if theta is None else theta for theta in model.thetas(documents)]
    own: list[Mapping[str, float]] = [{} if silent else own_words(document) for document in documents]
    return _Posts(np.array(thetas), own, places_of(model, held, documents), looks_of(held))


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


def looks_of(held: Sequence[HeldPost]) -> Float32 | None:
    """Where a dual encoder places the photos of posts; a row of no numbers for one that it has not seen."""
    sizes = {len(post.dual) for post in held if post.dual is not None}
    if len(sizes) != 1:
        return None
    (size,) = sizes
    return np.stack([np.full(size, np.nan, np.float32) if post.dual is None else post.dual for post in held])


def _trials(hearing: Hearing, held: Sequence[HeldPost], posts: _Posts, seed: int) -> Iterator[CaptionTrial]:
    rng = np.random.default_rng(seed)
    said = [_said(post) for post in held]
    silent = not any(posts.own)
    for row, post in enumerate(held):
        for caption in post.captions[: CAPTIONS if silent else 1]:
            others = rng.permutation(np.delete(np.arange(len(held)), row))[:OTHERS]
            rows = np.concatenate([[row], others])
            words = [word for _, word in surfaces(caption)]
            some = int(rng.integers(1, MOST_WORDS + 1))
            at = int(rng.integers(0, max(len(words) - some, 0) + 1))
            for text in (caption, " ".join(words[at : at + some])):
                trial = _trial(hearing, text, rows, posts, said, whole=text is caption)
                if trial is not None:
                    yield trial


def _trial(
    hearing: Hearing, text: str, rows: Int64, posts: _Posts, said: Sequence[frozenset[str]], *, whole: bool
) -> CaptionTrial | None:
    document, widening = make_document([text]), widen([text], hearing.ideas)
    words = list(own_words({modality: document.get(modality, {}) for modality in (TEXT, TAG)}))
    if not words:
        return None
    speech, near = _heard(hearing, text, rows, posts)
    about: Bool = np.arange(len(rows)) == 0
    if not whole:
        about = np.array([all(widening.is_said(word, said[row]) for word in words) for row in rows])
    return CaptionTrial(speech.lift, near.aligned, speech.own, about, speech.words, whole, near.dual)


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
            odds = odds_by_kind(*_heard(Hearing(model, ideas), post.captions[0], rows, posts), model.ranking.lines)
        ranks.append(1 + float((odds > odds[row]).sum()) + (float((odds == odds[row]).sum()) - 1) / 2)
    return ranks


def _heard(hearing: Hearing, text: str, rows: Int64, posts: _Posts) -> tuple[Speech, Nearness]:
    """What a text has to do with some posts, and how near it lies to each; no number where one is not placed."""
    model = hearing.model
    document, widening = make_document([text]), widen([text], hearing.ideas)
    words = list(own_words({modality: document.get(modality, {}) for modality in (TEXT, TAG)}))
    own = [posts.own[row] for row in rows]
    speech = speech_of(words, widening, posts.thetas[rows], lambda tokens: shares_of(tokens, own), model)
    cosine = np.full(len(rows), np.nan)
    if model.aligned is not None and posts.places is not None:
        place = model.aligned.of_text(widening.document(document, model), widening.wordings(text))
        near = posts.places[rows] @ (np.zeros(model.aligned.size, np.float32) if place is None else place)
        cosine = known_share(document, widening, model) * near.astype(np.float64)
    looks = None
    if hearing.dual is not None and posts.looks is not None:
        embedding = hearing.dual.embed_text(text)
        of_posts = posts.looks[rows]
        looks = (of_posts @ (np.zeros(of_posts.shape[1]) if embedding is None else embedding)).astype(np.float64)
    return speech, Nearness(cosine, looks)


def _said(post: HeldPost) -> frozenset[str]:
    """All words that anybody says of a post."""
    return frozenset(own_words(make_document(post.captions, post.tags.get(TAG, ()))))
