"""How encoders are chosen: by name, by the description of a network, or by the folder of a fitted one."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from vision.combined_encoder import Together
from vision.encoder import Encoder
from vision.errors import EncoderError
from vision.fitting.artifact import load_encoder
from vision.networks.network import Runtime
from vision.networks.network_encoder import NetworkEncoder
from vision.networks.open_network import application_spec, open_network
from vision.networks.spec import Spec, read_spec
from vision.patches.patches import PatchesEncoder

__all__ = ["Encoder", "make_encoder"]

# How the names of the families begin that Keras has, so that one can be told from a slip without loading it.
_KERAS: Final = (
    "convnext", "densenet", "efficientnet", "inception", "mobilenet", "nasnet", "resnet", "vgg", "xception",
)  # fmt: skip


def make_encoder(
    *names: str,
    totals: Mapping[str, float] | None = None,
    runtime: Runtime = Runtime.ONNXRUNTIME,
    threads: int = 1,
) -> Encoder:
    """Build the encoders of those names, to work together when there are several.

    A name is `patches`, a Keras application such as `inception-v3`, a description (`.toml`), or the folder of a fitted
    encoder. `totals` says what the words of a kind weigh in a photo, where not as usual; 0 leaves them out.
    """
    if not names:
        raise EncoderError("No encoder of photos is named: name one, such as patches.")
    totals = dict(totals or {})
    encoders = [_make(name, runtime, threads) for name in names]
    encoder = encoders[0] if len(encoders) == 1 else Together(encoders)
    unknown = ", ".join(sorted(totals.keys() - encoder.totals.keys()))
    if unknown:
        known = ", ".join(sorted(encoder.totals))
        raise EncoderError(f"A total weight is given for {unknown}, the kinds of words here are: {known}.")
    return encoder.with_totals(totals) if totals else encoder


def _make(name: str, runtime: Runtime, threads: int) -> Encoder:
    if name == PatchesEncoder.name:
        return PatchesEncoder()
    path = Path(name)
    if path.is_dir():
        return load_encoder(path, runtime, threads)
    if path.suffix == ".toml":
        return _of_network(read_spec(path), runtime, threads)
    if name.lower().startswith(_KERAS):
        return _of_network(application_spec(name), runtime, threads)
    raise EncoderError(
        f"the photo encoder is {name!r}, expected one of: patches, inception-v3 (or another application of Keras), "
        "a description that ends in .toml, a folder that `photosense encoder fit` wrote; set it to one of them"
    )


def _of_network(spec: Spec, runtime: Runtime, threads: int) -> NetworkEncoder:
    return NetworkEncoder(spec, open_network(spec, runtime, threads))
