"""Fingerprints of a photo: one that only the same file has, and one that its resized or recompressed copies share."""

import hashlib
from dataclasses import dataclass

import numpy as np
from PIL import Image

from common.arrays import UInt8


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """SHA-256 of the bytes in hex, and a 64-bit difference hash of the pixels."""

    exact: str
    perceptual: int

    def bits_apart(self, other: "Fingerprint") -> int:
        """Of 64 bits, how many differ: 0 to about 6 for copies of one photo, about 32 for strangers."""
        return (self.perceptual ^ other.perceptual).bit_count()


def fingerprint(data: bytes, pixels: UInt8) -> Fingerprint:
    """Fingerprint a photo from its bytes and its decoded RGB pixels."""
    return Fingerprint(exact(data), perceptual(pixels))


def exact(data: bytes) -> str:
    """Hash the bytes of a photo."""
    return hashlib.sha256(data).hexdigest()


def perceptual(pixels: UInt8) -> int:
    """Hash what a photo looks like: 64 bits, of which copies share nearly all; plain surfaces all have the hash 0."""
    grey = Image.fromarray(pixels).convert("L").resize((9, 8), Image.Resampling.BOX)
    values = np.asarray(grey, dtype=np.int16)
    bits = values[:, :-1] < values[:, 1:]
    return int.from_bytes(np.packbits(bits).tobytes(), "big")
