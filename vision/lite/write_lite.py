"""Making EfficientNet-Lite ready to see: a network and its description from its weights, tried before they are kept."""

import tempfile
from pathlib import Path
from typing import Final

from common.files import write_file
from vision.errors import EncoderError
from vision.lite.efficientnet import LOGITS, POOLED, Lite, lite_onnx
from vision.lite.state_dict import read_state_dict
from vision.networks.network import Runtime
from vision.networks.tryout import CLOCK, TRAFFIC_LIGHT, Tryout, try_description

_CLASSES: Final = Path(__file__).parent.parent / "data" / "imagenet_classes.txt"
_TEMPLATE: Final = """\
# Made by `photosense encoder add` of the weights in the package {package}, under the Apache License 2.0.
name = "{name}"
network = "{name}.onnx"
features = ["{pooled}"]

[input]
height = {side}
width = {side}
mean = [127.0, 127.0, 127.0]
scale = [128.0, 128.0, 128.0]

[[outputs]]
words = "classes"
tensor = "{logits}"
prefix = "{short}"
logits = true
temperature = 2.0
labels = "{name}.labels.txt"

[[outputs]]
words = "channels"
tensor = "{pooled}"
prefix = "{short}-channel"
total = 50.0
"""


def write_lite(
    name: str, lite: Lite, weights: bytes, folder: Path, *, package: str, runtime: Runtime = Runtime.ONNXRUNTIME
) -> tuple[Path, Tryout]:
    """Write `<name>.onnx`, its description and the names of its classes into a folder, once it saw what was drawn."""
    labels = _CLASSES.read_text("utf-8")
    known = lite.classes == labels.count("\n")
    if not known:
        labels = "".join(f"class {number}\n" for number in range(lite.classes))
    network = lite_onnx(name, lite, read_state_dict(weights, f"The file of weights in {package}"))
    description = _TEMPLATE.format(
        name=name, short=name.rpartition("-")[2], package=package, side=lite.side, pooled=POOLED, logits=LOGITS
    )
    files: dict[str, bytes | str] = {f"{name}.onnx": network, f"{name}.labels.txt": labels, f"{name}.toml": description}
    with tempfile.TemporaryDirectory() as aside:
        _write(files, Path(aside))
        tryout = try_description(Path(aside) / f"{name}.toml", runtime)
    if known:
        _check_sight(name, tryout)
    _write(files, folder)
    return folder / f"{name}.toml", tryout


def _check_sight(name: str, tryout: Tryout) -> None:
    """Refuse a network of which it is known what it sees in the pictures of a trial, and that sees other things."""
    for shown in (TRAFFIC_LIGHT, CLOCK):
        if tryout.words[shown][0] != shown:
            raise EncoderError(f"{name} sees a drawn {shown} as {tryout.words[shown][0]}: it was made wrong, not kept.")


def _write(files: dict[str, bytes | str], folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            write_file(folder / name, content)
    except OSError as error:
        raise EncoderError(f"{error.filename or folder} cannot be written: {error.strerror}.") from None
