"""The table of needs: every address of the app has its line, and what has none is for administrators."""

from fastapi import FastAPI

from api.access.scopes import NEEDS, Scope, need_of
from tests.support.routes import addresses


def needed(app: FastAPI) -> dict[str, Scope | None]:
    """The scope of each address that visitors may not ask."""
    found = {}
    for address in addresses(app.routes):
        method, _, path = address.partition(" ")
        if not need_of(method, path).visitors:
            found[address] = need_of(method, path).scope
    return found


def test_every_address_has_a_line(app: FastAPI) -> None:
    """An address that nobody entered fails here, by name; so does a line without an address."""
    known = set(addresses(app.routes))
    by_kind = {address for address in known if address.endswith((".js", ".css", ".svg"))}
    assert known - by_kind - NEEDS.keys() == set()
    assert {line for line in NEEDS if "*" not in line} - known == set()


def test_what_has_no_line_is_for_administrators() -> None:
    """Whoever forgets a line locks an address, and opens none."""
    assert need_of("GET", "/v1/forgotten") == need_of("POST", "/photo-search.js") == (Scope.ADMIN, False)


def test_what_writes_or_decides_is_not_for_visitors(app: FastAPI) -> None:
    """What a key is needed for, scope by scope."""
    by_scope: dict[Scope | None, set[str]] = {}
    for address, scope in needed(app).items():
        by_scope.setdefault(scope, set()).add(address)
    post = "/v1/posts/{post_id}"
    assert by_scope == {
        Scope.SEARCH: {"POST /v1/tokens"},
        Scope.INGEST: {
            "POST /v1/posts:bulk",
            "POST /v1/posts:import",
            "POST /v1/posts:delete",
            f"PUT {post}",
            f"PATCH {post}",
            f"DELETE {post}",
            "GET /v1/tasks",
            "GET /v1/tasks/{task_id}",
            "GET /v1/tasks/{task_id}/rejected",
            "POST /v1/tasks/{task_id}:cancel",
        },
        Scope.REVIEW: {
            "GET /v1/review",
            "POST /v1/review",
            "GET /v1/review/day",
            "GET /v1/consents",
            "GET /v1/evidence",
            f"GET {post}/compliance",
            f"GET {post}/compliance/life",
            f"PUT {post}/compliance",
            f"DELETE {post}/compliance/consent",
        },
        Scope.TAKEDOWN: {"GET /v1/takedowns", "POST /v1/takedowns", "POST /v1/takedowns:preview"},
        Scope.ADMIN: {
            "GET /metrics",
            "GET /v1/home",
            "POST /v1/tasks",
            "GET /v1/models",
            "POST /v1/models/{model_id}:publish",
            "POST /v1/models:rollback",
        },
    }
