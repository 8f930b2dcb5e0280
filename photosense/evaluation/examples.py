"""Examples for people: the questions that went best and worst, with small photos of what was found and wanted."""

import io
import zlib
from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final, NamedTuple

from PIL import Image

from compliance.facts import from_payload
from compliance.policy import Rule
from ingest.errors import PostRejected
from ingest.photos.photo_source import PhotoSource
from photosense.evaluation.outcomes import Answer, RankedAnswer
from photosense.evaluation.questions import EvaluationQuestion
from photosense.evaluation.run_file import Outcome
from photosense.house import House
from vision.errors import PhotoError

MOST: Final = 6  # of the best, and of the worst
_FIRST: Final = 4
_SIDE: Final = 168
_CAPTION: Final = 90


class Picture(NamedTuple):
    """A post as it is shown: its photo as a `data:` URI, where it can be had, and what is said of it."""

    post: str
    photo: str | None
    says: str = ""


@dataclass(frozen=True, slots=True)
class AnsweredQuestion:
    """A question, what was wanted, and what came first."""

    answer: Answer
    question_picture: Picture | None
    wanted: Sequence[Picture]
    pictures: Sequence[Picture]


class Examples(NamedTuple):
    """The questions of one outcome that went worst, the worst first, and those that went best."""

    worst: Sequence[AnsweredQuestion] = ()
    best: Sequence[AnsweredQuestion] = ()


class Gallery:
    """Shows posts that the country's rule lets be shown, and no others."""

    def __init__(self, house: House, rule: Rule, photos: PhotoSource, where: Callable[[str], str | None]) -> None:
        """`where` names the photo of a post, as `photos` reads it."""
        self._house = house
        self._rule = rule
        self._photos = photos
        self._where = where

    def pictures(self, posts: Sequence[str]) -> list[Picture]:
        """Give those of some posts that may be shown."""
        pictures = []
        for point in self._house.store.get(posts):
            if point is not None and self._house.law.gate.may_show(from_payload(point.facts), self._rule):
                says = " / ".join(str(caption["text"]) for caption in point.post["captions"])
                short = says if len(says) <= _CAPTION else says[: _CAPTION - 1].rstrip() + "…"
                photo = self._where(point.id) or point.post.get("thumb")
                pictures.append(Picture(point.id, self.photo(photo), short))
        return pictures

    def photo(self, named: str | None) -> str | None:
        """Read a photo and make it small; None where there is none to be had."""
        if named is None:
            return None
        try:
            pixels = self._house.photos.open_decoder().submit(self._photos.read(named)).result()
        except (PostRejected, PhotoError):
            return None
        small = Image.fromarray(pixels)
        small.thumbnail((2 * _SIDE, _SIDE))
        packed = io.BytesIO()
        small.save(packed, "JPEG", quality=72)
        return f"data:image/jpeg;base64,{b64encode(packed.getvalue()).decode()}"


def choose_examples(outcome: Outcome, questions: Mapping[str, EvaluationQuestion], gallery: Gallery) -> Examples:
    """Choose the best and the worst questions, each about something else; ties in an order that favours none."""
    worst = _apart(sorted(outcome.answers, key=lambda answer: (answer.merit, _mixed(answer))))
    best = _apart(sorted(outcome.answers, key=lambda answer: (-answer.merit, _mixed(answer))))
    taken = {answer.key for answer in worst}
    return Examples(
        [_example(answer, questions[answer.key], gallery) for answer in worst],
        [_example(answer, questions[answer.key], gallery) for answer in best if answer.key not in taken],
    )


def _example(answer: Answer, question: EvaluationQuestion, gallery: Gallery) -> AnsweredQuestion:
    question_picture = None
    if question.post is not None:
        question_picture = next(iter(gallery.pictures([question.post])), None)
    elif question.photo is not None:
        question_picture = Picture("", gallery.photo(question.photo))
    if not isinstance(answer, RankedAnswer):
        return AnsweredQuestion(answer, question_picture, (), ())
    return AnsweredQuestion(
        answer, question_picture, gallery.pictures(answer.relevant[:1]), gallery.pictures(answer.first[:_FIRST])
    )


def _apart(answers: Sequence[Answer]) -> list[Answer]:
    """The first answers, one of each group."""
    first: dict[str, Answer] = {}
    for answer in answers:
        first.setdefault(answer.group, answer)
    return list(islice(first.values(), MOST))


def _mixed(answer: Answer) -> int:
    return zlib.crc32(answer.key.encode(errors="surrogatepass"))
