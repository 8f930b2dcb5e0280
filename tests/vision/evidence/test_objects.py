"""Evidence by people and things: how many there are, how high they are, and what is beside them."""

from pathlib import Path

import numpy as np
import pytest

from tests.support.tiny_evidence import quarters, write_evidence
from vision.errors import EncoderError
from vision.evidence.evidence import PhotoEvidence
from vision.evidence.make_evidence import make_evidence

PERSON, TOY = (255, 0, 0), (0, 0, 255)


@pytest.fixture(scope="module")
def objects(tmp_path_factory: pytest.TempPathFactory) -> PhotoEvidence:
    return make_evidence(write_evidence(tmp_path_factory.mktemp("networks"), "objects"))


def told(objects: PhotoEvidence, photo: np.ndarray) -> dict[str, float]:
    (row,) = objects.measure([photo]).numbers.tolist()
    return dict(zip(objects.names, row, strict=True))


def test_people_and_a_toy_are_counted_and_measured(objects: PhotoEvidence) -> None:
    """Heights are shares of the photo's, whatever its proportions."""
    numbers = told(objects, quarters(PERSON, TOY, PERSON, height=60, width=90))
    assert numbers["objects.people"] == 2
    assert numbers["objects.tallest"] == pytest.approx(0.5, abs=0.01)
    assert numbers["objects.height_ratio"] == pytest.approx(1, abs=0.03)
    assert numbers["objects.toy"] == pytest.approx(1, abs=0.05)


def test_an_empty_photo_has_nobody(objects: PhotoEvidence) -> None:
    """And no toy."""
    numbers = told(objects, quarters())
    assert (numbers["objects.people"], numbers["objects.tallest"], numbers["objects.toy"]) == (0, 0, 0)


def test_rows_that_do_not_say_all_are_refused(tmp_path: Path) -> None:
    """Edges without scores and classes are no boxes of things."""
    (file,) = write_evidence(tmp_path, "objects")
    file.write_text(file.read_text().replace('tensor = "found"', 'tensor = "people"'))
    with pytest.raises(EncoderError, match=r"The tensor people gives boxes of the shape \(4, 1\), expected 6 numbers"):
        make_evidence([file]).measure([quarters(PERSON)])
