"""Held photos: which posts about children a photo is a copy of, as facts change."""

import numpy as np

from common.album import VIEWS, WORDS, packed_likeness
from compliance.facts import Child, Facts, Source
from compliance.held_photos import HeldPhotos
from compliance.precedence import copy_of

VIEWS_OF = np.random.default_rng(1).integers(0, 2**64, (3, VIEWS, WORDS), np.uint64)
FIRST, SECOND, THIRD = (packed_likeness(views.tobytes()) for views in VIEWS_OF)
HELD, CLEAR = Facts(Child.CHILD, Source.HOST), Facts(Child.CLEAR, Source.HOST)


def test_held_posts_are_known_until_they_are_clear() -> None:
    """A post holds copies while it is about a child, and not itself."""
    photos = HeldPhotos()
    photos.note("p1", FIRST, HELD)
    photos.note("p2", SECOND, CLEAR)
    assert [photos.like(views, "p9", new=True) for views in VIEWS_OF[:2]] == [["p1"], []]
    assert photos.like(VIEWS_OF[0], "p1", new=True) == []
    photos.note("p1", FIRST, CLEAR)
    assert photos.like(VIEWS_OF[0], "p9", new=True) == []


def test_a_post_of_before_is_held_by_none_that_is_a_copy_itself() -> None:
    """Two copies of nothing do not hold each other for ever; a new copy waits beside them."""
    photos = HeldPhotos()
    photos.note("p1", FIRST, copy_of("p0"))
    assert photos.like(VIEWS_OF[0], "p2", new=False) == []
    assert photos.like(VIEWS_OF[0], "p2", new=True) == ["p1"]


def test_the_store_is_read_at_first_and_after_a_while() -> None:
    """What was read replaces what was known; a reading is due again when its time is over."""
    now = [100.0]
    photos = HeldPhotos(lambda: now[0])
    assert photos.is_due
    photos.note("p1", FIRST, HELD)
    photos.read([("p2", SECOND, HELD), ("p3", THIRD, CLEAR), ("p4", "damaged", HELD), ("p5", "", HELD)])
    assert [photos.like(views, "p9", new=True) for views in VIEWS_OF] == [[], ["p2"], []]
    assert (len(photos), photos.is_due) == (1, False)
    now[0] += 61
    assert photos.is_due
