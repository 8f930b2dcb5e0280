"""The figures at `/metrics`, as Prometheus reads them."""

from fastapi import Response

from api.load.lanes import Lanes
from api.routes.guarded import GuardedRoutes
from api.search.service import Service
from api.telemetry.metrics import KIND, figures


def metrics_routes(service: Service, lanes: Lanes) -> GuardedRoutes:
    """Build the route."""
    routes = GuardedRoutes()

    def now() -> bytes:
        model = service.models.topics
        return figures(lanes, service.count(None), model.id if model else None)

    @routes.get("/metrics")
    async def metrics() -> Response:
        """Give the figures of this service."""
        return Response(await lanes.searches.run(now), media_type=KIND)

    return routes
