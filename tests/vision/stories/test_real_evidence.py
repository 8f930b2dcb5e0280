"""Real networks that find faces, ages, people and things, in real photos."""

import os
from pathlib import Path

import numpy as np
import pytest

from benchmarks.flickr.photo_networks import PhotoNetworks

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif("PHOTOSENSE_REAL_DATA" not in os.environ, reason="PHOTOSENSE_REAL_DATA names no real data"),
]
CHILD_WORDS = (" girl ", " boy ", " child ", " baby ", " toddler ")


@pytest.fixture(scope="module")
def photos() -> dict[str, int]:
    """Forty photos by how many of their captions name a child: all five, or none where all name men."""
    data = Path(os.environ["PHOTOSENSE_REAL_DATA"]) / "flickr8k"
    captions: dict[str, list[str]] = {}
    for line in (data / "captions.tsv").read_text("utf-8").splitlines():
        key, _, text = line.partition("\t")
        captions.setdefault(key.partition("#")[0], []).append(f" {text.lower()} ")
    chosen: dict[str, int] = {}
    for name in (data / "splits" / "train.txt").read_text("utf-8").split():
        texts = captions[name]
        count = sum(any(word in text for word in CHILD_WORDS) for text in texts)
        adults = all(" man " in text or " men " in text for text in texts)
        if (count == 5 and list(chosen.values()).count(5) < 20) or (adults and list(chosen.values()).count(0) < 20):
            chosen[name] = count
    return chosen


@pytest.fixture(scope="module")
def networks() -> PhotoNetworks:
    place = Path(os.environ["PHOTOSENSE_REAL_DATA"])
    return PhotoNetworks(place / "networks", place / "flickr8k" / "photos", None)


def test_faces_of_children_look_younger_than_those_of_men(networks: PhotoNetworks, photos: dict[str, int]) -> None:
    """Of twenty photos of each whose captions agree; many faces are a few pixels high, and look like nobody's age."""
    names, rows = networks.measure("faces", list(photos))
    under, found = rows[:, names.index("faces.under_18")], rows[:, names.index("faces.count")] > 0
    child = np.array(list(photos.values())) == 5
    assert min((found & child).sum(), (found & ~child).sum()) >= 5
    assert under[found & child].mean() > 2 * under[found & ~child].mean()


def test_people_are_found_in_photos_of_people(networks: PhotoNetworks, photos: dict[str, int]) -> None:
    """In most of them; sizes are shares of the photo."""
    names, rows = networks.measure("objects", list(photos))
    people, tallest = rows[:, names.index("objects.people")], rows[:, names.index("objects.tallest")]
    assert (people > 0).mean() > 0.6
    assert (tallest >= 0).all()
    assert (tallest <= 1).all()
