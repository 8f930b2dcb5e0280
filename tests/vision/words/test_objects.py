"""Things in a photo become words that a person can read: what, how many, how large, where."""

from pathlib import Path

import numpy as np
import pytest

from tests.support.tiny_evidence import TOY, quarters, write_evidence
from vision.encoder import Words
from vision.errors import EncoderError
from vision.fitting.artifact import load_encoder, save_encoder
from vision.fitting.fit import Example, fit_encoder
from vision.make_encoder import make_encoder
from vision.networks.spec import Things
from vision.words.objects import ObjectWords

PERSON, TOY_COLOUR = (255, 0, 0), (0, 0, 255)
LABELS = [f"thing_{number}" for number in range(80)]
DESCRIPTION = """\
name = "things"
network = "objects.onnx"
features = ["people"]

[input]
height = 16
width = 16
scale = [255.0, 255.0, 255.0]

[[outputs]]
words = "objects"
tensor = "found"
prefix = "object"
labels = "coco"
"""


def words_of(*rows: tuple[float, ...], output: Things | None = None) -> Words:
    """The words of boxes: left, top, right, bottom in pixels of 100 x 200, score, class."""
    (words,) = ObjectWords(output or Things("found"), "o", LABELS, (200, 100)).words(np.array([rows], np.float32))
    return words


@pytest.fixture
def description(tmp_path: Path) -> Path:
    """The network that sees red quarters as people and blue ones as toys, as an encoder."""
    write_evidence(tmp_path, "objects")
    file = tmp_path / "things.toml"
    file.write_text(DESCRIPTION)
    return file


def test_a_photo_says_what_is_in_it(description: Path) -> None:
    """Two people and a toy, told by name, number and place; a photo of nothing has no words."""
    encoder = make_encoder(str(description))
    busy, empty = encoder.see([quarters(PERSON, PERSON, TOY_COLOUR), quarters()]).words
    assert busy.keys() == {
        "object:person",
        "object:person.two",
        "object:person.left",
        "object:teddy_bear",
        "object:teddy_bear.left",
    }
    assert TOY == 77
    assert sum(busy.values()) == pytest.approx(100, abs=0.1)
    assert empty == {}
    assert encoder.describe("object:person.two") == "person, two of them"
    assert encoder.describe("object:teddy_bear") == "teddy bear"


def test_number_size_and_place_are_those_of_the_class() -> None:
    """Of three the largest tells size and place; of boxes on one another the surest stays."""
    words = words_of(
        (0, 0, 10, 10, 0.9, 3),
        (1, 0, 10, 10, 0.8, 3),
        (20, 20, 30, 30, 0.8, 3),
        (110, 0, 200, 90, 0.7, 3),
        (60, 40, 70, 50, 0.5, 5),
        (60, 40, 70, 50, 0.2, 7),
    )
    assert words.keys() == {
        "o:thing_3", "o:thing_3.several", "o:thing_3.large", "o:thing_3.right",
        "o:thing_5", "o:thing_5.small", "o:thing_5.left",
    }  # fmt: skip
    assert words["o:thing_3"] > words["o:thing_5"] > words["o:thing_5.left"]


def test_edges_may_come_in_another_order_and_unit() -> None:
    """As shares, top before left."""
    output = Things("found", edges="y0 x0 y1 x1", unit="share")
    assert "o:thing_1.right" in words_of((0.1, 0.7, 0.2, 0.9, 0.9, 1), output=output)


def test_a_thing_is_called_by_its_name(description: Path) -> None:
    """How many there are of it, how large and where is no name; what has a number alone has none."""
    encoder = make_encoder(str(description))
    words = {"object:person": 3.0, "object:person.two": 1.0, "object:traffic_light.left": 1.0}
    assert encoder.names(words) == {"person": 1.0}


def test_what_is_no_box_is_refused(description: Path) -> None:
    """Rows of another length, a class without a name, boxes among the features."""
    with pytest.raises(EncoderError, match="rows of 4 numbers, expected 6 for each box"):
        words_of((0, 0, 1, 1))
    with pytest.raises(EncoderError, match="names 80 classes, the tensor found tells of number 90"):
        words_of((0, 0, 9, 9, 0.9, 90), output=Things("found", labels="names.txt"))
    description.write_text(DESCRIPTION.replace('"people"', '"found"'))
    with pytest.raises(EncoderError, match="the boxes found are no features"):
        make_encoder(str(description))


def test_fitting_keeps_the_words(description: Path, tmp_path: Path) -> None:
    """A fitted folder sees the same things, with the names that came along."""
    encoder = make_encoder(str(description))
    rng = np.random.default_rng(0)
    photos = [quarters(*(rng.permutation([PERSON, TOY_COLOUR, (0, 255, 0)]).tolist())) for _ in range(30)]
    fitted = fit_encoder(encoder, [Example(photo, ()) for photo in photos])
    folder = save_encoder(fitted, tmp_path / "encoders")
    assert load_encoder(folder).see(photos[:3]).words == encoder.see(photos[:3]).words
