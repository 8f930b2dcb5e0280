"""An encoder that remembers gives what the other would, and asks it once."""

import numpy as np

from photosense.evaluation.remembering_encoder import Remembering
from tests.support.small_world import draw
from vision.encoder import Encoding, Pixels
from vision.make_encoder import make_encoder

PATCHES = make_encoder("patches")


class Counting(Remembering):
    """Counts the photos that it is shown."""

    looked = 0

    def see(self, photos: list[Pixels]) -> Encoding:  # type: ignore[override]
        self.looked += len(photos)
        return super().see(photos)


def test_every_photo_is_looked_at_once() -> None:
    """Words and features are the same, in order, whichever photos were shown before."""
    sea, city, peak = draw("sea"), draw("city"), draw("mountains")
    counting = Counting(PATCHES)
    remembering = Remembering(counting)
    for photos in ([sea, city], [city, peak, sea], [peak, peak], []):
        encoding, plain = remembering.see(photos), PATCHES.see(photos)
        assert encoding.words == plain.words
        assert np.array_equal(encoding.features, plain.features)
    assert counting.looked == 3


def test_what_is_remembered_is_not_changed_by_whoever_asked() -> None:
    """The words that are given are the asker's own."""
    remembering = Remembering(PATCHES)
    remembering.see([draw("sea")]).words[0].clear()
    assert remembering.see([draw("sea")]).words == PATCHES.see([draw("sea")]).words


def test_it_passes_for_the_other() -> None:
    """Id, side, totals and descriptions are the other's, so the model of the house fits."""
    remembering = Remembering(PATCHES)
    assert (remembering.id, remembering.side, remembering.totals) == (PATCHES.id, PATCHES.side, PATCHES.totals)
    word = next(iter(remembering.see([draw("sea")]).words[0]))
    assert remembering.describe(word) == PATCHES.describe(word)
    none = dict.fromkeys(PATCHES.totals, 0.0)
    assert remembering.with_totals(none).see([draw("sea")]).words == [{}]
