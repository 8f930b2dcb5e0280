"""Networks run by LiteRT, from TFLite files, on the CPU; whole numbers of quantised tensors become real ones."""

import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import flatbuffers
import numpy as np
import numpy.typing as npt
from ai_edge_litert import schema_py_generated as schema
from ai_edge_litert.interpreter import Interpreter

from vision.errors import EncoderError
from vision.networks.network import Tensor, as_type, check_shape
from vision.networks.spec import Input, Spec

_WHOLE: Final = (np.uint8, np.int8)  # what pixels may be quantised to
_BESIDE: Final = 0.05  # so much of its range may pixels lie outside of a quantised input: rounded means do


class LitertNetwork:
    """An interpreter that keeps the tensors that a description asks for; it takes one photo at a time."""

    def __init__(self, spec: Spec, file: Path, threads: int) -> None:
        content = file.read_bytes()
        interpreter = _open(file, content, threads)
        inputs = interpreter.get_input_details()
        names = [given["name"] for given in inputs]
        if len(inputs) > 1 or spec.input.tensor not in (None, *names):
            raise EncoderError(f"{file} has the inputs {', '.join(names)}; a network that sees has one, of photos.")
        self._input = inputs[0]
        check_shape(spec, [int(side) if side > 0 else "any" for side in self._input["shape_signature"]])
        _check_range(spec, self._input)
        self._wanted = spec.tensors
        self._tensors = _tensors(interpreter)
        missing = [name for name in self._wanted if name not in self._tensors]
        if missing:
            there = ", ".join(sorted(self._tensors))
            raise EncoderError(f"{file} has no tensor {', '.join(missing)} of a photo; it has: {there}.")
        outputs = {about["name"] for about in interpreter.get_output_details()}
        if not outputs.issuperset(self._wanted):
            content = _with_outputs(content, [self._tensors[name]["index"] for name in self._wanted])
            interpreter = _open(file, content, threads)
        self._interpreter = interpreter
        self._one = threading.Lock()  # an interpreter holds the tensors of one question

    def run(self, batch: Tensor) -> Mapping[str, Tensor]:
        """Give the tensors of a batch."""
        given = _quantised(batch, self._input)
        with self._one:
            outputs = [self._of(given[at : at + 1]) for at in range(len(given))]
        return {name: np.concatenate([of_photo[name] for of_photo in outputs]) for name in self._wanted}

    def _of(self, photo: npt.NDArray[Any]) -> Mapping[str, Tensor]:
        self._interpreter.set_tensor(self._input["index"], photo)
        self._interpreter.invoke()
        details = [self._tensors[name] for name in self._wanted]
        return {about["name"]: _real(self._interpreter.get_tensor(about["index"]), about) for about in details}


def _open(file: Path, content: bytes, threads: int) -> Any:
    try:
        interpreter = Interpreter(model_content=content, num_threads=threads)
        interpreter.allocate_tensors()
    except (ValueError, RuntimeError) as error:
        raise EncoderError(f"{file} cannot be opened as a TFLite network: {str(error).strip()}") from None
    return interpreter


def _with_outputs(content: bytes, indices: Sequence[int]) -> bytes:
    """The same network with other tensors as its outputs: kept in passing, they would cost the fast kernels."""
    model = schema.ModelT.InitFromPackedBuf(content, 0)
    model.subgraphs[0].outputs = list(indices)
    model.signatureDefs = None  # they name the outputs that were
    builder = flatbuffers.Builder(len(content))
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def _tensors(interpreter: Any) -> dict[str, Any]:
    """What is known of each tensor that has a row for each photo, by name; outputs come before others of their name."""
    every = [*interpreter.get_tensor_details(), *interpreter.get_output_details()]
    return {about["name"]: about for about in every if len(about["shape"]) > 1 and about["shape"][0] == 1}


def _check_range(spec: Spec, about: Mapping[str, Any]) -> None:
    """Refuse a normalisation whose results a quantised input cannot hold: the photos would be black and white."""
    step, zero = about["quantization"]
    if about["dtype"] not in (np.float32, *_WHOLE):
        raise EncoderError(
            f"The network of {spec.name} takes photos as {np.dtype(about['dtype'])}; "
            "float32, uint8 and int8 are known here."
        )
    if not step:
        return
    holds = np.iinfo(about["dtype"])
    least, most = (holds.min - zero) * step, (holds.max - zero) * step
    darkest, brightest = _range(spec.input)
    beside = (most - least) * _BESIDE
    if darkest < least - beside or brightest > most + beside:
        mean, scale = zero - holds.min, 1 / step
        raise EncoderError(
            f"The encoder {spec.name} makes pixels of 0 to 255 numbers of {darkest:g} to {brightest:g}, the input of "
            f"its network holds {least:g} to {most:g}: correct mean and scale under [input], such as mean "
            f"{[float(mean)] * 3}, scale {[round(scale, 4)] * 3}."
        )


def _range(wanted: Input) -> tuple[float, float]:
    ends = [(pixel - mean) / scale for mean, scale in zip(wanted.mean, wanted.scale, strict=True) for pixel in (0, 255)]
    return min(ends), max(ends)


def _quantised(batch: Tensor, about: Mapping[str, Any]) -> npt.NDArray[Any]:
    """Prepared photos as an input takes them."""
    step, zero = about["quantization"]
    return as_type(batch / np.float32(step) + np.float32(zero) if step else batch, about["dtype"])


def _real(values: npt.NDArray[Any], about: Mapping[str, Any]) -> Tensor:
    """The real numbers that the values of a tensor stand for."""
    step, zero = about["quantization"]
    real = values.astype(np.float32)
    return np.asarray((real - zero) * step, np.float32) if step else real
