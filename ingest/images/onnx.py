"""Networks run by onnxruntime, on the CPU, in single precision."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import onnxruntime

from ingest.images.errors import EncoderError
from ingest.images.networks import Tensor, as_type, check_shape, known_type
from ingest.images.onnx_file import with_outputs
from ingest.images.spec import Spec


class OnnxNetwork:
    """A session with the tensors that a description asks for as its outputs."""

    def __init__(self, spec: Spec, file: Path, threads: int) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # others need the cores too
        options.log_severity_level = 4  # what is wrong is raised, and said in our words
        try:
            self._session = onnxruntime.InferenceSession(
                with_outputs(file.read_bytes(), spec.tensors), options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # its errors have no common base
            raise EncoderError(
                f"{file} cannot be opened with the tensors {', '.join(spec.tensors)}: {_first_line(error)}"
            ) from None
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
        found = [self._session.run(self._tensors, {self._input: part}) for part in parts]
        return {
            name: np.concatenate([of_part[place] for of_part in found]).astype(np.float32, copy=False)
            for place, name in enumerate(self._tensors)
        }


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0]
