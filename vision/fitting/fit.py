"""Fitting encoders to a site's photos: what is usual for each channel, codebooks, the axes of features, concepts."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

import numpy as np

from vision.combined_encoder import Together
from vision.encoder import Encoder, Features, Pixels
from vision.errors import EncoderError
from vision.fingerprint import perceptual
from vision.fitting.concepts import Concepts, ConceptSettings, learn_concepts
from vision.fitting.fitted_encoder import FittedEncoder
from vision.fitting.regression import learn_axes, learn_codebook, learn_directions
from vision.networks.network import BATCH, Tensor
from vision.networks.network_encoder import NetworkEncoder
from vision.networks.spec import Channels, Codebook
from vision.words.kinds import Learned
from vision.words.weights import directions

COMPONENTS: Final = 800
LEAST_PHOTOS: Final = 20
_SAMPLES: Final = 60_000  # places that a codebook is learned from
_SAMPLES_A_CENTRE: Final = 5


@dataclass(frozen=True, slots=True)
class Example:
    """A photo to learn from, and the words of each of its captions."""

    pixels: Pixels
    captions: tuple[tuple[str, ...], ...] = ()


def fit_encoder(
    base: Encoder,
    examples: Iterable[Example],
    *,
    concepts: ConceptSettings | None = None,
    labels: Callable[[], Mapping[str, str]] = dict,
    progress: Callable[[int], None] = lambda _: None,
) -> FittedEncoder:
    """Fit an encoder (or several together) to photos; with settings of concepts, to their captions as well.

    `labels` gives the readable forms of words once all examples were read.
    """
    bases = base.encoders if isinstance(base, Together) else (base,)
    for encoder in bases:
        if isinstance(encoder, FittedEncoder):
            raise EncoderError(f"{encoder.id} was fitted already: fit the encoder that it was made from.")
    parts = [_Part(encoder) for encoder in bases]
    hashes: list[int] = []
    captions: list[tuple[tuple[str, ...], ...]] = []
    for batch in _batches(examples, BATCH):
        photos = [example.pixels for example in batch]
        for part in parts:
            part.look(photos)
        hashes += [perceptual(photo) for photo in photos]
        captions += [example.captions for example in batch]
        progress(len(hashes))
    if len(hashes) < LEAST_PHOTOS:
        raise EncoderError(f"There are {len(hashes)} photos to learn from, at least {LEAST_PHOTOS} are needed.")
    features = np.concatenate([part.all_features() for part in parts], axis=1)
    axes = learn_axes(features, COMPONENTS)
    learned = None
    if concepts:
        taught = np.array([bool(of_photo) for of_photo in captions])
        where = np.flatnonzero(taught)
        projected = axes.project(features[where])
        kept = [hashes[at] for at in where]
        words, coefficients, folds = learn_concepts(
            projected, features.shape[1], [captions[at] for at in where], kept, concepts
        )
        forms = labels()
        known = {word: forms[word] for word in words if word in forms}
        learned = Concepts(words, known, coefficients, np.array(kept, np.uint64), folds)
    encoders = [part.fitted() for part in parts]
    return FittedEncoder(encoders[0] if len(encoders) == 1 else Together(encoders), axes, learned)


@dataclass(slots=True)
class _Part:
    """One encoder while it looks at photos to learn from."""

    encoder: Encoder
    features: list[Features] = field(default_factory=list)
    means: dict[str, list[Tensor]] = field(default_factory=dict)
    samples: dict[str, "_Sample"] = field(default_factory=dict)

    def look(self, photos: Sequence[Pixels]) -> None:
        """Keep what there is to learn from in some photos."""
        if not isinstance(self.encoder, NetworkEncoder):
            self.features.append(self.encoder.features(photos))
            return
        for tensors in self.encoder.look(photos):
            self.features.append(self.encoder.features_of(tensors))
            for output in self.encoder.spec.outputs:
                prefix = self.encoder.spec.prefix(output)
                if isinstance(output, Channels):
                    self.means.setdefault(prefix, []).append(tensors[output.tensor].mean(axis=1))
                elif isinstance(output, Codebook):
                    self.samples.setdefault(prefix, _Sample()).add(tensors[output.tensor])

    def all_features(self) -> Features:
        """A row for each photo."""
        return np.concatenate(self.features)

    def fitted(self) -> Encoder:
        """The encoder with what it learned."""
        if not isinstance(self.encoder, NetworkEncoder):
            return self.encoder
        learned: dict[str, Learned] = {}
        for output in self.encoder.spec.outputs:
            prefix = self.encoder.spec.prefix(output)
            if isinstance(output, Channels):
                means = np.concatenate(self.means[prefix])
                spread = means.std(axis=0)
                learned[prefix] = {"usual": means.mean(axis=0), "spread": np.where(spread > 1e-6, spread, 1)}
            elif isinstance(output, Codebook):
                learned[prefix] = self.samples[prefix].codebook(output)
        return self.encoder.taught(learned)


class _Sample:
    """Places of maps, some of each photo; thinned out evenly when they become too many."""

    def __init__(self) -> None:
        self._kept: list[Tensor] = []
        self._count = 0
        self._of_photo = 16
        self._rng = np.random.default_rng(0)

    def add(self, cells: Tensor) -> None:
        """Keep some places of each photo."""
        take = min(self._of_photo, cells.shape[1])
        for of_photo in cells:
            self._kept.append(of_photo[self._rng.choice(len(of_photo), take, replace=False)])
        self._count += take * len(cells)
        if self._count > 2 * _SAMPLES and self._of_photo > 1:
            self._of_photo //= 2
            self._kept = [of_photo[: self._of_photo] for of_photo in self._kept]
            self._count = sum(map(len, self._kept))

    def codebook(self, output: Codebook) -> Learned:
        """Learn the centres, fewer when there are few places."""
        vectors = np.concatenate(self._kept)
        mean, axes = learn_directions(vectors, output.components)
        size = max(2, min(output.size, len(vectors) // _SAMPLES_A_CENTRE))
        return {"mean": mean, "axes": axes, "centres": learn_codebook(directions(vectors, mean, axes), size)}


def _batches(examples: Iterable[Example], size: int) -> Iterator[list[Example]]:
    rest = iter(examples)
    while batch := list(islice(rest, size)):
        yield batch
