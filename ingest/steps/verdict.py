"""What a step may say of a post."""

from collections.abc import Callable
from typing import NamedTuple

from ingest.post import Post
from ingest.reason import Reason
from topic_model.document import Document


class Mark(NamedTuple):
    """What is noticed on a post that is kept: a stable word, and what exactly."""

    mark: str
    detail: str


Verdict = Reason | Mark | None
Step = Callable[[Post, Document], Verdict]
"""Looks at a post and at the words of its Document; the photo has not been looked at yet, only whether there is one."""
