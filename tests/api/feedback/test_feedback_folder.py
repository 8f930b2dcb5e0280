"""Feedback is kept without who said it and without the question's words, so many bytes, by all workers."""

import json
import threading
from datetime import UTC, datetime
from pathlib import Path

from api.feedback.feedback_folder import FeedbackFolder, Reaction

NOW = datetime(2026, 5, 1, 12, 34, 56, tzinfo=UTC)


def test_a_line_has_no_words_of_the_question_unless_they_are_wanted(tmp_path: Path) -> None:
    """The key is the same for the same words, and another in another home."""
    folder = FeedbackFolder(tmp_path / "a", 2**20)
    folder.keep("Закат  над МОРЕМ", "p1", Reaction.GOOD, 3, NOW)
    (line,) = (tmp_path / "a" / "feedback.ndjson").read_text("utf-8").splitlines()
    assert json.loads(line) == {
        "at": "2026-05-01T12:34+00:00",
        "question": folder.key("закат над морем"),
        "post": "p1",
        "reaction": "good",
        "rank": 3,
    }
    other = FeedbackFolder(tmp_path / "b", 2**20, with_text=True)
    other.keep("закат", "p1", Reaction.CLICK, None, NOW)
    (kept,) = other.read()
    assert (kept.text, kept.rank, kept.question == folder.key("закат")) == ("закат", None, False)


def test_so_many_bytes_are_kept_and_the_oldest_go(tmp_path: Path) -> None:
    """However much is said; what is left is whole, and in order."""
    folder = FeedbackFolder(tmp_path, 8000)
    for n in range(400):
        folder.keep("sea", f"p{n:03d}", Reaction.CLICK, None, NOW)
    assert sum(file.stat().st_size for file in tmp_path.glob("*.ndjson")) <= 8000
    posts = [line.post for line in folder.read()]
    assert posts == [f"p{n:03d}" for n in range(400 - len(posts), 400)]
    assert len(posts) > 50


def test_workers_lose_no_line(tmp_path: Path) -> None:
    """Though each has opened the folder by itself."""
    folders = [FeedbackFolder(tmp_path, 2**20) for _ in range(4)]

    def work(folder: FeedbackFolder) -> None:
        for n in range(50):
            folder.keep("sea", f"p{n}", Reaction.BAD, None, NOW)

    threads = [threading.Thread(target=work, args=(folder,)) for folder in folders]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(list(folders[0].read())) == 200


def test_what_cannot_be_kept_fails_nobody(tmp_path: Path) -> None:
    """A file in place of the folder, a line that was cut, and a bound of nothing."""
    (tmp_path / "file").write_text("x")
    FeedbackFolder(tmp_path / "file", 2**20).keep("sea", "p", Reaction.GOOD, None, NOW)
    off = FeedbackFolder(tmp_path / "off", 0)
    off.keep("sea", "p", Reaction.GOOD, None, NOW)
    assert not off.is_kept
    assert not (tmp_path / "off").exists()
    folder = FeedbackFolder(tmp_path / "cut", 2**20)
    folder.keep("sea", "p", Reaction.GOOD, None, NOW)
    file = tmp_path / "cut" / "feedback.ndjson"
    file.write_bytes(b'{"at": "2026' + b"\n" + file.read_bytes() + b'{"at":')
    assert [line.post for line in folder.read()] == ["p"]
