"""The porter of all addresses: recognises who asks, and lets nobody in who lacks what the table asks for."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Final

from fastapi import Request

from api.access.key_file import KeyFile, KeysUnreadable
from api.access.known_keys import KnownKeys
from api.access.limits import Limits
from api.access.origin import could_be_a_form, is_foreign
from api.access.scopes import ALL, ANYBODY, Scope, need_of
from api.access.sessions import HEADER, Sessions
from api.access.signer import Signer
from api.access.visitor_tokens import VisitorTokens
from api.errors import Forbidden, KeyRefused, NotForVisitors, TokenRefused
from api.settings import ServiceSettings
from api.visitor import Caller, Means, is_here, visitor

_OTHERS: Final = ("basic", "digest", "negotiate")  # what a proxy before us may want to know for itself
_READS: Final = ("GET", "HEAD")


class Porter:
    """Called with each request that has an address, before anything of it is read."""

    def __init__(self, settings: ServiceSettings, file: KeyFile, now: Callable[[], datetime]) -> None:
        self._settings = settings
        secret = settings.api_key.get_secret_value() if settings.api_key else None
        self.keys = KnownKeys(file, secret, now)
        self.signer = Signer(file.path.with_suffix(".secret") if file.path else None, now)
        self.sessions = Sessions(self.keys, self.signer, now)
        self.limits = Limits(settings, now)
        self.tokens = VisitorTokens(self.keys, self.signer)

    async def __call__(self, request: Request) -> None:
        """Recognise the caller, and refuse who may not do what is asked."""
        need = need_of(request.method, request.scope["route"].path_format)
        try:
            asking = self.recognise(request)
        except (KeyRefused, TokenRefused):
            self.limits.count(request, None)
            raise
        self.limits.count(request, asking)
        if asking.means is Means.NONE and not need.visitors:
            raise NotForVisitors(self._sentence())
        asking = asking.asks_for(need)
        if not need.visitors and request.method not in _READS:
            self._check_intent(request, asking)
        request.state.caller = asking

    def recognise(self, request: Request) -> Caller:
        """Who asks: by the key that is sent, by a session, by being on this machine; else a visitor."""
        nobody = visitor(request, self._settings)
        if (secret := _secret(request)) is not None:
            return self._sent(nobody, secret)
        foreign = is_foreign(request)
        if not foreign and (session := self.sessions.of(request)) is not None:
            return replace(nobody, means=Means.SESSION, scopes=session.key.scopes, key=session.key.prefix)
        if self.is_keyless and is_here(request, self._settings):
            allowed = request.headers.get("origin") in self._settings.allow_origins
            scopes = ALL if not foreign else ANYBODY if allowed else frozenset[Scope]()
            return replace(nobody, means=Means.HERE, scopes=scopes, is_foreign=foreign)
        return nobody

    def _sent(self, nobody: Caller, secret: bytes) -> Caller:
        """Who sent this: a token has two dots, and no key that is made here has any."""
        if secret.count(b".") == 2 and not self.keys.knows(secret):
            token = self.tokens.read(secret.decode("latin-1"))
            return replace(nobody, means=Means.TOKEN, token=token)
        key = self.keys.sent(secret)
        return replace(nobody, means=Means.KEY, scopes=key.scopes, key=key.prefix)

    @property
    def is_keyless(self) -> bool:
        """Whether nobody ever made a key; where that cannot be told, there are keys."""
        try:
            return self.keys.is_empty
        except KeysUnreadable:
            return False

    def _check_intent(self, request: Request, asking: Caller) -> None:
        """Refuse a write that any page could have had this browser send, unless the page proves to be ours."""
        if asking.means is Means.KEY:
            return
        session = self.sessions.of(request) if asking.means is Means.SESSION else None
        if session is None and not could_be_a_form(request):
            return
        if not self.sessions.knows(session, request):
            raise Forbidden(
                f"Without a key in `Authorization`, this needs the word that GET /v1/session gives, as the header "
                f"{HEADER}; on a machine without keys JSON needs none.",
                "token_required",
            )

    def _sentence(self) -> str:
        if self.is_keyless:
            return (
                "Without a key only programs on this machine may do this: make one with `photosense keys create`, or "
                "set PHOTOSENSE_API_KEY, and send it as `Authorization: Bearer ...`."
            )
        return "This needs a key of the site: send it as `Authorization: Bearer ...`."


def _secret(request: Request) -> bytes | None:
    """The key that is sent, as bytes, as the server read them; None where none is."""
    sent = request.headers.getlist("authorization")
    ours = [header for header in sent if header.partition(" ")[0].lower() not in _OTHERS]
    if not ours:
        return None
    scheme, _, secret = ours[0].partition(" ")
    if len(ours) > 1 or scheme.lower() != "bearer" or not secret.strip():
        raise KeyRefused(
            "`Authorization` holds no key that can be read: send one key, as `Authorization: Bearer ...`.", "key_wrong"
        )
    return secret.strip().encode("latin-1")
