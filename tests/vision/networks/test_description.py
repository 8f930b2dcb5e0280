"""A network that somebody brings is described by what its file tells, what lies beside it, and what it sees."""

import json
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from tests.support.tiny_network import SIDE, write_network
from vision.errors import EncoderError
from vision.make_encoder import make_encoder
from vision.networks.description import IMAGENET, PIXELS, Answers, Unanswered, describe_file
from vision.networks.network import prepare_batch
from vision.networks.spec import Channels, Classes, Input, Spec, read_spec
from vision.networks.tryout import CLOCK, TRAFFIC_LIGHT, pictures, try_description


def give(file: Path, *tensors: str) -> Path:
    """Make tensors of the tiny network outputs, with their shapes."""
    model = onnx.shape_inference.infer_shapes(onnx.load(file))
    known = {value.name: value for value in [*model.graph.value_info, *model.graph.output]}
    del model.graph.output[:]
    model.graph.output.extend(known[tensor] for tensor in tensors)
    onnx.save(model, file)
    return file


def described(file: Path, answers: Answers | None = None) -> Spec:
    return read_spec(describe_file(file, answers or Answers(pixels="-1..1")))


def test_rows_are_classes_or_features_and_it_sees(tmp_path: Path) -> None:
    """A row that is called probabilities is of classes, another one is channels, and what fitting learns from."""
    spec = described(give(write_network(tmp_path), "probabilities", "pooled", "map"))
    assert spec.outputs == (Classes("probabilities", "tiny"), Channels("pooled", "tiny-1", total=50.0))
    assert spec.features == ("pooled",)
    assert spec.input == Input(SIDE, SIDE, mean=(127.5,) * 3, scale=(127.5,) * 3)
    encoding = make_encoder(str(tmp_path / "tiny.toml")).see(list(pictures().values()))
    assert {word.partition(":")[0] for word in encoding.words[0]} == {"tiny", "tiny-1"}


def test_logits_are_told_from_probabilities(tmp_path: Path) -> None:
    """They are no shares; a map is channels where there is no row of features."""
    spec = described(give(write_network(tmp_path, layout="NHWC"), "logits", "map"))
    assert spec.outputs == (
        Classes("logits", "tiny", logits=True, temperature=2.0),
        Channels("map", "tiny-1", total=50.0),
    )
    assert spec.input.layout == "NHWC"


def test_a_folder_of_hugging_face_answers_for_itself(tmp_path: Path) -> None:
    """Pixels, the names of classes and the name of the network; the model lies in a folder of its own."""
    folder = tmp_path / "Tiny-ViT"
    (folder / "onnx").mkdir(parents=True)
    file = give(write_network(folder / "onnx"), "logits").rename(folder / "onnx" / "model.onnx")
    preprocessor = {"image_mean": [0.5, 0.4, 0.3], "image_std": [0.2, 0.2, 0.2], "do_center_crop": True, "size": 16}
    (folder / "preprocessor_config.json").write_text(json.dumps(preprocessor))
    names = {str(number): f"thing {number}, object" for number in range(5)}
    (folder / "config.json").write_text(json.dumps({"id2label": names}))
    spec = described(file, Answers())
    assert (spec.name, spec.input.fit) == ("tiny-vit", "crop")
    assert spec.input.mean == pytest.approx((127.5, 102, 76.5))
    assert spec.input.scale == pytest.approx((51, 51, 51))
    tried = try_description(file.with_suffix(".toml"))
    assert set(tried.words[CLOCK]) == {f"thing {number}" for number in range(5)}
    (folder / "preprocessor_config.json").write_text(json.dumps({**preprocessor, "image_mean": "half"}))
    with pytest.raises(EncoderError, match="do not say how it sees as those of Hugging Face do"):
        describe_file(file, Answers())


@pytest.mark.parametrize("way", ["imagenet", "0..1"])
def test_who_knows_imagenet_shows_how_it_wants_pixels(tmp_path: Path, way: str) -> None:
    """Of all ways one makes it see both pictures as what they are: that one is written, with the names."""
    file = tmp_path / "knows.onnx"
    write_expert(file, way)
    spec = described(file, Answers())
    assert (spec.input.mean, spec.input.scale) == PIXELS[way]
    tried = try_description(tmp_path / "knows.toml")
    assert [words[0] for words in tried.words.values()] == [TRAFFIC_LIGHT, CLOCK]


def test_what_nothing_tells_is_asked(tmp_path: Path) -> None:
    """How pixels come, of a network that knows other classes; the size, of one that takes any; and a wrong answer."""
    file = write_network(tmp_path)
    with pytest.raises(Unanswered, match=r"say `--pixels`, one of imagenet, -1\.\.1, 0\.\.1, 0\.\.255") as asked:
        describe_file(file, Answers())
    assert asked.value.asks == "pixels"
    model = onnx.load(file)
    model.graph.input[0].type.tensor_type.shape.dim[2].dim_param = "height"
    onnx.save(model, file)
    with pytest.raises(Unanswered, match="takes photos of any size") as asked:
        describe_file(file, Answers(pixels="0..1"))
    assert asked.value.asks == "side"
    assert described(file, Answers(pixels="0..1", side=SIDE)).input.height == SIDE
    with pytest.raises(EncoderError, match=r"Pixels are handed in as one of imagenet, .* not as 'bytes'"):
        describe_file(file, Answers(pixels="bytes"))


def test_a_file_that_does_not_see_is_refused(tmp_path: Path) -> None:
    """No photos go in, or nothing comes out that could be words, or it is no network."""
    file = tmp_path / "reads.onnx"
    for sides, says in (([1, 8], "photos have four sides"), ([1, 4, 8, 8], "photos have four sides")):
        value = helper.make_tensor_value_info("text", TensorProto.FLOAT, sides)
        out = helper.make_tensor_value_info("out", TensorProto.FLOAT, sides)
        graph = helper.make_graph([helper.make_node("Relu", ["text"], ["out"])], "reads", [value], [out])
        file.write_bytes(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)]).SerializeToString())
        with pytest.raises(EncoderError, match=says):
            describe_file(file, Answers())
    photos = helper.make_tensor_value_info("photos", TensorProto.FLOAT, [1, 3, 8, 8])
    out = helper.make_tensor_value_info("tokens", TensorProto.FLOAT, [1, 3, 64])
    shape = numpy_helper.from_array(np.array([1, 3, 64]), "shape")
    node = helper.make_node("Reshape", ["photos", "shape"], ["tokens"])
    graph = helper.make_graph([node], "tokens", [photos], [out], [shape])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    file.write_bytes(model.SerializeToString())
    with pytest.raises(EncoderError, match=r"gives tokens \[1, 3, 64\]: neither a row for each photo nor a map"):
        describe_file(file, Answers(pixels="0..1"))
    file.write_bytes(b"<html>404</html>")
    with pytest.raises(EncoderError, match=r"reads.onnx cannot be opened: "):
        describe_file(file, Answers())


def write_expert(file: Path, way: str) -> None:
    """A network that knows the drawn pictures by their mean colours, handed in one way; else they are other things."""
    names = IMAGENET.read_text("utf-8").splitlines()
    places = {}
    for other, (mean, scale) in PIXELS.items():
        batch = prepare_batch(list(pictures().values()), Input(8, 8, mean=mean, scale=scale))
        places[other] = batch.mean(axis=(2, 3))
    centres = np.zeros((1000, 3), np.float32)
    for number, other in enumerate(PIXELS):
        rows = [names.index(TRAFFIC_LIGHT), names.index(CLOCK)] if other == way else [10 + number, 20 + number]
        centres[rows] = places[other]
    weight, bias = 2 * centres, -(centres**2).sum(axis=1)
    bias[(centres == 0).all(axis=1)] = -10
    nodes = [
        helper.make_node("GlobalAveragePool", ["photos"], ["means"]),
        helper.make_node("Flatten", ["means"], ["flat"]),
        helper.make_node("Gemm", ["flat", "weight", "bias"], ["logits"], transB=1),
    ]
    photos = helper.make_tensor_value_info("photos", TensorProto.FLOAT, ["n", 3, 8, 8])
    logits = helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["n", 1000])
    weights = [numpy_helper.from_array(weight, "weight"), numpy_helper.from_array(bias, "bias")]
    graph = helper.make_graph(nodes, "expert", [photos], [logits], weights)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    file.write_bytes(model.SerializeToString())
