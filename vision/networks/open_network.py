"""Opening a network: the engine for its file, or a sentence on what is missing."""

from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from vision.errors import EncoderError
from vision.networks.network import Network, Runtime
from vision.networks.spec import Spec

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
        from vision.networks.keras import KerasNetwork

        return KerasNetwork(spec, threads)
    file = Path(spec.network or "")
    if not file.is_file():
        raise EncoderError(f"The encoder {spec.name} has its network in {file}, which is not there.")
    if file.suffix.lower() == TFLITE:
        need("ai_edge_litert", f"The encoder {spec.name}")
        from vision.networks.litert import LitertNetwork

        return LitertNetwork(spec, file, threads)
    need(runtime.value, f"The encoder {spec.name}")
    return _engine(runtime)(spec, file, threads)


def application_spec(name: str, weights: str | None = None) -> Spec:
    """Describe an application of Keras by its name, such as inception-v3 or ResNet50."""
    need("tensorflow", f"The encoder {name}, an application of Keras,")
    from vision.networks.keras import describe_application

    return describe_application(name, weights)


def _engine(runtime: Runtime) -> Callable[[Spec, Path, int], Network]:
    if runtime is Runtime.OPENVINO:
        from vision.networks.openvino import OpenVinoNetwork

        return OpenVinoNetwork
    from vision.networks.onnx import OnnxNetwork

    return OnnxNetwork
