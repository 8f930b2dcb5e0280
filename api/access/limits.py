"""Limits: who is counted for a request, and what answers tell of it; off where the settings name none."""

from collections.abc import Callable
from datetime import datetime
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import TooMany
from api.load.allowance import Allowance, Spent
from api.settings import ServiceSettings
from api.visitor import Caller, Means, address_of

_SPENT = "spent"


FEEDBACK_RATE: Final = 60  # of a minute, from one address: nobody thinks something of more hits


class Limits:
    """Counts by key, and who has none by the address that he asks from; feedback of visitors is always counted."""

    def __init__(self, settings: ServiceSettings, now: Callable[[], datetime]) -> None:
        self._settings = settings
        self._now = now
        self._keys = Allowance("key", settings.key_rate) if settings.key_rate else None
        self._addresses = Allowance("address", settings.visitor_rate) if settings.visitor_rate else None
        self._feedback = Allowance("feedback", FEEDBACK_RATE)

    @property
    def are_off(self) -> bool:
        """Whether nobody is counted."""
        return self._keys is None and self._addresses is None

    def count(self, request: HTTPConnection, asking: Caller | None) -> None:
        """Count a request; None asks who sent a key that is none, so that nobody tries them all."""
        if not request.url.path.startswith("/v1/") or (asking and asking.means is Means.HERE):
            return
        key = asking.key if asking and asking.means in (Means.KEY, Means.SESSION) else None
        allowance, name = (self._keys, key) if key else (self._addresses, self._address(request))
        if allowance is None or name is None:
            return
        spent = allowance.spend(name, self._now().timestamp())
        request.scope[_SPENT] = spent
        if spent.is_over:
            raise TooMany(spent.wait)

    def count_feedback(self, request: HTTPConnection, asking: Caller) -> None:
        """Count what a visitor thinks of hits; what programs of the site send is of many visitors."""
        name = None if asking.is_site else self._address(request)
        spent = self._feedback.spend(name, self._now().timestamp()) if name else None
        if spent is not None and spent.is_over:
            raise TooMany(spent.wait)

    def _address(self, request: HTTPConnection) -> str | None:
        """Where a visitor asks from: behind a trusted proxy the last address that it adds; None where it adds none.

        Of IPv6 the network of a household is counted, which has more addresses than anybody could remember.
        """
        address = address_of(request)
        if address is not None and any(address in network for network in self._settings.trusted_proxies):
            forwarded = request.headers.get("x-forwarded-for", "").rpartition(",")[2].strip()
            try:
                address = ip_address(forwarded)
            except ValueError:
                return None
        if isinstance(address, IPv6Address):
            return str(ip_network((address, 64), strict=False))
        return str(address)


class TellLimits:
    """Middleware that tells in each answer what is left."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Add the headers to the answer of whoever was counted."""

        async def telling(message: Message) -> None:
            spent: Spent | None = scope.get(_SPENT)
            if spent is not None and message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(spent.headers())
            await send(message)

        await self._app(scope, receive, telling)
