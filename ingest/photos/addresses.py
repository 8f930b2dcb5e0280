"""Which addresses of the net may be connected to: those that everybody can reach, and none of the house itself."""

import socket
import threading
from collections.abc import Callable
from concurrent.futures import Future
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Final, TypeVar

T = TypeVar("T")
Address = IPv4Address | IPv6Address
LONGEST: Final = 5.0  # seconds that a look-up may take

_UNICAST: Final = IPv6Network("2000::/3")  # all else is local, or an IPv4 address in disguise


def is_public(address: Address) -> bool:
    """Whether an address is one of the public net, whatever form it is written in."""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped:
            return is_public(address.ipv4_mapped)
        if address not in _UNICAST or address.sixtofour or address.teredo:
            return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def resolve_host(host: str, port: int, seconds: float = LONGEST) -> list[Address]:
    """Look up the addresses of a host; one that has none, or whose are not known in time, raises OSError."""
    answers = answer_within(seconds, lambda: socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
    return list(dict.fromkeys(ip_address(str(endpoint[0]).partition("%")[0]) for *_, endpoint in answers))


def answer_within(seconds: float, ask: Callable[[], T]) -> T:
    """Ask in a thread of its own: the system's look-up waits for as long as it likes, and nobody can stop it."""
    answer: Future[T] = Future()

    def run() -> None:
        try:
            answer.set_result(ask())
        except BaseException as error:
            answer.set_exception(error)

    threading.Thread(target=run, name="resolve", daemon=True).start()
    return answer.result(seconds)  # a TimeoutError is an OSError
