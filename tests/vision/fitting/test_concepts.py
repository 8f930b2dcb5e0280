"""Concepts: words of captions predicted from pixels; a photo that taught is never told its own captions."""

import numpy as np
import pytest
from PIL import Image

from vision.errors import EncoderError
from vision.fingerprint import perceptual
from vision.fitting.concepts import (
    FOLDS,
    Concepts,
    ConceptSettings,
    concepts_in,
    fold_photos,
    learn_concepts,
    nearest_copy,
)
from vision.fitting.fit import Example, fit_encoder
from vision.make_encoder import make_encoder

COLOURS = {"sea": (30, 90, 200), "snow": (235, 235, 240), "night": (25, 20, 15), "meadow": (60, 150, 50)}


def scene(name: str, seed: int) -> np.ndarray:
    """A photo of mostly one colour, each with blocks of its own."""
    rng = np.random.default_rng([seed, *name.encode()])
    coarse = np.clip(np.array(COLOURS[name]) + rng.integers(-45, 45, (9, 12, 3)), 0, 255)
    return coarse.astype(np.uint8).repeat(10, axis=0).repeat(10, axis=1)


def crawl(count: int) -> list[Example]:
    """Photos whose captions tell the scene, each beside a word that nobody else has."""
    names = list(COLOURS)
    return [
        Example(scene(names[n % 4], n), ((names[n % 4], f"only{n}"), (names[n % 4], "photo", "my")))
        for n in range(count)
    ]


def concepts_of(encoder: object, photo: np.ndarray) -> dict[str, float]:
    words = encoder.encode([photo])[0]  # type: ignore[attr-defined]
    return {word.partition(":")[2]: weight for word, weight in words.items() if word.startswith("concept:")}


def test_a_new_photo_gets_the_word_of_its_scene() -> None:
    """From colours alone, photos that did not teach are told the right one of four words."""
    fitted = fit_encoder(make_encoder("patches"), crawl(120), concepts=ConceptSettings())
    for name in COLOURS:
        for seed in range(1000, 1005):
            words = concepts_of(fitted, scene(name, seed))
            assert max(words, key=lambda word: words[word]) == name
            assert sum(words.values()) == pytest.approx(200, abs=0.01)


def test_a_teacher_is_not_told_its_own_captions() -> None:
    """With a regression that could learn every photo by heart, teachers get what the fold without them says."""
    examples = crawl(60)
    fitted = fit_encoder(make_encoder("patches"), examples, concepts=ConceptSettings(least_photos=1, alpha=1e-3))
    concepts = fitted.concepts
    assert concepts is not None
    projected = fitted.features([example.pixels for example in examples])
    known_by_heart = 0
    for n, (example, row) in enumerate(zip(examples, projected, strict=True)):
        own = f"only{n}"
        by_all = concepts.words[int((row @ concepts.coefficients[0]).argmax())]
        known_by_heart += by_all in (own, list(COLOURS)[n % 4])
        words = concepts_of(fitted, example.pixels)
        assert words.get(own, 0) <= 1e-3, own
        fold = int(concepts.folds[n])
        expected = concepts.predict(projected[n : n + 1], [perceptual(example.pixels)])[0]
        assert {f"concept:{word}": weight for word, weight in words.items()} == pytest.approx(expected, abs=1e-3)
        assert concepts.regressions([perceptual(example.pixels)]) == [1 + fold]
    assert known_by_heart > 50


def test_copies_of_a_teacher_are_known() -> None:
    """Resized or recompressed, a photo that taught gets the words of its fold; a stranger those of all."""
    from io import BytesIO

    examples = crawl(60)
    fitted = fit_encoder(make_encoder("patches"), examples, concepts=ConceptSettings())
    concepts = fitted.concepts
    assert concepts is not None
    for n, example in enumerate(examples[:20]):
        buffer = BytesIO()
        picture = Image.fromarray(example.pixels)
        picture.resize((97, 73)).save(buffer, "JPEG", quality=70)
        copy = np.asarray(Image.open(buffer).convert("RGB"))
        assert concepts.regressions([perceptual(copy)]) == [1 + int(concepts.folds[n])]
    assert concepts.regressions([perceptual(scene("sea", 5000 + n)) for n in range(20)]) == [0] * 20


def test_folds_are_even_and_keep_copies_together() -> None:
    """Photos are dealt out in turn; those that look the same but for a few bits share a fold."""
    rng = np.random.default_rng(0)
    strangers = [int(value) for value in rng.integers(0, 2**63, 100)]
    assert np.bincount(fold_photos(strangers)).tolist() == [20] * FOLDS
    folds = fold_photos([*strangers, *(value ^ 0b1001 for value in strangers)])
    assert (folds[:100] == folds[100:]).all()
    assert fold_photos([]).tolist() == []


def test_the_nearest_copy_is_the_first_of_the_nearest() -> None:
    """Eight bits apart is a copy, nine is a stranger; of two the nearer one, of equals the first."""
    known = np.array([0, 255, 255], np.uint64)
    assert nearest_copy(254, known) == 1
    assert nearest_copy(2**16 - 1, known) == 1
    assert nearest_copy(2**17 - 1, known) is None
    assert nearest_copy(2**64 - 1, known) is None
    assert nearest_copy(1, known[:0]) is None


def test_shares_count_captions_not_words() -> None:
    """A word twice in one caption counts once, and only words with enough photos are concepts."""
    projected = np.eye(4, dtype=np.float32)
    captions = [[["sea", "sea"], ["boat"]], [["sea"]], [["hill"]], [["hill"], ["sea"]]]
    hashes = [0, 2**20 - 1, 2**40 - 1, 2**60 - 1]
    words, coefficients, _ = learn_concepts(projected, 4, captions, hashes, ConceptSettings(2, 9, 1e-9))
    assert words == ("hill", "sea")
    # Without anything held back each photo is told its own shares, above the mean of all.
    assert coefficients[0] == pytest.approx(np.array([[0, 0.5], [0, 1], [1, 0], [0.5, 0.5]]) - [0.375, 0.5], abs=1e-6)


def test_the_most_common_words_are_taken() -> None:
    """With room for few, words of the most photos are concepts; of equals the first by letter."""
    captions = [[["b", "a", "c"]], [["c", "b", "a"]], [["c"]]]
    words, _, _ = learn_concepts(np.eye(3, dtype=np.float32), 3, captions, [1, 2**20, 2**40], ConceptSettings(1, 2))
    assert words == ("a", "c")


def test_too_few_words_are_told() -> None:
    """Captions in which no word comes up often teach nothing, and that is said."""
    with pytest.raises(EncoderError, match="No word is used of 15 photos or more among 60"):
        fit_encoder(
            make_encoder("patches"),
            [Example(e.pixels, ((f"only{n}",),)) for n, e in enumerate(crawl(60))],
            concepts=ConceptSettings(),
        )


def test_copies_of_one_photo_teach_nothing() -> None:
    """When all photos are one, no regression is left that did not learn from it, and it has no concepts."""
    photo = scene("sea", 1)
    fitted = fit_encoder(make_encoder("patches"), [Example(photo, (("sea",),))] * 30, concepts=ConceptSettings())
    assert concepts_of(fitted, photo) == {}


def test_too_few_photos_are_told() -> None:
    """A handful of photos is not enough to learn axes from."""
    with pytest.raises(EncoderError, match="There are 5 photos to learn from, at least 20"):
        fit_encoder(make_encoder("patches"), crawl(5))


def test_a_photo_without_captions_teaches_no_words() -> None:
    """It helps to find the axes, and is a stranger to the concepts."""
    silent = Example(scene("sea", 999))
    fitted = fit_encoder(make_encoder("patches"), [*crawl(60), silent], concepts=ConceptSettings())
    assert fitted.concepts is not None
    assert len(fitted.concepts.folds) == 60
    assert fitted.concepts.regressions([perceptual(silent.pixels)]) == [0]


def test_concepts_without_a_positive_word_are_none() -> None:
    """When nothing is above what is usual, a photo has no concepts, and that is no error."""
    concepts = Concepts(("a",), {}, np.full((6, 1, 1), -1, np.float32), np.zeros(0, np.uint64), np.zeros(0, np.uint8))
    assert concepts.predict(np.ones((1, 1), np.float32), [3]) == [{}]


def test_concepts_are_told_from_other_visual_words() -> None:
    """As the words that people would use; a word of another kind is none, whatever it holds."""
    assert concepts_in({"concept:sea": 9.0, "class:concept:sea": 1.0, "concepts": 1.0}) == {"sea": 9.0}
    assert concepts_in({}) == {}
