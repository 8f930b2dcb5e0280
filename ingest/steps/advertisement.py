"""Advertisements are turned away, once the site has shown examples of its own."""

from ingest.post import Post
from ingest.reason import Reason
from ingest.steps.ads_model import AdModel
from ingest.steps.ads_signs import signs_of
from ingest.steps.verdict import Step, Verdict
from topic_model.document import Document


def advertisement(model: AdModel) -> Step:
    """Turn away a post whose words are those of advertisements."""

    def step(post: Post, document: Document) -> Verdict:
        score = model.score(signs_of(post.texts, document))
        if score < model.threshold:
            return None
        return Reason(
            "advertisement",
            f"The post reads like an advertisement ({score:.2f}, from {model.threshold:.2f} on it is one): if it is "
            "none, add it to the good examples and run `photosense ads train` again.",
        )

    return step
