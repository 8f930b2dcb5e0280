"""Who reaches the service, and whom it reaches: keys, proxies and their country header, the server of the store."""

import json
import socket
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPException
from typing import Final
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from api.access.key_file import KeyFile
from api.errors import ApiError
from photosense.doctor.diagnosis import Diagnosis, care, ill, well
from photosense.settings import Settings
from qdrant.errors import StoreError
from qdrant.open_store import open_server

_HERE: Final = ("127.0.0.1", "::1", "localhost")
_ANY: Final = ("0.0.0.0", "::")  # noqa: S104 - compared, not listened on
_SHORT_KEY: Final = 16
_SECONDS: Final = 3.0
_WIDE: Final = 8  # bits of a network: a wider one is the world


def look_at_reach(settings: Settings, through: str | None = None) -> Iterator[Diagnosis]:
    """Look at all of it; `through` is an address of the service as visitors name it."""
    yield _key(settings)
    yield _proxies(settings)
    yield _service(settings)
    if through is not None:
        yield _country(settings, through)
    if settings.qdrant_url is not None:
        yield _server(settings)


def _key(settings: Settings) -> Diagnosis:
    try:
        keys = KeyFile(settings.keys_path).keys()
    except ApiError as error:
        return ill("keys", str(error), "move keys.json away, and make new keys: `photosense keys create`")
    if settings.api_key is None and keys:
        return well("keys", f"{len(keys)} are known, each with its scopes.")
    if settings.api_key is None:
        if settings.host in _HERE:
            return well("keys", "None is set: only programs on this machine may write.")
        says = f"It listens on {settings.host} without a key."
        return ill("keys", says, "make one with `photosense keys create`, or listen on 127.0.0.1")
    if len(settings.api_key.get_secret_value()) < _SHORT_KEY:
        return care("keys", "The key is short enough to be tried out.", "take one of `openssl rand -hex 32`")
    return well("keys", "A key is set.")


def _proxies(settings: Settings) -> Diagnosis:
    wide = [network for network in settings.trusted_proxies if network.prefixlen < _WIDE]
    if wide:
        return ill(
            "country",
            f"Whoever comes from {wide[0]} may say which country he is from, and so by whose law he sees.",
            "name the proxies' own addresses in `trusted_proxies`",
        )
    if not settings.trusted_proxies:
        return care(
            "country",
            "No proxy is trusted: the country of every visitor is unknown, and the strictest rule holds for him.",
            f"name your proxies in `trusted_proxies`, and have them set {settings.country_header}",
        )
    return well("country", f"{len(settings.trusted_proxies)} networks are believed in {settings.country_header}.")


def _service(settings: Settings) -> Diagnosis:
    host = "127.0.0.1" if settings.host in _ANY else settings.host
    address = f"{host}:{settings.port}"
    try:
        socket.create_connection((host, settings.port), _SECONDS).close()
    except OSError:
        return well("service", f"Nobody listens on {address}: `photosense serve` may.")
    status, body = _get(f"http://{address}/readyz")
    try:
        answer = json.loads(body)["status"]
    except (ValueError, KeyError, TypeError):
        return ill(
            "service", f"Something else than photosense answers on {address}.", "choose another port, or stop it"
        )
    if status == 200:
        return well("service", f"It answers on {address}: {answer}.")
    return ill("service", f"It is {answer} on {address}: {json.loads(body).get('detail')}", "see what it says")


def _country(settings: Settings, through: str) -> Diagnosis:
    """A visitor who names a country himself must not be believed: the proxy replaces the header, or takes it off."""
    if urlsplit(through).scheme not in ("http", "https"):
        return ill("proxy", f"{through} is no address.", "give one such as https://search.example")
    asked = f"{through.rstrip('/')}/v1/search?q=photo"
    plain, forged = (_get(asked, {settings.country_header: country} if country else {}) for country in ("", "IS"))
    if plain[0] != 200:
        return ill("proxy", f"{asked} is answered {plain[0] or 'not at all'}.", "see the proxy's log")
    if _country_in(plain[1]) != _country_in(forged[1]):
        return ill(
            "proxy",
            f"A visitor who sends {settings.country_header} himself through {through} is believed.",
            f"have the proxy replace {settings.country_header} of every request",
        )
    return well("proxy", f"{settings.country_header} of a visitor makes no difference through {through}.")


def _country_in(body: bytes) -> object:
    try:
        return json.loads(body)["country"]
    except (ValueError, KeyError, TypeError):
        return body


def _server(settings: Settings) -> Diagnosis:
    key = settings.qdrant_api_key.get_secret_value() if settings.qdrant_api_key else None
    try:
        with closing(open_server(settings.qdrant_url or "", key, settings.server_settings)) as store:
            return well("server", f"{settings.qdrant_url} answers, with {store.count():,} posts.")
    except StoreError as error:
        return ill("server", str(error), "start the server, correct PHOTOSENSE_QDRANT_URL or its key")


def _get(address: str, headers: dict[str, str] | None = None) -> tuple[int, bytes]:
    try:
        with urlopen(Request(address, headers=headers or {}), timeout=_SECONDS) as answer:  # noqa: S310 - http or https
            return answer.status, answer.read(1 << 20)
    except HTTPError as error:
        return error.code, error.read(1 << 20)
    except (URLError, OSError, ValueError, HTTPException):
        return 0, b""
