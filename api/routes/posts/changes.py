"""Addresses by which the site sends, changes and removes single posts, and removes many."""

from collections.abc import Mapping
from typing import Any, Final

import orjson
from fastapi import Request, Response
from starlette.exceptions import HTTPException

from api.answers import DeletedAnswer, DeletionsAnswer, StoredAnswer
from api.bodies import read_body, read_fields
from api.errors import BadRequest, NotFound
from api.load.lanes import Lanes
from api.openapi import gives, takes, takes_post
from api.requests import DeletionsBody
from api.responses import answer
from api.routes.guarded import GuardedRoutes
from api.routes.posts.bulk import OnRejectName
from ingest.changes.merge_patch import VERSION_MISSING
from ingest.changes.withdrawal import WITHDRAWN
from ingest.draft import REJECTED, Result
from ingest.photos.photo_source import PhotoSource
from ingest.pipeline import Pipeline
from ingest.reading.lines import InputLine
from moderation.takedowns import Remover
from qdrant.engine.write_plan import Written
from qdrant.grammar import read_filter

JSON: Final = "application/json"
PATCH: Final = "application/merge-patch+json"
_PROBLEMS: Final = (400, 401, 408, 409, 413, 415, 422, 503, 507)
_OF_A_POST: Final = ("photo", "similar", "life", "compliance", "consent")
_SHOWN: Final = 1000  # ids of a dry run


def change_routes(pipeline: Pipeline, photos: PhotoSource, remover: Remover, lanes: Lanes) -> GuardedRoutes:
    """Build the routes."""
    routes = GuardedRoutes(tag="posts")

    @routes.put(
        "/v1/posts/{post_id:post}", openapi_extra=takes_post(JSON), responses=gives(StoredAnswer, 404, *_PROBLEMS)
    )
    async def put(request: Request, post_id: str, on_reject: OnRejectName = None) -> Response:
        """Send one post whole: what it does not name is gone."""
        _check_own(post_id)
        fields = _of(post_id, await read_fields(request, JSON))

        def store() -> Response:
            line = InputLine(1, orjson.dumps({**fields, "id": post_id}))
            (result,) = pipeline.take([line], photos, on_reject)
            return _stored(result)

        return await lanes.changes.run(store)

    @routes.patch(
        "/v1/posts/{post_id:post}",
        openapi_extra=takes_post(JSON, PATCH),
        responses=gives(StoredAnswer, 404, *_PROBLEMS),
    )
    async def patch(request: Request, post_id: str, on_reject: OnRejectName = None) -> Response:
        """Change a part of a post: `null` removes, what is not named stays, and the whole of it is judged anew."""
        _check_own(post_id)
        fields = _of(post_id, await read_fields(request, JSON, PATCH))

        def change() -> Response:
            result = pipeline.change(post_id, fields, photos, on_reject)
            if result is None:
                raise NotFound(f"There is no post {post_id[:80]!r} to be changed: send it whole.")
            return _stored(result)

        return await lanes.changes.run(change)

    @routes.delete("/v1/posts/{post_id:post}", responses=gives(DeletedAnswer, 401, 404, 503, 507))
    async def delete(post_id: str) -> Response:
        """Remove one post."""
        if not await lanes.changes.run(remover.delete, post_id):
            raise NotFound(f"There is no post {post_id[:80]!r}.")
        return answer(DeletedAnswer(post_id))

    @routes.post(
        "/v1/posts:delete",
        openapi_extra=takes(DeletionsBody),
        responses=gives(DeletionsAnswer, 400, 401, 408, 409, 413, 415, 422, 503, 507),
    )
    async def delete_many(request: Request) -> Response:
        """Remove posts by their ids or by a filter; a dry run tells which ones, and removes none."""
        body = await read_body(request, DeletionsBody)
        return await lanes.changes.run(_delete_many, body, remover)

    return routes


def _delete_many(body: DeletionsBody, remover: Remover) -> Response:
    if body.ids is not None:
        there, where = remover.known(dict.fromkeys(body.ids)), None
        matched = len(there)
    else:
        where = read_filter(body.filter)
        there, matched = remover.reach(where, body.limit), remover.count(where)
    if body.expected is not None and body.expected != matched:
        raise BadRequest(
            f"{matched} posts would be removed, and {body.expected} are expected: look again with `dry_run`.",
            "count_differs",
            409,
        )
    gone = [] if body.dry_run else remover.delete_all(there, where)
    missing = [] if body.ids is None else sorted(set(body.ids) - set(there))
    return answer(
        DeletionsAnswer(
            total=matched,
            deleted=len(gone),
            ids=(there if body.dry_run else gone)[:_SHOWN],
            missing=missing[:_SHOWN],
            more=matched > len(there),
            dry_run=body.dry_run,
        )
    )


def _check_own(post: str) -> None:
    """Refuse what is the address of something of a post, and read: nobody means a post of that id by it."""
    if post.rpartition("/")[2] in _OF_A_POST:
        raise HTTPException(405)


def _of(post: str, fields: Mapping[str, Any]) -> Mapping[str, Any]:
    """What is sent to the address of a post, which is of that post."""
    if fields.get("id", post) != post:
        raise BadRequest("`id` names another post than the address: leave it out.", "wrong_field", 422)
    return fields


def _stored(result: Result) -> Response:
    """What became of a post that was sent alone; what was not stored is a problem."""
    if result.status == REJECTED:
        withdrawn = f" {result.marks[WITHDRAWN]}" if WITHDRAWN in result.marks else ""
        status = 409 if result.reason == VERSION_MISSING else 422
        raise BadRequest(f"{result.detail}{withdrawn}", result.reason or REJECTED, status)
    if result.status == Written.STALE:
        raise BadRequest("A later version is stored: what was sent is older, and changes nothing.", "stale", 409)
    return answer(StoredAnswer(id=result.id or "", status=result.status, marks=result.marks))
