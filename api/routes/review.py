"""Addresses of those who decide, for the site only: the review queue, decisions, consents, the facts of a post."""

from datetime import UTC, datetime
from typing import Annotated, Any, Self

from fastapi import APIRouter, Query, Request, Response
from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, model_validator
from starlette.concurrency import run_in_threadpool

from api.bodies import read_body
from api.errors import NotFound
from api.responses import answer
from api.settings import ServiceSettings
from api.visitor import require_site
from compliance.consent import Consent
from compliance.country import country_codes
from compliance.facts import Child, Facts, to_payload
from compliance.precedence import NothingToUndo
from compliance.records.identifier import identifier
from moderation.desk import Decision, Desk


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


class _Said(_Strict):
    child: Annotated[str, Field(pattern="^(clear|child|consented|review)$")]
    consent: ConsentBody | None = None

    @model_validator(mode="after")
    def _goes_together(self) -> Self:
        if self.consent is not None and self.child != Child.CONSENTED:
            raise ValueError("a consent goes with child: consented")
        return self

    def on(self, post: str) -> Decision:
        """Give it without HTTP."""
        given, consent = self.consent, None
        if given is not None:
            consent = Consent(given.record, datetime.now(UTC), frozenset(given.countries), given.until)
        return Decision(post, Child(self.child), consent)


class DecisionBody(_Said):
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


class OneDecisionBody(_Said):
    """What a reviewer says of the post of the address."""

    by: By


def compliance_routes(desk: Desk, settings: ServiceSettings) -> APIRouter:
    """Build the routes."""
    routes = APIRouter(prefix="/v1", tags=["compliance"])

    @routes.get("/review")
    def waiting(
        request: Request,
        limit: Annotated[int, Query(ge=1, le=1000)] = 50,
        offset: Annotated[int, Query(ge=0, le=100_000)] = 0,
    ) -> Response:
        """List what waits for review: the highest score first, then what waits longest, unseen photos at the end."""
        require_site(request, settings)
        found, total = desk.queue(limit, offset)
        posts = [{"id": each.point.id, "added": each.point.added, "facts": to_payload(each.facts)} for each in found]
        return answer({"posts": posts, "total": total, "more": total > offset + limit})

    @routes.post("/review", openapi_extra=_takes(ReviewBody))
    async def review(request: Request) -> Response:
        """Decide on posts and take decisions back; what is answered is in force."""
        require_site(request, settings)
        body = await read_body(request, ReviewBody)
        return answer({"posts": await run_in_threadpool(_review, desk, body)})

    @routes.get("/posts/{post_id:path}/compliance")
    def facts(request: Request, post_id: str) -> Response:
        """Tell what is known of a post and children, and how that came about."""
        require_site(request, settings)
        return answer({"id": post_id, "facts": to_payload(_found(post_id, desk.facts(post_id)))})

    @routes.put("/posts/{post_id:path}/compliance", openapi_extra=_takes(OneDecisionBody))
    async def decide(request: Request, post_id: str) -> Response:
        """Decide on one post, or record a consent."""
        require_site(request, settings)
        body = await read_body(request, OneDecisionBody)
        (found,) = await run_in_threadpool(desk.decide, [body.on(post_id)], body.by)
        return answer({"id": post_id, "facts": to_payload(_found(post_id, found))})

    @routes.delete("/posts/{post_id:path}/compliance/consent")
    def revoke(request: Request, post_id: str, by: By) -> Response:
        """Take a consent back: the post is withheld from now on."""
        require_site(request, settings)
        return answer({"id": post_id, "facts": to_payload(_found(post_id, desk.revoke(post_id, by)))})

    return routes


def _review(desk: Desk, body: ReviewBody) -> list[dict[str, Any]]:
    decisions = [decision.on(decision.id) for decision in body.decisions]
    results: list[dict[str, Any]] = []
    for post, facts in zip([each.post for each in decisions], desk.decide(decisions, body.by), strict=True):
        results.append({"id": post, "status": "not_found"} if facts is None else _done(post, "decided", facts))
    for post, found in zip(body.undo, desk.undo(body.undo, body.by), strict=True):
        if isinstance(found, NothingToUndo):
            results.append({"id": post, "status": "nothing_to_undo", "detail": str(found)})
        else:
            results.append({"id": post, "status": "not_found"} if found is None else _done(post, "undone", found))
    return results


def _done(post: str, status: str, facts: Facts) -> dict[str, Any]:
    return {"id": post, "status": status, "child": facts.child.value}


def _found(post: str, facts: Facts | None) -> Facts:
    if facts is None:
        raise NotFound(f"There is no post {post[:80]!r}.")
    return facts


def _takes(schema: type[BaseModel]) -> dict[str, Any]:
    """Describe a body that is read by hand, because its mistakes are answered in our words."""
    described = schema.model_json_schema()
    inline = _inlined(described, described.pop("$defs", {}))
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": inline}}}}


def _inlined(part: Any, parts: dict[str, Any]) -> Any:
    """Say it inline: a reference into this schema would point nowhere from within the service's own description."""
    if isinstance(part, dict):
        if "$ref" in part:
            return _inlined(parts[part["$ref"].rpartition("/")[2]], parts)
        return {name: _inlined(value, parts) for name, value in part.items()}
    return [_inlined(value, parts) for value in part] if isinstance(part, list) else part
