"""The folder of a fitted encoder: plain files, one writer, one reader; what does not fit is refused."""

import shutil
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np
import orjson
from msgspec.structs import replace

from common.digest import check_seal, damaged_file, file_digest, sealed
from common.files import new_folder
from vision.combined_encoder import Together
from vision.encoder import Encoder
from vision.errors import EncoderError
from vision.fitting.concepts import Concepts
from vision.fitting.fitted_encoder import FittedEncoder
from vision.fitting.regression import Axes
from vision.networks.network import Runtime
from vision.networks.network_encoder import NetworkEncoder
from vision.networks.open_network import open_network
from vision.networks.spec import NO_FILE, Classes, Spec, Things, resolve_paths
from vision.patches.patches import PatchesEncoder
from vision.words.kinds import Learned

FORMAT: Final = 1
ABOUT: Final = "encoder.json"
_CONCEPTS: Final = ("coefficients", "hashes", "folds")


def save_encoder(encoder: FittedEncoder, encoders: Path) -> Path:
    """Write an encoder to `encoders/<id>` with all it needs; a kill in between leaves nothing half-made."""
    folder = encoders / encoder.id
    try:
        encoders.mkdir(parents=True, exist_ok=True)
        with new_folder(folder) as aside:
            _write(encoder, aside)
    except OSError as error:
        raise EncoderError(
            f"The encoder cannot be written to {folder}: {error.strerror}. Give a writable folder."
        ) from error
    return folder


def load_encoder(folder: Path, runtime: Runtime = Runtime.ONNXRUNTIME, threads: int = 1) -> FittedEncoder:
    """Read the folder of an encoder; damaged or foreign ones are refused."""
    if not (folder / ABOUT).is_file():
        raise EncoderError(
            f"{folder} is no folder of an encoder, it has no {ABOUT}: `photosense encoder fit` makes one."
        )
    try:
        about = orjson.loads((folder / ABOUT).read_bytes())
        if about.get("format") != FORMAT:
            raise EncoderError(
                f"{folder} has format {about.get('format')}, this version reads {FORMAT}: fit it again with "
                "`photosense encoder fit`."
            )
        check_seal(about)
        damaged = damaged_file(folder, about["files"])
        if damaged is not None:
            raise EncoderError(f"{damaged} is damaged (its checksum differs): restore it or fit again.")
        encoder = _read(about, folder, runtime, threads)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise EncoderError(f"{folder} is damaged ({error}): restore it from a backup or fit again.") from error
    if encoder.id != about["id"]:
        raise EncoderError(
            f"{folder} says that it is {about['id']}, its files make {encoder.id}: restore it or fit again."
        )
    return encoder


def _write(encoder: FittedEncoder, folder: Path) -> None:
    base = encoder.base.encoders if isinstance(encoder.base, Together) else (encoder.base,)
    parts = [_write_part(part, folder) for part in base]
    for name, array in zip(Axes._fields, encoder.axes, strict=True):
        np.save(folder / f"axes.{name}.npy", array)
    plain = None
    if encoder.concepts:
        for name in _CONCEPTS:
            np.save(folder / f"concepts.{name}.npy", getattr(encoder.concepts, name))
        plain = {
            "words": encoder.concepts.words,
            "labels": dict(encoder.concepts.labels),
            "total": encoder.concepts.total,
        }
    names = sorted(file.name for file in folder.iterdir())
    about = {
        "format": FORMAT,
        "id": encoder.id,
        "parts": parts,
        "concepts": plain,
        "files": {name: file_digest(folder / name) for name in names},
    }
    (folder / ABOUT).write_bytes(orjson.dumps(sealed(about), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))


def _write_part(part: Encoder, folder: Path) -> dict[str, Any]:
    if isinstance(part, PatchesEncoder):
        return {"kind": PatchesEncoder.name, "total": part.totals[PatchesEncoder.name]}
    if not isinstance(part, NetworkEncoder):
        raise EncoderError(f"{part.id} was fitted already: fit the encoder that it was made from.")
    for prefix, arrays in part.learned.items():
        for name, array in arrays.items():
            np.save(folder / f"{prefix}.{name}.npy", array)
    learned = {prefix: sorted(arrays) for prefix, arrays in part.learned.items()}
    return {"kind": "network", "spec": msgspec.to_builtins(_copied(part.spec, folder)), "learned": learned}


def _copied(spec: Spec, folder: Path) -> Spec:
    """Copy the files of a description; it then names them as they lie in the folder."""

    def copy(source: str | None, name: str) -> str | None:
        if source is None or source in NO_FILE:
            return source
        target = f"{name}{''.join(Path(source).suffixes[-2:])}"
        shutil.copyfile(source, folder / target)
        return target

    outputs = tuple(
        replace(output, labels=copy(output.labels, f"{spec.prefix(output)}.labels"))
        if isinstance(output, Classes | Things)
        else output
        for output in spec.outputs
    )
    network, weights = copy(spec.network, spec.name), copy(spec.weights, f"{spec.name}.weights")
    return replace(spec, network=network, weights=weights, outputs=outputs)


def _read(about: dict[str, Any], folder: Path, runtime: Runtime, threads: int) -> FittedEncoder:
    parts = [_read_part(part, folder, runtime, threads) for part in about["parts"]]
    axes = Axes(*(_array(folder, "axes", name) for name in Axes._fields))
    concepts = None
    if about["concepts"]:
        plain = about["concepts"]
        arrays = {name: _array(folder, "concepts", name) for name in _CONCEPTS}
        concepts = Concepts(words=tuple(plain["words"]), labels=plain["labels"], total=plain["total"], **arrays)
        shape = (axes.axes.shape[1], len(concepts.words))
        if concepts.coefficients.shape[1:] != shape:
            raise EncoderError(
                f"{folder}: the concepts are {concepts.coefficients.shape[1:]}, axes and words want {shape}: fit again."
            )
    return FittedEncoder(parts[0] if len(parts) == 1 else Together(parts), axes, concepts)


def _read_part(part: dict[str, Any], folder: Path, runtime: Runtime, threads: int) -> Encoder:
    if part["kind"] == PatchesEncoder.name:
        return PatchesEncoder(part["total"])
    spec = resolve_paths(msgspec.convert(part["spec"], Spec), folder)
    learned: dict[str, Learned] = {
        prefix: {name: _array(folder, prefix, name) for name in names} for prefix, names in part["learned"].items()
    }
    return NetworkEncoder(spec, open_network(spec, runtime, threads), learned)


def _array(folder: Path, owner: str, name: str) -> Any:
    return np.load(folder / f"{owner}.{name}.npy", allow_pickle=False)
