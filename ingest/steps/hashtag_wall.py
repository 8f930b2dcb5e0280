"""A wall of hashtags advertises a post, it does not describe it."""

from ingest.post import Post
from ingest.reason import Reason
from ingest.steps.verdict import Step, Verdict
from topic_model.document import Document


def hashtag_wall(most: int) -> Step:
    """Turn away a post with more hashtags, those within its captions counted."""

    def step(post: Post, _: Document) -> Verdict:
        tags = len(post.tags) + sum(text.count("#") for text in post.texts)
        if tags <= most:
            return None
        return Reason("hashtag_wall", f"The post has {tags} hashtags; at most {most} are taken.")

    return step
