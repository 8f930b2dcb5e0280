"""A reader is given the wording that it was taught to read."""

from collections.abc import Sequence

import numpy as np
import pytest

from topic_model.alignment.reader import read_all


class Listener:
    """Remembers what it was given."""

    id, size = "listener", 1

    def __init__(self, *languages: str) -> None:
        self.languages = languages
        self.heard: list[str] = []

    def embed(self, texts: Sequence[str]) -> np.ndarray:
        """A row of 1 for each text that says anything."""
        self.heard += texts
        return np.array([[float(bool(text))] for text in texts], np.float32)


@pytest.mark.parametrize(
    ("languages", "wordings", "heard"),
    [
        ((), ("собака в снегу", "dog in snow"), "собака в снегу"),
        (("en",), ("собака в снегу", "dog in snow"), "dog in snow"),
        (("en",), ("dog, собака", "dog, dog"), "dog, dog"),
        (("en",), ("собака в снегу", ""), ""),
        (("en",), ("собака в снегу",), ""),
        (("ru",), ("a dog", "собака"), "собака"),
        (("en", "ru"), ("собака, dog",), "собака, dog"),
        (("en",), ("2024!",), "2024!"),
        ((), (), ""),
    ],
)
def test_the_first_wording_in_its_language_is_read(
    languages: tuple[str, ...], wordings: tuple[str, ...], heard: str
) -> None:
    """As it was put, else in the other language as far as it is understood, else nothing."""
    listener = Listener(*languages)
    rows = read_all(listener, [wordings])
    assert listener.heard == [heard]
    assert rows.any() == bool(heard)
