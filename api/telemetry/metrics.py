"""Figures of the service for Prometheus, those of all workers together where there are several."""

import os
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    Metric,
    generate_latest,
)
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

from api.load.lanes import Lanes
from api.telemetry.traces import stage_span

SHARED: Final = "PROMETHEUS_MULTIPROC_DIR"  # where several workers leave their figures: prometheus-client reads it
KIND: Final = CONTENT_TYPE_LATEST
_SECONDS: Final = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 30.0)

REQUESTS = Counter("photosense_requests", "Requests, by address and what was answered.", ["method", "route", "status"])
REQUEST_SECONDS = Histogram("photosense_request_seconds", "How long answers took.", ["route"], buckets=_SECONDS)
STAGE_SECONDS = Histogram(
    "photosense_search_stage_seconds", "How long each stage of a search took.", ["stage"], buckets=_SECONDS
)
REFUSED = Counter("photosense_questions_refused", "Questions that the law refused, by group of countries.", ["group"])
WITHHELD = Counter("photosense_hits_withheld", "Hits that the law withheld, by group of countries.", ["group"])
_RUNNING = Gauge("photosense_running", "What is worked on now, by kind.", ["lane"], multiprocess_mode="livesum")
_WAITING = Gauge("photosense_waiting", "What waits for its turn, by kind.", ["lane"], multiprocess_mode="livesum")
_POSTS = Gauge("photosense_posts", "Posts in the store.", multiprocess_mode="livemax")
_MODEL = Gauge("photosense_model", "1 for the model that answers.", ["model"], multiprocess_mode="livemax")
_models: set[str] = set()


def forget_worker(process: int, folder: str) -> None:
    """Leave a worker that died out of what is a state: how much runs, and how much waits."""
    mark_process_dead(process, folder)  # type: ignore[no-untyped-call]


@contextmanager
def stage(name: str) -> Iterator[None]:
    """Take the time of a stage of a search."""
    start = time.perf_counter()
    try:
        with stage_span(name):
            yield
    finally:
        STAGE_SECONDS.labels(name).observe(time.perf_counter() - start)


def figures(lanes: Lanes, posts: int, model: str | None) -> bytes:
    """All figures as text; what is a state and no count is looked at now."""
    for lane in (lanes.photos, lanes.searches, lanes.bulks, lanes.changes):
        _RUNNING.labels(lane.kind).set(lane.running)
        _WAITING.labels(lane.kind).set(lane.waiting)
    _POSTS.set(posts)
    if model is not None:
        _models.add(model)
    for known in tuple(_models):  # others ask as well
        _MODEL.labels(known).set(known == model)
    if SHARED not in os.environ:
        return generate_latest(REGISTRY)
    together = CollectorRegistry()
    together.register(_Together(Path(os.environ[SHARED])))
    return generate_latest(together)


class _Together:
    """What all workers left in a folder. A file is empty while one begins it, and for ever if it was killed then."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def collect(self) -> Iterable[Metric]:
        """Read what has been begun; that of a worker that died may go meanwhile."""
        begun: list[str] = []
        for file in self._folder.glob("*.db"):
            with suppress(FileNotFoundError):
                begun += [str(file)] * (file.stat().st_size > 0)
        merged: Iterable[Metric] = MultiProcessCollector.merge(begun)  # type: ignore[no-untyped-call]
        return merged
