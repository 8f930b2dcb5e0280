"""Addresses that tell how the service is: status, health, readiness."""

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Response

from api.responses import answer
from api.search.service import Service
from qdrant.errors import StoreError
from qdrant.filters import Has
from qdrant.points import foreign_name


def state_routes(service: Service, about: Mapping[str, Any]) -> APIRouter:
    """Build the routes; `about` is what the wiring knows: version, demo."""
    routes = APIRouter(tags=["state"])

    @routes.get("/v1/status")
    def status() -> Response:
        """Say what is stored and which model answers."""
        info = service.store.info()
        model = service.model.describe() if service.model else None
        store = {"engine": info.engine, "models": info.models, "active": info.active}
        dual = service.dual
        seen = None if dual is None else {"id": dual.id, "posts": service.store.count(Has(foreign_name(dual.id)))}
        policy = {"version": service.gate.policy.version, "hash": service.gate.policy.hash}
        state = {"posts": info.posts, "model": model, "encoder": service.encoder.id}
        return answer({**about, **state, "dual_encoder": seen, "store": store, "policy": policy})

    @routes.get("/healthz")
    async def healthy() -> Response:
        """Say that the process lives."""
        return answer({"status": "ok"})

    @routes.get("/readyz")
    def ready() -> Response:
        """Say whether searches can be answered."""
        try:
            service.store.count()
        except StoreError as error:
            return answer({"status": "down", "detail": str(error)}, 503)
        return answer({"status": "ready" if service.model else "words_only"})

    return routes
