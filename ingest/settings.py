"""The settings that decide what is taken."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Protocol


class Copies(StrEnum):
    """What becomes of a post whose photo another post has."""

    DROP = "drop"
    LINK = "link"
    KEEP = "keep"


class PipelineSettings(Protocol):
    """What the pipeline needs to know of the settings."""

    @property
    def min_words(self) -> int:
        """Least number of telling words of a post without a photo."""
        ...

    @property
    def min_words_with_photo(self) -> int:
        """The same of a post with a photo."""
        ...

    @property
    def max_hashtags(self) -> int:
        """Most hashtags of a post."""
        ...

    @property
    def same_photo(self) -> Copies:
        """What becomes of a post whose photo is another post's file."""
        ...

    @property
    def near_photo(self) -> Copies:
        """What becomes of a post whose photo looks like another post's."""
        ...

    @property
    def modalities(self) -> Mapping[str, str]:
        """Further modalities, and the field of a post that each is read from."""
        ...
