"""What a service knows of words: the topics, what measures how well a text fits, the ideas. Each may be missing."""

from dataclasses import dataclass

from topic_model.ideas.ideas import Ideas
from topic_model.match.matcher import Matcher
from topic_model.model import TopicModel


@dataclass(frozen=True, slots=True)
class Models:
    """The topic model in force, None before the first training; the matcher, None until judgements taught one.

    `ideas` say which words mean the same, None where a site wants words to be taken as they are.
    """

    topics: TopicModel | None = None
    matcher: Matcher | None = None
    ideas: Ideas | None = None
