"""Which language a post is in: those that are neither Russian nor English are kept, and marked."""

from functools import cache
from typing import Final

from py3langid.langid import MODEL_FILE, LanguageIdentifier

from ingest.post import Post
from ingest.steps.verdict import Mark, Verdict
from topic_model.document import Document

_OURS: Final = ("ru", "en")
_NO_LANGUAGE: Final = "zxx"  # emoji, numbers, names of cameras
_READ: Final = 1000  # characters; more tell nothing new
_SHORTEST: Final = 15  # letters; fewer are a guess
# Both were tried on real captions: of Russian and English ones fewer than one in a thousand gets the mark.
_STILL_OURS: Final = 0.02
_SURE: Final = 0.4


def language(post: Post, _: Document) -> Verdict:
    """Mark a post whose captions are in another language, with the code of that language."""
    text = " ".join(post.texts)[:_READ]
    if sum(map(str.isalpha, text)) < _SHORTEST:
        return None
    guess, share = _identifier().classify(text)
    if guess in (*_OURS, _NO_LANGUAGE) or share < _SURE:
        return None
    likely = dict(_identifier().rank(text))
    return None if sum(likely.get(code, 0.0) for code in _OURS) > _STILL_OURS else Mark("other_language", guess)


@cache
def _identifier() -> LanguageIdentifier:
    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
