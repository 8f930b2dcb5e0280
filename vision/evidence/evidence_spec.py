"""The description of a source of evidence: which networks look, what comes out of them; a small TOML beside them."""

import tomllib
from pathlib import Path
from typing import Annotated, Literal, TypeVar

import msgspec
from msgspec import Meta, Struct
from msgspec.structs import replace

from vision.errors import EncoderError
from vision.networks.spec import Input, Name, Spec

File = Annotated[str, Meta(min_length=1)]
Tensor = Annotated[str, Meta(min_length=1)]
Share = Annotated[float, Meta(ge=0, le=1)]
Class = Annotated[int, Meta(ge=0, le=10_000)]


class BoxNetwork(Struct, frozen=True, forbid_unknown_fields=True):
    """A network that finds things: a row for each box, of its edges, or of edges, score and class."""

    network: File
    tensor: Tensor
    input: Input
    scores: Tensor | None = None  # where edges stand alone: how sure it is of each box
    edges: Literal["x0 y0 x1 y1", "y0 x0 y1 x1"] = "x0 y0 x1 y1"
    unit: Literal["pixel", "share"] = "pixel"  # of the input
    least: Share = 0.3  # boxes that it is less sure of are none
    overlap: Share = 0.4  # of two that share more than this the surer one stays

    def spec(self, name: str) -> Spec:
        """The description of the network, as of any."""
        features = (self.tensor, *((self.scores,) if self.scores else ()))
        return Spec(name=name, input=self.input, network=self.network, features=features)


class AgeNetwork(Struct, frozen=True, forbid_unknown_fields=True):
    """A network that tells the age of a face: probabilities of 0, 1, 2 ... years."""

    network: File
    tensor: Tensor
    input: Input
    margin: Annotated[float, Meta(ge=1, le=4)] = 1.0  # it wants to see a square so many times the face's longer side

    def spec(self, name: str) -> Spec:
        """The description of the network, as of any."""
        return Spec(name=name, input=self.input, network=self.network, features=(self.tensor,))


class FaceSpec(Struct, frozen=True, forbid_unknown_fields=True, tag_field="evidence", tag="faces"):
    """Faces with their sizes and ages."""

    name: Name
    boxes: BoxNetwork
    ages: AgeNetwork


class ObjectSpec(Struct, frozen=True, forbid_unknown_fields=True, tag_field="evidence", tag="objects"):
    """People with their sizes, and things that stand beside children or rather do not."""

    name: Name
    boxes: BoxNetwork
    person: Class = 0
    things: dict[Name, Class] = {}


class FeatureSpec(Struct, frozen=True, forbid_unknown_fields=True, tag_field="evidence", tag="features"):
    """The features of a further network."""

    name: Name
    network: File
    tensors: Annotated[tuple[Tensor, ...], Meta(min_length=1)]
    input: Input

    def spec(self) -> Spec:
        """The description of the network, as of any."""
        return Spec(name=self.name, input=self.input, network=self.network, features=self.tensors)


EvidenceSpec = FaceSpec | ObjectSpec | FeatureSpec
_Described = TypeVar("_Described", BoxNetwork, AgeNetwork, FeatureSpec)


def read_evidence_spec(file: Path) -> EvidenceSpec:
    """Read a description; the files that it names are beside it."""
    try:
        spec: EvidenceSpec = msgspec.convert(tomllib.loads(file.read_text("utf-8")), EvidenceSpec)
    except OSError as error:
        raise EncoderError(f"The description of evidence {file} cannot be read: {error.strerror}.") from None
    except (ValueError, msgspec.ValidationError) as error:
        raise EncoderError(f"The description of evidence {file} is wrong: {error}. See docs/encoders.md.") from None
    if isinstance(spec, FeatureSpec):
        return _beside(spec, file)
    if isinstance(spec, FaceSpec):
        return replace(spec, boxes=_beside(spec.boxes, file), ages=_beside(spec.ages, file))
    return replace(spec, boxes=_beside(spec.boxes, file))


def _beside(described: _Described, file: Path) -> _Described:
    if 0 in described.input.scale:
        raise EncoderError(f"{file}: `input.scale` is {described.input.scale}, and nothing is divided by 0.")
    return replace(described, network=str((file.parent / described.network).resolve()))
