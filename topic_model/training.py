"""Training: from documents to a TopicModel, in memory or by shards on disk, stopped and resumed at will."""

import hashlib
import json
import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import StrEnum
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from topic_model import checkpoint
from topic_model.bigartm import learn_with_bigartm
from topic_model.corpus import Corpus, encode, write_shards
from topic_model.document import TEXT, Document
from topic_model.em import State, begin, learn
from topic_model.errors import ArtifactError, RecipeError
from topic_model.inference import infer_batch
from topic_model.model import POST_ITERATIONS, TopicModel
from topic_model.recipe import Recipe
from topic_model.regularisers import settled
from topic_model.tokens import surfaces
from topic_model.vocabulary import Vocabulary, build_vocabulary

Progress = Callable[[State], None]


class Engine(StrEnum):
    """Who learns: our own loops, or BigARTM, which they are judged by."""

    OWN = "own"
    BIGARTM = "bigartm"


def train(
    documents: Iterable[Document],
    recipe: Recipe,
    *,
    encoder: str = "none",
    labels: Mapping[str, str] | None = None,
    engine: Engine = Engine.OWN,
    workspace: Path | None = None,
    resume: bool = False,
    progress: Progress | None = None,
) -> TopicModel:
    """Learn topics from documents, which are gone through twice.

    `labels` are the readable forms of tokens, `encoder` names the visual words. With a `workspace` folder the corpus is
    read from shards in it and every pass leaves a checkpoint there, from which `resume` goes on.
    """
    vocabulary = build_vocabulary(documents, recipe.modalities, recipe.bounds)
    start = begin(vocabulary, recipe)
    if workspace is None:
        shards: Sequence[Corpus] = [encode(documents, vocabulary, recipe.weights)]
        state = _learned(shards, vocabulary, recipe, start, engine, progress)
        return finish(state, shards, vocabulary, recipe, encoder, labels)
    try:
        shards = write_shards(documents, vocabulary, recipe.weights, workspace / "shards", recipe.shard_tokens)

        def keep(state: State) -> None:
            checkpoint.keep(state, vocabulary, recipe, workspace)
            if progress:
                progress(state)

        begun = checkpoint.go_on(vocabulary, recipe, workspace) if resume else None
        state = _learned(shards, vocabulary, recipe, begun or start, engine, keep)
        model = finish(state, shards, vocabulary, recipe, encoder, labels)
    except OSError as error:
        raise ArtifactError(
            f"Training cannot write to {workspace}: {error.strerror}. Give a writable folder."
        ) from error
    shutil.rmtree(workspace, ignore_errors=True)
    return model


def finish(
    state: State,
    shards: Sequence[Corpus],
    vocabulary: Vocabulary,
    recipe: Recipe,
    encoder: str,
    labels: Mapping[str, str] | None = None,
) -> TopicModel:
    """Make a model of what was learned."""
    mass = np.zeros(vocabulary.size)
    shares = np.zeros(recipe.topics)
    prior, keep = settled(recipe.regularisers, recipe.topics, recipe.background), np.ones(recipe.topics, np.float32)
    for shard in shards:
        mass += shard.mass(vocabulary.size)
        thetas = infer_batch(shard.indptr, shard.rows, shard.counts, state.phi, keep, prior, POST_ITERATIONS)
        shares += thetas.sum(axis=0, dtype=np.float64)
    return TopicModel(
        id=identity(vocabulary, state.phi, recipe, encoder),
        vocabulary=vocabulary,
        phi=state.phi,
        unigram=unigram(mass, vocabulary),
        topic_shares=(shares / max(shares.sum(), 1e-12)).astype(np.float32),
        recipe=recipe,
        encoder=encoder,
        labels=_known(labels or {}, vocabulary),
        history=state.history,
    )


def readable_labels(texts: Iterable[str]) -> dict[str, str]:
    """For each stem, the form in which people wrote it most often; Russian lemmas are words already."""
    seen: dict[str, Counter[str]] = {}
    for text in texts:
        for token, surface in surfaces(text):
            if token.isascii():
                seen.setdefault(token, Counter())[surface] += 1
    return {token: min(forms.items(), key=lambda form: (-form[1], form[0]))[0] for token, forms in seen.items()}


def _learned(
    shards: Sequence[Corpus],
    vocabulary: Vocabulary,
    recipe: Recipe,
    state: State,
    engine: Engine,
    progress: Progress | None,
) -> State:
    documents = sum(int(np.count_nonzero(np.diff(shard.indptr))) for shard in shards)
    if recipe.topics > documents:
        raise RecipeError(
            f"topics is {recipe.topics}, and only {documents} documents hold known tokens: "
            "set topics lower, a tenth of the documents is plenty."
        )
    if engine is Engine.BIGARTM:
        return learn_with_bigartm(shards, vocabulary, recipe, state, progress=progress)
    for now in learn(shards, vocabulary, recipe, state):
        state = now
        if progress:
            progress(now)
        if not now.phi.any():
            raise RecipeError(f"After pass {now.passes} no topic has a word left: give the regularisers a smaller tau.")
    return state


def _known(labels: Mapping[str, str], vocabulary: Vocabulary) -> dict[str, str]:
    tokens = vocabulary.tokens.get(TEXT, ())
    return {token: labels[token] for token in tokens if labels.get(token, token) != token}


def unigram(mass: NDArray[np.float64], vocabulary: Vocabulary) -> NDArray[np.float32]:
    """Each token's share of its modality in the corpus."""
    shares = np.zeros(vocabulary.size, dtype=np.float32)
    for rows in vocabulary.slices.values():
        shares[rows] = mass[rows] / max(mass[rows].sum(), 1e-12)
    return shares


def identity(vocabulary: Vocabulary, phi: NDArray[np.float32], recipe: Recipe, encoder: str) -> str:
    """Name a model by what it holds, so that two models never share a name."""
    digest = hashlib.sha256(json.dumps([vocabulary.tokens, recipe.as_dict(), encoder], ensure_ascii=False).encode())
    digest.update(np.ascontiguousarray(phi).tobytes())
    return digest.hexdigest()[:12]
