"""The addresses of one server or cluster: who is asked, and who instead when that one is gone."""

import logging
import threading
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import urlsplit

import grpc

from qdrant.server.refusals import Passing, meant

_log = logging.getLogger(__name__)
_GRPC_PATIENCE = 2.0  # seconds for a port to say that it speaks gRPC


def addresses(urls: str) -> list[str]:
    """The addresses that a setting lists, parted by commas."""
    return [url.strip() for url in urls.split(",")]


def grpc_port(url: str, wanted: int | None) -> int | None:
    """Give the port of gRPC beside a REST address, where somebody speaks it there: the wanted one or the next."""
    parts = urlsplit(url)
    port = (parts.port or 6333) + 1 if wanted is None else wanted
    if not port:
        return None
    place = f"{parts.hostname}:{port}"
    is_safe = parts.scheme == "https"
    channel = grpc.secure_channel(place, grpc.ssl_channel_credentials()) if is_safe else grpc.insecure_channel(place)
    try:
        grpc.channel_ready_future(channel).result(timeout=_GRPC_PATIENCE)
    except grpc.FutureTimeoutError:
        _log.warning(
            "%s does not speak gRPC: %s is asked by REST, which is slower. Open that port, name another one "
            "(PHOTOSENSE_QDRANT_GRPC_PORT), or set it to 0 to have no port tried.",
            place,
            url,
        )
        return None
    finally:
        channel.close()
    return port


class Nodes:
    """Stands for the client of one of several addresses: when that one does not answer, the next call asks the next."""

    def __init__(
        self, urls: Sequence[str], connect: Callable[[str], Any], failures: tuple[type[Exception], ...]
    ) -> None:
        """`connect` makes the client of an address; it is called when that address is asked first."""
        self._urls, self._connect, self._failures = urls, connect, failures
        self._clients: dict[str, Any] = {}
        self._place = 0
        self._lock = threading.Lock()

    @property
    def url(self) -> str:
        """Who is asked."""
        return self._urls[self._place]

    def __getattr__(self, name: str) -> Any:
        def call(*args: Any, **kwargs: Any) -> Any:
            url, client = self._client()
            try:
                return getattr(client, name)(*args, **kwargs)
            except self._failures as error:
                if isinstance(meant(error, url), Passing):
                    self._go_on(url)
                raise

        return call

    def close(self) -> None:
        """Let go of all connections."""
        for client in self._clients.values():
            client.close()

    def _client(self) -> tuple[str, Any]:
        with self._lock:
            url = self.url
            if url not in self._clients:
                self._clients[url] = self._connect(url)
            return url, self._clients[url]

    def _go_on(self, url: str) -> None:
        """Ask the next address from now on, unless somebody else has found that out already."""
        with self._lock:
            if url == self.url and len(self._urls) > 1:
                self._place = (self._place + 1) % len(self._urls)
                _log.warning("%s does not answer: %s is asked from now on", url, self.url)
