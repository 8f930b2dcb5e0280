"""Wiring: opens what the settings name, and refuses parts that do not fit each other."""

import logging
import os
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import Enum
from functools import partial
from importlib.metadata import version
from typing import TYPE_CHECKING

from api.access.key_file import KeyFile
from api.answers import Welcome
from api.idempotency.answer_book import AnswerBook
from api.load.stop import Stop
from api.search.service import Service
from api.tasks.home_tasks import HomeTasks
from common.clock_watch import JUMP
from common.files import write_file
from common.presence import Presence
from compliance.consent import ConsentEnds
from compliance.gate import Gate, Net
from compliance.held_photos import HeldPhotos
from compliance.law import Law
from compliance.law_turn import LawTurn
from compliance.learned.telling_words import TellingWords, load_telling
from compliance.learned.topic_net import load_net
from compliance.lexicon.lexicon import read_ahead
from compliance.photo.detector import PhotoDetector, load_detector
from compliance.policy import Policy, load_policy
from compliance.records.audit import Audit, last_policy, last_time
from compliance.records.takedown_register import Takedowns
from compliance.records.tombstones import Tombstones
from ingest.changes.withdrawal import OnReject
from ingest.intake import Intake
from ingest.photos.photo_parts import PhotoParts
from ingest.photos.rendition_folder import RenditionFolder
from ingest.pipeline import Pipeline
from ingest.steps.ads_model import AdModel, load_ads
from ingest.vectors import add_vectors
from moderation.desk import Desk
from moderation.returns import hold_returned, hold_unrecorded
from moderation.takedowns import apply_register
from photosense.errors import OtherRules, SetupError
from photosense.pages.evidence_pack import packed_evidence
from photosense.rights import mend_rights
from photosense.service.background_check import damage_of
from photosense.service.home_status import home_models, home_status
from photosense.settings import Settings
from photosense.work.task_settings import task_book
from qdrant.open_store import open_folder, open_server, open_shared
from qdrant.store import Store
from qdrant.vector_kind import THETA
from topic_model.artifact import load_model
from topic_model.ideas.ideas import Ideas
from topic_model.ideas.open_ideas import open_ideas
from topic_model.match.matcher import load_matcher
from topic_model.model import TopicModel
from topic_model.models import Models
from topic_model.tokens import surfaces
from vision.decoding.pool import DecodePool
from vision.evidence.evidence import NO_EVIDENCE
from vision.make_encoder import Encoder
from vision.text.text_encoder import TextEncoder

if TYPE_CHECKING:
    from fastapi import FastAPI

_log = logging.getLogger(__name__)
APPLIED = "takedowns.applied"
_TURN, _PRESENCE = "law.turn", "law.presence"


@dataclass(frozen=True, slots=True)
class House:
    """Everything that is open while a command runs."""

    settings: Settings
    store: Store
    models: Models
    photos: PhotoParts
    law: Law
    ads: AdModel | None = None
    reader: TextEncoder | None = None

    def service(self) -> Service:
        """Build the service that answers questions."""
        return Service(self.store, self.models, self.photos, self.law)

    def pipeline(
        self, *, lenient: bool = False, child: bool | None = None, on_reject: OnReject | None = None
    ) -> Pipeline:
        """Build the pipeline that takes posts; `child` is the site's word for those that say nothing themselves."""
        intake = Intake(self.settings, self.ads, lenient, child, self.settings.processes, on_reject)
        return Pipeline(self.store, self.models, self.photos, self.law, intake)

    def app(self, welcome: Welcome | None = None, stop: Stop | None = None) -> "FastAPI":
        """Build the service over HTTP, warm; `welcome` is what its page offers, `stop` tells when it is over."""
        from api.app import Parts, create_app  # FastAPI takes a while to load, and most commands answer nobody

        parts = Parts(
            self.store,
            self.models,
            self.photos,
            self.law,
            ads=self.ads,
            version=version("photosense"),
            welcome=welcome,
            keys=KeyFile(self.settings.keys_path),
            stop=stop or Stop(),
            evidence=partial(packed_evidence, self.settings),
            feedback=self.settings.feedback_path,
            tasks=self._tasks(),
            repeats=AnswerBook(self.settings.home / "repeats.sqlite"),
            home=partial(home_status, self.settings, self.store, self.law, self.photos.renditions),
            damage=partial(damage_of, self.settings),
        )
        app = create_app(self.settings, parts)
        app.state.service.warm_up()  # the very one that answers: what it works out it remembers
        return app

    def _tasks(self) -> HomeTasks:
        settings = self.settings
        return HomeTasks(
            task_book(settings),
            settings.imports_path,
            settings.letters_path,
            partial(home_models, settings, self.store),
            backs_up=settings.backups is not None,
        )

    def renewed(self) -> "House":
        """The same house with the model that is in force by now, and what belongs to it."""
        settings = self.settings
        model = _model(settings, self.store, self.photos.encoder, self.reader)
        detector, policy = self.photos.detector, self.law.gate.policy
        law = replace(self.law, gate=_gate(settings, policy, detector, model))
        return replace(self, models=_models(settings, model, self.models.ideas), law=law)


class Company(Enum):
    """In what company a store is opened."""

    SHARED = "beside all others"
    APART = "beside all others, and it is open in a process of its own"
    ALONE = "beside nobody"


@contextmanager
def open_house(
    settings: Settings,
    *,
    with_model: bool = True,
    with_detector: bool = True,
    encoder_may_differ: bool = False,
    company: Company = Company.SHARED,
) -> Iterator[House]:
    """Open store, model and rules; close the store at the end. Training one of them anew needs none of it.

    Who wants neither model nor detector answers nobody and learns nothing: ideas are not read either.
    With `encoder_may_differ` a model of another encoder is left out: photos come in for the model that comes next.
    """
    mend_rights(settings.home)
    if company is Company.APART:  # a service needs it to answer anybody; here most of it waits for the store
        read_ahead()
    takedowns, tombstones = Takedowns(settings.takedowns_path), Tombstones(settings.tombstones_path)
    encoder, dual = settings.make_encoder(), settings.make_dual_encoder()
    reader = settings.make_text_encoder()
    evidence = settings.make_evidence() if with_detector else NO_EVIDENCE
    detector = load_detector(settings.detector_path, encoder.id, evidence.id) if with_detector else None
    policy = load_policy(settings.rules)
    audit = Audit(settings.audit_path, policy.hash, volume_bytes=settings.audit_mb << 20)
    ads = load_ads(settings.ads_path)
    ends, held_photos = ConsentEnds(), HeldPhotos()
    turn = LawTurn(settings.home / _TURN, takedowns, tombstones, ends, held_photos)
    store = _store(settings, company)
    with closing(store), Presence(settings.home / _PRESENCE) as presence:
        _check_rules(settings, policy, company, is_first=presence.is_first)
        ran_ahead = presence.is_first and _ran_ahead(settings)
        audit.in_force(policy.version, policy.file)  # not before: whoever has the store open has rules of its own
        renditions = RenditionFolder(settings.renditions_path)
        with turn:
            if presence.is_first or turn.broken or takedowns.unfinished():
                law = Law(audit=audit, takedowns=takedowns, tombstones=tombstones, turn=turn)
                _apply_records(settings, store, law, renditions)
                hold_unrecorded(store)
                turn.mend()
            register = takedowns.fingerprint()
        presence.let_in()
        model = _model(settings, store, None if encoder_may_differ else encoder, reader) if with_model else None
        model = model if model is None or model.encoder == encoder.id else None
        gate = _gate(settings, policy, detector, model)
        add_vectors(store, None, dual)
        parts = PhotoParts(encoder, dual, evidence, detector, renditions=renditions)
        with _decoders(parts) as decoder:
            photos = replace(parts, decoder=decoder)
            law = Law(gate, audit, takedowns, tombstones=tombstones, ends=ends, held_photos=held_photos, turn=turn)
            if ran_ahead:
                _resume_consents(store, law)
            ideas = open_ideas(settings.home) if settings.ideas and (with_model or with_detector) else None
            yield House(settings, store, _models(settings, model, ideas), photos, law, ads, reader)
            with turn:
                if takedowns.fingerprint() == register and not takedowns.unfinished():
                    _note_records(settings, law)  # what was held since went through these very tombstones


def _ran_ahead(settings: Settings) -> bool:
    """Whether the clock went back since the last line of the audit: what ended by it may stand again."""
    latest = last_time(settings.audit_path)
    return latest is not None and latest > datetime.now(UTC) + JUMP


def _resume_consents(store: Store, law: Law) -> None:
    posts = Desk(store, law).resume_consents()
    _log.warning(
        "the clock went back since the audit was written last: %d consents that had ended stand again", len(posts)
    )


def _store(settings: Settings, company: Company) -> Store:
    if settings.qdrant_url is not None:
        key = settings.qdrant_api_key.get_secret_value() if settings.qdrant_api_key else None
        return open_server(settings.qdrant_url, key, settings.server_settings, bounds=settings.bounds)
    if company is Company.ALONE:
        return open_folder(settings.store_path, settings.bounds)
    store = open_shared(settings.store_path, settings.bounds, apart=company is Company.APART)
    if company is Company.APART:  # a service is asked again and again, and takes some seconds to begin
        store.read_ahead()
    return store


def _check_rules(settings: Settings, policy: Policy, company: Company, *, is_first: bool) -> None:
    """Refuse to judge by other rules than those who are there already; a service goes by its rules when it starts."""
    if is_first or company is Company.APART or last_policy(settings.audit_path) in (None, policy.hash):
        return
    raise OtherRules(
        f"{policy.file} is not what the service follows (its hash is {policy.hash}, that of the rules in force "
        f"{last_policy(settings.audit_path)}): start the service again to follow it."
    )


def _apply_records(settings: Settings, store: Store, law: Law, renditions: RenditionFolder) -> None:
    """Remove what the register names and hold what tombstones remember, unless it was done for this very folder.

    The note lies in the store's folder: an older store that is put back brings its older note. A server has no folder.
    """
    note = settings.store_path / APPLIED
    if settings.qdrant_url is None and note.is_file() and note.read_bytes() == _known_of(law).encode():
        return
    apply_register(store, law, renditions)
    hold_returned(store, law)
    _note_records(settings, law)


def _note_records(settings: Settings, law: Law) -> None:
    known = law.takedowns.all() or len(law.tombstones)
    if settings.qdrant_url is None and known:
        with suppress(OSError):  # without a note the next start looks through the store once more
            write_file(settings.store_path / APPLIED, _known_of(law))


def _known_of(law: Law) -> str:
    """What the records know: another one means that something was added, finished or lost."""
    return f"{law.takedowns.fingerprint()} {law.tombstones.fingerprint()}"


def _models(settings: Settings, model: TopicModel | None, ideas: Ideas | None) -> Models:
    """A model with what people's judgements taught beside it."""
    return Models(model, load_matcher(settings.models_path / model.id) if model else None, ideas)


def _gate(settings: Settings, policy: Policy, detector: PhotoDetector | None, model: TopicModel | None) -> Gate:
    """The gate, with what a model tells it of topics and words."""
    thresholds = detector.thresholds if detector else None
    ear = telling_words_of(settings, model.id if model else None)
    return Gate(policy, thresholds=thresholds, net=_net(settings, model), telling_words=ear)


def _net(settings: Settings, model: TopicModel | None) -> Net | None:
    """The topic net, where the settings want one and enough posts about children are in it."""
    if model is None or settings.topic_net is None:
        return None
    topics = load_net(settings.models_path / model.id, model.id, model.topics)
    return Net(topics, settings.topic_net) if topics and topics.holds else None


def telling_words_of(settings: Settings, model: str | None) -> TellingWords | None:
    """What hears the telling words that were found when a model was trained, unless the settings want none."""
    if model is None or settings.telling_words is None:
        return None
    return TellingWords(load_telling(settings.models_path / model, model), settings.telling_words, surfaces)


def _decoders(photos: PhotoParts) -> DecodePool:
    """Processes that decode; where somebody here has to see the pixels as well, nothing else is seen there."""
    workers = max(2, os.cpu_count() or 1)
    if photos.dual is None and not photos.evidence.id:
        return DecodePool(workers, encoder=photos.encoder)
    return DecodePool(workers, target=photos.side)


def _model(settings: Settings, store: Store, encoder: Encoder | None, reader: TextEncoder | None) -> TopicModel | None:
    """Load the model whose thetas the store holds; of the encoder that is named, where one is asked for.

    The text encoder reads questions where it is the one whose reading taught the model.
    """
    active = store.in_force()
    if active is None:
        return None
    folder = settings.models_path / active
    if not folder.is_dir():
        raise SetupError(
            f"The store holds the thetas of model {active}, but {folder} is missing: "
            "restore that folder, or run `photosense train --anew`."
        )
    model = load_model(folder)
    size = store.info().sizes(THETA)[active]
    if (model.id, model.topics) != (active, size):
        raise SetupError(
            f"{folder} holds model {model.id} with {model.topics} topics; the store wants {active} with {size}: "
            "restore the folder, or run `photosense train --anew`."
        )
    if encoder is not None and model.encoder != encoder.id:
        raise SetupError(
            f"Model {model.id} was trained on visual words of {model.encoder!r}, the settings name {encoder.id!r}: "
            "set the encoder back, or send the photos in again (`photosense ingest`) and train (`photosense train`)."
        )
    aligned = model.aligned if settings.aligned else None
    return replace(model, aligned=aligned and aligned.with_reader(reader))
