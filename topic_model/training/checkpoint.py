"""Checkpoints: learning may be stopped after any pass, or killed, and goes on from the last one."""

import hashlib
import json
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from common.files import new_file
from topic_model.errors import ArtifactError
from topic_model.training.em import State
from topic_model.training.recipe import Recipe
from topic_model.vocabulary import Vocabulary

_FILE = "checkpoint.npz"


def keep(state: State, vocabulary: Vocabulary, recipe: Recipe, folder: Path) -> None:
    """Write the state; a reader finds the last one or this one, whole."""
    with new_file(folder / _FILE) as aside, aside.open("wb") as file:
        np.savez(
            file,
            phi=state.phi,
            n_wt=state.n_wt,
            history=state.history,
            identity=np.array(_identity(vocabulary, recipe)),
        )


def go_on(vocabulary: Vocabulary, recipe: Recipe, folder: Path) -> State | None:
    """Read the last state, or None when there is none; one of another corpus or recipe is refused."""
    file = folder / _FILE
    if not file.is_file():
        return None
    try:
        with file.open("rb") as stream, np.load(stream, allow_pickle=False) as arrays:
            identity = str(arrays["identity"])
            state = State(arrays["phi"], arrays["n_wt"], tuple(float(value) for value in arrays["history"]))
    except (OSError, ValueError, KeyError, EOFError, BadZipFile) as error:
        raise ArtifactError(
            f"The checkpoint {file} is damaged ({error}): remove it and train from the start."
        ) from error
    if identity != _identity(vocabulary, recipe):
        raise ArtifactError(
            f"The checkpoint {file} was made from other posts or settings: "
            "train with the same ones, or without --resume from the start."
        )
    return state


def _identity(vocabulary: Vocabulary, recipe: Recipe) -> str:
    """Name what must not change between passes; their number may."""
    about = [vocabulary.tokens, {**recipe.as_dict(), "passes": None}]
    return hashlib.sha256(json.dumps(about, ensure_ascii=False).encode()).hexdigest()
