"""Asking: a question goes the way of a visitor's, through the same bodies, gate, arms and pages."""

import time
from collections.abc import Callable
from enum import StrEnum
from itertools import pairwise
from typing import Final

from pydantic import ValidationError

from api.requests import AnnotateBody, SearchBody
from api.search.question import Mode
from api.search.service import Service
from compliance.country import Country
from compliance.facts import from_payload
from ingest.document import make_document
from ingest.errors import PostRejected
from ingest.photos.photo_source import PhotoSource
from photosense.evaluation.outcomes import Answer, Proposed, RankedAnswer
from photosense.evaluation.questions import EvaluationQuestion
from topic_model.tokens import word_token
from vision.errors import PhotoError

# Where pages begin: the first as everybody gets it, then as far as HTTP lets one turn them.
PAGES: Final = (0, 20, *range(100, 1001, 100))
DEPTH: Final = PAGES[-1]
EXAMPLES: Final = 5
PROPOSED: Final = 10


class LeftOut(StrEnum):
    """Why a question is not in the figures."""

    REFUSED = "refused by the gate"
    WITHHELD = "about posts that this country withholds"
    UNKNOWN = "about posts that are not in the store"
    UNREADABLE = "a photo that cannot be read"
    NOT_TAKEN = "no question that the service takes"


class Visitor:
    """Asks questions of a service from a country."""

    def __init__(self, service: Service, country: Country, photos: PhotoSource) -> None:
        self._service = service
        self._country = country
        self._photos = photos

    def search(self, question: EvaluationQuestion, mode: Mode | None) -> Answer | LeftOut:
        """Search, and turn pages until a relevant post appears."""
        relevant = self.visible(question.relevant)
        if isinstance(relevant, LeftOut):
            return relevant
        own = None if question.post is None else self.visible((question.post,))
        if isinstance(own, LeftOut):
            return own
        return self._answer(question, lambda photo: self._search(question, photo, mode, relevant))

    def annotate(self, question: EvaluationQuestion) -> Answer | LeftOut:
        """Have words proposed for the photo of a post; those of its captions are the relevant ones."""
        own = self.visible((question.post or "",))
        if isinstance(own, LeftOut):
            return own
        return self._answer(question, lambda photo: self._annotate(question, photo))

    def visible(self, posts: tuple[str, ...]) -> tuple[str, ...] | LeftOut:
        """Give those of some posts that are stored and may be shown, or why there are none."""
        service = self._service
        rule = service.law.gate.policy.rule_for(self._country)
        stored = [point for point in service.store.get(posts) if point is not None]
        ids = tuple(point.id for point in stored if service.law.gate.may_show(from_payload(point.facts), rule))
        return ids or (LeftOut.WITHHELD if stored else LeftOut.UNKNOWN)

    def _answer(
        self, question: EvaluationQuestion, ask: Callable[[bytes | None], Answer | LeftOut]
    ) -> Answer | LeftOut:
        try:
            return ask(None if question.photo is None else self._photos.read(question.photo))
        except (PhotoError, PostRejected):
            return LeftOut.UNREADABLE
        except ValidationError:
            return LeftOut.NOT_TAKEN

    def _search(
        self, question: EvaluationQuestion, photo: bytes | None, mode: Mode | None, relevant: tuple[str, ...]
    ) -> Answer | LeftOut:
        hits: list[str] = []
        ranks: list[int] = []
        ms = 0.0
        for start, end in pairwise(PAGES):
            body = SearchBody(text=question.text, photo=photo, mode=mode, offset=start, limit=end - start)
            began = time.perf_counter()
            answer = self._service.search(body.question(), self._country)
            if not start:
                ms = 1000 * (time.perf_counter() - began)
            if answer.disclaimer:
                return LeftOut.REFUSED
            hits += [hit.id for hit in answer.posts if hit.id != question.post]
            ranks = [rank for rank, post in enumerate(hits, 1) if post in relevant]
            if ranks or not answer.more:
                break
        return RankedAnswer(
            key=question.key,
            group=question.group,
            text=question.text,
            post=question.post,
            relevant=relevant,
            ranks=tuple(ranks),
            first=tuple(hits[:EXAMPLES]),
            unknown=self._knows_not(question.text),
            ms=round(ms, 3),
        )

    def _knows_not(self, text: str | None) -> bool:
        """Whether the model has never seen a word of a text."""
        model = self._service.models.topics
        return bool(text and model and model.unknown(make_document([text])))

    def _annotate(self, question: EvaluationQuestion, photo: bytes | None) -> Answer | LeftOut:
        body = AnnotateBody(photo=photo, limit=PROPOSED)
        began = time.perf_counter()
        answer = self._service.annotate(body.question(), self._country)
        ms = 1000 * (time.perf_counter() - began)
        if answer.disclaimer:
            return LeftOut.REFUSED
        words = tuple(keyword.word for keyword in answer.keywords)
        return Proposed(
            key=question.key,
            group=question.group,
            post=question.post or "",
            words=words,
            right=tuple(word_token(word.lower()) in question.relevant for word in words),
            truth=len(question.relevant),
            ms=round(ms, 3),
        )
