"""BigARTM as the reference engine: learns the same recipe from the same Phi, in a process of another Python if need be.

It judges our own engine in the tests, and serves those who trust BigARTM more. It needs no import of artm here.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any

import numpy as np

from common.arrays import Float32
from topic_model.corpus import Corpus
from topic_model.errors import CorpusError, EngineMissing, RecipeError
from topic_model.training.em import State
from topic_model.training.recipe import Recipe
from topic_model.training.regularisers import Regulariser, RegulariserKind
from topic_model.vocabulary import Vocabulary

PYTHON = "PHOTOSENSE_BIGARTM_PYTHON"
WORKER = Path(__file__).with_name("bigartm_worker.py")
HELP = (
    "BigARTM 0.9.2 runs on Python 3.11 on Linux (x86-64): `pip install 'photosense[bigartm]'` there, "
    f"or set {PYTHON} to the path of a python that has it."
)
LASTING = 10**9  # a pass after which no schedule changes any more


@dataclass(frozen=True, slots=True)
class BigArtm:
    """A running BigARTM that holds one corpus and one model."""

    regularisers: tuple[Regulariser, ...]
    folder: Path
    ask: Callable[[dict[str, Any]], dict[str, Any]]

    def one_pass(self, state: State) -> tuple[State, float]:
        """Go on by one pass from `state`, the last one it gave; returns the next and the seconds it took.

        Its perplexity counts a word without any probability as often as the corpus has it, where ours leaves it out.
        """
        taus = [wish.strength(state.passes) for wish in self.regularisers]
        answer = self.ask({"taus": taus})
        phi, n_wt = (np.load(self.folder / f"{name}.npy") for name in ("phi", "n_wt"))
        return State(phi, n_wt, (*state.history, answer["perplexity"])), answer["seconds"]

    def thetas(self, corpus: Corpus, repeat: int = 1) -> tuple[Float32, list[float]]:
        """Infer documents as when training is over; returns theta of each, and the seconds of each repetition."""
        taus = [wish.strength(LASTING) if wish.kind is RegulariserKind.THETA else 0.0 for wish in self.regularisers]
        _write(corpus, self.folder / "asked.npz")
        answer = self.ask({"taus": taus, "documents": "asked.npz", "repeat": repeat})
        return np.load(self.folder / "thetas.npy"), answer["seconds"]


def learn_with_bigartm(
    shards: Sequence[Corpus],
    vocabulary: Vocabulary,
    recipe: Recipe,
    begin_state: State,
    python: str | None = None,
    progress: Callable[[State], None] | None = None,
) -> State:
    """Go on until the recipe's number of passes with BigARTM's own E-step and M-step."""
    state = begin_state
    with open_bigartm(shards, vocabulary, recipe, state, python) as engine:
        while state.passes < recipe.passes:
            state, _ = engine.one_pass(state)
            if progress:
                progress(state)
    return state


@contextmanager
def open_bigartm(
    shards: Sequence[Corpus],
    vocabulary: Vocabulary,
    recipe: Recipe,
    state: State,
    python: str | None = None,
    perplexity: bool = True,
) -> Iterator[BigArtm]:
    """Start BigARTM on a corpus, with the Phi of `state`; without `perplexity` it is faster and its history is NaN."""
    _check(shards, recipe, state)
    with TemporaryDirectory(prefix="photosense-bigartm-") as scratch:
        folder = Path(scratch)
        regularisers = _felt(recipe, vocabulary)
        _write_job(folder, shards, vocabulary, recipe, regularisers, state, perplexity)
        with (folder / "stderr").open("w+", encoding="utf-8", errors="replace") as errors:
            interpreter = python or os.environ.get(PYTHON) or sys.executable
            process = _start(interpreter, folder, errors)
            try:
                ready = _answer(process, errors)
                if "missing" in ready:
                    raise EngineMissing(f"{interpreter} has no BigARTM: {ready['missing']}. {HELP}")

                def ask(request: dict[str, Any]) -> dict[str, Any]:
                    return _ask(process, errors, request)

                yield BigArtm(regularisers, folder, ask)
            finally:
                process.kill()
                process.communicate()


def _check(shards: Sequence[Corpus], recipe: Recipe, state: State) -> None:
    if recipe.online:
        raise RecipeError("An online recipe cannot be learned by BigARTM here: give online=False, or our own engine.")
    if state.passes and any(wish.kind is RegulariserKind.SELECT for wish in recipe.regularisers):
        raise RecipeError(
            f"BigARTM cannot go on after pass {state.passes} with topic selection, which needs the counts before: "
            "start anew, or use our own engine."
        )
    if not any(len(shard.rows) for shard in shards):
        raise CorpusError("There is nothing to learn from: no document holds a known token.")


def _felt(recipe: Recipe, vocabulary: Vocabulary) -> tuple[Regulariser, ...]:
    """Leave out the wishes for no topic or no modality, which BigARTM would take for all of them."""
    return tuple(
        wish
        for wish in recipe.regularisers
        if len(range(recipe.topics)[wish.group.of(recipe.topics, recipe.background)])
        and (wish.modality is None or wish.modality in vocabulary.slices)
    )


def _write_job(
    folder: Path,
    shards: Sequence[Corpus],
    vocabulary: Vocabulary,
    recipe: Recipe,
    regularisers: tuple[Regulariser, ...],
    state: State,
    perplexity: bool,
) -> None:
    """Lay down all that the worker needs: numbers for tokens, modalities and topics, and no names."""
    numbers = {modality: index for index, modality in enumerate(vocabulary.slices)}
    groups = [wish.group.of(recipe.topics, recipe.background) for wish in regularisers]
    job = {
        "topics": recipe.topics,
        "inner": recipe.inner,
        "threads": recipe.threads,
        "sizes": [rows.stop - rows.start for rows in vocabulary.slices.values()],
        "wishes": [
            {
                "kind": wish.kind,
                "topics": [group.start, group.stop],
                "modality": None if wish.modality is None else numbers[wish.modality],
            }
            for wish, group in zip(regularisers, groups, strict=True)
        ],
        "shards": len(shards),
        "perplexity": perplexity,
    }
    (folder / "job.json").write_text(json.dumps(job), "utf-8")
    np.save(folder / "phi.npy", state.phi)
    for index, shard in enumerate(shards):
        _write(shard, folder / f"shard-{index}.npz")


def _write(corpus: Corpus, file: Path) -> None:
    np.savez(file, indptr=corpus.indptr, rows=corpus.rows, counts=corpus.counts)


def _start(python: str, folder: Path, errors: IO[str]) -> subprocess.Popen[str]:
    # its protobuf messages are of an old kind that only the slow implementation still reads
    environment = {**os.environ, "PROTOCOL_BUFFERS_PYTHON_IMPLEMENTATION": "python"}
    try:
        return subprocess.Popen(  # noqa: S603  the interpreter is the user's choice, the script is ours
            [python, "-P", str(WORKER)],
            cwd=folder,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            encoding="utf-8",
        )
    except OSError as error:
        raise EngineMissing(f"{python} cannot be started: {error.strerror}. {HELP}") from error


def _ask(process: subprocess.Popen[str], errors: IO[str], request: dict[str, Any]) -> dict[str, Any]:
    with suppress(BrokenPipeError):  # it died: reading its answer says why
        print(json.dumps(request), file=process.stdin, flush=True)
    return _answer(process, errors)


def _answer(process: subprocess.Popen[str], errors: IO[str]) -> dict[str, Any]:
    """Read one line; when there is none the process has ended, and its last words say why."""
    line = next(iter(process.stdout or ()), "")
    if line:
        answer: dict[str, Any] = json.loads(line)
        return answer
    code = process.wait()
    errors.seek(0)
    last = next((line.strip() for line in reversed(errors.readlines()) if line.strip()), "it said nothing")
    raise EngineMissing(f"BigARTM stopped (exit code {code}): {last}. {HELP}")
