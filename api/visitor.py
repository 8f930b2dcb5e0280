"""Who asks, and from where: the host site's backend, or a visitor whose country a trusted proxy tells."""

import hmac
from dataclasses import dataclass, replace
from ipaddress import IPv4Address, IPv6Address, ip_address

from starlette.requests import HTTPConnection

from api.errors import NotForVisitors
from api.settings import ServiceSettings
from compliance.country import Country, resolve

_HERE = ("localhost", "127.0.0.1", "::1")
_FORWARDED = ("forwarded", "via", "x-real-ip")


@dataclass(frozen=True, slots=True)
class Caller:
    """Whether the caller speaks for the host site, and what the connection says of the country."""

    is_site: bool
    header: str | None
    header_trusted: bool
    language: str | None = None

    def country(self, asserted: str | None) -> Country:
        """Resolve the country; only the site's own backend may assert one."""
        country = resolve(asserted if self.is_site else None, self.header, self.header_trusted)
        return replace(country, language=self.language)

    def country_signed(self, signed: str | None) -> Country:
        """The country that a signed address names, unless a trusted proxy says where it is opened."""
        told = self.header_trusted and self.header is not None
        country = resolve(None if told else signed, self.header, self.header_trusted)
        return replace(country, language=self.language)


def caller(request: HTTPConnection, settings: ServiceSettings) -> Caller:
    """Recognise the caller of a request."""
    address = _address(request)
    trusted = address is not None and any(address in network for network in settings.trusted_proxies)
    # A proxy that appends its header to the visitor's own gives two: together they name no country.
    header = ", ".join(request.headers.getlist(settings.country_header)) or request.headers.get(settings.country_header)
    language = request.headers.get("accept-language", "")[:2].lower() or None  # the first is what people want most
    return Caller(_is_site(request, settings, None if trusted else address), header, trusted, language)


def require_site(request: HTTPConnection, settings: ServiceSettings) -> None:
    """Refuse everybody but the host site's backend."""
    if caller(request, settings).is_site:
        return
    if settings.api_key is None:
        raise NotForVisitors(
            "Without a key only programs on this machine may do this: set PHOTOSENSE_API_KEY and send it as "
            "`Authorization: Bearer ...`."
        )
    raise NotForVisitors("This needs the site's key: send it as `Authorization: Bearer ...`.")


def _is_site(request: HTTPConnection, settings: ServiceSettings, address: IPv4Address | IPv6Address | None) -> bool:
    """Compare the key; without a key, trust this machine (`address`), but not a proxy on it that speaks for others."""
    if settings.api_key is not None:
        scheme, _, key = request.headers.get("authorization", "").partition(" ")
        expected = settings.api_key.get_secret_value()
        sent = key.encode("latin-1")  # which is how the server read the bytes of the header
        return scheme.lower() == "bearer" and hmac.compare_digest(sent, expected.encode())
    forwarded = settings.country_header in request.headers or any(
        name in _FORWARDED or name.startswith("x-forwarded-") for name in request.headers
    )
    # A foreign page could lead its own name to this machine and ask in the visitor's browser.
    named_here = (request.url.hostname or "") in _HERE
    return address is not None and address.is_loopback and named_here and not forwarded


def _address(request: HTTPConnection) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(request.client.host) if request.client else None
    except ValueError:
        return None
    # A socket that listens on both protocols gives IPv4 addresses in this form.
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address
