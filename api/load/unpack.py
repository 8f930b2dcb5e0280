"""Packed bodies: what comes as gzip is unpacked in pieces, so that no body takes more memory than it would unpacked."""

import zlib
from collections.abc import Iterator
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import BadRequest
from ingest.sources.stream import BOMB_RATIO, BOMB_SIZE

_PIECE: Final = 2**18
_GZIP: Final = 16 + zlib.MAX_WBITS  # as zlib names a stream with the head of a gzip file
_PLAIN: Final = ("", "identity")


class Unpacker:
    """Unpacks one gzip stream, or several that stand one behind another."""

    def __init__(self) -> None:
        self._inside = zlib.decompressobj(_GZIP)
        self._read = self._unpacked = 0

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Give what some bytes unpack to, in pieces."""
        self._read += len(data)
        while data:
            if self._inside.eof:
                self._inside = zlib.decompressobj(_GZIP)
            try:
                piece = self._inside.decompress(data, _PIECE)
            except zlib.error as error:
                raise _broken(f"it does not unpack ({error})") from None
            self._unpacked += len(piece)
            if self._unpacked > BOMB_SIZE and self._unpacked > BOMB_RATIO * self._read:
                raise BadRequest(
                    f"The body unpacks to more than {BOMB_RATIO} times its size, as no posts do: send it unpacked.",
                    "too_large",
                    413,
                )
            if piece:
                yield piece
            data = self._inside.unused_data if self._inside.eof else self._inside.unconsumed_tail

    def end(self) -> None:
        """Refuse what is cut short."""
        if self._read and not self._inside.eof:
            raise _broken("it ends too early")


class Unpack:
    """Middleware that hands packed bodies on unpacked; what limits bodies counts what they unpack to."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Look at what the head of a request says of its body."""
        packing = _packing(scope) if scope["type"] == "http" else ""
        if packing in _PLAIN:
            await self._app(scope, receive, send)
            return
        unpacker = Unpacker()
        pieces: Iterator[bytes] = iter(())
        more = True

        async def unpacked() -> Message:
            nonlocal pieces, more
            if packing != "gzip":
                raise BadRequest(
                    f"The content encoding {packing[:40]!r} is not taken: send the body as gzip, or as it is.",
                    "unsupported_media_type",
                    415,
                )
            while (piece := next(pieces, None)) is None:
                if not more:
                    unpacker.end()
                    return {"type": "http.request", "body": b"", "more_body": False}
                message = await receive()
                if message["type"] != "http.request":
                    return message
                pieces, more = unpacker.feed(message.get("body", b"")), message.get("more_body", False)
            return {"type": "http.request", "body": piece, "more_body": True}

        hidden = (b"content-encoding", b"content-length")  # of what came, not of what it unpacks to
        headers = [(name, value) for name, value in scope["headers"] if name not in hidden]
        await self._app({**scope, "headers": headers}, unpacked, send)


def _packing(scope: Scope) -> str:
    named = [value.decode("latin-1") for name, value in scope["headers"] if name == b"content-encoding"]
    return ", ".join(named).strip().lower().replace("x-gzip", "gzip")


def _broken(what: str) -> BadRequest:
    return BadRequest(f"The body says that it is gzip, and {what}: pack it again, or send it as it is.", "broken_gzip")
