"""What can go wrong with topic models, each with a sentence for people."""


class TopicModelError(Exception):
    """Base of every error of this package."""


class RecipeError(TopicModelError):
    """A model cannot be learned in this way."""


class CorpusError(TopicModelError):
    """The documents cannot be learned from."""


class ArtifactError(TopicModelError):
    """A model folder is missing, damaged or of another kind."""


class EngineMissing(TopicModelError):
    """The reference engine is not installed, or failed."""


class JudgementsWrong(TopicModelError):
    """The judgements are too few, or speak of photos and captions that are not there."""


class IdeasWrong(TopicModelError):
    """A file of ideas says what no idea is."""
