"""Evidence by faces: what is planted in a photo comes out as numbers that a person can read."""

from pathlib import Path

import numpy as np
import pytest

from tests.support.tiny_evidence import quarters, write_evidence
from vision.errors import EncoderError
from vision.evidence.evidence import PhotoEvidence
from vision.evidence.faces import NO_FACE
from vision.evidence.make_evidence import make_evidence

CHILD, ADULT = (255, 18, 0), (230, 103, 0)  # a face of 7 years, and one of 40


@pytest.fixture(scope="module")
def faces(tmp_path_factory: pytest.TempPathFactory) -> PhotoEvidence:
    return make_evidence(write_evidence(tmp_path_factory.mktemp("networks"), "faces"))


def told(faces: PhotoEvidence, photo: np.ndarray) -> dict[str, float]:
    (row,) = faces.measure([photo]).numbers.tolist()
    return dict(zip(faces.names, row, strict=True))


def test_a_child_beside_an_adult_is_told_by_the_youngest_face(faces: PhotoEvidence) -> None:
    """How many there are, how old, and how sure it is that one is a child's."""
    numbers = told(faces, quarters(ADULT, (0, 0, 90), CHILD))
    assert numbers["faces.count"] == 2
    assert numbers["faces.youngest"] == pytest.approx(7, abs=0.1)
    assert numbers["faces.size"] == pytest.approx(0.5, abs=0.01)
    assert numbers["faces.under_13"] == pytest.approx(1, abs=0.03)
    assert numbers["faces.any_under_13"] == pytest.approx(1, abs=0.03)


def test_an_adult_alone_is_no_child(faces: PhotoEvidence) -> None:
    """Nor somebody who is not grown up."""
    numbers = told(faces, quarters(ADULT))
    assert (numbers["faces.count"], round(numbers["faces.youngest"])) == (1, 40)
    assert max(numbers["faces.under_13"], numbers["faces.under_18"]) < 0.01


def test_a_photo_without_faces_has_numbers_all_the_same(faces: PhotoEvidence) -> None:
    """None of them speaks for a child; a face that is hardly one is none."""
    for photo in (quarters(), quarters((60, 18, 0))):
        numbers = told(faces, photo)
        assert (numbers["faces.count"], numbers["faces.youngest"], numbers["faces.under_18"]) == (0, NO_FACE, 0)


@pytest.mark.parametrize(("height", "width"), [(64, 64), (64, 96), (120, 64)])
def test_a_face_is_where_it_is_in_a_photo_of_any_proportions(faces: PhotoEvidence, height: int, width: int) -> None:
    """The photo fills the upper left corner of what the finder sees: what is planted there in its boxes is found."""
    side = max(height, width)
    photo = np.zeros((height, width, 3), np.uint8)
    photo[: side // 2, : side // 2] = CHILD
    numbers = told(faces, photo)
    assert (numbers["faces.count"], round(numbers["faces.youngest"])) == (1, 7)


def test_photos_in_a_batch_tell_what_each_tells_alone(faces: PhotoEvidence) -> None:
    """In the order given."""
    photos = [quarters(CHILD), quarters(), quarters(ADULT, ADULT)]
    together = faces.measure(photos).numbers
    assert together.tolist() == [faces.measure([photo]).numbers[0].tolist() for photo in photos]


def test_ages_that_are_no_years_are_refused(tmp_path: Path) -> None:
    """A network that tells three classes tells no age; the sentence names tensor and table."""
    (file,) = write_evidence(tmp_path, "faces")
    file.write_text(file.read_text().replace('tensor = "years"', 'tensor = "colour"'))
    with pytest.raises(EncoderError, match=r"The tensor colour of faces tells ages in the shape \(1, 3\).*\[ages\]"):
        make_evidence([file]).measure([quarters(CHILD)])
