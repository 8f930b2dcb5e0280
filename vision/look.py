"""Look: what a photo came to in the process that decoded it, and what is seen in it, there or here."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from vision.encoder import Encoder, Encoding, Pixels
from vision.fingerprint import Fingerprint, exact, looks
from vision.likeness import Likeness
from vision.notes.notes import NOTHING, Notes
from vision.rendition import Renditions


@dataclass(frozen=True, slots=True)
class Look:
    """Its perceptual hash and likeness, and its pixels; or what an encoder saw in them, where one worked there.

    With `renditions`, and the `notes` of the file, where they were asked for.
    """

    perceptual: int
    pixels: Pixels | None = None
    encoding: Encoding | None = None
    likeness: Likeness = field(default_factory=Likeness)
    renditions: Renditions = field(default_factory=dict)
    notes: Notes = NOTHING

    @property
    def needed(self) -> Pixels:
        """The pixels, for an encoder that has to see them here; whoever chose where photos are seen left them."""
        assert self.pixels is not None, "the pixels stayed in the process that decoded them"  # noqa: S101
        return self.pixels

    def fingerprint(self, data: bytes) -> Fingerprint:
        """The fingerprint of the photo, whose bytes these are."""
        return Fingerprint(exact(data), self.perceptual, self.likeness)

    @classmethod
    def at(cls, pixels: Pixels, renditions: Renditions | None = None, notes: Notes = NOTHING) -> "Look":
        """Look at pixels that no encoder has seen yet."""
        perceptual, likeness = looks(pixels)
        return cls(perceptual, pixels, likeness=likeness, renditions=renditions or {}, notes=notes)


def encode_looks(looks: Sequence[Look], encoder: Encoder) -> Encoding:
    """What was seen in photos already, or what the encoder sees now, in one go; in the order given."""
    now = encoder.see([look.pixels for look in looks if look.pixels is not None])
    later = iter(zip(now.words, now.features, strict=True))
    parts = [(look.encoding.words[0], look.encoding.features[0]) if look.encoding else next(later) for look in looks]
    return Encoding([words for words, _ in parts], np.array([features for _, features in parts])) if parts else now
