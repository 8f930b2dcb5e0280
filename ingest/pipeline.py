"""The pipeline: a batch of lines in, a result for each line out; what was stored is safe on disk by then."""

import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from compliance.detect import facts_of_post
from compliance.facts import UNKNOWN, Child, Facts, Source, Vis, to_payload, vis
from compliance.lexicon import Lexicon
from ingest.cleaning import Step, empty, hashtag_wall, too_few_words
from ingest.document import declared_tokens, make_document
from ingest.errors import PostRejected
from ingest.images.decode import decode
from ingest.images.encoder import Encoder
from ingest.images.errors import PhotoError
from ingest.lines import Line
from ingest.photos import PhotoSource
from ingest.post import Post, content, decode_post, digest
from ingest.words import words_of
from qdrant.checks import check
from qdrant.errors import PointRefused
from qdrant.filters import any_of
from qdrant.points import Fields, PhotoPoint
from qdrant.store import Standing, Store
from qdrant.writing import Written
from topic_model.document import Document
from topic_model.model import TopicModel

REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a line: stored, unchanged, stale or rejected; a rejection has its reason and detail."""

    line: int
    id: str | None
    status: str
    reason: str | None = None
    detail: str | None = None


class PipelineSettings(Protocol):
    """The settings of the pipeline."""

    @property
    def min_words(self) -> int:
        """Least number of telling words of a post without a photo."""
        ...

    @property
    def max_hashtags(self) -> int:
        """Most hashtags of a post."""
        ...

    @property
    def modalities(self) -> Mapping[str, str]:
        """Further modalities, and the field of a post that each is read from."""
        ...


@dataclass(slots=True)
class _Draft:
    """A post on its way through the pipeline."""

    line: int
    post: Post
    photo: bytes | None = None
    pixels: NDArray[np.uint8] | None = None
    document: Document = field(default_factory=dict)
    facts: Facts = UNKNOWN

    def rejected(self, reason: str, detail: str) -> Result:
        return Result(self.line, self.post.id, REJECTED, reason, detail)


class Pipeline:
    """Takes posts into a store; knows the model when there is one, else posts are found by words only."""

    def __init__(
        self, store: Store, model: TopicModel | None, encoder: Encoder, lexicon: Lexicon, settings: PipelineSettings
    ) -> None:
        self._store = store
        self._model = model
        self._encoder = encoder
        self._lexicon = lexicon
        self._steps: tuple[Step, ...] = (empty, too_few_words(settings.min_words), hashtag_wall(settings.max_hashtags))
        self._declared = settings.modalities
        self._storing = threading.Lock()  # two batches at once could store the same post under two ids

    def take(self, lines: Sequence[Line], photos: PhotoSource) -> list[Result]:
        """Carry lines from bytes to acknowledged points; one bad line never fails another."""
        done: list[Result] = []
        said: dict[int, tuple[str, Facts]] = {}
        drafts = self._read(lines, photos, said, done)
        self._see(drafts)
        drafts = self._clean(drafts, done)
        with self._storing:
            self._hold({post: facts for post, facts in said.values() if vis(facts.child) is Vis.HELD})
            copies = self._turn_away_copies(drafts, done)
            self._store_points([draft for draft in drafts if draft.line not in copies], done)
            self._hold(_not_taken_back(said, done, copies))
        return sorted(done, key=lambda result: result.line)

    def _read(
        self, lines: Sequence[Line], photos: PhotoSource, said: dict[int, tuple[str, Facts]], done: list[Result]
    ) -> list[_Draft]:
        """Line -> Post and pixels; `said` is what each line says of a child, whatever becomes of the line."""
        with ThreadPoolExecutor(2) as pool:
            read = list(pool.map(lambda line: _read_line(line, photos), lines))
        drafts = []
        for line, (post, outcome) in zip(lines, read, strict=True):
            if post is not None:
                said[line.number] = (post.id, self._facts(post))
            if isinstance(outcome, Result):
                done.append(outcome)
            else:
                outcome.facts = said[line.number][1]
                drafts.append(outcome)
        return drafts

    def _hold(self, facts: Mapping[str, Facts]) -> None:
        """Withhold the stored posts that are found to be about a child; only a newer post may open them again."""
        stored = self._store.get(list(facts))
        open_yet = [point for point in stored if point and point.payload[Fields.VIS] == Vis.OPEN]
        if open_yet:
            self._store.set_facts(
                {
                    point.id: Standing(Vis.HELD.value, facts[point.id].child.value, to_payload(facts[point.id]))
                    for point in open_yet
                }
            )

    def _see(self, drafts: list[_Draft]) -> None:
        """Pixels -> visual words; pixels are let go of."""
        seen = [draft for draft in drafts if draft.pixels is not None]
        encoded = self._encoder.encode([draft.pixels for draft in seen if draft.pixels is not None])
        for draft, visual_words in zip(seen, encoded, strict=True):
            draft.document = make_document((), (), visual_words)
            draft.pixels = None

    def _clean(self, drafts: list[_Draft], done: list[Result]) -> list[_Draft]:
        """Post -> cleaned Document."""
        kept = []
        for draft in drafts:
            declared = declared_tokens(draft.post, self._declared)
            draft.document = {**make_document(draft.post.texts, draft.post.tags), **draft.document, **declared}
            try:
                for step in self._steps:
                    step(draft.post, draft.document)
                kept.append(draft)
            except PostRejected as rejected:
                done.append(draft.rejected(rejected.reason, str(rejected)))
        return kept

    def _turn_away_copies(self, drafts: list[_Draft], done: list[Result]) -> dict[int, list[str]]:
        """Reject what another post shows and says already; gives, for each such line, the posts that it copies."""
        contents = {draft.line: content(draft.post, draft.photo) for draft in drafts}
        sent = {draft.post.id for draft in drafts}
        again = {(draft.post.id, contents[draft.line]) for draft in drafts}
        known: dict[str, list[str]] = {}
        for stored in self._store.scroll(any_of(Fields.CONTENT, filter(None, contents.values()))):
            same = str(stored.payload[Fields.CONTENT])
            if stored.id not in sent or (stored.id, same) in again:  # else this batch gives it other content
                known.setdefault(same, []).append(stored.id)
        copies: dict[int, list[str]] = {}
        for draft in drafts:
            same = contents[draft.line]
            others = known.setdefault(same, []) if same else []
            if others and draft.post.id not in others:
                copies[draft.line] = others
                detail = f"Post {others[0]!r} has the same photo and words: send it once."
                done.append(draft.rejected("duplicate", detail))
            else:
                others.append(draft.post.id)
        return copies

    def _store_points(self, drafts: list[_Draft], done: list[Result]) -> None:
        """Document -> theta + words -> point -> flushed."""
        points: list[tuple[_Draft, PhotoPoint]] = []
        for draft, thetas in zip(drafts, self._thetas(drafts), strict=True):
            point = self._point(draft, thetas)
            try:
                check(point, {self._model.id: self._model.topics} if self._model else {})
                points.append((draft, point))
            except PointRefused as refused:
                done.append(draft.rejected("cannot_store", str(refused)))
        outcomes = self._store.upsert([point for _, point in points])
        done += [
            Result(draft.line, draft.post.id, outcome.value)
            for (draft, _), outcome in zip(points, outcomes, strict=True)
        ]

    def _thetas(self, drafts: list[_Draft]) -> list[dict[str, NDArray[np.float32]]]:
        if self._model is None:
            return [{} for _ in drafts]
        thetas = self._model.thetas([draft.document for draft in drafts])
        return [{} if theta is None else {self._model.id: theta} for theta in thetas]

    def _point(self, draft: _Draft, thetas: dict[str, NDArray[np.float32]]) -> PhotoPoint:
        post, facts = draft.post, draft.facts
        openness = vis(facts.child)
        return PhotoPoint(
            id=post.id,
            vis=openness.value,
            child=facts.child.value,
            facts=to_payload(facts),
            post=post.shown(),
            attrs=post.attrs,
            document=draft.document,
            words=words_of(draft.document) if openness is Vis.OPEN else {},  # no score may tell of a held post's words
            thetas=thetas,
            version=post.version,
            digest=digest(post, draft.photo),
            content=content(post, draft.photo),
        )

    def _facts(self, post: Post) -> Facts:
        shown, has_photo = post.everything_shown, post.photo is not None
        return facts_of_post(shown, post.tags, post.child, post.consent, self._lexicon, has_photo)


def _not_taken_back(
    said: Mapping[int, tuple[str, Facts]], done: list[Result], copies: Mapping[int, list[str]]
) -> dict[str, Facts]:
    """What is said of children by lines that were not stored, unless a later line stored the post again.

    A copy that is about a child puts the posts that it copies on review.
    """
    facts: dict[str, Facts] = {}
    for result in sorted(done, key=lambda result: result.line):
        if result.line not in said:
            continue
        post, found = said[result.line]
        if result.status == Written.STORED.value:
            facts.pop(post, None)
        elif vis(found.child) is Vis.HELD:
            facts[post] = found
            facts.update(dict.fromkeys(copies.get(result.line, ()), Facts(Child.REVIEW, Source.HOST)))
    return facts


def _read_line(line: Line, photos: PhotoSource) -> tuple[Post | None, _Draft | Result]:
    """Line -> Post, and the pixels of its photo."""
    post = None
    try:
        if line.data is None:
            raise PostRejected("line_too_long", "The line is longer than 32 MB: send smaller photos.")
        post = decode_post(line.data)
        if post.photo is None:
            return post, _Draft(line.number, post)
        photo = photos.read(post.photo)
        return post, _Draft(line.number, post, photo, decode(photo))
    except (PostRejected, PhotoError) as rejected:
        return post, Result(line.number, post.id if post else None, REJECTED, rejected.reason, str(rejected))
