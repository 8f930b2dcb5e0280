"""Addresses that tell what was done, for the site only: the life of a post, and what was decided today."""

from dataclasses import asdict

import msgspec
from fastapi import APIRouter, Response

from api.answers import LifeAnswer, LifeEventFields, ReviewDay
from api.openapi import gives
from api.responses import answer
from api.routes.review import facts_fields
from api.search.service import Service
from compliance.facts import from_payload
from compliance.records.life import life_of
from compliance.records.workday import workday


def record_routes(service: Service) -> APIRouter:
    """Build the routes."""
    routes = APIRouter(prefix="/v1", tags=["compliance"])
    law = service.law

    @routes.get("/review/day", responses=gives(ReviewDay, 401, 503))
    def day() -> Response:
        """Tell what was decided today (UTC), and by whom."""
        today = workday(law.audit.path, law.gate.now())
        return answer(ReviewDay(today.day.isoformat(), today.decided, today.undone, dict(today.by.most_common())))

    @routes.get("/posts/{post_id:path}/compliance/life", responses=gives(LifeAnswer, 401, 503))
    def life(post_id: str) -> Response:
        """Tell a post's whole life, also of one that is gone."""
        (point,) = service.store.get([post_id])
        events = life_of(post_id, law.audit, law.takedowns, law.tombstones)
        records = (law.audit.soundness(), law.takedowns.soundness(), law.tombstones.soundness())
        return answer(
            LifeAnswer(
                id=post_id,
                added=point.added.isoformat() if point else None,
                version=point.version if point else None,
                facts=facts_fields(from_payload(point.facts)) if point else None,
                events=[msgspec.convert(asdict(event), LifeEventFields) for event in events],
                faults=[str(sound) for sound in records if sound is not None and sound.breaks],
            )
        )

    return routes
