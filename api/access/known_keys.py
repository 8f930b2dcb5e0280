"""All keys that a service knows: those of its home, and the one of its settings, which has every scope."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Final

from api.access.key_file import Key, KeyFile, digest_of
from api.access.scopes import ALL
from api.errors import KeyRefused

_NEVER: Final = datetime(1970, 1, 1, tzinfo=UTC)
_HOW: Final = "Send one that is in force as `Authorization: Bearer ...`"


class KnownKeys:
    """Tells which key was sent."""

    def __init__(self, file: KeyFile, setting: str | None, now: Callable[[], datetime]) -> None:
        self._file = file
        self._now = now
        self._own: tuple[Key, ...] = ()
        if setting is not None:
            digest = digest_of(setting.encode())
            prefix = f"setting_{digest[:16]}"  # another key in the settings is another key
            self._own = (Key(prefix=prefix, name="api_key", digest=digest, scopes=ALL, created=_NEVER),)
        self._read: tuple[Key, ...] | None = None
        self._by_digest: Mapping[str, Key] = {}

    @property
    def is_empty(self) -> bool:
        """Whether there was never a key: one that was revoked leaves its service locked."""
        return not self._all()

    def knows(self, secret: bytes) -> bool:
        """Whether it is a key that was made here, be it in force or not."""
        self._all()
        return digest_of(secret) in self._by_digest

    def sent(self, secret: bytes) -> Key:
        """The key that was sent; one that is wrong, expired or revoked is refused."""
        self._all()
        key = self._by_digest.get(digest_of(secret))  # of digests nobody can try one letter after the other
        if key is None:
            raise KeyRefused(f"The key that was sent is none of this service's. {_HOW}, or none at all.", "key_wrong")
        return self._good(key)

    def named(self, prefix: str) -> Key:
        """The key that somebody signed in with, as long as it is in force."""
        for key in self._all():
            if key.prefix == prefix:
                return self._good(key)
        raise KeyRefused("The key of this session is gone: sign in again, with another key.", "key_wrong")

    def _good(self, key: Key) -> Key:
        state = key.state(self._now())
        if state != "in force":
            raise KeyRefused(
                f"The key {key.prefix} is {state}. {_HOW}: `photosense keys create` makes a new one.", f"key_{state}"
            )
        return key

    def _all(self) -> tuple[Key, ...]:
        keys = self._file.keys()
        if keys is not self._read:
            self._read = keys
            self._by_digest = {key.digest: key for key in (*keys, *self._own)}
        return (*keys, *self._own)
