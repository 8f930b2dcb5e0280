"""Short questions, as visitors type them: one or two words that people who described a photo agree on."""

from collections import Counter
from collections.abc import Sequence
from typing import Final

from ingest.document import make_document
from ingest.post import Post
from photosense.evaluation.questions import EvaluationQuestion
from topic_model.document import TEXT
from topic_model.training.train import readable_labels

_AGREED: Final = 2  # captions of a photo that use a word, where it has so many
_FEWEST: Final = 2  # photos of a word: by one, it would be a name and no kind of thing
_LARGEST: Final = 0.2  # share of the photos: what every fifth shows is found by chance


def short_questions(posts: Sequence[Post]) -> list[EvaluationQuestion]:
    """Ask for each word that people agree on, and for the two rarest words of each photo together."""
    agreed = {post.id: _agreed(post) for post in posts}
    having: dict[str, list[str]] = {}
    for post, words in agreed.items():
        for word in words:
            having.setdefault(word, []).append(post)
    kinds = {word for word, its in having.items() if _FEWEST <= len(its) <= max(_FEWEST, _LARGEST * len(posts))}

    def rarity(word: str) -> tuple[int, str]:
        return len(having[word]), word

    typed = readable_labels(text for post in posts for text in post.texts)
    questions: dict[tuple[str, ...], list[str]] = {(word,): having[word] for word in sorted(kinds)}
    for words in agreed.values():
        rarest = sorted(words & kinds, key=rarity)[:2]
        if len(rarest) == 2:
            first, second = sorted(rarest)
            both = set(having[first]) & set(having[second])
            questions[first, second] = [post for post in having[first] if post in both]
    # What is found by a word and by two with it goes well or badly together.
    return [
        EvaluationQuestion(
            " ".join(words), min(words, key=rarity), tuple(its), " ".join(typed.get(word, word) for word in words)
        )
        for words, its in questions.items()
    ]


def _agreed(post: Post) -> frozenset[str]:
    """The words that so many of its captions use."""
    captions = [set(make_document([text]).get(TEXT, ())) for text in post.texts]
    times = Counter(word for words in captions for word in words)
    return frozenset(word for word, count in times.items() if count >= min(_AGREED, len(captions)))
