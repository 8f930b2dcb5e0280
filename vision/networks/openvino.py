"""Networks run by OpenVINO, on the CPU, held to single precision: it would choose a shorter one by itself."""

import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import openvino

from vision.errors import EncoderError
from vision.networks.network import Tensor, as_type, known_type
from vision.networks.onnx_file import with_outputs
from vision.networks.spec import Spec


class OpenVinoNetwork:
    """A compiled model with the tensors that a description asks for as its outputs."""

    def __init__(self, spec: Spec, file: Path, threads: int) -> None:
        core = openvino.Core()
        try:
            model = core.read_model(with_outputs(file.read_bytes(), spec.tensors))
            compiled = core.compile_model(
                model,
                "CPU",
                {"INFERENCE_PRECISION_HINT": "f32", "INFERENCE_NUM_THREADS": threads, "NUM_STREAMS": 1},
            )
        except Exception as error:  # whatever its C++ throws
            reason = str(error).strip().rpartition("\n")[2]
            raise EncoderError(
                f"{file} cannot be opened with the tensors {', '.join(spec.tensors)}: {reason}"
            ) from None
        self._tensors = spec.tensors
        self._one = threading.Lock()  # a request holds the tensors of one question
        self._request = compiled.create_infer_request()
        self._type = known_type(compiled.inputs[0].get_element_type().get_type_name())
        self._whole = compiled.inputs[0].partial_shape[0].is_dynamic

    def run(self, batch: Tensor) -> Mapping[str, Tensor]:
        """Give the tensors of a batch."""
        batch = as_type(batch, self._type)
        parts = [batch] if self._whole else [batch[at : at + 1] for at in range(len(batch))]
        with self._one:
            outputs = [self._of(part) for part in parts]
        return {name: np.concatenate([of_part[name] for of_part in outputs]) for name in self._tensors}

    def _of(self, part: Any) -> Mapping[str, Tensor]:
        self._request.infer([part])
        return {name: np.array(self._request.get_tensor(name).data, dtype=np.float32) for name in self._tensors}
