"""The model folder: plain files, one writer and one reader; what does not fit is refused with a sentence."""

import json
import shutil
from collections.abc import Mapping
from dataclasses import asdict
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from common.digest import check_seal, damaged_file, file_digest, sealed
from common.files import new_folder, write_file
from topic_model.alignment.aligned import ARRAYS as ALIGNED
from topic_model.alignment.aligned import REFINED, Aligned
from topic_model.document import TAG, TEXT
from topic_model.errors import ArtifactError
from topic_model.model import TopicModel
from topic_model.quality import Quality
from topic_model.ranking.weights import Ranking
from topic_model.training.hierarchy import Hierarchy
from topic_model.training.recipe import Recipe
from topic_model.vocabulary import Vocabulary

FORMAT = 2
_ABOUT, _VOCABULARY, _ARRAYS = "model.json", "vocabulary.json", ("phi", "unigram", "topic_shares")
_QUALITY, _CHILDREN, _RANKING = "quality.json", ("child_phi", "child_psi"), "ranking.json"


def save_model(
    model: TopicModel, models: Path, quality: Quality | None = None, hierarchy: Hierarchy | None = None
) -> Path:
    """Write the model to `models/<id>`; a kill in between leaves nothing half-made."""
    folder = models / model.id
    try:
        models.mkdir(parents=True, exist_ok=True)
        with new_folder(folder) as aside:
            _write(model, aside, quality, hierarchy)
            _carry(folder, aside)
    except OSError as error:
        raise ArtifactError(
            f"The model cannot be written to {folder}: {error.strerror}. Give a writable folder."
        ) from error
    return folder


def load_model(folder: Path) -> TopicModel:
    """Read a model folder; damaged or foreign ones are refused."""
    if not (folder / _ABOUT).is_file():
        raise ArtifactError(f"{folder} is no model folder: it has no {_ABOUT}. Train one with `photosense train`.")
    try:
        about = orjson.loads((folder / _ABOUT).read_bytes())
        if about.get("format") != FORMAT:
            raise ArtifactError(
                f"{folder} has format {about.get('format')}, this version reads {FORMAT}: "
                "train again with `photosense train`."
            )
        check_seal(about)
        damaged = damaged_file(folder, about["files"])
        if damaged is not None:
            raise ArtifactError(f"{damaged} is damaged (its checksum differs): restore it or train again.")
        return _read(about, folder)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ArtifactError(f"{folder} is damaged ({error}): restore it from a backup or train again.") from error


def load_quality(folder: Path) -> Quality | None:
    """Read what was measured when the model was trained, if anything was."""
    file = folder / _QUALITY
    return Quality.from_dict(orjson.loads(file.read_bytes())) if file.is_file() else None


def load_hierarchy(folder: Path) -> Hierarchy | None:
    """Read the child topics, if any were learned."""
    phi, psi = (folder / f"{name}.npy" for name in _CHILDREN)
    if not phi.is_file():
        return None
    background = int(orjson.loads((folder / _ABOUT).read_bytes())["recipe"]["background"])
    return Hierarchy(np.load(phi, allow_pickle=False), np.load(psi, allow_pickle=False), background)


def include(folder: Path, name: str, content: bytes, *, instead_of: str) -> None:
    """Add a file to a model folder, in place of those of a pattern; a kill in between leaves the folder whole."""
    about = _about(folder)
    replaced = [known for known in about["files"] if fnmatch(known, instead_of) and known != name]
    try:
        write_file(folder / name, content)
        kept = {known: checksum for known, checksum in about["files"].items() if known not in replaced}
        about["files"] = {**kept, name: file_digest(folder / name)}
        write_file(folder / _ABOUT, _as_text(about))
        for known in replaced:
            (folder / known).unlink(missing_ok=True)
    except OSError as error:
        raise ArtifactError(f"{folder / name} cannot be written: {error.strerror}. Let it be written.") from error


def included(folder: Path, pattern: str) -> Path | None:
    """Find the file of a pattern that belongs to a model folder."""
    return next((folder / name for name in _about(folder)["files"] if fnmatch(name, pattern)), None)


def _about(folder: Path) -> dict[str, Any]:
    try:
        about: dict[str, Any] = orjson.loads((folder / _ABOUT).read_bytes())
        check_seal(about)
        about["files"].keys()
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ArtifactError(f"{folder} is damaged ({error}): restore it from a backup or train again.") from error
    return about


def _as_text(about: Mapping[str, Any]) -> bytes:
    return (json.dumps(sealed(about), indent=1, ensure_ascii=False) + "\n").encode()


def _write(model: TopicModel, folder: Path, quality: Quality | None, hierarchy: Hierarchy | None) -> None:
    words = {"tokens": model.vocabulary.tokens, "labels": model.labels}
    (folder / _VOCABULARY).write_bytes(orjson.dumps(words))
    (folder / _RANKING).write_bytes(orjson.dumps(asdict(model.ranking), option=orjson.OPT_INDENT_2))
    if model.aligned is not None:
        for name in (*ALIGNED, *REFINED):
            np.save(folder / f"aligned_{name}.npy", getattr(model.aligned, name))
    for name in _ARRAYS:
        np.save(folder / f"{name}.npy", getattr(model, name))
    if quality is not None:
        (folder / _QUALITY).write_bytes(orjson.dumps(quality.as_dict(), option=orjson.OPT_INDENT_2))
    if hierarchy is not None:
        for name, array in zip(_CHILDREN, (hierarchy.phi, hierarchy.psi), strict=True):
            np.save(folder / f"{name}.npy", array)
    names = sorted(file.name for file in folder.iterdir())
    about = {
        "format": FORMAT,
        "id": model.id,
        "topics": model.topics,
        "encoder": model.encoder,
        "read_by": model.aligned.read_by if model.aligned else "",
        "recipe": model.recipe.as_dict(),
        "history": list(model.history),
        "files": {name: file_digest(folder / name) for name in names},
    }
    (folder / _ABOUT).write_bytes(_as_text(about))


def _carry(before: Path, folder: Path) -> None:
    """Take along what was learned for the model since it was made, where the same posts have made it again."""
    if not (before / _ABOUT).is_file():
        return
    own = {_ABOUT, _VOCABULARY, _RANKING, _QUALITY, *(f"{name}.npy" for name in (*_ARRAYS, *_CHILDREN))}
    more = [file for file in before.iterdir() if file.name not in own and not file.name.startswith("aligned_")]
    known, about = _about(before)["files"], _about(folder)
    for file in more:
        if file.is_file() and known.get(file.name) in (None, file_digest(file)):  # what rotted is lost
            shutil.copy2(file, folder / file.name)
            about["files"] |= {file.name: known[file.name]} if file.name in known else {}
    (folder / _ABOUT).write_bytes(_as_text(about))


def _read(about: dict[str, Any], folder: Path) -> TopicModel:
    words = orjson.loads((folder / _VOCABULARY).read_bytes())
    vocabulary = Vocabulary({modality: tuple(tokens) for modality, tokens in words["tokens"].items()})
    arrays = {name: np.load(folder / f"{name}.npy", allow_pickle=False) for name in _ARRAYS}
    shape = (vocabulary.size, about["topics"])
    if arrays["phi"].shape != shape:
        raise ArtifactError(
            f"{folder}: phi is {arrays['phi'].shape}, the vocabulary and settings want {shape}: train again."
        )
    ranking = Ranking.from_dict(orjson.loads((folder / _RANKING).read_bytes()))
    return TopicModel(
        id=about["id"],
        vocabulary=vocabulary,
        recipe=Recipe.from_dict(about["recipe"]),
        encoder=about["encoder"],
        labels=words["labels"],
        history=tuple(about["history"]),
        aligned=_aligned(folder, vocabulary, about.get("read_by", "")),
        ranking=ranking,
        **arrays,
    )


def _aligned(folder: Path, vocabulary: Vocabulary, read_by: str) -> Aligned | None:
    files = {name: folder / f"aligned_{name}.npy" for name in ALIGNED}
    if not files["photo_map"].is_file():
        return None
    files |= {name: file for name in REFINED if (file := folder / f"aligned_{name}.npy").is_file()}
    arrays = {name: np.load(file, allow_pickle=False) for name, file in files.items()}
    return Aligned(vocabulary.only(TEXT, TAG), read_by=read_by, **arrays)
