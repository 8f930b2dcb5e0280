"""Fingerprints of a photo: of its file, of its resized or recompressed copies, and of its copies in any disguise."""

import hashlib
from dataclasses import dataclass, field

import numpy as np
from PIL import Image

from common.arrays import UInt8
from vision.likeness import Likeness, likeness_in


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """SHA-256 of the bytes in hex, a 64-bit difference hash of the pixels, and what disguised copies share."""

    exact: str
    perceptual: int
    likeness: Likeness = field(default_factory=Likeness)

    def bits_apart(self, other: "Fingerprint") -> int:
        """Of 64 bits, how many differ: 0 to about 6 for copies of one photo, about 32 for strangers."""
        return (self.perceptual ^ other.perceptual).bit_count()


def fingerprint(data: bytes, pixels: UInt8) -> Fingerprint:
    """Fingerprint a photo from its bytes and its decoded RGB pixels."""
    return Fingerprint(exact(data), *looks(pixels))


def exact(data: bytes) -> str:
    """Hash the bytes of a photo."""
    return hashlib.sha256(data).hexdigest()


def looks(pixels: UInt8) -> tuple[int, Likeness]:
    """What a photo looks like, strictly and widely."""
    grey = Image.fromarray(pixels).convert("L")
    return _perceptual(grey), likeness_in(grey)


def perceptual(pixels: UInt8) -> int:
    """Hash what a photo looks like: 64 bits, of which copies share nearly all; plain surfaces all have the hash 0."""
    return _perceptual(Image.fromarray(pixels).convert("L"))


def _perceptual(grey: Image.Image) -> int:
    values = np.asarray(grey.resize((9, 8), Image.Resampling.BOX), dtype=np.int16)
    bits = values[:, :-1] < values[:, 1:]
    return int.from_bytes(np.packbits(bits).tobytes(), "big")
