"""Addresses that tell what was done, for the site only: a post's life, today's decisions, consents, the evidence."""

from collections.abc import Callable
from dataclasses import asdict
from datetime import date
from typing import Annotated

import msgspec
from fastapi import Query, Response
from starlette.concurrency import run_in_threadpool

from api.answers import ConsentedPost, ConsentFields, ConsentsAnswer, LifeAnswer, LifeEventFields, ReviewDay
from api.errors import BadRequest
from api.openapi import gives, gives_zip
from api.responses import NEVER_CACHED, answer
from api.routes.guarded import GuardedRoutes
from api.routes.review import facts_fields
from api.search.page import post_fields
from api.search.service import Service
from compliance.facts import from_payload
from compliance.records.life import life_of
from compliance.records.workday import workday
from moderation.desk import Desk

EvidencePack = Callable[[date | None, date | None], bytes]
"""Makes the evidence pack of a period, both days included, as a ZIP."""


def record_routes(service: Service, desk: Desk, pack: EvidencePack | None) -> GuardedRoutes:
    """Build the routes; without what makes the evidence pack there is none."""
    routes = GuardedRoutes("/v1", "compliance")
    law = service.law

    @routes.get("/review/day", responses=gives(ReviewDay, 401, 503))
    def day() -> Response:
        """Tell what was decided today (UTC), and by whom."""
        today = workday(law.audit.path, law.gate.now())
        return answer(ReviewDay(today.day.isoformat(), today.decided, today.undone, dict(today.by.most_common())))

    @routes.get("/posts/{post_id:post}/compliance/life", responses=gives(LifeAnswer, 401, 503))
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

    @routes.get("/consents", responses=gives(ConsentsAnswer, 401, 422, 503))
    def consents(
        limit: Annotated[int, Query(ge=1, le=1000)] = 100,
        offset: Annotated[int, Query(ge=0, le=100_000)] = 0,
    ) -> Response:
        """List the posts that a parent's consent stands on, those first on which it ends soonest."""
        now, standing = law.gate.now(), desk.consented()
        return answer(
            ConsentsAnswer(
                [
                    ConsentedPost(
                        point.id,
                        msgspec.convert(facts.consent.to_payload(), ConsentFields),
                        not facts.consent.stands(now),
                        post_fields(point, service.addresses.for_review(point)),
                    )
                    for point, facts in standing[offset : offset + limit]
                    if facts.consent is not None
                ],
                len(standing),
                len(standing) > offset + limit,
            )
        )

    @routes.get("/evidence", responses=gives_zip(401, 404, 422, 503))
    async def evidence(
        since: Annotated[date | None, Query(alias="from", description="The first day, as 2026-09-01.")] = None,
        until: Annotated[date | None, Query(alias="to", description="The last day, included.")] = None,
    ) -> Response:
        """Make the evidence pack of a period: a page for people and two tables, as a ZIP."""
        if pack is None:
            raise BadRequest("This service keeps no record, so there is no evidence of it.", "no_record", 404)
        if since is not None and until is not None and since > until:
            raise BadRequest(f"from {since} comes after to {until}: give the earlier day first.", "wrong_field", 422)
        packed = await run_in_threadpool(pack, since, until)
        named = "-".join(["evidence", *(str(day) for day in (since, until) if day is not None)])
        headers = {**NEVER_CACHED, "Content-Disposition": f'attachment; filename="{named}.zip"'}
        return Response(packed, headers=headers, media_type="application/zip")

    return routes
