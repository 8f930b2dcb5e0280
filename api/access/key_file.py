"""Keys of the site's programs: a file of the home with their digests, never the keys themselves.

Whoever holds a key can be told from others by it alone, so a plain digest does: nobody guesses 256 random bits.
"""

import hashlib
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import msgspec
from msgspec import structs

from api.access.scopes import Scope
from api.errors import ApiError
from common.files import write_file
from common.turn import Turn

_SIGN: Final = "ps"
_SECRET_BYTES: Final = 32


class KeysUnreadable(ApiError):
    """The file of the keys is not what it was written as."""

    status = 503
    code = "keys_unreadable"


class KeyUnknown(ApiError):
    """No key, or more than one, is meant by what was given."""

    status = 404
    code = "key_unknown"


class Key(msgspec.Struct, frozen=True, kw_only=True):
    """A key as it is remembered: its prefix, its digest, what it is for, and until when it is good."""

    prefix: str
    name: str
    digest: str
    scopes: frozenset[Scope]
    created: datetime
    expires: datetime | None = None
    revoked: datetime | None = None

    def state(self, now: datetime) -> str:
        """In a word: `in force`, `expired` or `revoked`."""
        if self.revoked is not None:
            return "revoked"
        return "expired" if self.expires is not None and self.expires <= now else "in force"


class _Content(msgspec.Struct, frozen=True):
    keys: tuple[Key, ...]


@dataclass
class KeyFile:
    """The keys of a home; each reader sees what was changed by any process from the next look on."""

    path: Path | None = None
    now: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))
    _seen: tuple[int, int, int] | None = field(default=None, init=False)
    _keys: tuple[Key, ...] = field(default=(), init=False)

    def keys(self) -> tuple[Key, ...]:
        """All keys that were ever made here; the file is read again only when it is another."""
        if self.path is None:
            return ()
        try:
            there = self.path.stat()
            seen = (there.st_ino, there.st_mtime_ns, there.st_size)
            if seen != self._seen:
                self._keys = msgspec.json.decode(self.path.read_bytes(), type=_Content).keys
                self._seen = seen
        except (FileNotFoundError, NotADirectoryError):
            self._keys, self._seen = (), None
        except (OSError, msgspec.MsgspecError) as error:
            why = error.strerror if isinstance(error, OSError) else "it is damaged"
            raise KeysUnreadable(
                f"The file of the keys, {self.path.name} in the home, cannot be read ({why}): no key is known until it "
                "can. Put it right, or move it away and make new keys with `photosense keys create`."
            ) from None
        return self._keys

    @property
    def home(self) -> Path:
        """Where the file lies."""
        return self._path.parent

    def create(self, name: str, scopes: frozenset[Scope], expires: datetime | None = None) -> tuple[str, Key]:
        """Make a key; what is given first is shown once and kept nowhere."""
        with self._turn():
            secret, key = self._made(name, scopes, expires)
            self._write([*self.keys(), key])
        return secret, key

    def revoke(self, prefix: str) -> Key:
        """End a key now."""
        with self._turn():
            key = structs.replace(self._one(prefix), revoked=self.now())
            self._write(self._with(key))
        return key

    def rotate(self, prefix: str, overlap: timedelta) -> tuple[str, Key, Key]:
        """Make a key like another, which ends when the overlap is over; the new one is good for as long as it was."""
        with self._turn():
            old, now = self._one(prefix), self.now()
            expires = None if old.expires is None else now + (old.expires - old.created)
            end = now + overlap
            ends = end if old.expires is None else min(end, old.expires)
            secret, key = self._made(old.name, old.scopes, expires)
            old = structs.replace(old, expires=ends)
            self._write([*self._with(old), key])
        return secret, key, old

    def _made(self, name: str, scopes: frozenset[Scope], expires: datetime | None) -> tuple[str, Key]:
        prefix = f"{_SIGN}_{secrets.token_hex(4)}"
        secret = f"{prefix}_{secrets.token_urlsafe(_SECRET_BYTES)}"
        digest = digest_of(secret.encode())
        return secret, Key(prefix=prefix, name=name, digest=digest, scopes=scopes, created=self.now(), expires=expires)

    def _one(self, prefix: str) -> Key:
        """The key that is in force and is meant by its prefix, or by the key itself."""
        now = self.now()
        meant = [key for key in self.keys() if prefix == key.prefix or digest_of(prefix.encode()) == key.digest]
        if not meant:
            raise KeyUnknown(f"There is no key {prefix[:11]!r}: `photosense keys list` shows the prefix of each.")
        if (state := meant[0].state(now)) != "in force":
            raise KeyUnknown(f"The key {meant[0].prefix} is {state} already: make a new one, `photosense keys create`.")
        return meant[0]

    def _with(self, key: Key) -> list[Key]:
        return [key if each.prefix == key.prefix else each for each in self.keys()]

    def _write(self, keys: Sequence[Key]) -> None:
        write_file(self._path, msgspec.json.format(msgspec.json.encode(_Content(tuple(keys)))), private=True)

    @property
    def _path(self) -> Path:
        if self.path is None:
            raise KeyUnknown("Keys are made in a home, and there is none here.")
        return self.path

    def _turn(self) -> Turn:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        return Turn(self._path.with_suffix(".turn"))


def digest_of(secret: bytes) -> str:
    """What is kept of a key."""
    return hashlib.sha256(secret).hexdigest()
