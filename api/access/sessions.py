"""Sessions of the desk: a signed cookie that names a key, and a word that a page must know to write by it."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from starlette.requests import HTTPConnection
from starlette.responses import Response

from api.access.key_file import Key
from api.access.known_keys import KnownKeys
from api.access.signer import Signer
from api.errors import KeyRefused, TokenRefused

COOKIE: Final = "photosense_session"
HEADER: Final = "X-Desk-Token"
SECONDS: Final = 3600  # a session that nobody asks for is over after an hour
LONGEST: Final = 12 * 3600
_AUDIENCE: Final = "photosense desk"


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody who signed in with a key."""

    name: str
    key: Key
    since: int
    token: str


class Sessions:
    """Begins sessions, and reads the cookie of one; a session ends with its key."""

    def __init__(self, keys: KnownKeys, signer: Signer, now: Callable[[], datetime]) -> None:
        self._keys = keys
        self._signer = signer
        self._now = now

    def begin(self, secret: str) -> Session:
        """Sign in."""
        key = self._keys.sent(secret.encode("utf-8", "surrogatepass"))
        name = secrets.token_urlsafe(16)
        return Session(name, key, int(self._now().timestamp()), self._token(name))

    def of(self, request: HTTPConnection) -> Session | None:
        """The session of whoever asks; None where there is none, or it is over."""
        cookie = request.cookies.get(COOKIE)
        if cookie is None:
            return None
        try:
            claims = self._signer.read(_AUDIENCE, cookie)
            key = self._keys.named(claims["key"])
        except (TokenRefused, KeyRefused):
            return None
        return Session(claims["jti"], key, claims["since"], self._token(claims["jti"]))

    def knows(self, session: Session | None, request: HTTPConnection) -> bool:
        """Whether the page that asks was given the word of its session; without one, of those on this machine."""
        token = session.token if session else self.here()
        return secrets.compare_digest(request.headers.get(HEADER, "").encode("latin-1"), token.encode())

    def here(self) -> str:
        """The word for pages of a service without keys."""
        return self._token("")

    def keep(self, session: Session, response: Response, *, secure: bool) -> None:
        """Give the cookie, for another hour; nobody stays signed in for longer than half a day."""
        left = session.since + LONGEST - int(self._now().timestamp())
        seconds = max(0, min(SECONDS, left))
        claims = {"key": session.key.prefix, "jti": session.name, "since": session.since}
        cookie = self._signer.sign(_AUDIENCE, claims, seconds)
        response.set_cookie(COOKIE, cookie, max_age=seconds, httponly=True, samesite="strict", secure=secure)

    def end(self, response: Response) -> None:
        """Take the cookie back."""
        response.set_cookie(COOKIE, "", max_age=0, httponly=True, samesite="strict")

    def _token(self, name: str) -> str:
        return self._signer.seal("desk token", name)
