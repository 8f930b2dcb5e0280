"""Values as bytes and back."""

from pathlib import Path
from uuid import UUID

import numpy as np
import pytest

from qdrant.engine.codec import from_bytes, keys_from, plain_points, points_from, to_bytes
from qdrant.engine.protocol import Packed
from qdrant.points import word_id

KEY = UUID("6f1d2f5e-9a53-5d0a-8c55-2b1f6f0f4a11")


def test_a_point_comes_back_as_it_was() -> None:
    """Its key, its vectors of both sorts, the words numbered, and whatever its payload holds."""
    payload = {"id": "птица", "attrs": {"size": 2.5, "sold": True, "none": None, "tags": ["a", 1]}}
    given = Packed(KEY, {"theta": np.array([0.25, 0.75], np.float32), "words": {"sea": 1.5}}, payload)
    (back,) = points_from(from_bytes(to_bytes(plain_points([given]))))
    assert (back.key, back.payload, back.vectors["words"]) == (KEY, payload, [[word_id("sea")], [1.5]])
    np.testing.assert_array_equal(back.vectors["theta"], given.vectors["theta"])


@pytest.mark.parametrize("kind", [np.float32, np.float64, np.int64])
def test_numbers_keep_their_kind(kind: type) -> None:
    """An array comes back with the same numbers, as wide as they were."""
    back = from_bytes(to_bytes({"numbers": np.array([1, 2, 3], kind), "one": kind(4)}))
    assert (back["numbers"].dtype, back["numbers"].tolist(), back["one"]) == (np.dtype(kind), [1, 2, 3], 4)


def test_keys_are_sixteen_bytes() -> None:
    """They come back as keys where keys are expected."""
    assert keys_from(from_bytes(to_bytes([KEY]))) == [KEY]


def test_what_is_no_value_is_refused() -> None:
    """Nothing is packed that would come back as something else."""
    with pytest.raises(TypeError, match="PosixPath is none of the values"):
        to_bytes([Path("/")])
