"""Writing an application of Keras as ONNX, once, with its description, and proving that both say the same."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from common.files import new_file, write_file
from vision.errors import EncoderError
from vision.networks.open_network import application_spec, need, open_network
from vision.networks.spec import Spec, read_spec

BOUND: Final = 1e-4
_TRIED: Final = 4
_TEMPLATE: Final = """\
# {keras} of Keras, weights {weights}; the normalisation of pixels is within the network.
name = "{name}"
network = "{name}.onnx"
features = ["features"]

[input]
height = {height}
width = {width}
layout = "NHWC"

[[outputs]]
words = "classes"
tensor = "probabilities"
{labels}"""


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written, and how far the outputs of both are apart at most."""

    description: Path
    apart: dict[str, float]
    named: bool


def export_network(name: str, folder: Path, weights: str | None = None) -> Exported:
    """Write `<name>.onnx` and `<name>.toml` into a folder; a file that says anything else than Keras is not kept."""
    need("tf2onnx", "Writing ONNX")
    need("onnxruntime", "Checking the ONNX file")
    from vision.networks.keras import KerasNetwork, class_names, write_onnx

    given = str(Path(weights).resolve()) if weights and Path(weights).exists() else weights
    spec = application_spec(name, given)
    network = KerasNetwork(spec)
    labels = class_names(spec.keras or "") if spec.weights == "imagenet" else []
    file, description = folder / f"{spec.name}.onnx", folder / f"{spec.name}.toml"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with new_file(file) as aside:
            write_onnx(network.model, aside)
        if labels:
            write_file(folder / f"{spec.name}.labels.txt", "\n".join(labels) + "\n")
        write_file(description, describe(spec, labelled=bool(labels)))
    except OSError as error:
        raise EncoderError(f"{error.filename or folder} cannot be written: {error.strerror}.") from error
    photos = np.random.default_rng(0).integers(0, 256, (_TRIED, spec.input.height, spec.input.width, 3))
    batch = photos.astype(np.float32)
    theirs, ours = network.run(batch), open_network(read_spec(description)).run(batch)
    apart = {tensor: float(np.abs(theirs[tensor] - ours[tensor]).max()) for tensor in theirs}
    if max(apart.values()) > BOUND or not all(np.isfinite(list(apart.values()))):
        for written in (file, description, folder / f"{spec.name}.labels.txt"):
            written.unlink(missing_ok=True)
        differences = ", ".join(f"{tensor} {value:.2g}" for tensor, value in apart.items())
        raise EncoderError(
            f"The ONNX file says other things than Keras ({differences} apart, at most {BOUND:g}): not kept."
        )
    return Exported(description, apart, bool(labels))


def describe(spec: Spec, *, labelled: bool = False) -> str:
    """The description of an application of Keras once it is written as `<name>.onnx`."""
    return _TEMPLATE.format(
        keras=spec.keras,
        weights=Path(spec.weights or "imagenet").name,
        name=spec.name,
        height=spec.input.height,
        width=spec.input.width,
        labels=f'labels = "{spec.name}.labels.txt"\n' if labelled else "",
    )
