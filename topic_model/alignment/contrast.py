"""Contrast: refines where photos and texts lie, so that each text is nearer to its own photo than to others.

Canonical correlation looks at each pair by itself. Here pairs are looked at in batches: a text has to tell its photo
from the others, a photo its text (InfoNCE, both ways), by gradient steps (Adam) from where the correlation left both
maps. What texts mean counts beside their words where somebody reads them. A photo shows another of its texts each time,
and is disturbed a little, or its pairs would be learned by heart; some texts are left without their meaning, or those
that nobody has read would have no place.

This brings texts and photos together, not photos that look alike. So a photo that asks is placed where it lies as near
to the others as the correlation has it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from common.arrays import AnyFloat, Float32, Int64
from topic_model.alignment.aligned import Aligned, unit, weighed, whitening
from topic_model.alignment.reader import TextReader, read_all
from topic_model.corpus import encode
from topic_model.document import Document

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

LEAST_POSTS = 2500  # of fewer the correlation alone makes more: 1,500 were too few, 3,000 enough
ROUNDS = 75  # each post is seen so often
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
) -> Aligned:
    """Refine the maps on posts, row by row: what was measured, and each text said of it, by itself.

    Some of the texts are kept as the crowd. Too few posts leave everything as it is.
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
    refined = _refined(started, features, texts, meanings, rng)
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
    return replace(aligned, read_by=reader.id, reader=reader, meaning_mean=mean.astype(np.float32))


def _is_known(text: Document, aligned: Aligned) -> bool:
    rows = aligned.vocabulary.rows
    return any(token in rows.get(modality, ()) for modality, tokens in text.items() for token in tokens)


class _Maps(NamedTuple):
    """Both sides as they learn; the arrays change in place."""

    photo_map: Float32
    text_map: Float32
    text_mean: Float32
    meaning_map: Float32


def _refined(
    aligned: Aligned,
    features: Float32,
    texts: Sequence[Sequence[Saying]],
    meanings: Float32,
    rng: np.random.Generator,
) -> Aligned:
    centred = (features - aligned.photo_mean).astype(np.float64)
    white = whitening(centred)
    photos = np.asarray(centred @ white, np.float32)
    words = weighed(encode((text.words for text in chain.from_iterable(texts)), aligned.vocabulary), aligned.idf)
    meanings = np.where(meanings.any(axis=1, keepdims=True), meanings - aligned.meaning_mean, 0).astype(np.float32)
    photo_map = (np.linalg.inv(white) @ aligned.photo_map).astype(np.float32)
    photo_map /= _length(photos @ photo_map)
    scale = _length(words @ aligned.text_map - aligned.text_mean)
    meaning_map = np.zeros((meanings.shape[1], photo_map.shape[1]), np.float32)
    maps = _Maps(photo_map, aligned.text_map / scale, aligned.text_mean / scale, meaning_map)
    steps = list(_batches([len(of_photo) for of_photo in texts], rng))
    adam = _Adam(maps)
    for done, (rows, text_rows) in enumerate(steps):
        noisy = photos[rows] + np.float32(NOISE) * rng.standard_normal((len(rows), len(white)), np.float32)
        heard = meanings[text_rows]
        if heard.size:
            heard = heard * (rng.random((len(rows), 1)) >= UNREAD).astype(np.float32)
        adam.step(_gradients(maps, noisy, words[text_rows], heard), STEP * (1 - done / len(steps)))
    return replace(aligned, **maps._replace(photo_map=(white @ maps.photo_map).astype(np.float32))._asdict())


def _asking_map(before: Aligned, after: Aligned, features: Float32) -> Float32:
    """Where a photo has to ask from, to have the cosines with places of now that it had with places of before."""
    back, *_ = np.linalg.lstsq(after.of_photos(features), before.of_photos(features), rcond=1e-3)
    return np.asarray(before.photo_map @ back.T, np.float32)


def _batches(texts: Sequence[int], rng: np.random.Generator) -> Iterator[tuple[Int64, Int64]]:
    """Posts of each step, and one text of each; `texts` are their numbers."""
    numbers = np.array(texts)
    firsts = np.cumsum(numbers) - numbers
    in_round = len(numbers) // BATCH or 1
    for _ in range(max(1, min(ROUNDS, MOST_STEPS // in_round))):
        order = rng.permutation(len(numbers))
        for at in range(in_round):
            rows = order[at * BATCH : (at + 1) * BATCH]
            yield rows, firsts[rows] + rng.integers(0, numbers[rows])


def _gradients(maps: _Maps, photos: Float32, words: "csr_matrix", meanings: Float32) -> list[Float32]:
    """Of the mean loss of a batch, by each map: how badly texts tell their photos, and photos their texts."""
    of_photos = photos @ maps.photo_map
    of_texts = words @ maps.text_map - maps.text_mean + meanings @ maps.meaning_map
    left, right = unit(of_photos), unit(of_texts)
    near = left @ right.T / np.float32(TEMPERATURE)
    wrong = (_shares(near, axis=1) + _shares(near, axis=0)) / 2
    wrong[np.diag_indices(len(wrong))] -= 1
    wrong /= np.float32(len(wrong) * TEMPERATURE)
    by_photo = _through_unit(wrong @ right, left, of_photos)
    by_text = _through_unit(wrong.T @ left, right, of_texts)
    of_words = np.asarray(words.T @ by_text)
    return [photos.T @ by_photo, of_words, -by_text.sum(axis=0), meanings.T @ by_text]


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
