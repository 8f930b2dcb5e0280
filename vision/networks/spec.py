"""The description of a network as an encoder: a small TOML beside it, and what is wrong with one that does not fit."""

import tomllib
from pathlib import Path
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta, Struct
from msgspec.structs import replace

from vision.encoder import TOTAL
from vision.errors import EncoderError

Name = Annotated[str, Meta(pattern="^[a-z][a-z0-9_.-]{0,31}$")]
Side = Annotated[int, Meta(ge=8, le=2048)]
Count = Annotated[int, Meta(ge=1, le=100_000)]
Total = Annotated[float, Meta(ge=0, le=1e6)]
Triple = tuple[float, float, float]


class Input(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """How pixels are handed in: (pixel - mean) / scale, for each of three colours of 0 to 255."""

    height: Side
    width: Side
    tensor: str | None = None  # the only one there is
    layout: Literal["NCHW", "NHWC"] = "NCHW"
    colours: Literal["RGB", "BGR"] = "RGB"
    mean: Triple = (0.0, 0.0, 0.0)
    scale: Triple = (1.0, 1.0, 1.0)
    # The whole photo out of proportion, the middle in proportion, or the whole in the upper left corner of black.
    fit: Literal["squeeze", "crop", "corner"] = "squeeze"


class Classes(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, tag_field="words", tag="classes"):
    """Probabilities of classes: a share of `tail` is spread by logarithms, so that rare ones count, the rest as is."""

    tensor: str
    prefix: Name | None = None
    total: Total = TOTAL
    keep: Count = 100
    logits: bool = False  # what comes out are logits yet
    temperature: Annotated[float, Meta(gt=0, le=100)] = 1.0
    tail: Annotated[float, Meta(ge=0, le=1)] = 0.25
    draws: Annotated[int, Meta(ge=0, le=100_000)] = 0  # 0: expected counts; else so many words are drawn
    seed: int = 42
    labels: str | None = None  # a file: a name a line, or the class index of Keras
    skip: Annotated[int, Meta(ge=0)] = 0  # leading outputs that are no class, such as a background


class Channels(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, tag_field="words", tag="channels"):
    """Activations, each channel a word: the strongest; beyond what is usual once that is learned."""

    tensor: str
    prefix: Name | None = None
    total: Total = TOTAL
    keep: Count = 200


class Codebook(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, tag_field="words", tag="codebook"):
    """A map of features: each place gives counts to the words of a learned codebook that are nearest to it."""

    tensor: str
    prefix: Name | None = None
    total: Total = TOTAL
    size: Annotated[int, Meta(ge=2, le=20_000)] = 2000
    components: Annotated[int, Meta(ge=1, le=1024)] = 128
    nearest: Annotated[int, Meta(ge=1, le=16)] = 3
    sharpness: Annotated[float, Meta(gt=0, le=1000)] = 10.0


class Things(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, tag_field="words", tag="objects"):
    """Boxes of things, a row each of edges, score and class: what there is, how many, how large, and where."""

    tensor: str
    prefix: Name | None = None
    total: Total = 100.0
    labels: str | None = None  # a file of names, or `coco`
    edges: Literal["x0 y0 x1 y1", "y0 x0 y1 x1"] = "x0 y0 x1 y1"
    unit: Literal["pixel", "share"] = "pixel"  # of the input
    least: Annotated[float, Meta(ge=0, le=1)] = 0.3  # boxes that it is less sure of are none
    overlap: Annotated[float, Meta(ge=0, le=1)] = 0.4  # of two of a class that share more the surer one stays


COCO: Final = "coco"  # names of classes that come along
NO_FILE = ("imagenet", "random")  # weights of Keras that are in no file of ours

Output = Classes | Channels | Codebook | Things


class Spec(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A network in a file, or a Keras application by name, and what becomes of its outputs."""

    name: Name
    input: Input
    outputs: Annotated[tuple[Output, ...], Meta(max_length=16)] = ()
    network: str | None = None
    keras: str | None = None
    weights: str | None = None
    features: tuple[str, ...] = ()  # tensors that are features; left out: those of the outputs that are no maps

    @property
    def feature_tensors(self) -> tuple[str, ...]:
        """Which tensors, pooled over their places and side by side, are the features of a photo."""
        flat = (output.tensor for output in self.outputs if not isinstance(output, Codebook | Things))
        return self.features or tuple(dict.fromkeys(flat)) or tuple(output.tensor for output in self.outputs)

    @property
    def tensors(self) -> tuple[str, ...]:
        """Every tensor that is looked at, each once."""
        return tuple(dict.fromkeys([*(output.tensor for output in self.outputs), *self.feature_tensors]))

    def prefix(self, output: Output) -> str:
        """What the words of an output begin with: its own, else the name of the encoder."""
        return output.prefix or (self.name if len(self.outputs) == 1 else f"{self.name}-{output.__struct_config__.tag}")


def read_spec(file: Path) -> Spec:
    """Read a description; the files that it names are beside it."""
    try:
        content = tomllib.loads(file.read_text("utf-8"))
        if {"photo", "text"} <= content.keys():
            raise EncoderError(f"{file} describes a dual encoder: name it as `dual_encoder`, it has no visual words.")
        spec = msgspec.convert(content, Spec)
    except OSError as error:
        raise EncoderError(f"The description of an encoder {file} cannot be read: {error.strerror}.") from None
    except (ValueError, msgspec.ValidationError) as error:
        raise EncoderError(f"The description of an encoder {file} is wrong: {error}. See docs/encoders.md.") from None
    _check(spec, str(file))
    return resolve_paths(spec, file.parent)


def resolve_paths(spec: Spec, folder: Path) -> Spec:
    """The same with paths that hold anywhere, of files that lie in `folder`."""
    outputs = tuple(
        replace(output, labels=_labels(output.labels, folder)) if isinstance(output, Classes | Things) else output
        for output in spec.outputs
    )
    weights = spec.weights if spec.weights in (None, *NO_FILE) else _path(spec.weights, folder)
    return replace(spec, network=_path(spec.network, folder), weights=weights, outputs=outputs)


def _labels(name: str | None, folder: Path) -> str | None:
    return str(Path(__file__).parent.parent / "data" / "coco_classes.txt") if name == COCO else _path(name, folder)


def _path(name: str | None, folder: Path) -> str | None:
    return None if name is None else str((folder / name).resolve())


def _check(spec: Spec, origin: str) -> None:
    """Refuse what no single field shows."""
    if (spec.network is None) == (spec.keras is None):
        raise EncoderError(
            f"{origin}: name either `network`, an ONNX or a TFLite file, or `keras`, one of its applications."
        )
    if spec.weights is not None and spec.keras is None:
        raise EncoderError(f"{origin}: `weights` belong to `keras`; the file of a network has its own.")
    if not spec.tensors:
        raise EncoderError(f"{origin}: name at least one tensor, under `[[outputs]]` or in `features`.")
    boxes = [output.tensor for output in spec.outputs if isinstance(output, Things)]
    if boxes and set(spec.feature_tensors) & set(boxes):
        raise EncoderError(f"{origin}: the boxes {boxes[0]} are no features: name other tensors in `features`.")
    if 0 in spec.input.scale:
        raise EncoderError(f"{origin}: `input.scale` is {spec.input.scale}, and nothing is divided by 0.")
    prefixes = [spec.prefix(output) for output in spec.outputs]
    for prefix in prefixes:
        if prefixes.count(prefix) > 1:
            raise EncoderError(f"{origin}: two outputs have the prefix {prefix!r}; give each its own.")
