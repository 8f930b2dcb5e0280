"""What it means when a server does not do what it was asked: one of our errors, with the way out."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import orjson

from qdrant.errors import StoreDown, StoreError, StoreFull

OLDEST = (1, 18)  # the first server that adds a named vector to a live collection
SHOWN = 200  # characters of the server's own words; a proxy may answer with a whole page


class Refused(StoreDown):
    """The server was reached, and answered with anything but what it was asked for."""


def check_address(url: str) -> None:
    """Refuse what is no address of a server."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise StoreDown(f"{url!r} is no address of a Qdrant server: give one like http://qdrant.example:6333.")


def check_version(version: str, url: str) -> None:
    """Refuse a server that is too old, or whose version is no number."""
    found = tuple(int(part) if part.isdecimal() else -1 for part in version.split(".")[:2])
    if found < OLDEST:
        needed = ".".join(map(str, OLDEST))
        raise StoreDown(f"{url} is Qdrant {version[:40]}; photosense needs {needed} or later: upgrade the server.")


@contextmanager
def translated(failures: tuple[type[Exception], ...], url: str) -> Iterator[None]:
    """Let none of the client's failures pass as it is."""
    try:
        yield
    except failures as error:
        raise meant(error, url) from error


def meant(error: Exception, url: str) -> StoreError:
    """Put an exception of the client into our words, by what it carries."""
    match error:
        case object(status_code=int(status), content=bytes(body)):
            return refused(status, body, url)
        case object(retry_after_s=seconds):
            return StoreDown(f"The server {url} is busy: ask again in {seconds} s.")
        case object(source=Exception() as source) if not isinstance(source, ValueError):
            return unreachable(source, url)
        case object(source=Exception() as source):
            return gibberish(source, url)
        case _:
            return gibberish(error, url)


def refused(status: int, body: bytes, url: str) -> StoreError:
    """Say what an answer with this HTTP status means."""
    said = _said(body)
    if status == 507 or "no space left" in said.lower():
        return StoreFull(
            f"The server {url} has no room left ({said}). Reads go on: give it a larger disk and send the posts again."
        )
    kind, way_out = _WAYS_OUT.get(status, _OTHERWISE)
    return kind(f"The server {url} answered {status} ({said}). {way_out}")


def unreachable(reason: Exception, url: str) -> StoreDown:
    """Say that nobody answers at the URL."""
    return StoreDown(
        f"No answer from {url} ({str(reason) or type(reason).__name__}), where a Qdrant server is expected: start it, "
        "correct PHOTOSENSE_QDRANT_URL, or unset it to use the embedded store."
    )


def gibberish(reason: Exception, url: str) -> Refused:
    """Say that nothing at the URL speaks as a Qdrant server does."""
    first = str(reason).strip().partition("\n")[0][:SHOWN]
    return Refused(
        f"{url} cannot be spoken to as a Qdrant server ({first or type(reason).__name__}). Check the key, and "
        "PHOTOSENSE_QDRANT_URL: it takes the address of the REST port, such as http://qdrant.example:6333."
    )


def _said(body: bytes) -> str:
    try:
        return str(orjson.loads(body)["status"]["error"])[:SHOWN]
    except (ValueError, KeyError, TypeError):
        return body[:SHOWN].decode(errors="replace").strip() or "without a word"


_KEY = "Give a key that may read and write this collection: set PHOTOSENSE_QDRANT_API_KEY."
_WAYS_OUT: dict[int, tuple[Callable[[str], StoreError], str]] = {
    400: (Refused, "The request and the collection do not fit: look into the server's log."),
    401: (StoreDown, _KEY),
    403: (StoreDown, _KEY),
    404: (Refused, "Its collection is gone: restore it from a snapshot, or start again and ingest the posts."),
    409: (Refused, "Another process is changing the same thing: try again."),
    413: (StoreDown, "Raise `max_request_size_mb` in its configuration, or shorten the posts."),
    429: (StoreDown, "It is busy: ask again in a moment."),
    503: (StoreDown, "It is starting or overloaded: ask again in a moment."),
}
_OTHERWISE: tuple[Callable[[str], StoreError], str] = (StoreDown, "Look into its log, then try again.")
