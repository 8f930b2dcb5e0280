"""Tokens of visitors: what the site's backend says of one, signed, for his browser to send."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from api.access.fence import fence_of
from api.access.known_keys import KnownKeys
from api.access.signer import Signer
from api.errors import TokenRefused
from compliance.country import country_codes
from qdrant.errors import FilterRefused

LONGEST: Final = 24 * 3600
MOST_FILTER: Final = 1000  # characters: it stands in addresses of photos as well
_AUDIENCE: Final = "photosense visitor"
_NO_KEY: Final = ""


@dataclass(frozen=True, slots=True)
class VisitorToken:
    """A visitor's country, the filter that he is held within (as JSON), and his language; each may be left out."""

    country: str | None = None
    within: str | None = None
    language: str | None = None


class VisitorTokens:
    """Signs tokens in the name of a key, and reads them: a token ends with its key."""

    def __init__(self, keys: KnownKeys, signer: Signer) -> None:
        self._keys = keys
        self._signer = signer

    def sign(self, token: VisitorToken, key: str | None, seconds: int) -> str:
        """Say of a visitor what the site knows; `key` is the prefix of the site's own, None where there are none."""
        claims = {"key": key or _NO_KEY, "country": token.country, "within": token.within, "lang": token.language}
        return self._signer.sign(_AUDIENCE, claims, seconds)

    def read(self, sent: str) -> VisitorToken:
        """What was said of a visitor."""
        claims = self._signer.read(_AUDIENCE, sent)
        self._check_key(claims.get("key"))
        country, within, language = (_text(claims, name) for name in ("country", "within", "lang"))
        if country is not None and country not in country_codes():
            raise TokenRefused("The token names a country that is none: ask for a new one.")
        if within is not None:
            _check_filter(within)
        return VisitorToken(country, within, language)

    def _check_key(self, key: Any) -> None:
        if key == _NO_KEY and self._keys.is_empty:
            return
        if not isinstance(key, str) or key == _NO_KEY:
            raise TokenRefused("The token was made when this service had no keys: ask for a new one.")
        self._keys.named(key)


def as_claim(wanted: Mapping[str, Any]) -> str:
    """A filter as a token and the addresses of photos have it, the same for the same filter."""
    return json.dumps(wanted, separators=(",", ":"), sort_keys=True)


def _text(claims: Mapping[str, Any], name: str) -> str | None:
    value = claims.get(name)
    if value is not None and not isinstance(value, str):
        raise TokenRefused(f"The token says of {name} what is no text: ask for a new one.")
    return value


def _check_filter(within: str) -> None:
    try:
        fence_of(within)
    except (msgspec.MsgspecError, ValueError, RecursionError, FilterRefused):
        raise TokenRefused("The token has a filter that is none: ask for a new one.") from None
