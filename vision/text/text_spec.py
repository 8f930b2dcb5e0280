"""The description of a network that reads, in a small TOML beside it: how words become numbers, and which it gives."""

import tomllib
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct
from msgspec.structs import replace

from vision.errors import EncoderError
from vision.networks.spec import Name

File = Annotated[str, Meta(min_length=1)]
Tensor = Annotated[str, Meta(min_length=1)]
Language = Literal["en", "ru"]


class TextNetwork(Struct, frozen=True, forbid_unknown_fields=True):
    """A network that reads: which of its tensors places a text, and what its tokenizer hands in."""

    network: File
    tensor: Tensor
    tokenizer: File
    length: Annotated[int, Meta(ge=4, le=4096)]  # every text is cut or filled to so many tokens
    pad: Annotated[int, Meta(ge=0)] = 0  # the number of the token that fills
    ids: Tensor = "input_ids"
    mask: Tensor | None = None  # which tokens are the text's; left out: the network does not ask
    lower_case: bool = False


class TextSpec(TextNetwork, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A text encoder: a network that reads by itself, with a name, and what it wants in front of a question."""

    name: Name
    mean: bool = False  # the tensor has a row for each token: their mean is the text's
    types: Tensor | None = None  # a third input, which tells two texts apart: there is one
    prefix: Annotated[str, Meta(max_length=100)] = ""
    languages: Annotated[tuple[Language, ...], Meta(max_length=2)] = ()  # it was taught; left out: any


def read_text_spec(file: Path) -> TextSpec:
    """Read the description of a text encoder; the files that it names are beside it."""
    try:
        content = tomllib.loads(file.read_text("utf-8"))
        if {"photo", "text"} <= content.keys():
            raise EncoderError(f"{file} describes a dual encoder: name it as `dual_encoder`, it sees as well.")
        if "input" in content:
            raise EncoderError(f"{file} describes a network that sees: name it among the `encoder`s.")
        spec = msgspec.convert(content, TextSpec)
    except OSError as error:
        raise EncoderError(f"The description of a text encoder {file} cannot be read: {error.strerror}.") from None
    except (ValueError, msgspec.ValidationError) as error:
        raise EncoderError(
            f"The description of a text encoder {file} is wrong: {error}. See docs/encoders.md."
        ) from None

    def resolve(name: str, which: str) -> str:
        path = (file.parent / name).resolve()
        if not path.is_file():
            raise EncoderError(f"The text encoder {spec.name} has its {which} in {path}, which is not there.")
        return str(path)

    return replace(spec, network=resolve(spec.network, "network"), tokenizer=resolve(spec.tokenizer, "tokenizer"))


def reads(file: Path) -> bool:
    """Whether a file describes a text encoder: it names a tokenizer, and no side that sees."""
    try:
        content = tomllib.loads(file.read_text("utf-8"))
    except (OSError, ValueError):
        return False
    return "tokenizer" in content and not {"photo", "text", "input"} & content.keys()
