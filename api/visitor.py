"""Who asks, and from where: a program or moderator of the host site, or a visitor whose country a proxy tells."""

import re
from dataclasses import dataclass, replace
from enum import StrEnum
from ipaddress import IPv4Address, IPv6Address, ip_address

from starlette.requests import HTTPConnection

from api.access.scopes import Need, Scope
from api.access.visitor_tokens import VisitorToken
from api.errors import Forbidden, NotForVisitors
from api.settings import ServiceSettings
from compliance.country import Country, resolve, signed

_HERE = re.compile(r"(localhost|127\.0\.0\.1|\[::1\])(:[0-9]+)?", re.IGNORECASE)
_FORWARDED = ("forwarded", "via", "x-real-ip")


class Means(StrEnum):
    """By what somebody may do more than a visitor."""

    KEY = "a key"
    SESSION = "a session"
    TOKEN = "a token of a visitor"  # noqa: S105 - a kind of token
    HERE = "being on this machine, where there are no keys"
    NONE = "nothing"


@dataclass(frozen=True, slots=True)
class Caller:
    """What the caller may do, whether he speaks for the host site here, and what the connection says of the country."""

    means: Means
    scopes: frozenset[Scope]
    header: str | None
    header_trusted: bool
    language: str | None = None
    key: str | None = None
    token: VisitorToken | None = None
    is_site: bool = False
    is_foreign: bool = False

    def may(self, scope: Scope) -> bool:
        """Whether a scope is among the caller's; who has `admin` has them all."""
        return scope in self.scopes or Scope.ADMIN in self.scopes

    def require(self, scope: Scope) -> None:
        """Refuse who lacks a scope, and a foreign page on a machine without keys."""
        if self.may(scope) and not self.is_foreign:
            return
        if self.means is Means.NONE:
            raise NotForVisitors(f"This needs a key with the scope {scope}: send it as `Authorization: Bearer ...`.")
        if self.is_foreign:
            raise Forbidden(
                "A page of another origin asks, and this service has no keys: only programs on this machine and its "
                "own pages may do this. Make a key with `photosense keys create` and send it as "
                "`Authorization: Bearer ...`.",
                "foreign_origin",
            )
        if self.means is Means.TOKEN:
            raise Forbidden(
                f"This needs a key with the scope {scope}, and a visitor's token was sent.", "scope_missing"
            )
        held = ", ".join(sorted(self.scopes))
        raise Forbidden(
            f"This needs the scope {scope}, the key that was sent has {held}: send another, or make one with "
            f"`photosense keys create --scope {scope}`.",
            "scope_missing",
        )

    def asks_for(self, need: Need) -> "Caller":
        """The caller at an address: for the site if he has its scope; a cookie without it is a visitor's."""
        if need.scope is None:
            return replace(self, is_site=bool(self.scopes) and not self.is_foreign)
        if self.may(need.scope) and (need.visitors or not self.is_foreign):
            return replace(self, is_site=True)
        if not need.visitors or self.means is Means.KEY:
            self.require(need.scope)
        return self

    def country(self, asserted: str | None) -> "Guest":
        """Resolve the country: only the site may assert one, a token names one; within what the token says."""
        token = self.token or VisitorToken()
        if token.country is not None:
            country = signed(token.country, self.header, self.header_trusted)
        else:
            country = resolve(asserted if self.is_site else None, self.header, self.header_trusted)
        return self._visitor(country, token.within)

    def country_signed(self, code: str | None, within: str | None) -> "Guest":
        """The country that a signed address names, unless a trusted proxy says where it is opened."""
        if self.token is not None:
            return self.country(None)
        told = self.header_trusted and self.header is not None
        return self._visitor(resolve(None if told else code, self.header, self.header_trusted), within)

    def _visitor(self, country: Country, within: str | None) -> "Guest":
        language = (self.token and self.token.language) or self.language
        return Guest(country.code, country.source, country.note, language, within)


@dataclass(frozen=True, slots=True)
class Guest(Country):
    """Whom an answer is for: a visitor of a country, held within the filter (as JSON) that his token has."""

    within: str | None = None


def caller(request: HTTPConnection) -> Caller:
    """Who asks, as the porter of all addresses recognised him."""
    asking: Caller = request.state.caller
    return asking


def visitor(request: HTTPConnection, settings: ServiceSettings) -> Caller:
    """Recognise where somebody asks from, who has no means yet."""
    address = address_of(request)
    trusted = _is_proxy(address, settings)
    # A proxy that appends its header to the visitor's own gives two: together they name no country.
    header = ", ".join(request.headers.getlist(settings.country_header)) or request.headers.get(settings.country_header)
    language = request.headers.get("accept-language", "")[:2].lower() or None  # the first is what people want most
    return Caller(Means.NONE, frozenset(), header, trusted, language)


def is_here(request: HTTPConnection, settings: ServiceSettings) -> bool:
    """Whether this machine asks for itself, and no proxy on it that speaks for others."""
    address = address_of(request)
    if address is None or not address.is_loopback or _is_proxy(address, settings):
        return False
    forwarded = settings.country_header in request.headers or any(
        name in _FORWARDED or name.startswith("x-forwarded-") for name in request.headers
    )
    # A foreign page could lead its own name to this machine and ask in the visitor's browser.
    named_here = all(_HERE.fullmatch(name) for name in request.headers.getlist("host") if name)
    return named_here and not forwarded


def _is_proxy(address: IPv4Address | IPv6Address | None, settings: ServiceSettings) -> bool:
    return address is not None and any(address in network for network in settings.trusted_proxies)


def address_of(request: HTTPConnection) -> IPv4Address | IPv6Address | None:
    """The address that a request comes from."""
    try:
        address = ip_address(request.client.host) if request.client else None
    except ValueError:
        return None
    # A socket that listens on both protocols gives IPv4 addresses in this form.
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address
