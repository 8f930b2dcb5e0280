"""A post must say or show something that can be found."""

from ingest.post import Post
from ingest.reason import Reason
from ingest.steps.verdict import Verdict
from topic_model.document import Document


def empty(post: Post, document: Document) -> Verdict:
    """Turn away a post without a word, a hashtag and a photo."""
    if any(document.values()) or post.photo is not None:
        return None
    return Reason("empty", "The post has no words, no hashtags and no photo: send at least one of them.")
