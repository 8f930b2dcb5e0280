"""Fingerprints: exact for files, tolerant for copies."""

import hashlib
from io import BytesIO

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from vision.decoding.decode import decode
from vision.fingerprint import Fingerprint, fingerprint


def scene(number: int) -> Image.Image:
    """A smooth made-up scene that differs for each number."""
    values = np.random.default_rng(number).integers(0, 256, (9, 12, 3), dtype=np.uint8)
    return Image.fromarray(values).resize((480, 360), Image.Resampling.BICUBIC)


def taken(photo: Image.Image, **options: object) -> Fingerprint:
    """The fingerprint of a photo saved as JPEG."""
    out = BytesIO()
    photo.save(out, "JPEG", **options)
    return fingerprint(out.getvalue(), decode(out.getvalue()))


def test_exact_is_the_sha256_of_the_bytes() -> None:
    """The exact fingerprint is the known digest, whatever the pixels."""
    pixels = np.zeros((10, 10, 3), dtype=np.uint8)
    assert fingerprint(b"bytes", pixels).exact == hashlib.sha256(b"bytes").hexdigest()


def test_copies_differ_in_bytes_but_hardly_in_sight() -> None:
    """A smaller or harder compressed copy has another digest and nearly the same hash."""
    first = taken(scene(1), quality=95)
    for copy in (taken(scene(1), quality=40), taken(scene(1).resize((320, 240)), quality=90)):
        assert copy.exact != first.exact
        assert copy.bits_apart(first) <= 6


def test_strangers_are_far_apart() -> None:
    """Different scenes differ in many bits."""
    prints = [taken(scene(number)) for number in range(12)]
    assert min(a.bits_apart(b) for a in prints for b in prints if a is not b) > 10


def test_hash_reads_left_to_right_brightness() -> None:
    """A picture that brightens to the right has every bit set, a plain one none."""
    ramp = np.arange(0, 180, dtype=np.uint8)[None, :, None].repeat(80, axis=0).repeat(3, axis=2)
    assert fingerprint(b"", ramp).perceptual == 2**64 - 1
    assert fingerprint(b"", ramp[:, ::-1].copy()).perceptual == 0
    assert fingerprint(b"", np.full((50, 50, 3), 99, dtype=np.uint8)).perceptual == 0


@settings(deadline=None)
@given(height=st.integers(1, 40), width=st.integers(1, 40), level=st.integers(0, 255))
def test_any_size_has_a_hash_of_64_bits(height: int, width: int, level: int) -> None:
    """Tiny and lopsided pictures have fingerprints too."""
    assert 0 <= fingerprint(b"", np.full((height, width, 3), level, dtype=np.uint8)).perceptual < 2**64
