"""The description of a dual encoder: a network that sees, one that reads, a tokenizer, in a small TOML beside them."""

import tomllib
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta, Struct
from msgspec.structs import replace

from vision.errors import EncoderError
from vision.networks.spec import Input, Name, Spec
from vision.text.text_spec import File, Tensor, TextNetwork


class DualPhoto(Struct, frozen=True, forbid_unknown_fields=True):
    """The network that sees: which of its tensors places a photo."""

    network: File
    tensor: Tensor
    input: Input


class DualSpec(Struct, frozen=True, forbid_unknown_fields=True):
    """Two networks that place photos and texts in one space, and the least cosine that is a match there."""

    name: Name
    photo: DualPhoto
    text: TextNetwork
    least: Annotated[float, Meta(ge=-1, le=1)] = -1.0

    @property
    def seeing(self) -> Spec:
        """The description of the network that sees, as of any network."""
        side = self.photo
        return Spec(name=self.name, input=side.input, network=side.network, features=(side.tensor,))


def read_dual_spec(file: Path) -> DualSpec:
    """Read a description; the files that it names are beside it."""
    try:
        spec = msgspec.convert(tomllib.loads(file.read_text("utf-8")), DualSpec)
    except OSError as error:
        raise EncoderError(f"The description of a dual encoder {file} cannot be read: {error.strerror}.") from None
    except (ValueError, msgspec.ValidationError) as error:
        raise EncoderError(
            f"The description of a dual encoder {file} is wrong: {error}. See docs/encoders.md."
        ) from None
    if 0 in spec.photo.input.scale:
        raise EncoderError(f"{file}: `photo.input.scale` is {spec.photo.input.scale}, and nothing is divided by 0.")
    return _resolve_paths(spec, file.parent)


def _resolve_paths(spec: DualSpec, folder: Path) -> DualSpec:
    """The same with paths that hold anywhere; a file that is not there is named."""

    def resolve(name: str, which: str) -> str:
        path = (folder / name).resolve()
        if not path.is_file():
            raise EncoderError(f"The dual encoder {spec.name} has its {which} in {path}, which is not there.")
        return str(path)

    photo = replace(spec.photo, network=resolve(spec.photo.network, "photo.network"))
    text = replace(
        spec.text,
        network=resolve(spec.text.network, "text.network"),
        tokenizer=resolve(spec.text.tokenizer, "text.tokenizer"),
    )
    return replace(spec, photo=photo, text=text)
