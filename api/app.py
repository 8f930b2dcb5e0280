"""The app is built, not imported: give it settings, a model and a store, and it answers."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware
from starlette.staticfiles import StaticFiles

from api.bodies import LimitBody
from api.problems import add_problems
from api.routes.page import page_routes
from api.routes.posts import post_routes
from api.routes.review import compliance_routes
from api.routes.search import asking_routes
from api.routes.status import state_routes
from api.routes.takedowns import takedown_routes
from api.search.service import Service
from api.settings import ServiceSettings
from compliance.gate import Gate
from compliance.lexicon.lexicon import default_lexicon
from compliance.photo.detector import PhotoDetector
from compliance.policy import load_policy
from compliance.records.audit import Audit
from compliance.records.takedown_register import Takedowns
from ingest.photos.photo_stage import Decoder
from ingest.pipeline import Pipeline
from ingest.steps.ads_model import AdModel
from moderation.desk import Desk
from moderation.takedowns import Remover
from qdrant.store import Store
from topic_model.match.matcher import Matcher
from topic_model.model import TopicModel
from vision.dual.dual_encoder import DualEncoder
from vision.make_encoder import Encoder, make_encoder


@dataclass(frozen=True, slots=True)
class DemoSite:
    """The pretend host site of the demo: its photos, countries to visit from and queries to try."""

    photos: Path
    countries: tuple[Mapping[str, Any], ...]
    examples: tuple[Mapping[str, Any], ...]


def create_app(
    settings: ServiceSettings,
    model: TopicModel | None,
    store: Store,
    *,
    encoder: Encoder | None = None,
    gate: Gate | None = None,
    audit: Audit | None = None,
    decoder: Decoder | None = None,
    ads: AdModel | None = None,
    detector: PhotoDetector | None = None,
    matcher: Matcher | None = None,
    takedowns: Takedowns | None = None,
    dual: DualEncoder | None = None,
    version: str = "",
    demo: DemoSite | None = None,
) -> FastAPI:
    """Wire a service over HTTP; what is not given is the default."""
    lexicon = default_lexicon()
    encoder = encoder or make_encoder("patches")
    gate = gate or Gate(load_policy(), lexicon, detector.thresholds if detector else None)
    takedowns = takedowns or Takedowns(now=gate.now)
    pipeline = Pipeline(
        store,
        model,
        encoder,
        lexicon,
        settings,
        ads=ads,
        decoder=decoder,
        detector=detector,
        takedowns=takedowns,
        dual=dual,
    )
    remover = Remover(store, takedowns, audit or Audit(None), pipeline.turn)
    desk = Desk(store, audit, gate.now, pipeline.turn, unseen=gate.requires_detector)
    look, detect = decoder.look_now if decoder else None, detector.scores if detector else None
    service = Service(store, model, encoder, gate, audit, look, detect, desk, matcher, dual)
    shown = None if demo is None else {"countries": demo.countries, "examples": demo.examples}
    app = FastAPI(title="photosense", version=version or "0", docs_url=None, redoc_url=None, redirect_slashes=False)
    app.add_middleware(LimitBody, limit=settings.max_body_mb << 20)
    if settings.allow_origins:
        app.add_middleware(CORSMiddleware, allow_origins=settings.allow_origins, allow_methods=["GET", "POST"])
    add_problems(app)
    app.include_router(asking_routes(service, settings))
    app.include_router(compliance_routes(desk, settings))
    app.include_router(takedown_routes(remover, settings))
    app.include_router(post_routes(service, pipeline, settings))
    app.include_router(state_routes(service, {"version": version, "demo": shown}))
    app.include_router(page_routes())
    if demo is not None:
        app.mount("/host/photos", StaticFiles(directory=demo.photos))
    return app
