"""The album: which photos are alike, by a compiler or without one."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from common import bits, numpy_bits
from common.album import MOST_APART, VIEWS, WORDS, Album, likeness_of, packed_likeness


def hashes(seed: int, *shape: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 2**64, (*shape, WORDS), np.uint64)


def test_a_photo_is_found_by_any_of_its_views() -> None:
    """Whichever view a question equals, the name of the photo is given; a dropped or replaced one is not."""
    known, album = hashes(1, 3, VIEWS), Album()
    for number, views in enumerate(known):
        album.put(f"p{number}", views.tobytes())
    assert [album.alike(known[1, view : view + 1]) for view in range(VIEWS)] == [["p1"]] * VIEWS
    assert album.alike(known[:, 2]) == ["p0", "p1", "p2"]
    album.drop("p1")
    album.put("p2", hashes(2, VIEWS).tobytes())
    assert (album.alike(known[:, 2]), len(album)) == (["p0"], 2)


def test_nothing_is_like_nothing() -> None:
    """An empty album finds nothing, and a photo without questions is found nowhere."""
    album = Album()
    assert album.alike(hashes(1, 8)) == []
    album.put("p1", hashes(1, VIEWS).tobytes())
    assert album.alike(np.zeros((0, WORDS), np.uint64)) == []


@given(st.sets(st.integers(64, 255), max_size=120))
def test_so_many_bits_may_differ(flipped: set[int]) -> None:
    """Up to the limit a hash is near, beyond it is not."""
    album, question = Album(), hashes(3, 1)
    flat = np.unpackbits(question.view(np.uint8), bitorder="little")
    flat[list(flipped)] ^= 1
    views = hashes(4, VIEWS)
    views[3] = np.packbits(flat, bitorder="little").view(np.uint64)
    album.put("p1", views.tobytes())
    assert album.alike(question) == (["p1"] if len(flipped) <= MOST_APART else [])


@given(st.integers(0, 2**32), st.integers(0, 64), st.integers(0, 256))
def test_without_a_compiler_the_same_is_near(seed: int, first: int, most: int) -> None:
    """Both ways to count agree, whatever the limits."""
    questions, known = hashes(seed, 20), hashes(seed + 1, 10, VIEWS)
    assert (bits.near(questions, known, first, most) == numpy_bits.near(questions, known, first, most)).all()


def test_a_likeness_is_packed_and_read() -> None:
    """It comes back as it was; that of a plain photo is none, and a damaged one is refused."""
    likeness = hashes(5, VIEWS).tobytes()
    assert likeness_of(packed_likeness(likeness)) == likeness
    assert packed_likeness(bytes(len(likeness))) == ""
    for damaged in ("", "AAAA"):
        with pytest.raises(ValueError, match="restore the record"):
            likeness_of(damaged)
