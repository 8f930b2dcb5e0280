"""Networks that Keras has by name: described, run by TensorFlow, and written once as ONNX for whoever serves."""

import inspect
import logging
import re
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from vision.errors import EncoderError
from vision.networks.network import Tensor
from vision.networks.spec import Classes, Input, Spec

PROBABILITIES, FEATURES = "probabilities", "features"


class KerasNetwork:
    """An application of Keras with the pixels of photos as its input, whatever normalisation it wants inside."""

    def __init__(self, spec: Spec, threads: int = 1) -> None:
        # TensorFlow takes these once, before its first step, for all of the process.
        if tf.config.threading.get_intra_op_parallelism_threads() != threads:
            try:
                tf.config.threading.set_intra_op_parallelism_threads(threads)
                tf.config.threading.set_inter_op_parallelism_threads(1)
            except RuntimeError:
                logging.getLogger(__name__).info("TensorFlow runs already, with the threads that it began with")
        self.model = build_model(spec)

    def run(self, batch: Tensor) -> Mapping[str, Tensor]:
        """Give both tensors of a batch."""
        outputs = self.model.predict_on_batch(batch)
        return {name: np.asarray(outputs[name], dtype=np.float32) for name in (PROBABILITIES, FEATURES)}


def applications() -> dict[str, str]:
    """What Keras has, by the names that are written here: inception-v3 is its InceptionV3."""
    known = tf.keras.applications
    names = [name for name in dir(known) if inspect.isfunction(getattr(known, name)) and name[0].isupper()]
    return {_our_name(name): name for name in names}


def describe_application(name: str, weights: str | None = None) -> Spec:
    """Describe an application: its classes are words, what it says before the last layer are features."""
    wanted = _plain(name)
    matches = [(ours, theirs) for ours, theirs in applications().items() if wanted in (_plain(ours), _plain(theirs))]
    if not matches:
        raise EncoderError(f"Keras has no application {name!r}, it has: {', '.join(sorted(applications()))}.")
    ours, theirs = matches[0]
    height, width = _build(theirs, None).input_shape[1:3]
    return Spec(
        name=ours,
        keras=theirs,
        weights=weights or "imagenet",
        input=Input(height=height, width=width, layout="NHWC"),
        outputs=(Classes(tensor=PROBABILITIES),),
        features=(FEATURES,),
    )


def build_model(spec: Spec) -> Any:
    """Pixels of 0 to 255 in, probabilities and features out."""
    if spec.weights == "random":
        tf.keras.utils.set_random_seed(0)
    weights = None if spec.weights == "random" else spec.weights or "imagenet"
    try:
        application = _build(spec.keras or "", weights)
    except Exception as error:  # no network, a damaged file, weights of another network: whatever it raises
        raise EncoderError(
            f"The weights of {spec.keras} cannot be had from {weights!r} ({str(error).strip()[:200]}): "
            "give the path of a file of weights for Keras."
        ) from error
    photos = tf.keras.Input((spec.input.height, spec.input.width, 3), name="photos", dtype="float32")
    both = tf.keras.Model(application.inputs, [application.outputs[0], _features(application)])
    probabilities, features = both(_home(spec.keras or "").preprocess_input(photos))
    return tf.keras.Model(photos, {PROBABILITIES: probabilities, FEATURES: features})


def write_onnx(model: Any, file: Path) -> None:
    """Write a model as ONNX."""
    model(np.zeros((1, *model.input_shape[1:]), np.float32))  # it must have run once
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the converter, about numpy
        model.export(str(file), format="onnx", verbose=False)


def class_names(application: str) -> list[str]:
    """The names of the classes in order, which Keras downloads; none when they are not to be had."""
    try:
        falling = np.linspace(1, 0, 1000, dtype=np.float32)[None]
        return [name for _, name, _ in _home(application).decode_predictions(falling, top=1000)[0]]
    except Exception:  # no network
        return []


def _features(application: Any) -> Any:
    """What the classifier is given, as a row: the last tensor before the first layer of the head that has weights."""
    layers = [layer for layer in application.layers if len(layer.output.shape) == 2]
    return layers[-2].output if len(layers) > 1 else application.outputs[0]


def _build(name: str, weights: str | None) -> Any:
    return getattr(tf.keras.applications, name)(weights=weights)


def _home(name: str) -> Any:
    """The module of an application, which knows how its pixels are normalised and what its classes are called."""
    known = tf.keras.applications
    for module in filter(inspect.ismodule, vars(known).values()):
        if getattr(module, name, None) is getattr(known, name) and hasattr(module, "preprocess_input"):
            return module
    raise EncoderError(f"Keras does not tell how {name} wants its pixels.")


def _our_name(name: str) -> str:
    """InceptionV3 is inception-v3, ResNet50V2 is resnet50-v2, VGG16 is vgg16."""
    spaced = re.sub(r"(?<=[a-z0-9])(V\d|B\d|Large|Mobile|Small|Tiny|Base|XLarge|[SML]$)", r"-\1", name)
    return spaced.lower()


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())
