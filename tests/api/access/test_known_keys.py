"""Which key was sent: one of the home's, the one of the settings, or none."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from api.access.key_file import KeyFile
from api.access.known_keys import KnownKeys
from api.access.scopes import ALL, Scope
from api.errors import KeyRefused

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
REVIEW = frozenset({Scope.REVIEW})


@pytest.fixture
def file(tmp_path: Path) -> KeyFile:
    return KeyFile(tmp_path / "keys.json", lambda: NOW)


def test_both_kinds_are_known(file: KeyFile) -> None:
    """The key of the settings has every scope, one of the home its own."""
    secret, key = file.create("desk", REVIEW)
    ring = KnownKeys(file, "sésame", lambda: NOW)
    assert ring.sent(secret.encode()) == key
    assert ring.sent("sésame".encode()).scopes == ALL
    assert ring.named(key.prefix) == key


@pytest.mark.parametrize("secret", [b"", b"sesame!", b"sesam", b"\xff\xfe", b"x" * 10_000])
def test_no_other_is(file: KeyFile, secret: bytes) -> None:
    """Neither a part of a key nor its prefix or digest is a key."""
    own, key = file.create("desk", REVIEW)
    ring = KnownKeys(file, "sesame", lambda: NOW)
    for sent in (secret, own[:-1].encode(), key.prefix.encode(), key.digest.encode()):
        with pytest.raises(KeyRefused) as refused:
            ring.sent(sent)
        assert refused.value.code == "key_wrong"


def test_what_is_over_says_so(file: KeyFile) -> None:
    """Who holds a key that was good learns why it is not, and how to have another."""
    first, key = file.create("desk", REVIEW)
    second, short = file.create("desk", REVIEW, NOW + timedelta(hours=1))
    file.revoke(key.prefix)
    ring = KnownKeys(file, None, lambda: NOW + timedelta(hours=1))
    for secret, prefix, code in ((first, key.prefix, "key_revoked"), (second, short.prefix, "key_expired")):
        with pytest.raises(KeyRefused, match="keys create") as refused:
            ring.sent(secret.encode())
        assert refused.value.code == code
        with pytest.raises(KeyRefused):
            ring.named(prefix)


def test_a_ring_that_lost_its_last_key_is_not_empty(file: KeyFile) -> None:
    """A service whose only key was revoked is locked, not open to this machine."""
    assert KnownKeys(file, None, lambda: NOW).is_empty
    assert not KnownKeys(file, "sesame", lambda: NOW).is_empty
    _, key = file.create("desk", REVIEW)
    file.revoke(key.prefix)
    assert not KnownKeys(file, None, lambda: NOW).is_empty


def test_another_key_in_the_settings_is_another_key(file: KeyFile) -> None:
    """Whoever signed in with the old one is not signed in with the new one."""
    old = KnownKeys(file, "sesame", lambda: NOW).sent(b"sesame")
    with pytest.raises(KeyRefused):
        KnownKeys(file, "simsalabim", lambda: NOW).named(old.prefix)
