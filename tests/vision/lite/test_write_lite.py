"""Weights become files that see: a network, its description, and names of its classes, or nothing at all."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.crawl import photo
from tests.support.tiny_lite import TINY, saved, tiny_weights
from vision.decoding.decode import decode
from vision.errors import EncoderError
from vision.lite.write_lite import write_lite
from vision.make_encoder import make_encoder


def test_what_is_written_sees_beside_another_encoder(tmp_path: Path) -> None:
    """Its words stand beside those of patches, its features as well; classes whose names nobody knows have numbers."""
    description, tryout = write_lite("lite-tiny", TINY, saved(tiny_weights()), tmp_path / "new", package="tiny")
    assert sorted(file.name for file in description.parent.iterdir()) == [
        "lite-tiny.labels.txt",
        "lite-tiny.onnx",
        "lite-tiny.toml",
    ]
    assert tryout.milliseconds > 0
    encoder = make_encoder("patches", str(description))
    assert dict(encoder.totals) == {"patches": 200, "tiny": 200, "tiny-channel": 50}
    encoding = encoder.see([decode(photo("sea", 1))])
    assert "tiny:class_3" in encoding.words[0]
    assert encoder.describe("tiny:class_3") == "class 3"
    assert encoding.features.shape == (1, make_encoder("patches").see([decode(photo("sea", 1))]).features.size + 24)


def test_a_network_that_sees_other_things_than_it_must_is_not_kept(tmp_path: Path) -> None:
    """Of the thousand classes of ImageNet it is known which one a drawn traffic light is."""
    thousand = replace(TINY, classes=1000)
    with pytest.raises(EncoderError, match=r"^tiny sees a drawn traffic light as .*: it was made wrong, not kept"):
        write_lite("tiny", thousand, saved(tiny_weights(thousand)), tmp_path / "new", package="tiny")
    assert not (tmp_path / "new").exists()


def test_weights_that_cannot_be_used_leave_nothing(tmp_path: Path) -> None:
    """Cut off, or of another network."""
    whole = saved(tiny_weights())
    with pytest.raises(EncoderError, match=r"^The file of weights in tiny holds no weights that can be read: of "):
        write_lite("tiny", TINY, whole[:-9], tmp_path / "new", package="tiny")
    with pytest.raises(EncoderError, match="they are of another network"):
        write_lite("tiny", replace(TINY, head=32), whole, tmp_path / "new", package="tiny")
    assert not (tmp_path / "new").exists()


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    """A file stands in its place."""
    (tmp_path / "new").write_text("")
    with pytest.raises(EncoderError, match=r"/new cannot be written: File exists"):
        write_lite("tiny", TINY, saved(tiny_weights()), tmp_path / "new", package="tiny")
