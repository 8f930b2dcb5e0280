"""Applications of Keras: found by name, seen with, and written as ONNX that says the same. Random weights serve."""

from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from tests.support.tiny_network import photos
from vision.errors import EncoderError
from vision.make_encoder import make_encoder
from vision.networks.export import BOUND, export_network
from vision.networks.network import prepare_batch
from vision.networks.open_network import application_spec, open_network
from vision.networks.spec import read_spec

pytestmark = [
    pytest.mark.skipif(find_spec("tensorflow") is None, reason="tensorflow is not installed"),
    # TensorFlow and its converter warn of their own future.
    pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::DeprecationWarning", "ignore::UserWarning"),
]


@pytest.mark.parametrize(
    ("name", "theirs", "side"),
    [
        ("inception-v3", "InceptionV3", 299),
        ("ResNet50", "ResNet50", 224),
        ("mobilenet-v2", "MobileNetV2", 224),
        ("efficientnet-b0", "EfficientNetB0", 224),
    ],
)
def test_an_application_is_found_by_name(name: str, theirs: str, side: int) -> None:
    """However it is written, a name leads to the application, with the size of photos that it wants."""
    spec = application_spec(name, "random")
    assert (spec.keras, spec.input.height, spec.input.width) == (theirs, side, side)
    assert application_spec(theirs, "random").name == spec.name == name.lower()


def test_an_unknown_application_is_answered_with_those_there_are() -> None:
    """A misspelt one is told the others."""
    with pytest.raises(EncoderError, match=r"Keras has no application 'inception-v7', it has: .*inception-v3"):
        make_encoder("inception-v7")


def test_weights_that_cannot_be_had_are_told(tmp_path: Path) -> None:
    """A file that holds no weights is a sentence."""
    (tmp_path / "weights.h5").write_text("no weights")
    with pytest.raises(EncoderError, match="The weights of MobileNetV2 cannot be had from"):
        open_network(application_spec("mobilenet-v2", str(tmp_path / "weights.h5")))


def test_what_is_written_says_what_keras_says(tmp_path: Path) -> None:
    """The ONNX file and its description see what Keras sees, in every photo, and are named by it."""
    written = export_network("mobilenet-v2", tmp_path, "random")
    assert written.description == tmp_path / "mobilenet-v2.toml"
    assert max(written.apart.values()) <= BOUND
    ours, theirs = read_spec(written.description), application_spec("mobilenet-v2", "random")
    batch = prepare_batch(photos(5), ours.input)
    onnx, keras = open_network(ours).run(batch), open_network(theirs).run(batch)
    for tensor in ("probabilities", "features"):
        assert np.abs(onnx[tensor] - keras[tensor]).max() <= BOUND
    words = make_encoder(str(written.description)).encode(photos(3))
    assert all(sum(of_photo.values()) == pytest.approx(200, abs=0.1) for of_photo in words)
    assert {word.partition(":")[0] for word in words[0]} == {"mobilenet-v2"}


def test_an_application_may_be_described(tmp_path: Path) -> None:
    """A description of Keras chooses what becomes of the outputs, such as words that are drawn as image2pic did."""
    description = tmp_path / "drawn.toml"
    description.write_text(
        'name = "drawn"\nkeras = "MobileNetV2"\nweights = "random"\n'
        '[input]\nheight = 224\nwidth = 224\nlayout = "NHWC"\n'
        '[[outputs]]\nwords = "classes"\ntensor = "probabilities"\ndraws = 442\ntotal = 442\nkeep = 1000\n'
    )
    words = make_encoder(str(description)).encode(photos(2))
    for of_photo in words:
        assert sum(of_photo.values()) == pytest.approx(442, abs=0.01)
        assert all(weight == pytest.approx(round(weight), abs=1e-3) for weight in of_photo.values())


def test_a_file_that_says_other_things_is_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When both are further apart than the bound, nothing stays that could be served from."""
    monkeypatch.setattr("vision.networks.export.BOUND", -1.0)
    with pytest.raises(EncoderError, match="says other things than Keras"):
        export_network("mobilenet-v2", tmp_path, "random")
    assert not list(tmp_path.iterdir())
