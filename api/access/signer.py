"""Signed words: what the service says of somebody and believes when it comes back, for a time and one purpose."""

import hashlib
import hmac
import logging
import secrets
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import cached_property, lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import jwt

from api.errors import TokenRefused
from common.secret_file import secret_in

_ALGORITHM: Final = "HS256"
_MOST: Final = 8000  # characters of a token
_log = logging.getLogger(__name__)


class Signer:
    """Signs and reads, by a secret of the home; where none can be kept, by one of this process."""

    def __init__(self, path: Path | None, now: Callable[[], datetime]) -> None:
        self._path = path
        self._now = now
        self._signed = lru_cache(maxsize=4096)(self._verify)  # a browser sends the same one with each request

    def sign(self, audience: str, claims: Mapping[str, Any], seconds: int) -> str:
        """Say something for so many seconds."""
        until = int((self._now() + timedelta(seconds=seconds)).timestamp())
        return jwt.encode(
            {**claims, "aud": audience, "exp": until}, self._secret, _ALGORITHM, headers={"kid": self._name}
        )

    def read(self, audience: str, token: str) -> Mapping[str, Any]:
        """What a token says, if it was signed here, for this audience, and is not over."""
        if len(token) > _MOST:
            raise TokenRefused("The token is longer than any that is made here.")
        claims = self._signed(audience, token)
        until = claims["exp"]
        if not (isinstance(until, int | float) and until > self._now().timestamp()):  # NaN is not greater
            raise TokenRefused("The token is over: ask for a new one.")
        return claims

    def _verify(self, audience: str, token: str) -> Mapping[str, Any]:
        try:
            if jwt.get_unverified_header(token).get("kid") != self._name:
                raise TokenRefused("The token was signed by another secret than this service's: ask for a new one.")
            # Whether it is over is asked of the service's own clock.
            options: Any = {"require": ["exp", "aud"], "verify_exp": False, "verify_iat": False, "verify_nbf": False}
            claims: dict[str, Any] = jwt.decode(
                token, self._secret, algorithms=[_ALGORITHM], audience=audience, options=options
            )
        except (jwt.PyJWTError, ValueError, RecursionError):
            raise TokenRefused(
                "The token was not made by this service, was changed, or is for another purpose: ask for a new one."
            ) from None
        return MappingProxyType(claims)

    def seal(self, purpose: str, name: str) -> str:
        """A word that only this service can make of a name, the same each time."""
        return hmac.new(self._secret, f"{purpose}\n{name}".encode(), hashlib.sha256).hexdigest()[:40]

    @cached_property
    def _name(self) -> str:
        """What the secret is called, so that tokens of an earlier one are told from forged ones."""
        return hashlib.sha256(b"kid" + self._secret).hexdigest()[:12]

    @cached_property
    def _secret(self) -> bytes:
        try:
            return secret_in(self._path) if self._path else secrets.token_bytes(32)
        except OSError as error:
            _log.warning("the secret of tokens cannot be kept (%s): they end with the process", error.strerror)
            return secrets.token_bytes(32)
