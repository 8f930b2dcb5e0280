"""How sources of evidence are opened: by the descriptions of their networks."""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec

from common.digest import file_digest
from vision.errors import EncoderError
from vision.evidence.evidence import EvidenceSource, PhotoEvidence
from vision.evidence.evidence_spec import EvidenceSpec, FaceSpec, FeatureSpec, ObjectSpec, read_evidence_spec
from vision.evidence.faces import Faces
from vision.evidence.further_features import FurtherFeatures
from vision.evidence.objects import Objects
from vision.networks.network import Runtime
from vision.networks.network_encoder import NetworkEncoder
from vision.networks.open_network import open_network

# Another one when the same networks and description tell other numbers: defaults are not in the id.
_VERSION: Final = 1


def make_evidence(files: Sequence[Path], runtime: Runtime = Runtime.ONNXRUNTIME, threads: int = 1) -> PhotoEvidence:
    """Open the sources of those descriptions, to stand side by side; none given, there is no evidence."""
    specs = [read_evidence_spec(file) for file in files]
    names = [spec.name for spec in specs]
    for name in names:
        if names.count(name) > 1:
            raise EncoderError(f"Two sources of evidence are called {name!r}: give each a `name` of its own.")
    return PhotoEvidence([_open(spec, runtime, threads) for spec in specs])


def _open(spec: EvidenceSpec, runtime: Runtime, threads: int) -> EvidenceSource:
    if isinstance(spec, FeatureSpec):
        return FurtherFeatures(NetworkEncoder(spec.spec(), open_network(spec.spec(), runtime, threads)))
    boxes = open_network(spec.boxes.spec(spec.name), runtime, threads)
    if isinstance(spec, FaceSpec):
        ages = open_network(spec.ages.spec(spec.name), runtime, threads)
        return Faces(_id(spec), spec, boxes, ages)
    return Objects(_id(spec), spec, boxes)


def _id(spec: FaceSpec | ObjectSpec) -> str:
    """Name, and a digest of the networks and of their description, wherever they lie."""
    plain = msgspec.to_builtins(spec)
    for part in ("boxes", "ages"):
        if part in plain:
            plain[part]["network"] = file_digest(Path(plain[part]["network"]))
    described = msgspec.json.encode([_VERSION, plain], order="sorted")
    return f"{spec.name}-{hashlib.sha256(described).hexdigest()[:8]}"
