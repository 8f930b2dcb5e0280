"""A description for a network in an ONNX file: what the file tells, what lies beside it, and what a trial shows.

Two things no file tells: how pixels are handed in, and what its classes are called. Folders of Hugging Face say both. A
network that knows the thousand classes of ImageNet shows on the drawn pictures how it learned to see pixels.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import orjson
from msgspec.structs import asdict, replace

from common.arrays import Float32
from common.files import write_file
from vision.errors import EncoderError
from vision.networks.network import Runtime, Shapes, prepare_batch
from vision.networks.open_network import need, open_network
from vision.networks.spec import Channels, Classes, Input, Output, Spec, Triple
from vision.networks.tryout import CLOCK, TRAFFIC_LIGHT, pictures
from vision.words.kinds import read_labels
from vision.words.weights import probabilities

PIXELS: Final[Mapping[str, tuple[Triple, Triple]]] = {
    "imagenet": ((123.675, 116.28, 103.53), (58.395, 57.12, 57.375)),
    "-1..1": ((127.5, 127.5, 127.5), (127.5, 127.5, 127.5)),
    "0..1": ((0.0, 0.0, 0.0), (255.0, 255.0, 255.0)),
    "0..255": ((0.0, 0.0, 0.0), (1.0, 1.0, 1.0)),
}
IMAGENET: Final = Path(__file__).parent.parent / "data" / "imagenet_classes.txt"
_THOUSAND: Final = {1000: 0, 1001: 1}  # so many classes; of 1001 the first, a background, is none
_CLASS_LIKE: Final = ("logit", "prob", "softmax", "class")
_SHOWN: Final = (TRAFFIC_LIGHT, CLOCK)
_MOST_FEATURES: Final = 1600  # so that there is room for those of another encoder beside them
_USUAL_NAME: Final = "model"  # the folder says more


class Unanswered(EncoderError):
    """A question that nothing answers: `asks` is its name, as a field of Answers."""

    def __init__(self, asks: str, message: str) -> None:
        super().__init__(message)
        self.asks = asks


@dataclass(frozen=True, slots=True)
class Answers:
    """What whoever brings a network says of it; None: it is to be found out."""

    pixels: str | None = None
    side: int | None = None
    labels: Path | None = None


def describe_file(file: Path, answers: Answers, runtime: Runtime = Runtime.ONNXRUNTIME) -> Path:
    """Write a description beside a network, and give it; a question that stays open is Unanswered."""
    need("onnxruntime", "Looking into an ONNX file")
    from vision.networks.onnx import shapes_of

    if answers.pixels not in (None, *PIXELS):
        raise EncoderError(f"Pixels are handed in as one of {', '.join(PIXELS)}, not as {answers.pixels!r}.")
    shapes, beside = shapes_of(file), _beside(file)
    labels = [name.replace("_", " ") for name in read_labels(answers.labels)] if answers.labels else beside.labels
    given, outputs = _input(file, shapes, answers, beside), _outputs(file, shapes, len(labels))
    features = _features(shapes, outputs)
    spec = Spec(_name(file), given, outputs, network=str(file.resolve()), features=features)
    count = next((_row(shapes, of.tensor) for of in outputs if isinstance(of, Classes)), 0)
    spec, labels = _tried(spec, count, labels, runtime, is_known=bool(answers.pixels or beside.pixels))
    description, names = file.with_suffix(".toml"), file.with_suffix(".labels.txt")
    if labels:
        said = (replace(of, labels=names.name) if isinstance(of, Classes) else of for of in spec.outputs)
        spec = replace(spec, outputs=tuple(said))
    try:
        if labels:
            write_file(names, "".join(f"{name}\n" for name in labels))
        write_file(description, _toml(replace(spec, network=file.name)))
    except OSError as error:
        raise EncoderError(f"{error.filename or file.parent} cannot be written: {error.strerror}.") from None
    return description


@dataclass(frozen=True, slots=True)
class _Beside:
    """What the folder of a network says of it, in the files of Hugging Face."""

    pixels: tuple[Triple, Triple] | None = None
    side: int | None = None
    crop: bool = False
    labels: Sequence[str] = ()


def _beside(file: Path) -> _Beside:
    """Read the files of Hugging Face; those that say nothing, or something else, are left out."""
    pixels, names = _json(file, "preprocessor_config.json"), _json(file, "config.json").get("id2label")
    try:
        labels = [str(names[str(number)]).partition(",")[0] for number in range(len(names))] if names else []
        factor = 1 / float(pixels.get("rescale_factor", 1 / 255))
        mean, scale = pixels.get("image_mean"), pixels.get("image_std")
        known = None if mean is None or scale is None else (_triple(mean, factor), _triple(scale, factor))
        size = pixels.get("crop_size") or pixels.get("size") or {}
        side = size if isinstance(size, int) else size.get("height") or size.get("shortest_edge")
        return _Beside(known, side, bool(pixels.get("do_center_crop")), labels)
    except (TypeError, ValueError, KeyError, AttributeError, ZeroDivisionError) as error:
        raise EncoderError(
            f"preprocessor_config.json and config.json beside {file} do not say how it sees as those of Hugging Face "
            f"do ({error}): describe it by hand, see docs/encoders.md."
        ) from None


def _json(file: Path, name: str) -> dict[str, Any]:
    for folder in (file.parent, file.parent.parent):  # models often lie in a folder `onnx` of their own
        try:
            content = orjson.loads((folder / name).read_bytes())
        except (OSError, ValueError):
            continue
        return content if isinstance(content, dict) else {}
    return {}


def _triple(values: Sequence[float], factor: float) -> Triple:
    red, green, blue = (round(float(value) * factor, 4) for value in values)
    return red, green, blue


def _name(file: Path) -> str:
    stems = [file.stem, file.resolve().parent.name, file.resolve().parent.parent.name]
    stem = next((stem for stem in stems if stem.lower() not in (_USUAL_NAME, "onnx")), _USUAL_NAME)
    return re.sub(r"^[^a-z]+", "", re.sub(r"[^a-z0-9_.-]+", "-", stem.lower()))[:20].rstrip("-.") or _USUAL_NAME


def _input(file: Path, shapes: Shapes, answers: Answers, beside: _Beside) -> Input:
    if len(shapes.inputs) != 1:
        raise EncoderError(f"{file} has the inputs {', '.join(shapes.inputs)}; a network that sees has one, of photos.")
    ((name, shape),) = shapes.inputs.items()
    if len(shape) != 4 or 3 not in (shape[1], shape[3]):
        raise EncoderError(f"{file} takes {name} of the shape {list(shape)}; photos have four sides, one of them 3.")
    first = shape[1] == 3
    sides = [side if isinstance(side, int) else answers.side or beside.side for side in shape[2:] + shape[1:3]]
    height, width = sides[:2] if first else sides[2:]
    if height is None or width is None:
        raise Unanswered("side", f"{file} takes photos of any size: say the one that it learned from, as `--side 224`.")
    mean, scale = PIXELS[answers.pixels] if answers.pixels else beside.pixels or PIXELS["0..255"]
    return Input(
        height,
        width,
        layout="NCHW" if first else "NHWC",
        mean=mean,
        scale=scale,
        fit="crop" if beside.crop else "squeeze",
    )


def _outputs(file: Path, shapes: Shapes, labels: int) -> tuple[Output, ...]:
    """Rows become classes or channels; maps become channels where there are no rows of features."""
    flat = [name for name, shape in shapes.outputs.items() if len(shape) == 2 and isinstance(shape[1], int)]
    counts = (*_THOUSAND, labels)
    classes = [
        name for name in flat if _row(shapes, name) in counts or any(word in name.lower() for word in _CLASS_LIKE)
    ][:1]
    channels = [name for name in flat if name not in classes]
    channels = channels or [name for name, shape in shapes.outputs.items() if len(shape) == 4]
    if not classes and not channels:
        gives = ", ".join(f"{name} {list(shape)}" for name, shape in shapes.outputs.items())
        raise EncoderError(
            f"{file} gives {gives}: neither a row for each photo nor a map. Describe it by hand: any tensor of it may "
            "be named, see docs/encoders.md."
        )
    prefix = _name(file)
    return (
        *(Classes(name, prefix, skip=_THOUSAND.get(_row(shapes, name), 0)) for name in classes),
        *(Channels(name, f"{prefix}-{number}", total=50.0) for number, name in enumerate(channels[:8], 1)),
    )


def _row(shapes: Shapes, tensor: str) -> int:
    """How many numbers a photo has in an output; 0 where the file does not say."""
    shape = shapes.outputs[tensor]
    side = shape[1] if len(shape) > 1 else None
    return side if isinstance(side, int) else 0


def _features(shapes: Shapes, outputs: Sequence[Output]) -> tuple[str, ...]:
    """The channels, the longest first, as many as may be kept with each post; else the classes."""
    channels = [output.tensor for output in outputs if isinstance(output, Channels)]
    features: list[str] = []
    room = _MOST_FEATURES
    for tensor in sorted(channels, key=lambda tensor: -_row(shapes, tensor)):
        if _row(shapes, tensor) <= room:
            features.append(tensor)
            room -= _row(shapes, tensor)
    return tuple(features) or (outputs[0].tensor,)


def _tried(
    spec: Spec, count: int, labels: Sequence[str], runtime: Runtime, *, is_known: bool
) -> tuple[Spec, list[str]]:
    """Find out by the drawn pictures what is open: how pixels come, whether classes are logits, what they are called.

    `count` are the classes that it tells, `is_known` says that pixels need not be found out.
    """
    classes = next((output for output in spec.outputs if isinstance(output, Classes)), None)
    tries = [(0, 0.0, spec)]
    for mean, scale in [(spec.input.mean, spec.input.scale)] if is_known else PIXELS.values():
        if classes is not None and (is_known or count in _THOUSAND):
            tried = replace(spec, input=replace(spec.input, mean=mean, scale=scale))
            rows = _rows(tried, classes, runtime)
            logits = bool(rows.min() < 0 or np.abs(rows.sum(axis=1) - 1).max() > 1e-2)
            shares = probabilities(rows[:, classes.skip :], logits=logits, temperature=1.0)
            said = replace(classes, logits=logits, temperature=2.0 if logits else 1.0)
            tried = replace(tried, outputs=(said, *(of for of in spec.outputs if of is not classes)))
            tries.append((*(_sight(shares) if count in _THOUSAND else (0, 0.0)), tried))
    right, _, best = max(tries[1:] or tries, key=lambda each: each[:2])
    if not is_known and right < len(_SHOWN):
        raise Unanswered(
            "pixels",
            f"Nothing tells how {spec.network} wants its pixels (its makers do): say `--pixels`, one of "
            f"{', '.join(PIXELS)}.",
        )
    if labels or not right or classes is None:
        return best, list(labels)
    return best, [*["background"] * classes.skip, *IMAGENET.read_text("utf-8").splitlines()]


def _rows(spec: Spec, classes: Classes, runtime: Runtime) -> Float32:
    batch = prepare_batch([pictures()[shown] for shown in _SHOWN], spec.input)
    return open_network(replace(spec, outputs=(), features=(classes.tensor,)), runtime).run(batch)[classes.tensor]


def _sight(shares: Float32) -> tuple[int, float]:
    """How many of the pictures are seen as what they are, and how surely."""
    names = IMAGENET.read_text("utf-8").splitlines()
    rows = [names.index(shown) for shown in _SHOWN]
    right = sum(int(of.argmax() == row) for of, row in zip(shares, rows, strict=True))
    return right, float(sum(of[row] for of, row in zip(shares, rows, strict=True)))


def _toml(spec: Spec) -> str:
    """The description as a person would write it; what is as usual is left out."""
    usual = Input(spec.input.height, spec.input.width)
    lines = [f"{key} = {json.dumps(value)}" for key, value in (("name", spec.name), ("network", spec.network))]
    lines += [f"features = {json.dumps(spec.features)}", "", "[input]"]
    lines += _fields(asdict(spec.input), {**asdict(usual), "height": None, "width": None})
    for output in spec.outputs:
        kind = output.__struct_config__.tag
        lines += ["", "[[outputs]]", f'words = "{kind}"', *_fields(asdict(output), asdict(type(output)("")))]
    return "\n".join(lines) + "\n"


def _fields(values: Mapping[str, Any], usual: Mapping[str, Any]) -> list[str]:
    return [
        f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in values.items() if value != usual.get(key)
    ]
