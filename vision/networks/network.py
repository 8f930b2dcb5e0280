"""A network that sees: decoded photos in, named tensors out; four engines may run it."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any, Final, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt
from PIL import Image

from common.arrays import Float32
from vision.encoder import Pixels
from vision.errors import EncoderError
from vision.networks.spec import Input, Spec

Tensor = Float32
BATCH: Final = 16


class Runtime(StrEnum):
    """Who runs networks in ONNX files."""

    ONNXRUNTIME = "onnxruntime"
    OPENVINO = "openvino"


class Shapes(NamedTuple):
    """The inputs and outputs of a network, with their sides; a name, or None, stands for any number."""

    inputs: dict[str, tuple[int | str | None, ...]]
    outputs: dict[str, tuple[int | str | None, ...]]


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


def prepare_batch(photos: Sequence[Pixels], wanted: Input) -> Tensor:
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
    if wanted.fit == "corner":
        return _in_corner(picture, wanted)
    box = None
    if wanted.fit == "crop":
        scale = min(picture.width / wanted.width, picture.height / wanted.height)
        width, height = wanted.width * scale, wanted.height * scale
        left, top = (picture.width - width) / 2, (picture.height - height) / 2
        box = (left, top, left + width, top + height)
    return np.asarray(picture.resize((wanted.width, wanted.height), Image.Resampling.BILINEAR, box=box))


def _in_corner(picture: Image.Image, wanted: Input) -> Pixels:
    scale = min(wanted.width / picture.width, wanted.height / picture.height)
    width, height = max(1, round(picture.width * scale)), max(1, round(picture.height * scale))
    sized = np.zeros((wanted.height, wanted.width, 3), np.uint8)
    sized[:height, :width] = np.asarray(picture.resize((width, height), Image.Resampling.BILINEAR))
    return sized
