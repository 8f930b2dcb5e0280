"""Networks that see, and those that read, run by onnxruntime, on the CPU, in single precision."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime

from vision.errors import EncoderError
from vision.networks.network import Shapes, Tensor, as_type, check_shape, known_type
from vision.networks.onnx_file import with_outputs
from vision.networks.spec import Spec
from vision.text.text_spec import TextNetwork


def shapes_of(file: Path) -> Shapes:
    """Look into a file."""
    session = _session(file, (), 1)
    inputs, outputs = session.get_inputs(), session.get_outputs()
    return Shapes({of.name: tuple(of.shape) for of in inputs}, {of.name: tuple(of.shape) for of in outputs})


class OnnxNetwork:
    """A session with the tensors that a description asks for as its outputs."""

    def __init__(self, spec: Spec, file: Path, threads: int) -> None:
        self._session = _session(file, spec.tensors, threads)
        self._tensors = list(spec.tensors)
        inputs = self._session.get_inputs()
        names = [given.name for given in inputs]
        self._input = spec.input.tensor or names[0]
        if self._input not in names or len(names) > 1:
            raise EncoderError(f"{file} has the inputs {', '.join(names)}; a network that sees has one, of photos.")
        check_shape(spec, inputs[0].shape)
        self._whole = not isinstance(inputs[0].shape[0], int)  # else it takes only so many at once
        self._type = known_type(inputs[0].type.removeprefix("tensor(").removesuffix(")"))

    def run(self, batch: Tensor) -> Mapping[str, Tensor]:
        """Give the tensors of a batch."""
        batch = as_type(batch, self._type)
        parts = [batch] if self._whole else [batch[at : at + 1] for at in range(len(batch))]
        outputs = [self._session.run(self._tensors, {self._input: part}) for part in parts]
        return {
            name: np.concatenate([of_part[index] for of_part in outputs]).astype(np.float32, copy=False)
            for index, name in enumerate(self._tensors)
        }


class OnnxReader:
    """A session of a network that reads: the numbers of texts in, where each is placed out."""

    def __init__(self, side: TextNetwork, threads: int, *, types: str | None = None) -> None:
        file = Path(side.network)
        self._session = _session(file, [side.tensor], threads)
        self._side, self._third = side, types
        inputs = self._session.get_inputs()
        kinds = {given.name: given.type for given in inputs}
        wanted = [name for name in (side.ids, side.mask, types) if name]
        if sorted(kinds) != sorted(wanted):
            raise EncoderError(
                f"{file} has the inputs {', '.join(kinds)}; `ids` and `mask` of its description name "
                f"{', '.join(wanted)}."
            )
        strange = {name: kind for name, kind in kinds.items() if kind not in _WHOLE}
        if strange:
            raise EncoderError(f"{file} takes {strange}; whole numbers of 32 or 64 bits are known here.")
        self._types = {name: _WHOLE[kind] for name, kind in kinds.items()}
        self.takes_any_length = not any(isinstance(given.shape[-1], int) for given in inputs)
        self.takes_several = not any(isinstance(given.shape[0], int) for given in inputs)

    def read(self, ids: Any, mask: Any) -> Tensor:
        """Give the tensor of one text."""
        return np.asarray(self.read_all(ids[None], mask[None])[0])

    def read_all(self, ids: Any, mask: Any) -> Tensor:
        """Give the tensor of several texts, a row each."""
        given = {self._side.ids: ids, self._side.mask: mask, self._third: np.zeros_like(ids)}
        batch = {name: array.astype(self._types[name]) for name, array in given.items() if name}
        try:
            (output,) = self._session.run([self._side.tensor], batch)
        except Exception as error:  # its errors have no common base
            raise EncoderError(
                f"{self._side.network} does not read {ids.shape[1]} tokens: {_first_line(error)}; see its description."
            ) from None
        return np.asarray(output, np.float32)


_WHOLE = {"tensor(int64)": np.int64, "tensor(int32)": np.int32}


def _session(file: Path, tensors: Sequence[str], threads: int) -> Any:
    """Open a file with some tensors as its outputs."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # others need the cores too
    options.log_severity_level = 4  # what is wrong is raised, and said in our words
    try:
        model = with_outputs(file.read_bytes(), tensors)
        return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # its errors have no common base
        wanted = f" with the tensors {', '.join(tensors)}" if tensors else ""
        raise EncoderError(f"{file} cannot be opened{wanted}: {_first_line(error)}") from None


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0]
