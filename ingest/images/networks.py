"""A network that sees: decoded photos in, named tensors out; four engines may run it."""

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final, Protocol

import numpy as np
import numpy.typing as npt
from PIL import Image

from ingest.images.errors import EncoderError
from ingest.images.sight import Pixels
from ingest.images.spec import Input, Spec

Tensor = npt.NDArray[np.float32]
BATCH: Final = 16


class Runtime(StrEnum):
    """Who runs networks in ONNX files."""

    ONNXRUNTIME = "onnxruntime"
    OPENVINO = "openvino"


class Network(Protocol):
    """A network that was opened."""

    def run(self, batch: Tensor) -> Mapping[str, Tensor]:
        """Give the tensors that were asked for, a row for each photo of the batch."""
        ...


_TYPES: Final[dict[str, type[np.generic]]] = {
    **dict.fromkeys(("float", "f32"), np.float32),
    **dict.fromkeys(("float16", "f16"), np.float16),
    **dict.fromkeys(("uint8", "u8"), np.uint8),
}
EXTRAS: Final = {
    "onnxruntime": "onnx",
    "openvino": "openvino",
    "ai_edge_litert": "litert",
    "tensorflow": "tensorflow",
    "tf2onnx": "tensorflow",
    "tokenizers": "dual",
}
TFLITE: Final = ".tflite"


def need(package: str, wanted: str) -> None:
    """Say which extra is missing for what is wanted."""
    if find_spec(package) is None:
        raise EncoderError(
            f"{wanted} needs {package}, which is not installed: pip install 'photosense[{EXTRAS[package]}]'."
        )


def open_network(spec: Spec, runtime: Runtime = Runtime.ONNXRUNTIME, threads: int = 1) -> Network:
    """Open the network of a description with the engine for it."""
    if spec.keras is not None:
        need("tensorflow", f"The Keras application {spec.keras}")
        from ingest.images.keras import KerasNetwork

        return KerasNetwork(spec, threads)
    file = Path(spec.network or "")
    if not file.is_file():
        raise EncoderError(f"The encoder {spec.name} has its network in {file}, which is not there.")
    if file.suffix.lower() == TFLITE:
        need("ai_edge_litert", f"The encoder {spec.name}")
        from ingest.images.litert import LitertNetwork

        return LitertNetwork(spec, file, threads)
    need(runtime.value, f"The encoder {spec.name}")
    return _engine(runtime)(spec, file, threads)


def application_spec(name: str, weights: str | None = None) -> Spec:
    """Describe an application of Keras by its name, such as inception-v3 or ResNet50."""
    need("tensorflow", f"The encoder {name}, an application of Keras,")
    from ingest.images.keras import describe_application

    return describe_application(name, weights)


def _engine(runtime: Runtime) -> Callable[[Spec, Path, int], Network]:
    if runtime is Runtime.OPENVINO:
        from ingest.images.openvino import OpenVinoNetwork

        return OpenVinoNetwork
    from ingest.images.onnx import OnnxNetwork

    return OnnxNetwork


def prepare(photos: Sequence[Pixels], wanted: Input) -> Tensor:
    """Size, arrange and normalise photos as a network wants them."""
    sized = np.stack([_size(photo, wanted) for photo in photos])
    if wanted.colours == "BGR":
        sized = sized[..., ::-1]
    given = sized.astype(np.float32)
    given -= np.array(wanted.mean, np.float32)
    given /= np.array(wanted.scale, np.float32)
    return np.ascontiguousarray(given.transpose(0, 3, 1, 2) if wanted.layout == "NCHW" else given, np.float32)


def known_type(name: str) -> type[np.generic]:
    """The type in which a network wants photos, by the name that its engine has for it."""
    if name not in _TYPES:
        raise EncoderError(f"The network takes photos as {name}; float, float16 and uint8 are known here.")
    return _TYPES[name]


def as_type(batch: Tensor, wanted: type[np.generic]) -> npt.NDArray[Any]:
    """Give prepared photos in that type."""
    if issubclass(wanted, np.integer):
        holds = np.iinfo(wanted)
        return np.clip(np.rint(batch), holds.min, holds.max).astype(wanted)
    return batch.astype(wanted, copy=False)


def check_shape(spec: Spec, shape: Sequence[int | str]) -> None:
    """Refuse a network whose input has another shape than a description gives photos; a name stands for any number."""
    wanted = spec.input
    sides = (wanted.height, wanted.width)
    expected = (1, 3, *sides) if wanted.layout == "NCHW" else (1, *sides, 3)
    fits = len(shape) == 4 and all(
        not isinstance(has, int) or has == gets for has, gets in zip(shape, expected, strict=True)
    )
    if not fits:
        raise EncoderError(
            f"The encoder {spec.name} gives photos of shape {expected} ({wanted.layout}), its network takes {shape}: "
            "correct height, width or layout under [input]."
        )


def _size(photo: Pixels, wanted: Input) -> Pixels:
    picture = Image.fromarray(photo)
    box = None
    if wanted.fit == "crop":
        scale = min(picture.width / wanted.width, picture.height / wanted.height)
        width, height = wanted.width * scale, wanted.height * scale
        left, top = (picture.width - width) / 2, (picture.height - height) / 2
        box = (left, top, left + width, top + height)
    return np.asarray(picture.resize((wanted.width, wanted.height), Image.Resampling.BILINEAR, box=box))
