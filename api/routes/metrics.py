"""The figures at `/metrics`, as Prometheus reads them."""

from fastapi import APIRouter, Response

from api.load.lanes import Lanes
from api.search.service import Service
from api.telemetry.metrics import KIND, figures


def metrics_routes(service: Service, lanes: Lanes) -> APIRouter:
    """Build the route."""
    routes = APIRouter(include_in_schema=False)

    def now() -> bytes:
        model = service.models.topics
        return figures(lanes, service.count(None), model.id if model else None)

    @routes.get("/metrics")
    async def metrics() -> Response:
        """Give the figures of this service."""
        return Response(await lanes.searches.run(now), media_type=KIND)

    return routes
