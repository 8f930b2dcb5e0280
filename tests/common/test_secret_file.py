"""A secret of a home."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from common.secret_file import secret_in


def test_a_secret_is_made_once_and_read_by_its_owner_alone(tmp_path: Path) -> None:
    """Whoever asks later has the same; nothing lies beside it, and another home has another."""
    file = tmp_path / "home" / "some.secret"
    secret = secret_in(file)
    assert len(secret) == 32
    assert secret_in(file) == secret
    assert file.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in file.parent.iterdir()] == ["some.secret"]
    assert secret_in(tmp_path / "other.secret") != secret


def test_who_asks_at_the_same_moment_has_the_same(tmp_path: Path) -> None:
    """Eight ask at once, and one secret is made."""
    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(secret_in, [tmp_path / "some.secret"] * 8))) == 1
