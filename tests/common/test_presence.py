"""Presence: the first who comes is alone until he lets others in."""

import threading
from pathlib import Path

from common.presence import Presence


def test_the_first_is_alone_until_he_lets_others_in(tmp_path: Path) -> None:
    """Others wait for that, and know that they are not the first; when all have gone, the next one is."""
    came = threading.Event()

    def come() -> None:
        with Presence(tmp_path / "present") as other:
            assert not other.is_first
            came.set()

    with Presence(tmp_path / "present") as first:
        assert first.is_first
        thread = threading.Thread(target=come)
        thread.start()
        assert not came.wait(0.1)
        first.let_in()
        thread.join()
    assert came.is_set()
    with Presence(tmp_path / "present") as again:
        assert again.is_first
