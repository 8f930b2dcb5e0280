"""The file of the keys: digests alone, for its owner alone, and every change seen by whoever looks next."""

import multiprocessing
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from api.access.key_file import Key, KeyFile, KeysUnreadable, KeyUnknown, digest_of
from api.access.scopes import Scope

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
INGEST = frozenset({Scope.INGEST})


@pytest.fixture
def file(tmp_path: Path) -> KeyFile:
    return KeyFile(tmp_path / "home" / "keys.json", lambda: NOW)


def test_a_key_is_shown_once_and_kept_nowhere(file: KeyFile) -> None:
    """The file knows its digest, its prefix, what it is for; nobody but its owner may read even that."""
    secret, key = file.create("backend", INGEST)
    assert file.path is not None
    assert secret.startswith(f"{key.prefix}_")
    assert len(secret) > 50
    assert secret.removeprefix(f"{key.prefix}_") not in file.path.read_text()
    assert key.digest == digest_of(secret.encode())
    assert stat.S_IMODE(file.path.stat().st_mode) == 0o600
    assert list(file.keys()) == [key]


def test_a_file_that_others_could_read_is_closed_with_the_next_change(file: KeyFile) -> None:
    """A mode that somebody loosened does not stay."""
    file.create("one", INGEST)
    assert file.path is not None
    file.path.chmod(0o644)
    file.create("two", INGEST)
    assert stat.S_IMODE(file.path.stat().st_mode) == 0o600


def test_another_reader_sees_each_change_at_once(file: KeyFile) -> None:
    """Two workers have the same file open: what one does, the other knows with its next look."""
    other = KeyFile(file.path, lambda: NOW)
    assert list(other.keys()) == []
    _, key = file.create("backend", INGEST)
    assert list(other.keys()) == [key]
    other.revoke(key.prefix)
    (revoked,) = file.keys()
    assert revoked.state(NOW) == "revoked"


def test_a_key_ends_by_itself(file: KeyFile) -> None:
    """Until the moment of its end it is in force, from then on expired."""
    _, key = file.create("short", INGEST, NOW + timedelta(days=1))
    assert key.state(NOW + timedelta(hours=23)) == "in force"
    assert key.state(NOW + timedelta(days=1)) == "expired"


def test_a_rotated_key_goes_on_for_the_overlap(file: KeyFile) -> None:
    """The new one has its name, scopes and length of life; the old one ends, and never later than it would have."""
    _, first = file.create("backend", INGEST, NOW + timedelta(days=90))
    _, new, old = file.rotate(first.prefix, timedelta(hours=24))
    assert (new.name, new.scopes, new.expires) == ("backend", INGEST, NOW + timedelta(days=90))
    assert (old.prefix, old.expires) == (first.prefix, NOW + timedelta(hours=24))
    _, _, old = file.rotate(new.prefix, timedelta(days=400))
    assert old.expires == NOW + timedelta(days=90)
    assert len(file.keys()) == 3


@pytest.mark.parametrize("prefix", ["ps_nobody", "", "*"])
def test_a_prefix_that_is_none_changes_nothing(file: KeyFile, prefix: str) -> None:
    """The sentence names where prefixes are listed."""
    _, key = file.create("backend", INGEST)
    for change in (file.revoke, lambda meant: file.rotate(meant, timedelta(0))):
        with pytest.raises(KeyUnknown, match="keys list"):
            change(prefix)
    assert list(file.keys()) == [key]


def test_what_is_over_cannot_be_rotated(file: KeyFile) -> None:
    """A revoked key does not come back as a new one."""
    _, key = file.create("backend", INGEST)
    file.revoke(key.prefix)
    with pytest.raises(KeyUnknown, match="revoked already"):
        file.rotate(key.prefix, timedelta(hours=1))


@pytest.mark.parametrize("content", [b"", b"{", b'{"keys": [{"prefix": 1}]}', b'{"keys": [{"prefix": "ps_1"}]}'])
def test_a_damaged_file_is_no_empty_one(file: KeyFile, content: bytes) -> None:
    """Nobody gets in because the keys cannot be read; whole again, it is read again."""
    file.create("backend", INGEST)
    assert file.path is not None
    whole = file.path.read_bytes()
    file.path.write_bytes(content)
    for _ in range(2):
        with pytest.raises(KeysUnreadable, match=r"keys\.json"):
            file.keys()
    file.path.write_bytes(whole)
    (key,) = file.keys()
    assert key.name == "backend"


def create(path: Path, names: list[str]) -> None:
    for name in names:
        KeyFile(path).create(name, INGEST)


def test_nothing_is_lost_between_processes(file: KeyFile) -> None:
    """Several commands at the same moment each leave their key."""
    assert file.path is not None
    makers = [
        multiprocessing.get_context("fork").Process(target=create, args=(file.path, [f"{maker}-{n}" for n in range(5)]))
        for maker in range(4)
    ]
    for maker in makers:
        maker.start()
    for maker in makers:
        maker.join()
    keys: tuple[Key, ...] = file.keys()
    assert {key.name for key in keys} == {f"{maker}-{n}" for maker in range(4) for n in range(5)}
