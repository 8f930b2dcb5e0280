"""The networks of the real data as encoders of their own, and what each of them sees in photos of Flickr8k."""

import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np

from benchmarks.flickr.corpus import Corpus
from common.arrays import Float32
from photosense.progress import progress
from vision.decoding.decode import decode
from vision.encoder import SIDE, Encoder
from vision.make_encoder import make_encoder

_AT_ONCE: Final = 16
_FOLDER: Final = "NETWORKS"
_INPUT: Final = """\
name = "{name}"
network = "NETWORKS/{network}"
features = [{features}]

[input]
height = {side}
width = {side}
mean = [{mean}, {mean}, {mean}]
scale = [{scale}, {scale}, {scale}]
{more}
"""
DESCRIPTIONS: Final = {
    "MobileNetV2": _INPUT.format(
        name="mobilenet",
        network="mobilenet_v2_1.0_224_quant.tflite",
        features='"MobilenetV2/Logits/Squeeze"',
        side=224,
        mean=128.0,
        scale=128.0,
        more='layout = "NHWC"',
    ),
    "EfficientNet-Lite2": _INPUT.format(
        name="lite2",
        network="efficientnet_lite2.onnx",
        features='"gap"',
        side=260,
        mean=127.0,
        scale=128.0,
        more='layout = "NCHW"',
    ),
    "Inception-v3 trunk": _INPUT.format(
        name="trunk",
        network="inception_v3_trunk.onnx",
        features='"mixed_8_gap", "mixed_9_partial_gap"',
        side=299,
        mean=128.0,
        scale=128.0,
        more='layout = "NCHW"',
    ),
    "CenterNet": _INPUT.format(
        name="centernet",
        network="centernet_feat.onnx",
        features='"gap", "objects"',
        side=512,
        mean=0.0,
        scale=1.0,
        more='layout = "NHWC"',
    ),
}


class Seen(NamedTuple):
    """What an encoder measured in photos, a row each, and the processor's milliseconds for one."""

    features: Float32
    milliseconds: float


def encoders_of(networks: Path) -> dict[str, Encoder]:
    """Open `patches` and the networks of a folder."""
    encoders = {"patches": make_encoder("patches")}
    with tempfile.TemporaryDirectory() as folder:
        for name, description in DESCRIPTIONS.items():
            file = Path(folder) / "network.toml"
            file.write_text(description.replace(_FOLDER, str(networks.resolve())), "utf-8")
            encoders[name] = make_encoder(str(file))
    return encoders


def look_at(encoder: Encoder, corpus: Corpus, names: Sequence[str], kept: Path | None) -> Seen:
    """See photos, or read what was seen before, where a folder keeps it."""
    file = kept / f"{encoder.id}-{len(names)}.npz" if kept else None
    if file and file.is_file():
        with np.load(file, allow_pickle=False) as arrays:
            return Seen(arrays["features"].astype(np.float32), float(arrays["milliseconds"]))
    rows: list[Float32] = []
    timings = []
    with progress(f"seeing with {encoder.id}", len(names)) as update:
        for at in range(0, len(names), _AT_ONCE):
            photos = [decode(corpus.photo(name).read_bytes(), target=SIDE) for name in names[at : at + _AT_ONCE]]
            begun = time.process_time()
            rows.append(encoder.features(photos))
            timings.append((time.process_time() - begun) * 1000 / len(photos))
            update(at + len(photos))
    seen = Seen(np.concatenate(rows).astype(np.float16).astype(np.float32), float(np.median(timings)))
    if file:
        file.parent.mkdir(parents=True, exist_ok=True)
        np.savez(file, features=seen.features.astype(np.float16), milliseconds=seen.milliseconds)
    return seen
