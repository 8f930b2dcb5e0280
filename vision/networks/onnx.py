"""Networks that see, and those that read, run by onnxruntime, on the CPU, in single precision."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime

from vision.dual.dual_spec import DualText
from vision.errors import EncoderError
from vision.networks.network import Shapes, Tensor, as_type, check_shape, known_type
from vision.networks.onnx_file import with_outputs
from vision.networks.spec import Spec


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
    """A session of a network that reads: the numbers of a text in, where the text is placed out."""

    def __init__(self, side: DualText, threads: int) -> None:
        file = Path(side.network)
        self._session = _session(file, [side.tensor], threads)
        self._side = side
        types = {given.name: given.type for given in self._session.get_inputs()}
        wanted = [side.ids, *([side.mask] if side.mask else [])]
        if sorted(types) != sorted(wanted):
            raise EncoderError(
                f"{file} has the inputs {', '.join(types)}; `ids` and `mask` under [text] name {', '.join(wanted)}."
            )
        strange = {name: kind for name, kind in types.items() if kind not in _WHOLE}
        if strange:
            raise EncoderError(f"{file} takes {strange}; whole numbers of 32 or 64 bits are known here.")
        self._types = {name: _WHOLE[kind] for name, kind in types.items()}

    def read(self, ids: Any, mask: Any) -> Tensor:
        """Give the tensor of one text."""
        given = {self._side.ids: ids, **({self._side.mask: mask} if self._side.mask else {})}
        batch = {name: array[None].astype(self._types[name]) for name, array in given.items()}
        try:
            (output,) = self._session.run([self._side.tensor], batch)
        except Exception as error:  # its errors have no common base
            raise EncoderError(
                f"{self._side.network} does not read {self._side.length} tokens: {_first_line(error)}; see [text]."
            ) from None
        return np.asarray(output[0], np.float32)


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
