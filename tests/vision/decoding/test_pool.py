"""Photos decoded in processes of their own: the same pixels, and whatever happens there costs one photo."""

import array
import fcntl
import os
import signal
import termios
import threading
from collections.abc import Iterator
from concurrent.futures import CancelledError, Future
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.support.tiny_network import write_encoder
from tests.vision.decoding.test_decode import noise, png_header, saved
from vision.decoding.decode import decode
from vision.decoding.pool import DecodePool
from vision.errors import DecoderMissing, PhotoError
from vision.look import Look, encode_looks
from vision.make_encoder import make_encoder

SOUND = saved(noise(), "JPEG")


@cache
def huge() -> bytes:
    """A photo of 187 MB of pixels in 180 kB."""
    return saved(Image.new("RGB", (7900, 7900)), "PNG")


@pytest.fixture(scope="module")
def pool() -> Iterator[DecodePool]:
    with DecodePool(workers=2) as pool:
        yield pool


@pytest.fixture(scope="module")
def seeing() -> Iterator[DecodePool]:
    with DecodePool(2, encoder=make_encoder("patches", totals={"patches": 70})) as pool:
        yield pool


def reason_of(pool: DecodePool, data: bytes) -> str:
    with pytest.raises(PhotoError) as raised:
        pool.submit(data).result(60)
    assert raised.value.message
    return raised.value.reason


def killed_over_a_photo(pool: DecodePool) -> "Future[Any]":
    """Kill the only process when it has a photo and before it can have answered."""
    (decoder,) = pool._decoders
    os.kill(decoder._process.pid, signal.SIGSTOP)
    photo, given = pool.look(SOUND), array.array("i", [0])
    while given[0] < len(SOUND):
        fcntl.ioctl(decoder._in, termios.FIONREAD, given)
        os.sched_yield()
    decoder.kill()
    return photo


def test_the_pixels_are_those_of_decode(pool: DecodePool) -> None:
    """Many photos at once come back each to its own future, the same to the bit as decoded here, and writable."""
    photos = [saved(noise((100 + 8 * n, 90)), format_) for n in range(6) for format_ in ("JPEG", "PNG", "WEBP")]
    futures = [pool.submit(data) for data in photos]
    for data, future in zip(photos, futures, strict=True):
        pixels = future.result(60)
        assert np.array_equal(pixels, decode(data))
        assert pixels.flags.writeable


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="nobody tells of threads here")
def test_a_process_sees_with_one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """There is one process for each core already; threads would wait for each other."""
    monkeypatch.delenv("OPENBLAS_NUM_THREADS", raising=False)
    with DecodePool(1, encoder=make_encoder("patches", totals={"patches": 70})) as pool:
        assert isinstance(pool.look(SOUND).result(60), Look)
        (decoder,) = pool._decoders
        assert len(list(Path(f"/proc/{decoder._process.pid}/task").iterdir())) == 1


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        pytest.param(b"", "photo_empty", id="no bytes"),
        pytest.param(b"<html><body>404</body></html>", "photo_unsupported", id="html"),
        pytest.param(SOUND[:2000], "photo_broken", id="cut"),
        pytest.param(png_header(60_000, 60_000), "photo_too_many_pixels", id="a bomb"),
    ],
)
def test_a_refusal_keeps_its_reason(pool: DecodePool, data: bytes, reason: str) -> None:
    """A PhotoError of the process is the same PhotoError here, and the pool goes on."""
    with pytest.raises(PhotoError) as here:
        decode(data)
    assert reason_of(pool, data) == reason == here.value.reason
    assert pool.submit(SOUND).result(60).shape == (120, 160, 3)


def test_target_is_the_pools() -> None:
    """The short side has the size that the pool was made for."""
    with DecodePool(1, target=60) as pool:
        assert pool.submit(SOUND).result(60).shape == (60, 80, 3)


def test_more_memory_than_allowed_costs_one_photo() -> None:
    """A photo that wants more than its share is refused, the next one is decoded."""
    with DecodePool(1, memory_mb=64) as pool:
        assert reason_of(pool, huge()) == "photo_too_many_pixels"
        assert pool.submit(SOUND).result(60).shape == (120, 160, 3)


def test_more_time_than_allowed_costs_one_photo() -> None:
    """A decoder that hangs is given up when time is up, with its photo; the next one is decoded by a new process."""
    with DecodePool(1, seconds=3) as pool:
        assert pool.submit(SOUND).result(60) is not None
        (decoder,) = pool._decoders
        os.kill(decoder._process.pid, signal.SIGSTOP)
        assert reason_of(pool, SOUND) == "photo_too_slow"
        assert pool.submit(SOUND).result(60).shape == (120, 160, 3)


def test_a_process_that_dies_costs_one_photo() -> None:
    """When the decoder is killed over a photo, that photo has a reason and those after it are decoded."""
    with DecodePool(1) as pool:
        assert pool.submit(SOUND).result(60) is not None
        error = killed_over_a_photo(pool).exception(60)
        following = [pool.submit(SOUND) for _ in range(3)]
        assert isinstance(error, PhotoError)
        assert error.reason == "photo_crashed"
        assert [future.result(60).shape for future in following] == [(120, 160, 3)] * 3


def test_a_process_that_ended_between_photos_costs_none() -> None:
    """When an idle decoder is killed, say by a system short of memory, the next photo is decoded by a new one."""
    with DecodePool(1) as pool:
        for _ in range(3):
            assert pool.submit(SOUND).result(60).shape == (120, 160, 3)
            (decoder,) = pool._decoders
            decoder.kill()
            decoder._process.wait()


def test_closing_waits_for_nothing_and_leaves_nothing() -> None:
    """What waits is cancelled, what runs ends with an error, no thread and no process stays."""
    before = threading.active_count()
    pool = DecodePool(1)
    futures = [pool.submit(huge()) for _ in range(4)]
    while not futures[0].running():
        os.sched_yield()
    pool.close()
    pool.close()
    assert isinstance(futures[0].exception(0), RuntimeError)  # and no fault of the photo
    for future in futures[1:]:
        with pytest.raises(CancelledError):
            future.result(0)
    assert threading.active_count() <= before
    assert not pool._decoders
    with pytest.raises(RuntimeError, match="the pool is closed"):
        pool.submit(SOUND)


def test_nothing_starts_without_a_photo() -> None:
    """A run without photos starts no process and no thread."""
    before = threading.active_count()
    with DecodePool(4):
        assert threading.active_count() <= before


def test_a_process_that_does_not_start_is_no_fault_of_the_photo(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever runs it is told; no post is rejected for it."""
    monkeypatch.setattr("sys.executable", "/nowhere/python")
    with DecodePool(1) as pool:
        assert isinstance(pool.submit(SOUND).exception(60), DecoderMissing)


class TestLook:
    """Where an encoder may work in the processes, what it saw comes back; else pixels do."""

    def test_words_and_features_are_those_of_here_to_the_bit(self, seeing: DecodePool) -> None:
        """Each photo has the words, weights, features and look that it has when it is decoded and seen here."""
        encoder = make_encoder("patches", totals={"patches": 70})
        photos = [saved(noise((300 + 40 * n, 410)), format_) for n in range(5) for format_ in ("JPEG", "PNG")]
        for data, coming in zip(photos, [seeing.look(data) for data in photos], strict=True):
            look, here = coming.result(60), Look.at(decode(data, target=encoder.side))
            assert look.pixels is None
            assert look.perceptual == here.perceptual
            (words, features), expected = (
                (look.encoding.words[0], look.encoding.features),
                encode_looks([here], encoder),
            )
            assert list(words.items()) == list(expected.words[0].items())
            assert features.dtype == expected.features.dtype
            assert np.array_equal(features, expected.features)

    def test_some_may_be_seen_already(self, seeing: DecodePool) -> None:
        """Those that were and those that were not come in the order of the photos."""
        encoder = make_encoder("patches", totals={"patches": 70})
        photos = [saved(noise((90 + n, 90)), "PNG") for n in range(4)]
        looks = [seeing.look(photo).result(60) if n % 2 else Look.at(decode(photo)) for n, photo in enumerate(photos)]
        alone = encoder.see([decode(photo) for photo in photos])
        together = encode_looks(looks, encoder)
        assert together.words == alone.words
        assert np.array_equal(together.features, alone.features)
        assert encode_looks([], encoder).words == []

    def test_pixels_come_when_they_are_asked_for(self, seeing: DecodePool) -> None:
        """Whoever fits an encoder gets pixels of the same processes."""
        assert np.array_equal(seeing.submit(SOUND).result(60), decode(SOUND))

    def test_an_encoder_that_needs_a_file_works_here(self, tmp_path: Path) -> None:
        """A network stays where it was opened: its pool sends pixels of the size that it wants."""
        encoder = make_encoder(str(write_encoder(tmp_path, "channels")))
        with DecodePool(1, encoder=encoder) as pool:
            look = pool.look(SOUND).result(60)
        assert look.encoding is None
        assert np.array_equal(look.pixels, decode(SOUND, target=encoder.side))

    def test_limits_hold_while_it_sees(self) -> None:
        """A bomb, a refusal, a hang and a death cost one photo each, and those after them are seen."""
        with DecodePool(1, encoder=make_encoder("patches"), memory_mb=64, seconds=5) as pool:
            for data, reason in ((huge(), "photo_too_many_pixels"), (b"GIF89a", "photo_broken")):
                error = pool.look(data).exception(60)
                assert isinstance(error, PhotoError)
                assert error.reason == reason
                assert pool.look_now(SOUND).encoding is not None
            (process,) = pool._decoders
            os.kill(process._process.pid, signal.SIGSTOP)
            error = pool.look(SOUND).exception(60)
            assert isinstance(error, PhotoError)
            assert error.reason == "photo_too_slow"
            assert pool.look_now(SOUND).encoding is not None
            error = killed_over_a_photo(pool).exception(60)
            assert isinstance(error, PhotoError)
            assert error.reason == "photo_crashed"
            assert pool.look_now(SOUND).encoding is not None

    def test_who_waits_for_one_photo_is_first(self) -> None:
        """A visitor's photo is looked at before all those of a bulk that wait already."""
        with DecodePool(1) as pool:
            bulk = [pool.look(huge()) for _ in range(6)]
            assert pool.look_now(SOUND).pixels is not None
            assert not bulk[-1].done()


class TestMemory:
    """What all photos take together is bounded, whoever sends them."""

    def test_a_visitor_may_not_want_more_than_all_may(self) -> None:
        """Refused by its header, with what to do; no process has seen it. In a bulk it is decoded, alone."""
        with DecodePool(1, together_mb=100) as pool:
            with pytest.raises(
                PhotoError, match=r"takes 252 MB to unpack, expected at most 100; send a smaller copy"
            ) as raised:
                pool.look_now(huge())
            assert raised.value.reason == "photo_too_many_pixels"
            assert not pool._decoders
            assert pool.submit(huge()).result(60).shape == (299, 299, 3)


@pytest.mark.parametrize("wrong", [{"workers": 0}, {"seconds": 0}, {"memory_mb": 0}, {"together_mb": 0}, {"target": 0}])
def test_limits_of_nothing_are_a_mistake_of_the_caller(wrong: dict[str, int]) -> None:
    """A pool that could decode nothing is refused at once."""
    with pytest.raises(ValueError, match="must be above 0"):
        DecodePool(**wrong)
