"""What the networks of the operator measure in photos of Flickr8k: the features of a trunk, and further evidence."""

import hashlib
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from common.arrays import Float32
from common.files import new_file
from vision.decoding.decode import decode
from vision.evidence.evidence import PhotoEvidence
from vision.evidence.make_evidence import make_evidence

_FACES = """\
evidence = "faces"
name = "faces"
[boxes]
network = "{networks}/face_ssd.onnx"
tensor = "boxes"
scores = "scores"
edges = "y0 x0 y1 x1"
unit = "share"
[boxes.input]
height = 512
width = 512
mean = [127.5, 127.5, 127.5]
scale = [127.5, 127.5, 127.5]
fit = "corner"
[ages]
network = "{networks}/faceres.onnx"
tensor = "age_pred/Softmax:0"
margin = 1.4
[ages.input]
height = 224
width = 224
layout = "NHWC"
"""
_OBJECTS = """\
evidence = "objects"
name = "objects"
things = {{ teddy_bear = 77, ball = 32, kite = 33, skateboard = 36, bicycle = 1, dog = 16, chair = 56, bed = 59 }}
[boxes]
network = "{networks}/centernet_feat.onnx"
tensor = "tower_0/detections"
least = 0.2
[boxes.input]
height = 512
width = 512
layout = "NHWC"
"""
_TRUNK = """\
evidence = "features"
name = "trunk"
network = "{networks}/inception_v3_trunk.onnx"
tensors = ["mixed_7_gap", "mixed_8_gap", "mixed_9_partial_gap"]
[input]
height = 299
width = 299
mean = [128.0, 128.0, 128.0]
scale = [128.0, 128.0, 128.0]
"""
_FURTHER = """\
evidence = "features"
name = "lite2"
network = "{networks}/efficientnet_lite2.onnx"
tensors = ["gap"]
[input]
height = 260
width = 260
mean = [127.0, 127.0, 127.0]
scale = [128.0, 128.0, 128.0]
"""
DESCRIPTIONS = {"trunk": _TRUNK, "lite2": _FURTHER, "faces": _FACES, "objects": _OBJECTS}
AT_ONCE = 32
PART = 256  # photos that are kept together, so that a run that was stopped goes on


class PhotoNetworks:
    """Measures photos and keeps what was measured in a folder, where one is given."""

    def __init__(self, networks: Path, photos: Path, kept: Path | None, threads: int = 1) -> None:
        self._photos = photos
        self._kept = kept
        self._networks = networks
        self._threads = threads
        self._open: dict[str, PhotoEvidence] = {}

    def measure(self, name: str, photos: Sequence[str]) -> tuple[tuple[str, ...], Float32]:
        """The names of the numbers, and a row of numbers and features for each photo."""
        evidence = self._evidence(name)
        parts = [self._part(evidence, photos[at : at + PART]) for at in range(0, len(photos), PART)]
        return evidence.names, np.concatenate(parts)

    def _evidence(self, name: str) -> PhotoEvidence:
        if name not in self._open:
            with tempfile.TemporaryDirectory() as folder:
                file = Path(folder) / f"{name}.toml"
                file.write_text(DESCRIPTIONS[name].format(networks=self._networks), "utf-8")
                self._open[name] = make_evidence([file], threads=self._threads)
        return self._open[name]

    def _part(self, evidence: PhotoEvidence, photos: Sequence[str]) -> Float32:
        digest = hashlib.sha256("\n".join(photos).encode()).hexdigest()[:12]
        file = self._kept / f"{evidence.id}-{digest}.npy" if self._kept else None
        if file and file.exists():
            return np.asarray(np.load(file, allow_pickle=False), np.float32)
        rows = []
        for at in range(0, len(photos), AT_ONCE):
            pixels = [
                decode((self._photos / photo).read_bytes(), target=evidence.side) for photo in photos[at : at + AT_ONCE]
            ]
            rows.append(np.concatenate(evidence.measure(pixels), axis=1))
        measured = np.concatenate(rows)
        if file:
            file.parent.mkdir(parents=True, exist_ok=True)
            with new_file(file) as aside, aside.open("wb") as stream:
                np.save(stream, measured, allow_pickle=False)
        return measured
