"""What it means when a server does not do what it was asked: one of our errors, with the way out."""

from collections.abc import Callable
from urllib.parse import urlsplit

import orjson

from qdrant.errors import StoreDown, StoreError, StoreFull

OLDEST = (1, 18)  # the first server that adds a named vector to a live collection
EXCERPT = 200  # characters of the server's own words; a proxy may answer with a whole page


class ServerRefused(StoreDown):
    """The server was reached, and answered with anything but what it was asked for."""


class Passing(StoreDown):
    """The server may answer in a moment; `wait` is what it asked for, in seconds."""

    wait: float | None = None


def check_address(url: str) -> None:
    """Refuse what is no address of a server."""
    try:
        parts = urlsplit(url)
        speaks = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        speaks = False
    if not speaks:
        raise StoreDown(f"{url!r} is no address of a Qdrant server: give one like http://qdrant.example:6333.")


def check_version(version: str, url: str) -> None:
    """Refuse a server that is too old, or whose version is no number."""
    numbers = tuple(int(part) if part.isdecimal() else -1 for part in version.split(".")[:2])
    if numbers < OLDEST:
        needed = ".".join(map(str, OLDEST))
        raise StoreDown(f"{url} is Qdrant {version[:40]}; photosense needs {needed} or later: upgrade the server.")


def meant(error: Exception, url: str) -> StoreError:
    """Put an exception of the client into our words, by what it carries."""
    match error:
        case object(status_code=int(status), content=bytes(body)):
            return refused(status, body, url)
        case object(retry_after_s=seconds):
            busy = Passing(f"The server {url} is busy: ask again in {seconds} s.")
            busy.wait = float(seconds)
            return busy
        case object(code=code, details=details) if callable(code) and callable(details):  # gRPC
            status = _STATUS_OF_GRPC.get(code().name, 500)
            return unreachable(error, url, str(details())) if status == 0 else refused(status, _bytes(details()), url)
        case object(source=Exception() as source) if not isinstance(source, ValueError):
            return unreachable(source, url)
        case object(source=Exception() as source):
            return gibberish(source, url)
        case _:
            return gibberish(error, url)


def refused(status: int, body: bytes, url: str) -> StoreError:
    """Say what an answer with this HTTP status means."""
    words = _words(body)
    if status == 507 or "no space left" in words.lower():
        return StoreFull(
            f"The server {url} has no room left ({words}). Reads go on: give it a larger disk and send the posts again."
        )
    kind, way_out = _WAYS_OUT.get(status, _OTHERWISE)
    return kind(f"The server {url} answered {status} ({words}). {way_out}")


def unreachable(reason: Exception, url: str, details: str = "") -> StoreDown:
    """Say that nobody answers at the URL."""
    why = (details or str(reason) or type(reason).__name__)[:EXCERPT]
    return Passing(
        f"No answer from {url} ({why}), where a Qdrant server is expected: start it, "
        "correct PHOTOSENSE_QDRANT_URL, or unset it to use the embedded store."
    )


def gibberish(reason: Exception, url: str) -> ServerRefused:
    """Say that nothing at the URL speaks as a Qdrant server does."""
    first = str(reason).strip().partition("\n")[0][:EXCERPT]
    return ServerRefused(
        f"{url} cannot be spoken to as a Qdrant server ({first or type(reason).__name__}). Check the key, and "
        "PHOTOSENSE_QDRANT_URL: it takes the address of the REST port, such as http://qdrant.example:6333."
    )


def _bytes(details: object) -> bytes:
    return str(details or "").encode()


def _words(body: bytes) -> str:
    try:
        return str(orjson.loads(body)["status"]["error"])[:EXCERPT]
    except (ValueError, KeyError, TypeError):
        return body[:EXCERPT].decode(errors="replace").strip() or "without a word"


_KEY = "Give a key that may read and write this collection: set PHOTOSENSE_QDRANT_API_KEY."
_WAYS_OUT: dict[int, tuple[Callable[[str], StoreError], str]] = {
    400: (ServerRefused, "The request and the collection do not fit: look into the server's log."),
    401: (StoreDown, _KEY),
    403: (StoreDown, _KEY),
    404: (ServerRefused, "Its collection is gone: restore it from a snapshot, or start again and ingest the posts."),
    409: (ServerRefused, "Another process is changing the same thing: try again."),
    413: (StoreDown, "Raise `max_request_size_mb` in its configuration, or shorten the posts."),
    429: (Passing, "It is busy: ask again in a moment."),
    502: (Passing, "Look into the log of the proxy before it, then try again."),
    503: (Passing, "It is starting or overloaded: ask again in a moment."),
    504: (Passing, "It takes too long: ask again in a moment."),
}
_OTHERWISE: tuple[Callable[[str], StoreError], str] = (StoreDown, "Look into its log, then try again.")
_STATUS_OF_GRPC = {
    "UNAVAILABLE": 0,
    "DEADLINE_EXCEEDED": 0,
    "CANCELLED": 0,
    "INVALID_ARGUMENT": 400,
    "FAILED_PRECONDITION": 400,
    "OUT_OF_RANGE": 400,
    "UNAUTHENTICATED": 401,
    "PERMISSION_DENIED": 403,
    "NOT_FOUND": 404,
    "ALREADY_EXISTS": 409,
    "ABORTED": 409,
    "RESOURCE_EXHAUSTED": 429,
}
