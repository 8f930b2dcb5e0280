"""Scopes of keys, and the table that says which one each address needs: what stands in no line of it is for `admin`."""

from enum import StrEnum
from pathlib import PurePosixPath
from types import MappingProxyType
from typing import Final, NamedTuple


class Scope(StrEnum):
    """What a key is for."""

    SEARCH = "search"
    ANNOTATE = "annotate"
    INGEST = "ingest"
    REVIEW = "review"
    TAKEDOWN = "takedown"
    ADMIN = "admin"


ALL: Final = frozenset(Scope)
ANYBODY: Final = frozenset({Scope.SEARCH, Scope.ANNOTATE})  # what visitors may ask for without a key


class Need(NamedTuple):
    """The scope that a key must have for an address, None where any will do, and whether visitors need one at all."""

    scope: Scope | None
    visitors: bool = False


_OPEN: Final = Need(None, visitors=True)
_SEARCH: Final = Need(Scope.SEARCH, visitors=True)
_ANNOTATE: Final = Need(Scope.ANNOTATE, visitors=True)
_INGEST: Final = Need(Scope.INGEST)
_REVIEW: Final = Need(Scope.REVIEW)
_TAKEDOWN: Final = Need(Scope.TAKEDOWN)
_ADMIN: Final = Need(Scope.ADMIN)

NEEDS: Final = MappingProxyType(
    {
        "GET /v1/search": _SEARCH,
        "POST /v1/search": _SEARCH,
        "POST /v1/multi-search": _SEARCH,
        "GET /v1/suggest": _SEARCH,
        "GET /v1/topics": _SEARCH,
        "POST /v1/annotate": _ANNOTATE,
        "POST /v1/classify": _ANNOTATE,
        "POST /v1/match": _ANNOTATE,
        "POST /v1/feedback": _SEARCH,
        "GET /v1/posts": _SEARCH,
        "GET /v1/posts/{post_id}": _SEARCH,
        "GET /v1/posts/{post_id}/photo": _SEARCH,  # with `review`, the route asks for that scope as well
        "GET /v1/posts/{post_id}/similar": _SEARCH,
        "POST /v1/posts:bulk": _INGEST,
        "POST /v1/posts:delete": _INGEST,
        "PUT /v1/posts/{post_id}": _INGEST,
        "PATCH /v1/posts/{post_id}": _INGEST,
        "DELETE /v1/posts/{post_id}": _INGEST,
        "POST /v1/posts:import": _INGEST,
        "GET /v1/tasks": _INGEST,  # without `admin`, imports alone
        "GET /v1/tasks/{task_id}": _INGEST,
        "GET /v1/tasks/{task_id}/rejected": _INGEST,
        "POST /v1/tasks/{task_id}:cancel": _INGEST,
        "POST /v1/tasks": _ADMIN,
        "GET /v1/models": _ADMIN,
        "POST /v1/models/{model_id}:publish": _ADMIN,
        "POST /v1/models:rollback": _ADMIN,
        "GET /v1/review": _REVIEW,
        "POST /v1/review": _REVIEW,
        "GET /v1/review/day": _REVIEW,
        "GET /v1/posts/{post_id}/compliance": _REVIEW,
        "GET /v1/posts/{post_id}/compliance/life": _REVIEW,
        "PUT /v1/posts/{post_id}/compliance": _REVIEW,
        "DELETE /v1/posts/{post_id}/compliance/consent": _REVIEW,
        "GET /v1/consents": _REVIEW,
        "GET /v1/evidence": _REVIEW,
        "POST /v1/takedowns:preview": _TAKEDOWN,
        "GET /v1/takedowns": _TAKEDOWN,
        "POST /v1/takedowns": _TAKEDOWN,
        "POST /v1/tokens": Need(Scope.SEARCH),
        "GET /v1/home": _ADMIN,
        "GET /v1/session": _OPEN,
        "POST /v1/session": _OPEN,
        "DELETE /v1/session": _OPEN,
        "GET /v1/status": _OPEN,
        "GET /metrics": _ADMIN,
        "GET /healthz": _OPEN,
        "GET /readyz": _OPEN,
        "GET /openapi.json": _OPEN,
        "GET /": _OPEN,
        "GET /desk": _OPEN,
        "GET /topics": _OPEN,
        # Files of the pages, by their kind.
        "GET *.js": _OPEN,
        "GET *.css": _OPEN,
        "GET *.svg": _OPEN,
    }
)


def need_of(method: str, path: str) -> Need:
    """What a route of the app needs, by its method and its path as the app writes it."""
    address = f"{method} {path}"
    return NEEDS.get(address) or NEEDS.get(f"{method} *{PurePosixPath(path).suffix}", _ADMIN)
