"""Faces among the numbers that networks told of a photo."""

from moderation.face_numbers import FaceNumbers, face_numbers

NAMES = ("things.count", "things.person", "faces.count", "faces.size", "faces.youngest", "faces.under_13")


def test_faces_are_read_from_the_source_that_tells_ages() -> None:
    """Another source may count things as well; years are given to a tenth."""
    assert face_numbers((4.0, 1.0, 2.0, 0.2, 7.26, 0.9), NAMES) == FaceNumbers(2, 7.3)


def test_where_there_is_no_face_nobody_has_an_age() -> None:
    """The number that stands in its place is none of years."""
    assert face_numbers((0.0, 0.0, 0.0, 0.0, 60.0, 0.0), NAMES) == FaceNumbers(0, None)


def test_without_such_a_network_nothing_is_told() -> None:
    """None was there, it told something else, or it was another one when the photo came in."""
    assert face_numbers(None, NAMES) is None
    assert face_numbers((4.0, 1.0), NAMES[:2]) is None
    assert face_numbers((2.0, 0.2), NAMES) is None
