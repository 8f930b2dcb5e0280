"""Which addresses of the net may be connected to: those that everybody can reach, and none of the house itself."""

import socket
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Final

Address = IPv4Address | IPv6Address

_UNICAST: Final = IPv6Network("2000::/3")  # all else is local, or an IPv4 address in disguise


def is_public(address: Address) -> bool:
    """Whether an address is one of the public net, whatever form it is written in."""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped:
            return is_public(address.ipv4_mapped)
        if address not in _UNICAST or address.sixtofour or address.teredo:
            return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def resolve_host(host: str, port: int) -> list[Address]:
    """Look up the addresses of a host; a host that has none raises OSError."""
    answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(ip_address(str(endpoint[0]).partition("%")[0]) for *_, endpoint in answers))
