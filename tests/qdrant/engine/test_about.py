"""What a store says of itself is read back as it was written, by this version and from the one before."""

import orjson
import pytest

from qdrant.attrs import AttrKind
from qdrant.engine.about import About, OtherFormat, unpack
from qdrant.vector_kind import ALIGNED, DUAL, THETA, Measure, Owner, VectorKind


def test_kinds_that_nobody_here_knows_come_back_whole() -> None:
    """The record says how a kind is compared and to whom it belongs, so that no list of kinds is needed."""
    palette = VectorKind("palette", Measure.L1, Owner.MODEL, prefix="p_")
    about = About(
        {THETA.of("m1"): 6, palette.of("m1"): 3, DUAL.of("clip"): 4},
        "m1",
        {(AttrKind.WORD, "place"): frozenset({"open", "clear"})},
    )
    assert unpack(orjson.loads(orjson.dumps(about.pack()))) == about


def test_a_record_of_format_2_is_read() -> None:
    """It had a table for each of its three kinds, and the vectors keep the names that they were stored under."""
    packed = {"format": 2, "models": {"m1": 6}, "active": "m1", "aligned": {"m1": 3}, "attrs": [["word", "place"]]}
    about = unpack({**packed, "foreign": {"clip": 4}})
    assert about.vectors == {THETA.of("m1"): 6, ALIGNED.of("m1"): 3, DUAL.of("clip"): 4}
    assert about.names == ["theta_m1", "aligned_m1", "foreign_clip"]
    assert about.active == "m1"
    assert about.knows('typed.word."place"', None)
    assert not about.knows('typed.word."place"', frozenset({"open", "clear"})), "whose it is, nobody wrote down"
    assert unpack(packed).sizes(DUAL) == {}, "the first stores had no dual encoder"


@pytest.mark.parametrize("format_", [1, 5, None])
def test_another_format_is_refused(format_: int | None) -> None:
    """The sentence names the formats that are read."""
    with pytest.raises(OtherFormat, match="this version reads 2 to 4"):
        unpack({**About().pack(), "format": format_})


@pytest.mark.parametrize("torn", [None, {}, {"format": 3}, {"format": 2, "active": None, "attrs": []}])
def test_what_is_not_whole_is_refused(torn: object) -> None:
    """A record that lost a part is no empty store."""
    with pytest.raises(ValueError, match="not whole"):
        unpack(torn)
