"""The corpus: posts with photos and captions that nobody has learned from, and the part of them that is measured on."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from compliance.facts import Child
from compliance.lexicon.lexicon import Lexicon
from compliance.post_facts import facts_of_post
from ingest.errors import InputMissing, PostRejected
from ingest.post import Caption, Post
from ingest.reading.lines import InputLine, data_of
from ingest.reading.post_json import decode_post
from ingest.sources.source import PostSource
from photosense.evaluation.errors import EvaluationError

Split = Callable[[int, str], bool]
"""Whether the post of that place, from 1, and that id is measured on."""


@dataclass(frozen=True, slots=True)
class EvaluationPosts:
    """Posts with a photo; `skipped` counts by reason the lines that are none."""

    posts: list[Post]
    skipped: Counter[str] = field(default_factory=Counter)


def read_corpus(source: PostSource, split: Split, lexicon: Lexicon, photos: int | None = None) -> EvaluationPosts:
    """Read the posts of a source that belong to the split, `photos` of them at most."""
    corpus = EvaluationPosts([])
    ids: set[str] = set()
    for number, line in enumerate(source.lines(), 1):
        if len(corpus.posts) == photos:
            break
        try:
            post = decode_post(data_of(line))
        except PostRejected as rejected:
            corpus.skipped[rejected.reason] += 1
            continue
        if not split(number, post.id):
            continue
        if post.photo is None or post.id in ids:
            corpus.skipped["no_photo" if post.photo is None else "same_id"] += 1
            continue
        ids.add(post.id)
        corpus.posts.append(_judged(post, lexicon))
    if not corpus.posts:
        skipped = ", ".join(f"{reason} {count}" for reason, count in corpus.skipped.most_common())
        raise EvaluationError(
            f"{source.file} has no post with a photo to measure on ({skipped or 'none in this split'}): give posts "
            "with photos and captions, and a split that has some of them."
        )
    return corpus


def every(step: int) -> Split:
    """Take every n-th line."""
    return lambda number, _: number % step == 0


def named(ids: Iterable[str]) -> Split:
    """Take the posts of these ids."""
    wanted = frozenset(ids)
    return lambda _, post: post in wanted


def read_ids(file: Path) -> list[str]:
    """Read ids, one a line."""
    try:
        lines = file.read_text("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputMissing(f"{file} cannot be read ({error}): give a file with one id of a post a line.") from None
    ids = [line.strip() for line in lines if line.strip()]
    if not ids:
        raise EvaluationError(f"{file} names no posts: write one id a line.")
    return ids


def bare(post: Post, captions: tuple[Caption, ...] = ()) -> Post:
    """Give the post with only these captions; with none it has no hashtags either."""
    tags = post.tags if captions else ()
    return msgspec.structs.replace(post, text=None, captions=captions, tags=tags)


def as_line(number: int, post: Post) -> InputLine:
    """Write a post as a line that is ingested."""
    return InputLine(number, msgspec.json.encode(post))


def _judged(post: Post, lexicon: Lexicon) -> Post:
    """Say in the post what its words say of children: so it stays withheld when words are taken from it, else shown."""
    consent = post.parental_consent(datetime.now(UTC))
    facts = facts_of_post(post.visible_texts, post.tags, post.child, consent, lexicon, post.attrs)
    terms = post.consent if facts.child is Child.CONSENTED else None
    return msgspec.structs.replace(post, child=facts.child is not Child.CLEAR, consent=terms)
