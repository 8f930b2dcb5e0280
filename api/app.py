"""The app is built, not imported: give it settings and the parts of a house, and it answers."""

from dataclasses import dataclass, field
from pathlib import Path

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware

import api.post_path  # noqa: F401 - addresses are written with it
from api.access.key_file import KeyFile
from api.access.limits import TellLimits
from api.access.porter import Porter
from api.answers import Welcome
from api.bodies import LimitBody
from api.feedback.feedback_folder import FeedbackFolder
from api.idempotency.answer_book import AnswerBook
from api.idempotency.repeats import KeepAnswers, Repeats
from api.load.lanes import Lanes
from api.load.pace import Pace
from api.load.stop import Stop
from api.load.unpack import Unpack
from api.openapi import describe_answers
from api.problems import add_problems
from api.routes.desk import desk_routes
from api.routes.document import document_routes
from api.routes.guarded import GuardedRoutes
from api.routes.home import HomeStatus, home_routes
from api.routes.metrics import metrics_routes
from api.routes.page import page_routes
from api.routes.photos import photo_routes
from api.routes.posts.bulk import bulk_routes
from api.routes.posts.changes import change_routes
from api.routes.posts.feedback import feedback_routes
from api.routes.posts.lists import list_routes
from api.routes.records import EvidencePack, record_routes
from api.routes.review import QueueReader, review_routes
from api.routes.search import search_routes
from api.routes.session import session_routes
from api.routes.status import status_routes
from api.routes.takedowns import takedown_routes
from api.routes.tokens import token_routes
from api.search.service import Service
from api.settings import ServiceSettings
from api.tasks.home_tasks import HomeTasks
from api.tasks.model_routes import model_routes
from api.tasks.task_routes import task_routes
from api.telemetry.damage import DamageReport, no_damage
from api.telemetry.observer import Observer
from compliance.law import Law
from ingest.intake import Intake
from ingest.photos.photo_parts import PhotoParts
from ingest.photos.photo_source import InlinePhotos
from ingest.photos.web_photos import WebPhotos
from ingest.pipeline import Pipeline
from ingest.steps.ads_model import AdModel
from moderation.desk import Desk
from moderation.review_queue import ReviewQueue
from moderation.takedowns import Remover
from qdrant.store import Store
from topic_model.models import Models


@dataclass(frozen=True, slots=True)
class Parts:
    """What a service is made of; all but the store has a default.

    `welcome` is what the page offers, `stop` tells when nobody is waited for any more.
    """

    store: Store
    models: Models = field(default_factory=Models)
    photos: PhotoParts = field(default_factory=PhotoParts)
    law: Law = field(default_factory=Law)
    ads: AdModel | None = None
    version: str = "0"
    welcome: Welcome | None = None
    keys: KeyFile = field(default_factory=KeyFile)
    stop: Stop = field(default_factory=Stop)
    evidence: EvidencePack | None = None
    home: HomeStatus | None = None
    feedback: Path | None = None
    damage: DamageReport = no_damage
    tasks: HomeTasks | None = None
    repeats: AnswerBook = field(default_factory=AnswerBook)


def create_app(settings: ServiceSettings, parts: Parts) -> FastAPI:
    """Wire a service over HTTP."""
    store, models, photos, law = parts.store, parts.models, parts.photos, parts.law
    service = Service(store, models, photos, law)
    pipeline = Pipeline(store, models, photos, law, Intake(settings, parts.ads))
    porter = Porter(settings, parts.keys, law.gate.now)
    repeats = Repeats(parts.repeats)
    app = FastAPI(
        title="photosense",
        version=parts.version,
        openapi_url=None,  # a route like the others gives it
        redirect_slashes=False,
    )
    app.state.service, app.state.stop, app.state.porter, app.state.repeats = service, parts.stop, porter, repeats
    app.add_middleware(KeepAnswers, book=parts.repeats)
    app.add_middleware(LimitBody, limit=settings.max_body_mb << 20)
    app.add_middleware(Unpack)
    app.add_middleware(Pace, stop=app.state.stop, seconds=settings.client_seconds, rate=settings.least_rate)
    if not porter.limits.are_off:
        app.add_middleware(TellLimits)
    if settings.allow_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=settings.allow_origins,
            allow_methods=["GET", "POST"],
            allow_headers=["Authorization"],
            expose_headers=["RateLimit", "RateLimit-Policy", "Retry-After"],
        )
    app.add_middleware(Observer, log=settings.access_log)
    add_problems(app)
    lanes = Lanes.of(settings, parts.stop)
    _take_in(app, search_routes(service, lanes, settings))
    queue = QueueReader(ReviewQueue(store, law), service.addresses, photos.evidence.names)
    desk, remover = Desk(store, law), Remover(store, law, photos.renditions)
    _take_in(app, review_routes(desk, queue))
    _take_in(app, record_routes(service, desk, parts.evidence))
    _take_in(app, takedown_routes(remover, service.addresses, photos.open_decoder(), lanes))
    _take_in(app, photo_routes(service, service.addresses, lanes))
    _take_in(app, list_routes(service, lanes))
    sent_photos = InlinePhotos(WebPhotos(settings.photo_hosts))
    _take_in(app, bulk_routes(pipeline, sent_photos, lanes))
    feedback = FeedbackFolder(parts.feedback, settings.feedback_mb << 20, with_text=settings.feedback_text)
    _take_in(app, feedback_routes(service, feedback, porter.limits, lanes))
    _take_in(app, change_routes(pipeline, sent_photos, remover, lanes))
    _take_in(app, status_routes(service, lanes, parts.version, parts.welcome, parts.damage))
    _take_in(app, metrics_routes(service, lanes))
    _take_in(app, home_routes(parts.home))
    _take_in(app, task_routes(parts.tasks, lanes, repeats))
    _take_in(app, model_routes(parts.tasks))
    _take_in(app, session_routes(porter))
    _take_in(app, token_routes(porter.tokens))
    _take_in(app, page_routes())
    _take_in(app, desk_routes())
    _take_in(app, document_routes(app))
    describe_answers(app)
    return app


def _take_in(app: FastAPI, routes: GuardedRoutes) -> None:
    """Take routes as they are: each looks itself at who comes."""
    app.router.routes.extend(routes.routes)
