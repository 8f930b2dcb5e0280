"""Addresses of those who decide, for the site only: the review queue, decisions, consents, the facts of a post."""

from datetime import UTC, datetime
from typing import Annotated, Self

import msgspec
from fastapi import APIRouter, Query, Request, Response
from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, model_validator
from starlette.concurrency import run_in_threadpool

from api.answers import (
    DecisionResult,
    FactsAnswer,
    FactsFields,
    OriginalPost,
    QueueAnswer,
    ReviewAnswer,
    RuleReason,
    WaitingPost,
)
from api.bodies import read_body
from api.errors import NotFound
from api.openapi import gives, takes
from api.photo_addresses import PhotoAddresses
from api.responses import answer
from api.search.page import post_fields
from api.settings import ServiceSettings
from api.visitor import require_site
from compliance.consent import Consent
from compliance.country import country_codes
from compliance.facts import Child, Facts, from_payload, to_payload
from compliance.lexicon.lexicon import default_lexicon
from compliance.precedence import NothingToUndo
from compliance.records.identifier import identifier
from moderation.desk import Decision, Desk, QueuedPost
from moderation.reasons import reasons_of


def _known(code: str) -> str:
    if code not in country_codes():
        raise ValueError(f"{code[:20]!r} is not an ISO 3166 country code (two letters, such as RU)")
    return code


By = Annotated[
    str,
    Field(min_length=1, max_length=200, description="Who decides: an identifier of your records, no name."),
    AfterValidator(identifier),
]
PostId = Annotated[str, Field(min_length=1, max_length=256)]
CountryCode = Annotated[str, Field(max_length=20), AfterValidator(_known)]


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
        return Decision(post, Child(self.child), consent)


class DecisionBody(_DecisionFields):
    """What a reviewer says of a post."""

    id: PostId


class ReviewBody(_Strict):
    """Decisions in bulk, and posts whose last decision is taken back."""

    by: By
    decisions: Annotated[list[DecisionBody], Field(max_length=1000)] = []
    undo: Annotated[list[PostId], Field(max_length=1000)] = []

    @model_validator(mode="after")
    def _once(self) -> "ReviewBody":
        named = [decision.id for decision in self.decisions] + self.undo
        if not named:
            raise ValueError("nothing is decided: give decisions, undo, or both")
        if len(set(named)) < len(named):
            raise ValueError("a post is named twice: decide on each once")
        return self


class OneDecisionBody(_DecisionFields):
    """What a reviewer says of the post of the address."""

    by: By


def review_routes(desk: Desk, addresses: PhotoAddresses, settings: ServiceSettings) -> APIRouter:
    """Build the routes."""
    routes = APIRouter(prefix="/v1", tags=["compliance"])

    @routes.get("/review", responses=gives(QueueAnswer, 401, 422, 503))
    def waiting(
        request: Request,
        limit: Annotated[int, Query(ge=1, le=1000)] = 50,
        offset: Annotated[int, Query(ge=0, le=100_000)] = 0,
    ) -> Response:
        """List what waits for review: the highest score first, then what waits longest, unseen photos at the end."""
        require_site(request, settings)
        queue, total = desk.queue(limit, offset)
        return answer(
            QueueAnswer([_waiting_post(each, addresses) for each in queue], total, more=total > offset + limit)
        )

    @routes.post("/review", openapi_extra=takes(ReviewBody), responses=gives(ReviewAnswer, *_DECISION))
    async def review(request: Request) -> Response:
        """Decide on posts and take decisions back; what is answered is in force."""
        require_site(request, settings)
        body = await read_body(request, ReviewBody)
        return answer(ReviewAnswer(await run_in_threadpool(_review, desk, body)))

    @routes.get("/posts/{post_id:path}/compliance", responses=gives(FactsAnswer, 401, 404, 503))
    def facts(request: Request, post_id: str) -> Response:
        """Tell what is known of a post and children, and how that came about."""
        require_site(request, settings)
        return answer(FactsAnswer(post_id, facts_fields(_known_facts(post_id, desk.facts(post_id)))))

    @routes.put(
        "/posts/{post_id:path}/compliance",
        openapi_extra=takes(OneDecisionBody),
        responses=gives(FactsAnswer, 404, *_DECISION),
    )
    async def decide(request: Request, post_id: str) -> Response:
        """Decide on one post, or record a consent."""
        require_site(request, settings)
        body = await read_body(request, OneDecisionBody)
        (decided,) = await run_in_threadpool(desk.decide, [body.on(post_id)], body.by)
        return answer(FactsAnswer(post_id, facts_fields(_known_facts(post_id, decided))))

    @routes.delete("/posts/{post_id:path}/compliance/consent", responses=gives(FactsAnswer, 401, 404, 422, 503))
    def revoke(request: Request, post_id: str, by: By) -> Response:
        """Take a consent back: the post is withheld from now on."""
        require_site(request, settings)
        return answer(FactsAnswer(post_id, facts_fields(_known_facts(post_id, desk.revoke(post_id, by)))))

    return routes


def facts_fields(facts: Facts) -> FactsFields:
    """Facts as an answer has them."""
    return msgspec.convert(to_payload(facts), FactsFields)


def _waiting_post(queued: QueuedPost, addresses: PhotoAddresses) -> WaitingPost:
    """A post as the queue shows it: what is to be judged, and why."""
    point = queued.point
    reasons = [RuleReason(*reason) for reason in reasons_of(point, queued.facts, default_lexicon())]
    originals = [
        OriginalPost(
            original.id,
            facts_fields(from_payload(original.facts)),
            post_fields(original, addresses.for_review(original)),
        )
        for original in queued.originals
    ]
    shown = post_fields(point, addresses.for_review(point))
    return WaitingPost(point.id, point.added.isoformat(), facts_fields(queued.facts), reasons, shown, originals)


def _review(desk: Desk, body: ReviewBody) -> list[DecisionResult]:
    decisions = [decision.on(decision.id) for decision in body.decisions]
    results: list[DecisionResult] = []
    for post, facts in zip([each.post for each in decisions], desk.decide(decisions, body.by), strict=True):
        results.append(_result(post, "decided", facts))
    for post, undone in zip(body.undo, desk.undo(body.undo, body.by), strict=True):
        if isinstance(undone, NothingToUndo):
            results.append(DecisionResult(id=post, status="nothing_to_undo", detail=str(undone)))
        else:
            results.append(_result(post, "undone", undone))
    return results


def _result(post: str, status: str, facts: Facts | None) -> DecisionResult:
    if facts is None:
        return DecisionResult(id=post, status="not_found")
    return DecisionResult(id=post, status=status, child=facts.child.value)


def _known_facts(post: str, facts: Facts | None) -> Facts:
    if facts is None:
        raise NotFound(f"There is no post {post[:80]!r}.")
    return facts
