"""A post must say so much, or show a photo."""

from ingest.post import Post
from ingest.reason import Reason
from ingest.steps.verdict import Step, Verdict
from topic_model.document import TEXT, Document


def too_few_words(least: int, least_with_photo: int = 0) -> Step:
    """Turn away a post with fewer telling words; one with a photo may say less, or nothing."""

    def step(post: Post, document: Document) -> Verdict:
        words = sum(document.get(TEXT, {}).values())
        wanted = least if post.photo is None else least_with_photo
        if words >= wanted:
            return None
        photo = "no photo" if post.photo is None else "a photo"
        return Reason(
            "too_few_words", f"The post has {photo} and {words:g} telling words; at least {wanted} are wanted."
        )

    return step
