"""Addresses that nobody reaches unrecognised."""

import re

from fastapi.routing import APIRoute

from api.app import Parts, create_app
from api.routes.guarded import GuardedRoutes
from api.settings import ServiceSettings
from tests.support.http_client import client_from
from tests.support.reference_store import ReferenceStore


def test_a_wrong_key_is_refused_at_every_address() -> None:
    """Whatever the app answers at, pages and their files too, it looks first at who comes."""
    app = create_app(ServiceSettings(), Parts(ReferenceStore()))
    with client_from(app) as client:
        client.headers["authorization"] = "Bearer nobody-has-this"
        routes = [route for route in app.routes if isinstance(route, APIRoute)]
        refused = {
            (method, route.path): client.request(method, re.sub(r"\{.+?\}", "x", route.path)).status_code
            for route in routes
            for method in route.methods
        }
    assert len(routes) == len(app.routes)
    assert len(refused) > 100
    assert set(refused.values()) == {401}


def test_routes_that_a_room_adds_are_guarded_without_its_doing() -> None:
    """A route gets what its router holds, where an app takes it as it is."""
    app = create_app(ServiceSettings(), Parts(ReferenceStore()))
    routes = GuardedRoutes("/v1", "status")
    routes.get("/health/of/nobody")(lambda: "reached")
    app.router.routes.extend(routes.routes)
    with client_from(app) as client:
        assert client.get("/v1/health/of/nobody", headers={"authorization": "Bearer wrong"}).status_code == 401
