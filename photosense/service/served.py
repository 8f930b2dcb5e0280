"""What is served: the app of the model in force; when another is put in force, the next request is answered by it."""

import logging
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import Final

from starlette.types import ASGIApp, Receive, Scope, Send

from api.answers import Welcome
from api.load.stop import Stop
from compliance.errors import ComplianceError, RecordNotWritten
from photosense.errors import PhotosenseError
from photosense.house import House
from photosense.service.background_check import background_check
from photosense.work.launch import task_runner
from qdrant.errors import StoreError
from topic_model.errors import TopicModelError
from training.publish import CLOCKS_APART, catch_up, fill_in

_PAUSE: Final = 1.0  # seconds between two looks at which model is in force
_log = logging.getLogger(__name__)


class ServedApp:
    """An ASGI app that hands each request to the app of the model that is loaded; those under way end where they are.

    A model that cannot be loaded changes nothing: what was served before goes on, and the log says why, once.
    """

    def __init__(self, house: House, welcome: Welcome | None = None) -> None:
        self.stop = Stop()
        self._house, self._welcome = house, welcome
        self._app: ASGIApp = house.app(welcome, self.stop)
        self._under_way: Counter[int] = Counter()  # requests, by the app that answers them
        self._late: tuple[ASGIApp, datetime] | None = None  # the app of before, as long as it may still write
        self._looked = datetime.now(UTC)
        self._refused: str | None = None
        self._trouble = ""  # what was said last

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with the app there is at the start of the request."""
        app = self._app
        self._under_way[id(app)] += 1
        try:
            await app(scope, receive, send)
        finally:
            self._under_way[id(app)] -= 1

    @property
    def model(self) -> str | None:
        """The model that questions are answered by."""
        topics = self._house.models.topics
        return topics.id if topics else None

    @contextmanager
    def following(self) -> Iterator["ServedApp"]:
        """Look every second whether another model was put in force."""
        over = threading.Event()

        def follow() -> None:
            self._watched(self._catch_up)
            while not over.wait(_PAUSE):
                self._watched(self.follow)

        watch = threading.Thread(target=follow, name="photosense-models", daemon=True)
        watch.start()
        try:
            with task_runner(self._house.settings).running(), background_check(self._house.settings):
                yield self
        finally:
            over.set()
            watch.join()
            with suppress(StoreError):  # whoever publishes next fills in what is missing then
                self._follow_up(last=True)

    def follow(self) -> None:
        """Load the model in force, unless it is loaded; what was taken in meanwhile gets its vectors."""
        since, looked = self._looked, datetime.now(UTC)
        active = self._house.store.in_force()
        if active in (self.model, self._refused, None):
            self._looked = looked
            self._follow_up()
            return
        try:
            house = self._house.renewed()
            app = house.app(self._welcome, self.stop)
        except RecordNotWritten:
            raise  # the disk is full: the next look may find room
        except (PhotosenseError, TopicModelError, ComplianceError) as error:
            self._refused = active
            _log.error("model %s is in force and cannot be served: %s", active, error)
            return
        before, self._house, self._app = self._app, house, app
        _log.warning("model %s answers from now on", self.model)
        self._late = before, since - CLOCKS_APART - timedelta(seconds=_PAUSE)
        self._fill_in(self._late[1])
        self._looked = looked

    def _watched(self, look: Callable[[], None]) -> None:
        """Look, whatever may fail: the next look may find it mended. What fails again and again is said once."""
        try:
            look()
        except StoreError as error:
            self._say(error, "which model is in force cannot be seen at the moment: %s")
        except Exception as error:  # who looks no more answers by a model of long ago
            self._say(error, "the model in force cannot be followed at the moment: %s", exc_info=error)
        else:
            self._trouble = ""

    def _say(self, error: Exception, how: str, exc_info: Exception | None = None) -> None:
        if str(error) != self._trouble:
            self._trouble = str(error)
            _log.warning(how, error, exc_info=exc_info)

    def _catch_up(self) -> None:
        if self._house.models.topics is not None:
            catch_up(self._house.store, self._house.settings.models_path, self._house.models.topics)

    def _follow_up(self, *, last: bool = False) -> None:
        """When nothing is under way with the app of before, fill in what it wrote since the switch."""
        if self._late is not None and (last or not self._under_way[id(self._late[0])]):
            _, since = self._late
            self._fill_in(since)
            self._late = None

    def _fill_in(self, since: datetime) -> None:
        if self._house.models.topics is not None:
            fill_in(self._house.store, self._house.models.topics, since)
