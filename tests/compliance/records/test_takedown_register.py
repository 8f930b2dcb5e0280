"""The register of takedowns remembers whatever happens to it, and says when it is not what was written."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from compliance.errors import ComplianceError, RecordNotWritten
from compliance.records.chain import twin_file
from compliance.records.takedown_register import Takedowns, link_marks, ordered_marks, post_mark


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "takedowns.ndjson"


def broken(path: Path) -> tuple[str, ...]:
    soundness = Takedowns(path).soundness()
    assert soundness is not None
    return soundness.breaks


def test_a_takedown_holds_as_soon_as_it_began_and_is_done_when_that_is_recorded(path: Path) -> None:
    """Also for who opens the register between the two."""
    begun = Takedowns(path).begin("m1", "order 7", {post_mark("p1")}, 1)
    between = Takedowns(path)
    assert between.match("p1", None, None, None) == begun.id
    assert between.unfinished() == [begun]
    between.finish(begun.id)
    (done,) = Takedowns(path).all()
    assert done.done is not None
    assert Takedowns(path).unfinished() == []
    assert broken(path) == ()


@pytest.mark.parametrize("sign", ["\u2028", "\u2029", "\u0085", "\x0c", "\x1e", "\r", "\n", "\ud800"])
def test_a_reason_may_hold_any_character(path: Path, sign: str) -> None:
    """A reason with a sign that ends lines elsewhere once kept the home from ever starting again."""
    Takedowns(path).begin("m1", f"order{sign}7", {post_mark("p1")}, 1)
    again = Takedowns(path)
    assert [each.reason for each in again.all()] == [f"order{sign}7"]
    again.begin("m1", "order 8", {post_mark("p2")}, 1)
    assert broken(path) == ()
    assert Takedowns(path).match("p2", None, None, None) is not None


def test_a_register_of_before_is_read_and_continued(path: Path) -> None:
    """Its records had no state: they are done; the chain goes on from their hashes."""
    old = {"id": "t-1", "at": "2024-09-14T00:00:00+00:00", "by": "m1", "reason": "order 1", "marks": [post_mark("p1")]}
    path.write_text(json.dumps({**old, "posts": 1, "before": "0" * 64}) + "\n")
    takedowns = Takedowns(path)
    assert takedowns.unfinished() == []
    takedowns.begin("m1", "order 2", {*link_marks("https://a.example/1")}, 0)
    assert broken(path) == ()
    assert [each.id for each in Takedowns(path).all()][1] == "t-1"


@pytest.mark.parametrize(
    ("ordered", "comes"),
    [
        pytest.param("https://фото.рф/кот", "https://фото.рф/%D0%BA%D0%BE%D1%82", id="copied out of a browser"),
        pytest.param("https://xn--n1aalg.xn--p1ai/%D0%BA%D0%BE%D1%82", "https://ФОТО.рф/кот/", id="the other way"),
        pytest.param("https://a.example/p/1", "https://a.example:443/p/%31#top", id="port and digits"),
        pytest.param("/p/кот", "/p/%D0%BA%D0%BE%D1%82", id="a path"),
    ],
)
def test_a_link_is_known_again_however_a_browser_writes_it(path: Path, ordered: str, comes: str) -> None:
    """Who copies it from the bar of his browser has other letters than the site sent; another port is another site."""
    begun = Takedowns(path).begin("m1", "order 7", {*link_marks(ordered)}, 0)
    assert Takedowns(path).match("p2", comes, None, None) == begun.id
    for other in (f"{ordered}2", ordered.replace("example", "example:8443").replace("рф/", "рф:80/")):
        assert other == ordered or Takedowns(path).match("p2", other, None, None) is None


@pytest.mark.parametrize(
    ("ordered", "comes", "is_known"),
    [
        pytest.param("https://a.example/p/1#top", "/p/1", True, id="the site sends paths"),
        pytest.param("https://a.example/p/1/?from=mail", "/p/1/?from=mail", True, id="with a question"),
        pytest.param("https://фото.рф/%D0%BA%D0%BE%D1%82", "/кот", True, id="copied out of a browser"),
        pytest.param("https://a.example/p/1", "https://b.example/p/1", False, id="another host"),
        pytest.param("/p/1", "https://a.example/p/1", False, id="a path, of whichever host"),
        pytest.param("https://a.example/", "/", False, id="the host alone"),
    ],
)
def test_an_ordered_address_names_its_path_too(path: Path, ordered: str, comes: str, is_known: bool) -> None:
    """Who orders it copies it whole from a browser, and a site may send links without its host."""
    Takedowns(path).begin("m1", "order 7", {*ordered_marks(ordered)}, 0)
    assert (Takedowns(path).match("p2", comes, None, None) is not None) == is_known


def test_a_link_in_a_register_of_before_holds(path: Path) -> None:
    """It was remembered as it was written, and by nothing else."""
    as_written = "link:" + hashlib.sha256(b"a.example/%D0%BA").hexdigest()
    begun = Takedowns(path).begin("m1", "order 7", {as_written}, 0)
    assert Takedowns(path).match("p2", "https://A.example/%D0%BA/", None, None) == begun.id


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda lines: lines[1:], id="a line left out"),
        pytest.param(lambda lines: [lines[0].replace(b"order", b"other"), *lines[1:]], id="a line changed"),
    ],
)
def test_a_register_that_was_tampered_with_says_so_and_holds_what_it_can_read(
    path: Path, change: Callable[[list[bytes]], list[bytes]]
) -> None:
    """It stops no start: a service that is down withholds no better."""
    for number in range(3):
        Takedowns(path).begin("m1", "order", {post_mark(f"p{number}")}, 1)
    for file in (path, twin_file(path)):
        file.write_bytes(b"\n".join(change(file.read_bytes().split(b"\n"))))
    assert Takedowns(path).match("p2", None, None, None) is not None
    assert "does not follow the line before" in broken(path)[0]


def test_a_register_that_cannot_be_written_takes_nothing_down(tmp_path: Path) -> None:
    """What was refused does not hold in this process either."""
    takedowns = Takedowns(tmp_path / "home" / "takedowns.ndjson")
    (tmp_path / "home").write_text("")
    with pytest.raises(RecordNotWritten, match="nothing was recorded"):
        takedowns.begin("m1", "order", {post_mark("1")}, 1)
    assert takedowns.match("1", None, None, None) is None


def test_a_register_that_cannot_be_read_stops_the_start(path: Path) -> None:
    """Nobody could tell what must not be shown."""
    path.mkdir()
    with pytest.raises(ComplianceError, match="what was taken down would be shown"):
        Takedowns(path)


def test_without_a_path_a_register_lives_as_long_as_the_process() -> None:
    """There is nothing to verify then."""
    takedowns = Takedowns()
    takedowns.finish(takedowns.begin("m1", "order", {post_mark("p1")}, 1).id)
    assert takedowns.match("p1", None, None, None) is not None
    assert takedowns.soundness() is None
