"""What was learned: the topics, and what measures how well a text fits. Either may be missing."""

from dataclasses import dataclass

from topic_model.match.matcher import Matcher
from topic_model.model import TopicModel


@dataclass(frozen=True, slots=True)
class Models:
    """The topic model in force, None before the first training; the matcher, None until judgements taught one."""

    topics: TopicModel | None = None
    matcher: Matcher | None = None
