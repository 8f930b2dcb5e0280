"""A network is tried on two drawn pictures before anybody relies on it."""

from pathlib import Path

import numpy as np
import pytest

from tests.support.tiny_network import write_encoder, write_network
from vision.errors import EncoderError
from vision.networks import tryout
from vision.networks.tryout import CLOCK, TRAFFIC_LIGHT, try_description


def test_a_trial_tells_the_words_of_each_picture_and_the_time(tmp_path: Path) -> None:
    """A codebook that is not learned yet has no words, the other outputs have theirs."""
    tried = try_description(write_encoder(tmp_path, "classes", "channels", "codebook"))
    assert tried.milliseconds > 0
    assert tried.words.keys() == {TRAFFIC_LIGHT, CLOCK}
    for words in tried.words.values():
        assert {word.split()[0] for word in words} == {"class", "channel"}


def test_a_network_that_tells_nothing_of_pictures_is_refused(tmp_path: Path) -> None:
    """Here its input is scaled so that every pixel is nearly 0."""
    description = write_encoder(tmp_path, "channels")
    description.write_text(description.read_text().replace("scale = [64.0, 64.0, 64.0]", "scale = [1e9, 1e9, 1e9]"))
    write_network(tmp_path)
    with pytest.raises(EncoderError, match=r"says the same of two pictures that have nothing in common: see mean"):
        try_description(description)


def test_the_pictures_are_drawn_alike_each_time() -> None:
    """A lamp is red, a dial is light and its hands are dark."""
    light, clock = tryout._traffic_light(), tryout._clock()
    assert np.array_equal(light, tryout._traffic_light())
    assert light[60, 150].tolist() == [255, 40, 30]
    assert clock[150, 220].tolist() == [245, 243, 235]
    assert clock[150, 150].tolist() == [15, 15, 15]
