"""Photos behind URLs: from hosts that are allow-listed, from public addresses only, within limits of time and size.

A name is looked up once for each request and the connection goes to just that address, so that a name which means
another place a moment later leads nowhere. Redirects are followed by hand, each checked like the first address.
"""

import socket
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from http.cookiejar import CookieJar, DefaultCookiePolicy
from ipaddress import ip_address
from ssl import SSLContext
from typing import Any, Final

import httpx

from ingest.errors import PostRejected
from ingest.photos.addresses import Address, is_public, resolve_host
from vision.decoding.alarm import Alarm
from vision.decoding.decode import MAX_BYTES

_REDIRECTS: Final = 3
_STEP_SECONDS: Final = 5.0  # to connect, and between two pieces of an answer
_DEFAULT_PORTS: Final = {"https": 443, "http": 80}
_MOVED: Final = frozenset({301, 302, 303, 307, 308})
_AGENT: Final = "photosense"
_SENT_BYTES: Final = 2**16


class Deadline(Alarm):
    """Ends a connection when time is up, however slowly its bytes trickle in: no read waits longer."""

    def __init__(self, seconds: float) -> None:
        super().__init__(seconds, self._end)
        self._socket: socket.socket | None = None

    def watch(self, connection: socket.socket) -> None:
        """Take this connection for the one that is read from now."""
        self._socket = connection
        if self.rang:
            self._end()

    def _end(self) -> None:
        if self._socket is not None:
            with suppress(OSError):  # it ended by itself
                self._socket.shutdown(socket.SHUT_RDWR)


class WebPhotos:
    """Fetches photos from hosts: `images.example.com`, `*.example.com` for all below it, each may have a port."""

    def __init__(
        self,
        hosts: Sequence[str] = (),
        *,
        seconds: float = 20.0,
        max_bytes: int = MAX_BYTES,
        resolve: Callable[[str, int], list[Address]] = resolve_host,
        allowed: Callable[[Address], bool] = is_public,
        verify: SSLContext | bool = True,
    ) -> None:
        self._hosts = tuple(host.strip().lower().rstrip(".") for host in hosts)
        self._seconds = seconds
        self._max_bytes = max_bytes
        self._resolve = resolve
        self._allowed = allowed
        self._verify = verify
        self._client: httpx.Client | None = None

    def read(self, photo: str) -> bytes:
        """Fetch a photo, or raise PostRejected with the reason."""
        if not self._hosts:
            raise PostRejected(
                "photo_url_off",
                f"The photo {photo[:80]!r} is a URL, and URLs are not fetched: send the file or its base64, "
                "or allow its host with the setting photo_hosts.",
            )
        with Deadline(self._seconds) as deadline:
            try:
                return self._follow(httpx.URL(photo), deadline)
            except httpx.InvalidURL as error:
                raise _failed(photo, f"it is no URL ({error})") from None
            except (httpx.HTTPError, OSError, ValueError, zlib.error) as error:
                if deadline.rang:
                    why = f"it took longer than {self._seconds:g} seconds"
                elif isinstance(error, httpx.TimeoutException):
                    why = f"nothing came for {_STEP_SECONDS:g} seconds"
                else:
                    why = str(error).strip() or type(error).__name__
                raise _failed(photo, why) from None

    def close(self) -> None:
        """Close the connections that are kept open."""
        if self._client:
            self._client.close()

    def _follow(self, url: httpx.URL, deadline: Deadline) -> bytes:
        for _ in range(_REDIRECTS + 1):
            with self._answer(url, deadline) as answer:
                if answer.status_code not in _MOVED:
                    return self._body(answer)
                url = _next(url, answer)
        raise ValueError(f"it was sent on more than {_REDIRECTS} times")

    @contextmanager
    def _answer(self, url: httpx.URL, deadline: Deadline) -> Iterator[httpx.Response]:
        """Ask the one address that the host has now, under the name of the host."""
        host, port = self._check(url)
        address = self._pinned(host, port)
        pinned = url.copy_with(host=str(address))
        headers = {"Host": url.netloc.decode("ascii"), "User-Agent": _AGENT, "Accept": "image/*,*/*;q=0.1"}
        client = self._opened()

        def connected(event: str, info: dict[str, Any]) -> None:
            if event in ("connection.connect_tcp.complete", "connection.start_tls.complete"):
                stream = info["return_value"]
                deadline.watch(stream.get_extra_info("socket"))
                if ip_address(stream.get_extra_info("server_addr")[0]) != address:
                    raise _refused(str(url), "the connection went to another address than it was meant for")

        extensions = {"sni_hostname": host, "trace": connected}
        request = client.build_request("GET", pinned, headers=headers, extensions=extensions)
        answer = client.send(request, stream=True)
        try:
            yield answer
        finally:
            answer.close()

    def _opened(self) -> httpx.Client:
        if self._client is None:
            # No proxy of the environment, which would connect for us wherever it is told; no kept connection either:
            # it would be shared by the names that have one address, whose certificate was checked for the first.
            self._client = httpx.Client(
                verify=self._verify,
                trust_env=False,
                timeout=_STEP_SECONDS,
                limits=httpx.Limits(max_keepalive_connections=0),
                headers={"Accept-Encoding": "gzip, deflate"},
                cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),  # they would go by the address as well
            )
        return self._client

    def _check(self, url: httpx.URL) -> tuple[str, int]:
        """Scheme, host and port must be ones that were allowed."""
        if url.scheme not in _DEFAULT_PORTS or not url.host or url.userinfo:
            raise _refused(str(url), "only http:// and https:// without a user name are fetched")
        host = url.raw_host.decode("ascii").lower().rstrip(".")
        port = url.port or _DEFAULT_PORTS[url.scheme]
        named = host if url.port in (None, _DEFAULT_PORTS[url.scheme]) else f"{host}:{port}"
        below = any(known.startswith("*.") and named.endswith(known[1:]) for known in self._hosts)
        if named not in self._hosts and not below:
            raise _refused(str(url), f"{named} is not among the hosts that photo_hosts allows")
        return host, port

    def _pinned(self, host: str, port: int) -> Address:
        """The address to connect to; a host with any address that is not public is refused whole."""
        try:
            addresses = self._resolve(host, port)
        except OSError:
            raise _failed(host, "the host has no address, or none was found in time") from None
        hidden = [address for address in addresses if not self._allowed(address)]
        if hidden or not addresses:
            raise _refused(host, "its address is not one of the public net")
        return addresses[0]

    def _body(self, answer: httpx.Response) -> bytes:
        """Read an answer, counting its bytes as they are unpacked."""
        if answer.status_code != httpx.codes.OK:
            raise ValueError(f"the host answered {answer.status_code}")
        unpack = _unpacker(answer.headers.get("Content-Encoding", "identity").strip().lower())
        body = bytearray()
        for piece in answer.iter_raw(_SENT_BYTES):
            body += unpack(piece, self._max_bytes + 1 - len(body))
            if len(body) > self._max_bytes:
                raise PostRejected(
                    "photo_too_large", f"The photo has more than {self._max_bytes} bytes: send a smaller copy."
                )
        return bytes(body)


def _unpacker(encoding: str) -> Callable[[bytes, int], bytes]:
    """How pieces of an answer are unpacked, to at most so many bytes each."""
    if encoding in ("identity", ""):
        return lambda piece, _: piece
    if encoding in ("gzip", "x-gzip", "deflate"):
        unpacker = zlib.decompressobj(wbits=zlib.MAX_WBITS | 32)

        def unpack(piece: bytes, most: int) -> bytes:
            return b"" if unpacker.eof else unpacker.decompress(piece, most)  # it would keep what follows, too

        return unpack
    raise ValueError(f"the answer is packed as {encoding!r}")


def _next(url: httpx.URL, answer: httpx.Response) -> httpx.URL:
    """Where a redirect leads; not from a protected connection to an open one."""
    target = answer.headers.get("Location")
    if not target:
        raise ValueError("it is sent on to nowhere")
    following = url.join(target)
    if url.scheme == "https" and following.scheme != "https":
        raise _refused(str(url), "it is sent on from https to an open connection")
    return following


def _refused(url: str, why: str) -> PostRejected:
    return PostRejected("photo_url_refused", f"The photo at {url[:200]!r} is not fetched: {why}.")


def _failed(url: str, why: str) -> PostRejected:
    return PostRejected(
        "photo_url_failed", f"The photo at {url[:200]!r} cannot be had: {why}. Send it again later, or send the file."
    )
