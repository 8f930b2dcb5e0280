"""Contrast: refines where photos and texts lie, so that each text is nearer to its own photo than to others.

Canonical correlation looks at each pair by itself. Here pairs are looked at in batches: a text has to tell its photo
from the others, a photo its text (InfoNCE, both ways), by gradient steps (Adam) from where the correlation left both
maps. Where somebody reads the texts, what they mean counts beside their words, and each side learns a hidden layer
beside its map (without what texts mean such layers find nothing more). A photo shows another of its texts each time,
and is disturbed a little, or its pairs would be learned by heart; some texts are left without their meaning, or those
that nobody has read would have no place.

This brings texts and photos together, not photos that look alike. So a photo that asks is placed where it lies as near
to the others as the correlation has it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from common.arrays import AnyFloat, Float32, Int64
from topic_model.alignment.aligned import Aligned, unit, weighed, whitening
from topic_model.alignment.hidden import WIDTH, HiddenLayer
from topic_model.alignment.reader import TextReader, read_all
from topic_model.corpus import encode
from topic_model.document import Document

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

LEAST_POSTS = 2500  # of fewer the correlation alone makes more: 1,500 were too few, 3,000 enough
ROUNDS = 75  # each post is seen so often
ROUNDS_READ = 40  # with hidden layers, which learn faster; more of them learn by heart
BATCH = 512
MOST_STEPS = 3000  # so that it takes minutes, however many posts there are
MOST_READ = 150_000  # texts, for the same reason; the others are learned from by their words
STEP = 1e-3  # of Adam at first; it shrinks to nothing
TEMPERATURE = 0.1
NOISE = 0.6  # of features whose spread is about 1
UNREAD = 0.15  # of texts are learned from without what they mean
CROWD = 2000  # texts are kept, for posts to learn how crowded it is where they lie
_FAST, _SLOW = 0.9, 0.999  # Adam's two memories
_LEAST = np.float32(1e-6)


class Saying(NamedTuple):
    """A text of a post: its words, and as it was written."""

    words: Document
    text: str = ""


def contrast(
    aligned: Aligned,
    features: Float32,
    captions: Sequence[Sequence[Saying]],
    seed: int = 0,
    *,
    reader: TextReader | None = None,
    width: int = WIDTH,
) -> Aligned:
    """Refine the maps on posts, row by row: what was measured, and each text said of it, by itself.

    Some of the texts are kept as the crowd. Too few posts leave everything as it is. `width` is that of the hidden
    layers, which are learned where there is a reader.
    """
    known = [[text for text in texts if _is_known(text.words, aligned)] for texts in captions]
    worded = [row for row, texts in enumerate(known) if texts]
    if len(worded) < LEAST_POSTS:
        return aligned
    rng = np.random.default_rng(seed)
    texts, features = [known[row] for row in worded], features[worded]
    flat = list(chain.from_iterable(texts))
    meanings = _meanings(flat, reader, rng)
    started = _started(aligned, meanings, reader)
    refined = _refined(started, features, texts, meanings, rng, width if reader else 0)
    refined = replace(refined, asking_map=_asking_map(aligned, refined, features))
    some = [flat[at] for at in rng.permutation(len(flat))[:CROWD]]
    return refined.among(features, [caption.words for caption in some], [[caption.text] for caption in some])


def _meanings(captions: Sequence[Saying], reader: TextReader | None, rng: np.random.Generator) -> Float32:
    """What captions mean to a reader, as many as are read; rows of zeros without one, and of what it cannot read."""
    if reader is None:
        return np.zeros((len(captions), 0), np.float32)
    chosen = np.sort(rng.permutation(len(captions))[:MOST_READ])
    meanings = np.zeros((len(captions), reader.size), np.float32)
    meanings[chosen] = read_all(reader, [[captions[at].text] for at in chosen])
    return meanings


def _started(aligned: Aligned, meanings: Float32, reader: TextReader | None) -> Aligned:
    """Where it begins: what texts mean says nothing yet."""
    if reader is None:
        return aligned
    said = meanings.any(axis=1)
    mean = meanings[said].mean(axis=0) if said.any() else np.zeros(reader.size)
    zeros = np.zeros((reader.size, aligned.photo_map.shape[1]), np.float32)
    return replace(aligned, read_by=reader.id, reader=reader, meaning_mean=mean.astype(np.float32), meaning_map=zeros)


def _is_known(text: Document, aligned: Aligned) -> bool:
    rows = aligned.vocabulary.rows
    return any(token in rows.get(modality, ()) for modality, tokens in text.items() for token in tokens)


@dataclass(frozen=True, slots=True)
class _Towers:
    """Both sides as they learn: straight maps, the hidden layers, and the map of what texts mean."""

    photo_map: Float32
    text_map: Float32
    text_mean: Float32
    meaning_map: Float32
    photo_layer: HiddenLayer | None
    text_layer: HiddenLayer | None

    @property
    def spread(self) -> np.float32:
        """What brings a place, of length 1, to numbers whose spread is about 1, as a layer wants them."""
        return np.float32(self.photo_map.shape[1] ** 0.5)

    @property
    def arrays(self) -> list[Float32]:
        """What is learned."""
        layers = [layer.arrays for layer in (self.photo_layer, self.text_layer) if layer]
        return [self.photo_map, self.text_map, self.text_mean, self.meaning_map, *chain.from_iterable(layers)]


def _refined(
    aligned: Aligned,
    features: Float32,
    texts: Sequence[Sequence[Saying]],
    meanings: Float32,
    rng: np.random.Generator,
    width: int,
) -> Aligned:
    centred = (features - aligned.photo_mean).astype(np.float64)
    white = whitening(centred)
    photos = np.asarray(centred @ white, np.float32)
    words = weighed(encode((text.words for text in chain.from_iterable(texts)), aligned.vocabulary), aligned.idf)
    meanings = np.where(meanings.any(axis=1, keepdims=True), meanings - aligned.meaning_mean, 0).astype(np.float32)
    towers = _towers(aligned, photos, words, white, meanings.shape[1], rng, width)
    steps = list(_batches([len(of_photo) for of_photo in texts], ROUNDS_READ if width else ROUNDS, rng))
    adam = _Adam(towers.arrays)
    for done, (rows, text_rows) in enumerate(steps):
        noisy = photos[rows] + np.float32(NOISE) * rng.standard_normal((len(rows), len(white)), np.float32)
        heard = meanings[text_rows] * (rng.random((len(rows), 1)) >= UNREAD).astype(np.float32)
        adam.step(_gradients(towers, noisy, words[text_rows], heard, rng), STEP * (1 - done / len(steps)))
    back = white.astype(np.float32)
    refined = replace(
        aligned,
        photo_map=back @ towers.photo_map,
        text_map=towers.text_map,
        text_mean=towers.text_mean,
        meaning_map=towers.meaning_map,
    )
    if towers.photo_layer is None or towers.text_layer is None:
        return refined
    photo, text = towers.photo_layer, towers.text_layer
    return replace(
        refined,
        photo_entering=back @ photo.entering,
        photo_bias=photo.bias,
        photo_leaving=photo.leaving,
        text_entering=towers.spread * text.entering,
        text_bias=text.bias,
        text_leaving=text.leaving,
    )


def _towers(
    aligned: Aligned,
    photos: Float32,
    words: "csr_matrix",
    white: AnyFloat,
    meaning: int,
    rng: np.random.Generator,
    width: int,
) -> _Towers:
    """Both sides as the correlation left them, at one scale, and hidden layers that say little yet."""
    photo_map = (np.linalg.inv(white) @ aligned.photo_map).astype(np.float32)
    photo_map /= _length(photos @ photo_map)
    places = words @ aligned.text_map - aligned.text_mean
    scale = _length(places)
    size = photo_map.shape[1]
    layers: list[HiddenLayer | None] = [None, None]
    if width:
        layers = [HiddenLayer.drawn(entering, size, width, rng) for entering in (photos.shape[1], size + meaning)]
    meaning_map = aligned.meaning_map.copy() if meaning else np.zeros((0, size), np.float32)
    return _Towers(photo_map, aligned.text_map / scale, aligned.text_mean / scale, meaning_map, *layers)


def _asking_map(before: Aligned, after: Aligned, features: Float32) -> Float32:
    """Where a photo has to ask from, to have the cosines with places of now that it had with places of before."""
    back, *_ = np.linalg.lstsq(after.of_photos(features), before.of_photos(features), rcond=1e-3)
    return np.asarray(before.photo_map @ back.T, np.float32)


def _batches(texts: Sequence[int], rounds: int, rng: np.random.Generator) -> Iterator[tuple[Int64, Int64]]:
    """Posts of each step, and one text of each; `texts` are their numbers."""
    numbers = np.array(texts)
    firsts = np.cumsum(numbers) - numbers
    in_round = len(numbers) // BATCH or 1
    for _ in range(max(1, min(rounds, MOST_STEPS // in_round))):
        order = rng.permutation(len(numbers))
        for at in range(in_round):
            rows = order[at * BATCH : (at + 1) * BATCH]
            yield rows, firsts[rows] + rng.integers(0, numbers[rows])


def _gradients(
    towers: _Towers, photos: Float32, words: "csr_matrix", meanings: Float32, rng: np.random.Generator
) -> list[Float32]:
    """Of the mean loss of a batch, by each array: how badly texts tell their photos, and photos their texts."""
    of_photos, places = photos @ towers.photo_map, words @ towers.text_map - towers.text_mean
    of_texts = places + meanings @ towers.meaning_map
    if towers.photo_layer is not None and towers.text_layer is not None:
        both = np.concatenate([places, meanings], axis=1) * towers.spread
        more, photo_hidden = towers.photo_layer.through(photos, rng)
        of_photos = of_photos + more
        more, text_hidden = towers.text_layer.through(both, rng)
        of_texts = of_texts + more
    left, right = unit(of_photos), unit(of_texts)
    near = left @ right.T / np.float32(TEMPERATURE)
    wrong = (_shares(near, axis=1) + _shares(near, axis=0)) / 2
    wrong[np.diag_indices(len(wrong))] -= 1
    wrong /= np.float32(len(wrong) * TEMPERATURE)
    by_photo = _through_unit(wrong @ right, left, of_photos)
    by_text = _through_unit(wrong.T @ left, right, of_texts)
    of_meaning, by_place = meanings.T @ by_text, by_text
    layers: list[Float32] = []
    if towers.photo_layer is not None and towers.text_layer is not None:
        layers, _ = towers.photo_layer.gradients(photos, photo_hidden, by_photo)
        of_text_layer, entered = towers.text_layer.gradients(both, text_hidden, by_text)
        layers = [*layers, *of_text_layer]
        by_place = by_text + towers.spread * entered[:, : places.shape[1]]
    straight = [photos.T @ by_photo, np.asarray(words.T @ by_place), -by_place.sum(axis=0), of_meaning]
    return [*straight, *layers]


def _shares(near: Float32, axis: int) -> Float32:
    shares = np.exp(near - near.max(axis=axis, keepdims=True))
    return np.asarray(shares / shares.sum(axis=axis, keepdims=True))


def _through_unit(gradient: AnyFloat, units: Float32, before: AnyFloat) -> Float32:
    """The gradient before rows were brought to length 1."""
    lengths = np.maximum(np.linalg.norm(before, axis=1, keepdims=True), _LEAST)
    return np.asarray((gradient - units * (gradient * units).sum(axis=1, keepdims=True)) / lengths)


def _length(rows: AnyFloat) -> np.float32:
    return max(np.float32(np.linalg.norm(rows, axis=1).mean()), _LEAST)


class _Adam:
    """Steps against the gradient, each number by its own measure."""

    def __init__(self, maps: Sequence[Float32]) -> None:
        self._maps = maps
        self._means = [np.zeros_like(values) for values in maps]
        self._squares = [np.zeros_like(values) for values in maps]
        self._steps = 0

    def step(self, gradients: Sequence[Float32], size: float) -> None:
        """Change the maps in place."""
        self._steps += 1
        size *= np.sqrt(1 - _SLOW**self._steps) / (1 - _FAST**self._steps)
        for values, gradient, mean, square in zip(self._maps, gradients, self._means, self._squares, strict=True):
            mean += np.float32(1 - _FAST) * (gradient - mean)
            square += np.float32(1 - _SLOW) * (gradient * gradient - square)
            values -= np.float32(size) * mean / (np.sqrt(square) + np.float32(1e-8))
