"""Addresses that tell how the service is: status, health, readiness."""

from fastapi import Request, Response

from api.answers import DualStatus, HealthAnswer, ModelStatus, PolicyStatus, StatusAnswer, StoreStatus, Welcome
from api.load.lanes import Lanes
from api.load.store_probe import StoreProbe
from api.openapi import gives
from api.responses import answer
from api.routes.guarded import GuardedRoutes
from api.search.service import Service
from api.telemetry.damage import DamageReport, no_damage
from api.visitor import caller
from compliance.country import Country
from compliance.policy import changed_rules
from qdrant.filters import Has
from qdrant.vector_kind import DUAL, THETA
from topic_model.model import TopicModel


def status_routes(
    service: Service, lanes: Lanes, version: str, welcome: Welcome | None, damage: DamageReport = no_damage
) -> GuardedRoutes:
    """Build the routes."""
    routes = GuardedRoutes(tag="status")
    probe = StoreProbe(service.store)

    def status_now(country: Country | None) -> StatusAnswer:
        info, model, dual = service.store.info(), service.models.topics, service.photos.dual
        dual_status = DualStatus(dual.id, service.count(country, Has(DUAL.of(dual.id).name))) if dual else None
        policy = service.law.gate.policy
        return StatusAnswer(
            version=version,
            welcome=welcome,
            posts=service.count(country),
            model=_model_status(model) if model else None,
            encoder=service.photos.encoder.id,
            dual_encoder=dual_status,
            store=StoreStatus(info.engine, info.sizes(THETA), info.active),
            policy=PolicyStatus(policy.version, policy.hash, changed_rules(policy)),
        )

    @routes.get("/v1/status", responses=gives(StatusAnswer, 503))
    async def status(request: Request) -> Response:
        """Say how many posts the caller may see and which model answers."""
        asking = caller(request)
        country = None if asking.is_site else asking.country(None)
        return answer(await lanes.searches.run(status_now, country))

    @routes.get("/healthz", responses=gives(HealthAnswer))
    async def healthy() -> Response:
        """Say that the process lives."""
        return answer(HealthAnswer("ok"))

    @routes.get("/readyz", responses=gives(HealthAnswer, also={503: HealthAnswer}))
    async def ready() -> Response:
        """Say whether searches can be answered."""
        if (fault := await probe.fault()) is not None:
            return answer(HealthAnswer("down", fault), 503)
        found = damage()
        if found is not None and not found.serves:
            return answer(HealthAnswer("down", found.says), 503)
        return answer(HealthAnswer("ready" if service.models.topics else "words_only", found and found.says))

    return routes


def _model_status(model: TopicModel) -> ModelStatus:
    return ModelStatus(
        id=model.id,
        topics=model.topics,
        committee=model.recipe.committee,
        aligned=model.aligned is not None,
        vocabulary={modality: len(tokens) for modality, tokens in model.vocabulary.tokens.items()},
        encoder=model.encoder,
    )
