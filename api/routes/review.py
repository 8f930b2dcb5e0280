"""Addresses of those who decide, for the site only: the review queue, decisions, consents, the facts of a post."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Self

import msgspec
from fastapi import Query, Request, Response
from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, WithJsonSchema, model_validator
from starlette.concurrency import run_in_threadpool

from api.answers import (
    DecisionResult,
    FaceCount,
    FactsAnswer,
    FactsFields,
    OriginalPost,
    QueueAnswer,
    ReviewAnswer,
    RuleCount,
    RuleReason,
    WaitingPost,
)
from api.bodies import read_body
from api.errors import NotFound
from api.openapi import gives, takes
from api.photo_addresses import PhotoAddresses
from api.requests import PostId
from api.responses import answer
from api.routes.guarded import GuardedRoutes
from api.search.page import post_fields
from compliance.consent import Consent
from compliance.country import country_codes
from compliance.facts import Child, Facts, from_payload, to_payload
from compliance.lexicon.lexicon import default_lexicon
from compliance.precedence import NothingToUndo
from compliance.records.identifier import identifier
from ingest.photos.rendition_folder import shown_photo
from moderation.desk import Decided, Decision, Desk, OtherThanSeen, revision_of
from moderation.face_numbers import face_numbers
from moderation.reasons import reasons_of, says_of_rule
from moderation.review_queue import QueuedPost, QueueOrder, ReviewQueue, Waiting
from qdrant.points import StoredPoint


def _known(code: str) -> str:
    if code not in country_codes():
        raise ValueError(f"{code[:20]!r} is not an ISO 3166 country code (two letters, such as RU)")
    return code


By = Annotated[
    str,
    Field(min_length=1, max_length=200, description="Who decides: an identifier of your records, no name."),
    AfterValidator(identifier),
]
Revision = Annotated[
    str,
    Field(max_length=64, description="That of the post as it was seen: of another one nothing is decided."),
]
CountryCode = Annotated[str, Field(max_length=20), AfterValidator(_known)]
OrderName = Annotated[QueueOrder, WithJsonSchema({"type": "string", "enum": list(QueueOrder)})]


_DECISION = (400, 401, 408, 413, 415, 422, 503, 507)


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class ConsentBody(_Strict):
    """A parent's consent: your record of it, for which countries (none: all) and until when (none: for good)."""

    record: Annotated[
        str,
        Field(min_length=1, max_length=200, description="The number of the form, no name."),
        AfterValidator(identifier),
    ]
    countries: Annotated[list[CountryCode], Field(max_length=250)] = []
    until: AwareDatetime | None = None


class _DecisionFields(_Strict):
    child: Annotated[str, Field(pattern="^(clear|child|consented|review)$")]
    consent: ConsentBody | None = None
    revision: Revision | None = None

    @model_validator(mode="after")
    def _goes_together(self) -> Self:
        if self.consent is not None and self.child != Child.CONSENTED:
            raise ValueError("a consent goes with child: consented")
        if self.consent is None and self.child == Child.CONSENTED:
            raise ValueError("child: consented needs a consent with its record")
        return self

    def on(self, post: str) -> Decision:
        """Give it without HTTP."""
        terms, consent = self.consent, None
        if terms is not None:
            consent = Consent(terms.record, datetime.now(UTC), frozenset(terms.countries), terms.until)
        return Decision(post, Child(self.child), consent, self.revision)


class DecisionBody(_DecisionFields):
    """What a reviewer says of a post."""

    id: PostId


class UndoBody(_Strict):
    """A post whose last decision is taken back, where that is the one that was seen."""

    id: PostId
    revision: Revision


class ReviewBody(_Strict):
    """Decisions in bulk, and posts whose last decision is taken back."""

    by: By
    decisions: Annotated[list[DecisionBody], Field(max_length=1000)] = []
    undo: Annotated[list[UndoBody | PostId], Field(max_length=1000)] = []

    @property
    def undone(self) -> dict[str, str | None]:
        """The posts whose last decision is taken back, with the revision that was seen."""
        return dict((each, None) if isinstance(each, str) else (each.id, each.revision) for each in self.undo)

    @model_validator(mode="after")
    def _once(self) -> "ReviewBody":
        undo = [each if isinstance(each, str) else each.id for each in self.undo]
        named = [decision.id for decision in self.decisions] + undo
        if not named:
            raise ValueError("nothing is decided: give decisions, undo, or both")
        if len(set(named)) < len(named):
            raise ValueError("a post is named twice: decide on each once")
        return self


class OneDecisionBody(_DecisionFields):
    """What a reviewer says of the post of the address."""

    by: By


class QueueReader:
    """Reads what waits as an answer has it; `numbers` are the names of what further networks tell of a photo."""

    def __init__(self, queue: ReviewQueue, addresses: PhotoAddresses, numbers: Sequence[str]) -> None:
        self._queue = queue
        self._addresses = addresses
        self._numbers = numbers

    def read(self, limit: int, offset: int, wanted: Waiting) -> QueueAnswer:
        """A page of it."""
        page = self._queue.page(limit, offset, wanted)
        numbers = self._queue.numbers([each.point for each in page.posts]) if self._numbers else {}
        return QueueAnswer(
            posts=[self._post(each, numbers.get(each.point.id)) for each in page.posts],
            total=page.total,
            more=page.total > offset + limit,
            found=page.found,
            unseen=page.unseen,
            rules=[RuleCount(rule, says_of_rule(rule), posts) for rule, posts in page.rules.items()],
            authors=page.authors,
        )

    def _post(self, queued: QueuedPost, numbers: Sequence[float] | None) -> WaitingPost:
        """A post as the queue shows it: what is to be judged, and why."""
        point, addresses = queued.point, self._addresses
        faces = face_numbers(numbers, self._numbers)
        return WaitingPost(
            point.id,
            point.added.isoformat(),
            facts_fields(queued.facts),
            [RuleReason(*reason) for reason in reasons_of(point, queued.facts, default_lexicon())],
            post_fields(point, addresses.for_review(point)),
            [stored_post(original, addresses) for original in queued.originals],
            FaceCount(*faces) if faces else None,
            bool(shown_photo(point)),
            revision_of(point, queued.facts),
        )


def review_routes(desk: Desk, queue: QueueReader) -> GuardedRoutes:
    """Build the routes."""
    routes = GuardedRoutes("/v1", "compliance")

    @routes.get("/review", responses=gives(QueueAnswer, 401, 422, 503))
    def waiting(
        limit: Annotated[int, Query(ge=1, le=1000)] = 50,
        offset: Annotated[int, Query(ge=0, le=100_000)] = 0,
        rule: Annotated[str | None, Query(max_length=300, description="Only posts that this rule found.")] = None,
        author: Annotated[str | None, Query(max_length=512, description="Only posts with a caption of theirs.")] = None,
        unseen: Annotated[bool | None, Query(description="Only photos that nobody looked at, or none of them.")] = None,
        sort: Annotated[OrderName, Query(description="What comes first: the highest score, or what waits longest.")] = (
            QueueOrder.SCORE
        ),
    ) -> Response:
        """List what waits for review: the highest score first, then what waits longest, unseen photos at the end."""
        return answer(queue.read(limit, offset, Waiting(rule, author, unseen, sort)))

    @routes.post("/review", openapi_extra=takes(ReviewBody), responses=gives(ReviewAnswer, *_DECISION))
    async def review(request: Request) -> Response:
        """Decide on posts and take decisions back; what is answered is in force."""
        body = await read_body(request, ReviewBody)
        return answer(ReviewAnswer(await run_in_threadpool(_review, desk, body)))

    @routes.get("/posts/{post_id:post}/compliance", responses=gives(FactsAnswer, 401, 404, 503))
    def facts(post_id: str) -> Response:
        """Tell what is known of a post and children, and how that came about."""
        return answer(_facts_answer(post_id, desk.look(post_id)))

    @routes.put(
        "/posts/{post_id:post}/compliance",
        openapi_extra=takes(OneDecisionBody),
        responses=gives(FactsAnswer, 404, 409, *_DECISION),
    )
    async def decide(request: Request, post_id: str) -> Response:
        """Decide on one post, or record a consent."""
        body = await read_body(request, OneDecisionBody)
        (decided,) = await run_in_threadpool(desk.decide, [body.on(post_id)], body.by)
        if isinstance(decided, OtherThanSeen):
            raise decided
        return answer(_facts_answer(post_id, decided))

    @routes.delete("/posts/{post_id:post}/compliance/consent", responses=gives(FactsAnswer, 401, 404, 422, 503))
    def revoke(post_id: str, by: By) -> Response:
        """Take a consent back: the post is withheld from now on."""
        return answer(_facts_answer(post_id, desk.revoke(post_id, by)))

    return routes


def facts_fields(facts: Facts) -> FactsFields:
    """Facts as an answer has them."""
    return msgspec.convert(to_payload(facts), FactsFields)


def stored_post(point: StoredPoint, addresses: PhotoAddresses) -> OriginalPost:
    """A post as it is stored, for whoever decides."""
    shown = post_fields(point, addresses.for_review(point))
    return OriginalPost(point.id, facts_fields(from_payload(point.facts)), shown)


def _review(desk: Desk, body: ReviewBody) -> list[DecisionResult]:
    decisions = [decision.on(decision.id) for decision in body.decisions]
    decided = zip([each.post for each in decisions], desk.decide(decisions, body.by), strict=True)
    undone = zip(body.undone, desk.undo(body.undone, body.by), strict=True)
    return [_result(*each, "decided") for each in decided] + [_result(*each, "undone") for each in undone]


def _result(post: str, outcome: Decided | NothingToUndo | OtherThanSeen | None, status: str) -> DecisionResult:
    match outcome:
        case None:
            return DecisionResult(id=post, status="not_found")
        case NothingToUndo():
            return DecisionResult(id=post, status="nothing_to_undo", detail=str(outcome))
        case OtherThanSeen():
            return DecisionResult(id=post, status="changed", detail=str(outcome))
        case Decided(facts, revision):
            return DecisionResult(id=post, status=status, child=facts.child.value, revision=revision)


def _facts_answer(post: str, known: Decided | None) -> FactsAnswer:
    if known is None:
        raise NotFound(f"There is no post {post[:80]!r}.")
    return FactsAnswer(post, facts_fields(known.facts), known.revision)
