"""Networks in TFLite files: real and quantised ones say what the arithmetic says, whichever tensor is asked for."""

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("ai_edge_litert", reason="ai-edge-litert is not installed")

from tests.support.tiny_network import photos
from tests.support.tiny_tflite import CLASSES, STEPS, by_hand, weights, write_encoder, write_network
from vision.errors import EncoderError
from vision.fitting.artifact import load_encoder, save_encoder
from vision.fitting.fit import Example, fit_encoder
from vision.make_encoder import make_encoder
from vision.networks.network import prepare_batch
from vision.networks.open_network import open_network
from vision.networks.spec import read_spec

KINDS = [pytest.param(kind, id=kind.__name__) for kind in (np.float32, np.uint8, np.int8)]


def changed(folder: Path, old: str, new: str) -> Path:
    description = write_encoder(folder)
    text = description.read_text("utf-8")
    assert old in text
    description.write_text(text.replace(old, new), "utf-8")
    return description


@pytest.mark.parametrize("kind", KINDS)
def test_a_network_says_what_the_arithmetic_says(tmp_path: Path, kind: type) -> None:
    """Tensors inside of it are what numpy works out: to rounding, and to half a step where numbers are whole."""
    spec = read_spec(write_encoder(tmp_path, kind))
    batch = prepare_batch(photos(7), spec.input)
    outputs, wanted = open_network(spec).run(batch), by_hand(batch)
    whole = kind is not np.float32
    pooled_off = STEPS["pooled"][0] / 2 if whole else 0
    logits_off = STEPS["logits"][0] / 2 + pooled_off * np.abs(weights()[0]).sum(axis=1) if whole else 0
    assert outputs["pooled"].shape == (7, 1, 1, 3)
    assert outputs["logits"].shape == (7, CLASSES)
    assert {tensor.dtype for tensor in outputs.values()} == {np.dtype(np.float32)}
    assert (np.abs(outputs["pooled"].reshape(7, 3) - wanted["pooled"]) <= pooled_off + 1e-6).all()
    assert (np.abs(outputs["logits"] - wanted["logits"]) <= logits_off + 1e-6).all()


@pytest.mark.parametrize("kind", KINDS)
def test_outputs_alone_say_the_same_as_among_others(tmp_path: Path, kind: type) -> None:
    """The interpreter that keeps only outputs gives those of the one that keeps every tensor."""
    description = write_encoder(tmp_path, kind)
    every = description.read_text("utf-8")
    description.write_text(
        every.partition("[[outputs]]")[0] + '[[outputs]]\nwords = "classes"\ntensor = "probabilities"\n'
    )
    alone = read_spec(description)
    description.write_text(every.replace('tensor = "pooled"', 'tensor = "probabilities"'))
    batch = prepare_batch(photos(5), alone.input)
    fast = open_network(alone).run(batch)
    assert fast.keys() == {"probabilities"}
    step = STEPS["probabilities"][0] if kind is not np.float32 else 1e-6
    assert (
        np.abs(fast["probabilities"] - open_network(read_spec(description)).run(batch)["probabilities"]).max() <= step
    )
    assert np.allclose(fast["probabilities"].sum(axis=1), 1, atol=CLASSES * step)


def test_threads_may_share_one_network(tmp_path: Path) -> None:
    """Requests that ask at the same time get their own answers."""
    from concurrent.futures import ThreadPoolExecutor

    spec = read_spec(write_encoder(tmp_path))
    network = open_network(spec)
    batches = [prepare_batch(photos(4, seed), spec.input) for seed in range(24)]
    alone = [network.run(batch)["logits"] for batch in batches]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda batch: network.run(batch)["logits"], batches))
    assert all(np.array_equal(ours, theirs) for ours, theirs in zip(together, alone, strict=True))


def test_a_photo_has_the_same_words_in_any_batch(tmp_path: Path) -> None:
    """As an encoder it sees a photo alone as among others, and is fitted, written and read like any other."""
    encoder = make_encoder(str(write_encoder(tmp_path)))
    encodings = encoder.encode(photos(40))
    assert encodings[:3] == [encoder.encode([photo])[0] for photo in photos(40)[:3]]
    assert all(any(word.startswith("tiny-classes:") for word in words) for words in encodings)
    fitted = fit_encoder(encoder, [Example(photo, ()) for photo in photos(40)])
    again = load_encoder(save_encoder(fitted, tmp_path / "encoders"))
    assert again.id == fitted.id
    assert again.encode(photos(3)) == fitted.encode(photos(3))


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"<html>404</html>", id="a web page"),
        pytest.param("half", id="cut"),
        pytest.param(b"\x18\x00\x00\x00TFL3" + b"\xff" * 400, id="noise behind the mark"),
    ],
)
def test_a_file_that_is_no_network_is_refused(tmp_path: Path, data: bytes | str) -> None:
    """Whatever the interpreter raises becomes one sentence with the file."""
    description = write_encoder(tmp_path)
    file = tmp_path / "tiny.tflite"
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 2] if isinstance(data, str) else data)
    with pytest.raises(EncoderError, match=r"tiny\.tflite cannot be opened as a TFLite network: \S"):
        open_network(read_spec(description))


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        pytest.param(
            '"logits"',
            '"logit"',
            r"no tensor logit of a photo; it has: logits, photos, pooled, prob",
            id="a wrong tensor",
        ),
        pytest.param('"pooled"', '"kernel"', "no tensor kernel of a photo", id="weights"),
        pytest.param(
            'layout = "NHWC"',
            'layout = "NCHW"',
            r"\(1, 3, 8, 8\) \(NCHW\), its network takes \[1, 8, 8, 3\]",
            id="layout",
        ),
        pytest.param("height = 8", "height = 9", r"\(1, 9, 8, 3\) \(NHWC\), its network takes", id="height"),
        pytest.param("[input]", '[input]\ntensor = "pictures"', "has the inputs photos; a network that", id="input"),
        pytest.param(
            "scale = [128.0, 128.0, 128.0]",
            "",
            r"numbers of -128 to 127, the input of its network holds -1 to 0\.9921\d*: .* "
            r"mean \[128\.0, 128\.0, 128\.0\], scale \[128\.0, 128\.0, 128\.0\]",
            id="normalisation",
        ),
    ],
)
def test_a_description_that_does_not_fit_is_told_what_would(tmp_path: Path, old: str, new: str, says: str) -> None:
    """A slip is found when the network is opened, with what there is instead."""
    with pytest.raises(EncoderError, match=says):
        open_network(read_spec(changed(tmp_path, old, new)))


def test_a_normalisation_may_be_rounded(tmp_path: Path) -> None:
    """What is beside the range of the input by a step or two is no slip: mean 127.5 is as good as 128."""
    spec = read_spec(changed(tmp_path, "128.0", "127.5"))
    assert np.isfinite(open_network(spec).run(prepare_batch(photos(2), spec.input))["logits"]).all()


def test_a_missing_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without LiteRT the message has the line that installs it; onnxruntime is not asked for."""
    monkeypatch.setattr("vision.networks.open_network.find_spec", lambda _name: None)
    with pytest.raises(
        EncoderError, match=r"ai_edge_litert, which is not installed: pip install 'photosense\[litert\]'"
    ):
        open_network(read_spec(write_encoder(tmp_path)))


def test_a_file_that_takes_more_photos_at_once_is_refused(tmp_path: Path) -> None:
    """Its shape is told; it is not fed wrongly."""
    description = write_encoder(tmp_path)
    write_network(tmp_path, batch=4)
    with pytest.raises(EncoderError, match=r"its network takes \[4, 8, 8, 3\]"):
        open_network(read_spec(description))
