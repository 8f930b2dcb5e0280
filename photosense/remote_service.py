"""A service that runs somewhere, asked over HTTP: the same questions, and the same types of answers."""

from base64 import b64encode
from collections.abc import Mapping
from typing import Any, Final, TypeVar

import httpx
import msgspec

from api.answers import (
    AnnotateAnswer,
    ClassifyAnswer,
    Problem,
    QueueAnswer,
    SearchAnswer,
    StatusAnswer,
    TopicsAnswer,
    decode_answer,
)
from photosense.errors import PhotosenseError

T = TypeVar("T")
_SECONDS: Final = 60.0


class ServiceSilent(PhotosenseError):
    """What was named as a service gives no answer, or one that is none of a service."""


class ServiceRefused(PhotosenseError):
    """The service answered with a problem; the sentence is its own."""


class RemoteService:
    """A service by its address, with a key of it where one is needed."""

    def __init__(self, url: str, key: str | None = None) -> None:
        if not url.startswith(("http://", "https://")):
            raise PhotosenseError(f"{url} is no address of a service: give one such as http://127.0.0.1:8000.")
        self._url = url.rstrip("/") + "/"
        self._headers = {"Authorization": f"Bearer {key}"} if key else {}

    def search(self, **question: Any) -> SearchAnswer:
        """Find posts; `question` has the fields of a search, and `photo` is bytes."""
        return self._ask("POST", "v1/search", SearchAnswer, body=_body(question))

    def annotate(self, **question: Any) -> AnnotateAnswer:
        """Propose keywords and hashtags."""
        return self._ask("POST", "v1/annotate", AnnotateAnswer, body=_body(question))

    def classify(self, modality: str, **question: Any) -> ClassifyAnswer:
        """Say how likely each class is."""
        return self._ask("POST", "v1/classify", ClassifyAnswer, body={"modality": modality, **_body(question)})

    def topics(self, country: str | None) -> TopicsAnswer:
        """List the topics of the model."""
        return self._ask("GET", "v1/topics", TopicsAnswer, query={"country": country} if country else {})

    def review(self, limit: int) -> QueueAnswer:
        """List what waits for review."""
        return self._ask("GET", "v1/review", QueueAnswer, query={"limit": str(limit)})

    def status(self) -> StatusAnswer:
        """Say what is stored and which model answers."""
        return self._ask("GET", "v1/status", StatusAnswer)

    def _ask(
        self,
        method: str,
        path: str,
        kind: type[T],
        *,
        body: Mapping[str, Any] | None = None,
        query: Mapping[str, str] | None = None,
    ) -> T:
        try:
            response = httpx.request(
                method, self._url + path, json=body, params=query, headers=self._headers, timeout=_SECONDS
            )
        except (httpx.RequestError, httpx.InvalidURL) as error:
            raise ServiceSilent(f"{self._url} gives no answer: {error}. Is the service started there?") from None
        try:
            if response.is_success:
                return decode_answer(response.content, kind)
            problem = msgspec.json.decode(response.content, type=Problem)
        except msgspec.MsgspecError:
            raise ServiceSilent(
                f"{self._url} answers ({response.status_code}) as no photosense of this version does: correct --server."
            ) from None
        raise ServiceRefused(problem.detail)


def _body(fields: Mapping[str, Any]) -> dict[str, Any]:
    """What is given of the fields, as JSON carries it."""
    body = {name: value for name, value in fields.items() if value is not None}
    if "photo" in body:
        body["photo"] = b64encode(body["photo"]).decode()
    return body
