"""Training: from documents to a TopicModel, in memory or by shards on disk, stopped and resumed at will."""

import hashlib
import json
import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from enum import StrEnum
from pathlib import Path

import numpy as np

from common.arrays import Float32, Float64
from topic_model.alignment.aligned import ARRAYS as ALIGNED
from topic_model.alignment.aligned import REFINED, Aligned
from topic_model.corpus import Corpus, encode, write_shards
from topic_model.document import TEXT, Document
from topic_model.errors import ArtifactError, RecipeError
from topic_model.model import TopicModel
from topic_model.ranking.weights import CONTRASTED
from topic_model.tokens import surfaces
from topic_model.training import checkpoint
from topic_model.training.bigartm import learn_with_bigartm
from topic_model.training.em import State, first_state, learn
from topic_model.training.recipe import Recipe
from topic_model.vocabulary import Vocabulary, build_vocabulary

Progress = Callable[[State], None]


class TrainingEngine(StrEnum):
    """Who learns: our own loops, or BigARTM, which they are judged by."""

    OWN = "own"
    BIGARTM = "bigartm"


def train(
    documents: Iterable[Document],
    recipe: Recipe,
    *,
    encoder: str = "none",
    labels: Mapping[str, str] | None = None,
    engine: TrainingEngine = TrainingEngine.OWN,
    workspace: Path | None = None,
    resume: bool = False,
    progress: Progress | None = None,
) -> TopicModel:
    """Learn topics from documents, which are gone through twice.

    `labels` are the readable forms of tokens, `encoder` names the visual words. With a `workspace` folder the corpus is
    read from shards in it and every pass leaves a checkpoint there, from which `resume` goes on.
    """
    vocabulary = build_vocabulary(documents, recipe.modalities, recipe.bounds)
    if workspace is None:
        shards: Sequence[Corpus] = [encode(documents, vocabulary, recipe.weights)]
        states = [
            _learned(
                shards, vocabulary, member, first_state(vocabulary, member), engine, _counted(progress, index, recipe)
            )
            for index, member in enumerate(recipe.members())
        ]
        return finish(_joined(states), shards, vocabulary, recipe, encoder, labels)
    try:
        shards = write_shards(documents, vocabulary, recipe.weights, workspace / "shards", recipe.shard_tokens)
        states = []
        for index, member in enumerate(recipe.members()):
            folder = workspace / f"member-{index}"
            folder.mkdir(exist_ok=True)
            begun = checkpoint.go_on(vocabulary, member, folder) if resume else None
            keep = _kept(_counted(progress, index, recipe), vocabulary, member, folder)
            states.append(_learned(shards, vocabulary, member, begun or first_state(vocabulary, member), engine, keep))
        model = finish(_joined(states), shards, vocabulary, recipe, encoder, labels)
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
    shares = np.zeros(state.phi.shape[1])
    model = TopicModel(
        id=identity(vocabulary, state.phi, recipe, encoder),
        vocabulary=vocabulary,
        phi=state.phi,
        unigram=np.zeros(vocabulary.size, np.float32),
        topic_shares=np.zeros(len(shares), np.float32),
        recipe=recipe,
        encoder=encoder,
        labels=_known(labels or {}, vocabulary),
        history=state.history,
    )
    for shard in shards:
        mass += shard.mass(vocabulary.size)
        shares += model.infer_corpus(shard).sum(axis=0, dtype=np.float64)
    topic_shares = (shares / max(shares.sum(), 1e-12)).astype(np.float32)
    return replace(model, unigram=unigram(mass, vocabulary), topic_shares=topic_shares)


def with_aligned(model: TopicModel, aligned: Aligned | None) -> TopicModel:
    """Let a model place photos among texts; it is another model then, with another id."""
    if aligned is None:
        return model
    digest = hashlib.sha256(model.id.encode())
    for name in (*ALIGNED, *REFINED):
        digest.update(np.ascontiguousarray(getattr(aligned, name)).tobytes())
    digest.update(aligned.read_by.encode())
    ranking = replace(model.ranking, aligned=CONTRASTED) if len(aligned.crowd) else model.ranking
    return replace(model, id=digest.hexdigest()[:12], aligned=aligned, ranking=ranking)


def readable_labels(texts: Iterable[str]) -> dict[str, str]:
    """For each stem, the form in which people wrote it most often; Russian lemmas are words already."""
    counts: dict[str, Counter[str]] = {}
    for text in texts:
        for token, surface in surfaces(text):
            if token.isascii():
                counts.setdefault(token, Counter())[surface] += 1
    return {token: min(forms.items(), key=lambda form: (-form[1], form[0]))[0] for token, forms in counts.items()}


def _joined(states: Sequence[State]) -> State:
    """Put the members of a committee side by side; the history is that of the first."""
    if len(states) == 1:
        return states[0]
    phi = np.concatenate([state.phi for state in states], axis=1)
    return State(phi, phi, states[0].history)


def _counted(progress: Progress | None, index: int, recipe: Recipe) -> Progress | None:
    """Tell of the passes of members that are done before as well."""
    return progress and (lambda state: progress(replace(state, earlier=index * recipe.passes)))


def _kept(progress: Progress | None, vocabulary: Vocabulary, recipe: Recipe, folder: Path) -> Progress:
    """Leave a checkpoint after each pass, then tell of it."""

    def keep(state: State) -> None:
        checkpoint.keep(state, vocabulary, recipe, folder)
        if progress:
            progress(state)

    return keep


def _learned(
    shards: Sequence[Corpus],
    vocabulary: Vocabulary,
    recipe: Recipe,
    state: State,
    engine: TrainingEngine,
    progress: Progress | None,
) -> State:
    documents = sum(int(np.count_nonzero(np.diff(shard.indptr))) for shard in shards)
    if recipe.topics > documents:
        raise RecipeError(
            f"topics is {recipe.topics}, and only {documents} documents hold known tokens: "
            "set topics lower, a tenth of the documents is plenty."
        )
    if engine is TrainingEngine.BIGARTM:
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


def unigram(mass: Float64, vocabulary: Vocabulary) -> Float32:
    """Each token's share of its modality in the corpus."""
    shares = np.zeros(vocabulary.size, dtype=np.float32)
    for rows in vocabulary.slices.values():
        shares[rows] = mass[rows] / max(mass[rows].sum(), 1e-12)
    return shares


def identity(vocabulary: Vocabulary, phi: Float32, recipe: Recipe, encoder: str) -> str:
    """Name a model by what it holds, so that two models never share a name."""
    digest = hashlib.sha256(json.dumps([vocabulary.tokens, recipe.as_dict(), encoder], ensure_ascii=False).encode())
    digest.update(np.ascontiguousarray(phi).tobytes())
    return digest.hexdigest()[:12]
