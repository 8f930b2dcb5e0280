"""The tasks that a corpus gives: what is indexed of each post, and what is asked."""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from api.search.question import Mode
from ingest.document import make_document
from ingest.post import Caption, Post
from photosense.evaluation.corpus import bare
from photosense.evaluation.errors import EvaluationError
from photosense.evaluation.questions import EvaluationQuestion
from photosense.evaluation.short_questions import short_questions
from topic_model.document import TEXT
from topic_model.match.alike import alike


class Task(StrEnum):
    """What is measured: words find photos without any, captions those with others, photos find photos or get words."""

    COLD = "cold"
    SHORT = "short"
    WARM = "warm"
    PHOTO = "photo"
    ANNOTATE = "annotate"

    @property
    def needs_model(self) -> bool:
        """Whether words alone cannot answer."""
        return self is not Task.WARM

    def modes(self, wanted: Sequence[Mode | None]) -> list[Mode | None]:
        """The modes that mean something here; None leaves the mode to the service."""
        if self is Task.ANNOTATE:
            return [None]
        return [mode for mode in wanted if self is not Task.PHOTO or mode is not Mode.WORDS]


@dataclass(frozen=True, slots=True)
class Exam:
    """Posts as they are indexed, and the questions about them."""

    posts: Sequence[Post]
    questions: Sequence[EvaluationQuestion]


def set_exam(task: Task, posts: Sequence[Post], least_alike: float) -> Exam:
    """Make a task of posts; it is an error when they are not made for it."""
    match task:
        case Task.COLD:
            return _cold(posts)
        case Task.SHORT:
            return _short(posts)
        case Task.WARM:
            return _warm(posts)
        case Task.PHOTO:
            return _photo(posts, least_alike)
        case Task.ANNOTATE:
            return _annotate(posts)


def _cold(posts: Sequence[Post]) -> Exam:
    questions = [
        EvaluationQuestion(f"{post.id}#{number}", post.id, (post.id,), caption.text)
        for post in posts
        for number, caption in enumerate(post.all_captions)
        if caption.text.strip()
    ]
    if not questions:
        raise EvaluationError("No photo of the corpus has a caption to ask with: give posts with captions.")
    return Exam([bare(post) for post in posts], questions)


def _short(posts: Sequence[Post]) -> Exam:
    questions = short_questions(posts)
    if not questions:
        raise EvaluationError(
            "The task short asks with words that several photos were given, and no word here is one: give a larger "
            "corpus, or leave it out (--tasks cold,warm)."
        )
    return Exam([bare(post) for post in posts], questions)


def _warm(posts: Sequence[Post]) -> Exam:
    """Keep back a caption of each photo that two people described; its id decides which, so that all runs agree."""
    indexed, questions = [], []
    for post in posts:
        captions = [caption for caption in post.all_captions if caption.text.strip()]
        kept_back = zlib.crc32(post.id.encode(errors="surrogatepass")) % max(len(captions), 1)
        rest = tuple(caption for caption in captions if _of_others(caption, captions[kept_back]))
        indexed.append(bare(post, rest))
        if rest:
            questions.append(
                EvaluationQuestion(f"{post.id}#{kept_back}", post.id, (post.id,), captions[kept_back].text)
            )
    if not questions:
        raise EvaluationError(
            "The task warm asks with one caption for photos that others described as well, and no photo here has "
            "captions by two people: give such a corpus, or leave it out (--tasks cold,short)."
        )
    return Exam(indexed, questions)


def _of_others(caption: Caption, kept_back: Caption) -> bool:
    return caption is not kept_back and (caption.author is None or caption.author != kept_back.author)


def _photo(posts: Sequence[Post], least_alike: float) -> Exam:
    neighbours = alike([make_document(post.texts).get(TEXT, {}) for post in posts], least_alike)
    questions = [
        EvaluationQuestion(post.id, post.id, tuple(posts[other].id for other in others), photo=post.photo, post=post.id)
        for post, others in zip(posts, neighbours, strict=True)
        if others
    ]
    if not questions:
        raise EvaluationError(
            f"No two photos have captions that are alike ({least_alike:g} or more): give a larger corpus, a lower "
            "--alike, or leave the task out (--tasks cold,warm)."
        )
    return Exam([bare(post) for post in posts], questions)


def _annotate(posts: Sequence[Post]) -> Exam:
    used = ((post, sorted(make_document(post.texts, post.tags).get(TEXT, ()))) for post in posts)
    questions = [
        EvaluationQuestion(post.id, post.id, tuple(words), photo=post.photo, post=post.id)
        for post, words in used
        if words
    ]
    if not questions:
        raise EvaluationError("No photo of the corpus has a caption that says anything: give posts with captions.")
    return Exam([bare(post) for post in posts], questions)
