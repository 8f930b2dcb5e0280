"""Cleaning: small steps that each give a reason to turn a post away, or nothing."""

from collections.abc import Callable

from ingest.errors import PostRejected
from ingest.post import Post
from topic_model.document import IMAGE, TEXT, Document

Step = Callable[[Post, Document], None]


def empty(_: Post, document: Document) -> None:
    """A post must say or show something that can be found."""
    if not any(document.values()):
        raise PostRejected("empty", "The post has no words, no hashtags and no photo: send at least one of them.")


def too_few_words(least: int) -> Step:
    """A post without a photo must say at least so much."""

    def step(_: Post, document: Document) -> None:
        words = sum(document.get(TEXT, {}).values())
        if not document.get(IMAGE) and words < least:
            raise PostRejected(
                "too_few_words", f"The post has no photo and {words:g} telling words; at least {least} are wanted."
            )

    return step


def hashtag_wall(most: int) -> Step:
    """A post with a wall of hashtags advertises, it does not describe."""

    def step(post: Post, _: Document) -> None:
        tags = len(post.tags) + sum(text.count("#") for text in post.texts)
        if tags > most:
            raise PostRejected("hashtag_wall", f"The post has {tags} hashtags; at most {most} are taken.")

    return step
