"""From judgements and posts to pairs that a match is learned from: once the photo alone, once with its captions."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np

from ingest.document import make_document
from topic_model.document import TEXT, Document, own_words
from topic_model.match.cues import CUES, Pairs, PostSide, Table, TextSide, gather, text_side
from topic_model.model import TopicModel
from training.match.judged_posts import JudgedPost
from training.match.judgements import Judgement, Judges
from vision.fitting.concepts import concepts_in

NOISE_TEXTS: Final = 60
_LETTERS: Final = "abcdefghijklmnopqrstuvwxyz"


class JudgedPairs(NamedTuple):
    """Pairs with the photo alone, and with what others wrote to it; beside each the same photos with noise."""

    photos: Pairs
    photos_noise: Table
    posts: Pairs
    posts_noise: Table


def chosen(judgements: Sequence[Judgement]) -> list[Judgement]:
    """Who teaches: experts where there are any, since a crowd tells only good from bad; else the crowd."""
    experts = [judgement for judgement in judgements if judgement.judges is Judges.EXPERTS]
    return experts or list(judgements)


def judged_pairs(
    judgements: Iterable[Judgement],
    captions: Mapping[str, str],
    posts: Mapping[str, JudgedPost],
    model: TopicModel,
    skipped: Counter[str],
) -> JudgedPairs:
    """Count the cues of every judged pair whose caption and photo are there; the others are counted in `skipped`."""
    usable: list[Judgement] = []
    for judgement in judgements:
        missing = judgement.photo not in posts, judgement.caption not in captions
        if any(missing):
            skipped["no_such_photo" if missing[0] else "no_such_caption"] += 1
        else:
            usable.append(judgement)
    texts = {
        judgement.caption: text_side(make_document([captions[judgement.caption]]), model, [captions[judgement.caption]])
        for judgement in usable
    }
    rows = [(posts[judgement.photo], captions[judgement.caption]) for judgement in usable]
    alone = _sides([(post, None) for post, _ in rows], JudgedPost.silent, model)
    worded = _sides([(post, post.own(text)) for post, text in rows], JudgedPost.document, model)
    noise = [text_side(document, model) for document in noise_texts(model)]
    return JudgedPairs(
        _pairs(usable, texts, alone, model),
        _noise(noise, alone, model),
        _pairs(usable, texts, worded, model),
        _noise(noise, [post for post in worded if post.words], model),
    )


def noise_texts(model: TopicModel) -> list[Document]:
    """Texts that mean nothing: words of random letters, alone and with one word among them that is known."""
    rng = np.random.default_rng(0)
    known = model.vocabulary.tokens.get(TEXT, ())
    documents: list[Document] = []
    for number in range(NOISE_TEXTS):
        words = ["".join(rng.choice(list(_LETTERS), size=rng.integers(3, 9))) for _ in range(rng.integers(3, 7))]
        words += [known[rng.integers(len(known))]] if number % 2 and known else []
        documents.append({TEXT: dict.fromkeys(words, 1.0)})
    return documents


def _sides(
    rows: Sequence[tuple[JudgedPost, str | None]],
    document: Callable[[JudgedPost, str | None], Document],
    model: TopicModel,
) -> list[PostSide]:
    """Topics and places as a stored post has them, without a caption of its own that is judged; each found once."""
    different = {(post.name, without): (post, without) for post, without in rows}
    documents = [document(*row) for row in different.values()]
    features = [post.features for post, _ in different.values()]
    embeddings = (
        model.aligned.of_posts(np.stack(features), documents) if model.aligned and rows else [None] * len(features)
    )
    predicted = [concepts_in(post.visual_words) for post, _ in different.values()]
    parts = zip(model.thetas(documents), map(own_words, documents), embeddings, predicted, strict=True)
    sides = dict(zip(different, (PostSide(*part) for part in parts), strict=True))
    return [sides[post.name, without] for post, without in rows]


def _pairs(
    judgements: Sequence[Judgement], texts: Mapping[str, TextSide], posts: Sequence[PostSide], model: TopicModel
) -> Pairs:
    """A text is compared with all its photos at once."""
    table = np.full((len(judgements), len(CUES)), np.nan)
    of_caption: dict[str, list[int]] = {}
    for row, judgement in enumerate(judgements):
        of_caption.setdefault(judgement.caption, []).append(row)
    for caption, rows in of_caption.items():
        table[rows] = gather(texts[caption], [posts[row] for row in rows], model)
    _, photos = np.unique([judgement.photo for judgement in judgements], return_inverse=True)
    return Pairs(
        table,
        [judgement.votes for judgement in judgements],
        np.array([judgement.mean for judgement in judgements]),
        np.array([judgement.fits for judgement in judgements], dtype=bool),
        photos,
        np.array([not judgement.own for judgement in judgements], dtype=bool),
    )


def _noise(texts: Sequence[TextSide], posts: Sequence[PostSide], model: TopicModel) -> Table:
    """Each text with some of the posts, in turn."""
    return np.concatenate([gather(text, posts[number :: len(texts)], model) for number, text in enumerate(texts)])
