"""A chain of records survives what files go through, and shows what was done to it."""

import hashlib
import json
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.errors import RecordNotWritten
from compliance.records.chain import Chain, head_file, torn_file, verify
from tests.support.full_disk import room


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "acts.ndjson"


def filled(path: Path, count: int = 4) -> Chain:
    chain = Chain(path)
    for number in range(count):
        chain.append({"number": number})
    return chain


def numbers(path: Path) -> list[int]:
    return [record.entry["number"] for record in Chain(path).records()]


def test_each_line_carries_the_hash_of_the_line_before(path: Path) -> None:
    """The first one carries zeros; a second process goes on where the first stopped."""
    filled(path, 2)
    Chain(path).append({"number": 2})
    lines = path.read_bytes().split(b"\n")[:-1]
    assert [json.loads(line)["before"] for line in lines] == [
        "0" * 64,
        *(hashlib.sha256(line).hexdigest() for line in lines[:-1]),
    ]
    assert str(verify(path)) == "The chain of acts.ndjson is whole: 3 lines."


@given(st.lists(st.text(), min_size=1, max_size=5))
def test_a_record_may_hold_any_character(tmp_path_factory: pytest.TempPathFactory, texts: list[str]) -> None:
    """What is read is what was written, in as many lines."""
    path = tmp_path_factory.mktemp("any") / "acts.ndjson"
    for text in texts:
        Chain(path).append({"text": text})
    assert [record.entry["text"] for record in Chain(path).records()] == texts
    assert verify(path).breaks == ()


@pytest.mark.parametrize("sign", ["\u2028", "\u2029", "\u0085", "\x0b", "\x1c", "\r", "\n", "\0", "\ud800"])
def test_signs_that_end_lines_elsewhere_end_none_here(path: Path, sign: str) -> None:
    """Nor does half of a surrogate pair stop anything."""
    chain = Chain(path)
    chain.append({"text": f"one{sign}two"})
    chain.append({"text": "three"})
    assert [record.entry["text"] for record in Chain(path).records()] == [f"one{sign}two", "three"]
    assert verify(path).breaks == ()


@pytest.mark.parametrize("left", [b"x", b'{"number": 9', b'{"number": 9, "text": "\xd0', b"\0" * 40])
def test_torn_last_line_is_cut_off_kept_beside_and_named(path: Path, left: bytes) -> None:
    """The next record stands on a line of its own, and says so."""
    filled(path, 2)
    path.write_bytes(path.read_bytes() + left)
    assert numbers(path) == [0, 1]
    assert "Its last line is torn" in str(verify(path))
    Chain(path).append({"number": 2})
    assert numbers(path) == [0, 1, 2]
    assert torn_file(path).read_bytes() == left + b"\n"
    assert verify(path).breaks == ()
    assert str(verify(path)).endswith(
        f"A torn line was cut off before line 3 ({len(left)} bytes, kept in acts.ndjson.torn)."
    )


def test_last_line_cut_at_any_byte_takes_no_other_with_it(path: Path) -> None:
    """However much of it a power cut left."""
    filled(path, 3)
    whole, head = path.read_bytes(), head_file(path).read_bytes()
    last = len(whole) - len(whole.split(b"\n")[2]) - 1
    for size in range(last + 1, len(whole)):
        path.write_bytes(whole[:size])
        head_file(path).write_bytes(head)
        Chain(path).append({"number": 3})
        assert numbers(path) == [0, 1, 3]
        assert verify(path).breaks == ()


def test_full_disk_is_a_sentence_and_nothing_is_half_written(path: Path) -> None:
    """What does not fit leaves the file as it was; once there is room, the chain goes on."""
    chain = filled(path, 2)
    whole = path.read_bytes()
    with (
        room(len(whole) + 20),
        pytest.raises(RecordNotWritten, match=r"cannot be written .* Make room"),
    ):
        chain.append({"number": 2})
    assert path.read_bytes() == whole
    chain.append({"number": 2})
    assert numbers(path) == [0, 1, 2]
    assert verify(path).breaks == ()


def test_threads_and_processes_take_turns(path: Path) -> None:
    """Each chain object stands for a process; every line follows the one before."""

    def write(number: int) -> None:
        chain = Chain(path)
        for _ in range(20):
            chain.append({"number": number}, sync=False)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(numbers(path)) == sorted([*range(4)] * 20)
    assert verify(path).breaks == ()


Damage = Callable[[list[bytes]], list[bytes]]


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        pytest.param(lambda lines: [lines[0], lines[2], lines[3]], "line 2 does not follow", id="a line left out"),
        pytest.param(lambda lines: lines[1:], "line 1 does not follow", id="the first left out"),
        pytest.param(lambda lines: lines[:-1], "the last 1 line written", id="the last left out"),
        pytest.param(lambda _: [], "the last 4 lines written", id="all left out"),
        pytest.param(
            lambda lines: [lines[0], lines[1].replace(b"1", b"7", 1), *lines[2:]],
            "line 3 does not follow",
            id="changed",
        ),
        pytest.param(
            lambda lines: [*lines[:3], lines[3].replace(b"3", b"77", 1)], "line 4 is not the one", id="the last changed"
        ),
        pytest.param(lambda lines: [lines[0], b'{"number": 7}', *lines[1:]], "line 2 is no record", id="one put in"),
        pytest.param(lambda lines: [*lines, b"[]"], "line 5 is no record", id="one put behind"),
        pytest.param(lambda lines: [lines[1], lines[0], *lines[2:]], "line 1 does not follow", id="two changed places"),
    ],
)
def test_what_was_done_to_a_chain_is_found_and_stays_found(path: Path, damage: Damage, says: str) -> None:
    """Also after further records: going on covers nothing up."""
    filled(path)
    lines = damage(path.read_bytes().split(b"\n")[:-1])
    path.write_bytes(b"".join(line + b"\n" for line in lines))
    assert says in verify(path).breaks[0]
    assert str(verify(path)).startswith("The chain of acts.ndjson is broken: ")
    for number in (8, 9):
        Chain(path).append({"number": number})
    assert verify(path).breaks
    assert numbers(path)[-2:] == [8, 9]


def test_records_of_before_the_chain_are_read_continued_and_sealed(path: Path) -> None:
    """The first chained line says how many there were; who changes one of them later shows it."""
    path.parent.mkdir()
    path.write_bytes(b'{"number": 0}\nbroken\n{"number": 1}\n')
    filled(path, 0).append({"number": 2})
    Chain(path).append({"number": 3})
    assert numbers(path) == [0, 1, 2, 3]
    assert json.loads(path.read_bytes().split(b"\n")[3])["unchained"] == 3
    assert str(verify(path)) == "The chain of acts.ndjson is whole: 5 lines, 3 of them of before the chain."
    path.write_bytes(path.read_bytes().replace(b"broken", b"mended"))
    assert "line 4 does not follow" in str(verify(path))


def test_a_file_that_is_not_there_has_no_record(path: Path) -> None:
    """That is said, and is no break."""
    assert list(Chain(path).records()) == []
    assert str(verify(path)) == "acts.ndjson has no record yet."
