"""Networks in ONNX files: they say what the arithmetic says, whoever runs them, whichever tensor is asked for."""

from importlib.util import find_spec
from pathlib import Path

import numpy as np
import onnx
import pytest

from tests.support.tiny_network import by_hand, photos, write_encoder, write_network
from vision.errors import EncoderError
from vision.make_encoder import make_encoder
from vision.networks.network import Runtime, prepare_batch
from vision.networks.onnx_file import output_names, with_outputs
from vision.networks.open_network import open_network
from vision.networks.spec import Input, read_spec

RUNTIMES = [
    pytest.param(
        runtime, marks=pytest.mark.skipif(find_spec(runtime) is None, reason=f"{runtime} is not installed"), id=runtime
    )
    for runtime in Runtime
]
# Between two engines that compute in single precision; relative to the largest value of a tensor.
BOUND = 1e-5


@pytest.mark.parametrize("runtime", RUNTIMES)
@pytest.mark.parametrize("layout", ["NCHW", "NHWC"])
def test_a_network_says_what_the_arithmetic_says(tmp_path: Path, runtime: Runtime, layout: str) -> None:
    """Every tensor, also inside of the network, is what numpy works out, within the stated bound."""
    spec = read_spec(write_encoder(tmp_path, "classes", "logits", "channels", "codebook", layout=layout))
    batch = prepare_batch(photos(5), spec.input)
    outputs = open_network(spec, runtime).run(batch)
    upright = batch if layout == "NCHW" else batch.transpose(0, 3, 1, 2)
    for name, wanted in by_hand(upright).items():
        expected = wanted.transpose(0, 2, 3, 1) if layout == "NHWC" and wanted.ndim == 4 else wanted
        assert outputs[name].shape == expected.shape
        assert outputs[name].dtype == np.float32
        assert np.abs(outputs[name] - expected).max() <= BOUND * np.abs(expected).max()


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_a_network_that_takes_one_photo_at_a_time_gets_them_so(tmp_path: Path, runtime: Runtime) -> None:
    """A file with a fixed batch of 1 gives the same as one that takes any number."""
    spec = read_spec(write_encoder(tmp_path, "channels"))
    batch = prepare_batch(photos(3), spec.input)
    many = open_network(spec, runtime).run(batch)["pooled"]
    write_network(tmp_path, batch=1)
    assert np.allclose(open_network(spec, runtime).run(batch)["pooled"], many, atol=1e-6)


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_a_network_may_take_whole_or_half_numbers(tmp_path: Path, runtime: Runtime) -> None:
    """Quantised networks want bytes, others half precision: they get them, and say nearly the same."""
    description = write_encoder(tmp_path, "channels")
    description.write_text(description.read_text().replace("[128.0, 128.0, 128.0]", "[0, 0, 0]").replace("64.0", "1"))
    spec = read_spec(description)
    batch = prepare_batch(photos(3), spec.input)
    plain = open_network(spec, runtime).run(batch)["pooled"]
    for kind in (onnx.TensorProto.UINT8, onnx.TensorProto.FLOAT16):
        write_network(tmp_path, kind=kind)
        assert np.allclose(open_network(spec, runtime).run(batch)["pooled"], plain, rtol=1e-2)
    write_network(tmp_path, kind=onnx.TensorProto.DOUBLE)
    with pytest.raises(EncoderError, match="float, float16 and uint8 are known"):
        open_network(spec, runtime)


@pytest.mark.parametrize("runtime", RUNTIMES)
@pytest.mark.parametrize(
    ("data", "says"),
    [
        pytest.param(b"", "cannot be opened", id="empty"),
        pytest.param(b"<html>404</html>", "cannot be opened", id="a web page"),
        pytest.param(None, "cannot be opened with the tensors nowhere", id="no such tensor"),
    ],
)
def test_a_file_that_is_no_such_network_is_refused(
    tmp_path: Path, runtime: Runtime, data: bytes | None, says: str
) -> None:
    """Whatever an engine raises becomes one sentence with the file and the tensors."""
    description = write_encoder(tmp_path, "channels")
    if data is None:
        description.write_text(description.read_text().replace("pooled", "nowhere"))
    else:
        (tmp_path / "tiny.onnx").write_bytes(data)
    with pytest.raises(EncoderError, match=says):
        open_network(read_spec(description), runtime)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """A description whose network is not there says where it was looked for."""
    description = write_encoder(tmp_path, "channels")
    (tmp_path / "tiny.onnx").unlink()
    with pytest.raises(EncoderError, match=r"has its network in .*tiny\.onnx, which is not there"):
        open_network(read_spec(description))


def test_a_shape_that_does_not_fit_is_told_with_both(tmp_path: Path) -> None:
    """A wrong size under [input] is found when the network is opened, not at the first photo."""
    description = write_encoder(tmp_path, "channels")
    description.write_text(description.read_text().replace("height = 16", "height = 24"))
    with pytest.raises(EncoderError, match=r"\(1, 3, 24, 16\) \(NCHW\), its network takes \['n', 3, 16, 16\]"):
        open_network(read_spec(description))


@pytest.mark.parametrize("missing", ["onnxruntime", "openvino", "tensorflow"])
def test_a_missing_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    """Without the package that runs a network the message has the line that installs it."""
    monkeypatch.setattr("vision.networks.open_network.find_spec", lambda name: None if name == missing else name)
    description = write_encoder(tmp_path, "channels")
    if missing == "tensorflow":
        description.write_text(description.read_text().replace('network = "tiny.onnx"', 'keras = "VGG16"'))
    runtime = Runtime.OPENVINO if missing == "openvino" else Runtime.ONNXRUNTIME
    extra = "onnx" if missing == "onnxruntime" else missing
    with pytest.raises(EncoderError, match=rf"{missing}, which is not installed: pip install 'photosense\[{extra}\]'"):
        open_network(read_spec(description), runtime)


def test_an_application_of_keras_says_what_it_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    """The name of an application is known without TensorFlow, and answered with the line that installs it."""
    monkeypatch.setattr("vision.networks.open_network.find_spec", lambda name: None if name == "tensorflow" else name)
    with pytest.raises(EncoderError, match=r"inception-v3, an application of Keras, needs tensorflow"):
        make_encoder("inception-v3")


class TestOutputs:
    def test_an_output_is_added_and_nothing_else_changes(self, tmp_path: Path) -> None:
        """The file with another output is the model as it was, with that output, for whoever reads ONNX."""
        data = write_network(tmp_path).read_bytes()
        model = onnx.load_from_string(with_outputs(data, ["map", "probabilities", "pooled"]))
        assert [output.name for output in model.graph.output] == ["probabilities", "map", "pooled"]
        del model.graph.output[1:]
        assert model == onnx.load_from_string(data)

    def test_what_is_an_output_already_adds_nothing(self, tmp_path: Path) -> None:
        """Asking for what is there leaves the bytes as they are."""
        data = write_network(tmp_path).read_bytes()
        assert with_outputs(data, ["probabilities"]) == data

    @pytest.mark.parametrize("data", [b"\xff" * 40, b"\x3a\xff", b"\x07"], ids=["ones", "cut", "wrong kind"])
    def test_bytes_that_are_no_message_are_a_value_error(self, data: bytes) -> None:
        """Noise is refused."""
        with pytest.raises(ValueError, match="ONNX file"):
            list(output_names(data))


class TestPrepare:
    def test_pixels_are_squeezed_normalised_and_laid_out(self) -> None:
        """(pixel - mean) / scale by colour, in the layout that is asked for."""
        photo = np.zeros((20, 40, 3), np.uint8)
        photo[..., 0], photo[..., 2] = 200, 50
        wanted = Input(8, 12, layout="NHWC", mean=(100.0, 0.0, 50.0), scale=(50.0, 1.0, 2.0))
        batch = prepare_batch([photo], wanted)
        assert batch.shape == (1, 8, 12, 3)
        assert np.allclose(batch[0, 3, 5], [2.0, 0.0, 0.0])
        assert prepare_batch([photo], Input(8, 12)).shape == (1, 3, 8, 12)

    def test_blue_may_come_first(self) -> None:
        """Networks that learned from BGR get it."""
        photo = np.full((10, 10, 3), (1, 2, 3), np.uint8)
        assert prepare_batch([photo], Input(8, 8, layout="NHWC", colours="BGR"))[0, 0, 0].tolist() == [3, 2, 1]

    def test_the_middle_may_be_cut_out(self) -> None:
        """With `crop` the sides of a wide photo are not seen; with `squeeze` they are."""
        photo = np.zeros((20, 60, 3), np.uint8)
        photo[:, 18:42] = 255
        assert prepare_batch([photo], Input(10, 10, fit="crop")).min() == 255
        assert prepare_batch([photo], Input(10, 10)).min() == 0


def test_features_alone_make_an_encoder(tmp_path: Path) -> None:
    """One without words has an id and features: for whoever learns from these only."""
    encoder = make_encoder(str(write_encoder(tmp_path, more='features = ["pooled"]\n')))
    encoding = encoder.see(photos(3))
    assert encoder.id.startswith("tiny-")
    assert (encoding.words, encoding.features.shape) == ([{}, {}, {}], (3, 8))
