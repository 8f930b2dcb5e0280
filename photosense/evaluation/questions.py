"""Questions whose answers are known, and the file that they are given in."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import msgspec

from ingest.reading.lines import InputLine
from ingest.sources.ndjson import NdjsonSource
from photosense.evaluation.errors import EvaluationError

_EXAMPLE = '{"query": "boats at sunset", "relevant": ["p1", "p7"]}'


@dataclass(frozen=True, slots=True)
class EvaluationQuestion:
    """A text, a photo or both, with the ids (or words) that answer it; `key` names it in every run.

    Questions of one `group` are about the same thing. `post` is the one whose photo it is: finding that is no feat.
    """

    key: str
    group: str
    relevant: tuple[str, ...]
    text: str | None = None
    photo: str | None = None
    post: str | None = None


class _Sent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    relevant: Annotated[tuple[Annotated[str, msgspec.Meta(min_length=1)], ...], msgspec.Meta(min_length=1)]
    query: str | None = None
    photo: str | None = None


_sent = msgspec.json.Decoder(_Sent)


def read_questions(file: Path) -> list[EvaluationQuestion]:
    """Read a file of questions, one JSON object a line; a wrong line is an error that names it."""
    questions = [_question(line, file) for line in NdjsonSource(file).lines()]
    if not questions:
        raise EvaluationError(f"{file} has no questions: write one a line, like {_EXAMPLE}.")
    return questions


def questions_digest(questions: Iterable[EvaluationQuestion]) -> str:
    """Name a set of questions: two runs are compared when they asked the same."""
    digest = hashlib.blake2b(digest_size=8)
    lines = ([each.key, each.text, each.photo, sorted(each.relevant)] for each in questions)
    for line in sorted(map(msgspec.json.encode, lines)):
        digest.update(line + b"\n")
    return digest.hexdigest()


def _question(line: InputLine, file: Path) -> EvaluationQuestion:
    where = f"{file}, line {line.number}"
    if line.data is None:
        raise EvaluationError(f"{where} is longer than any question: write one JSON object a line, like {_EXAMPLE}.")
    try:
        sent = _sent.decode(line.data)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise EvaluationError(f"{where}: {error}. Write a question like {_EXAMPLE}.") from None
    text = sent.query.strip() if sent.query else None
    if not text and sent.photo is None:
        raise EvaluationError(f"{where} asks for nothing: give query, photo, or both, like {_EXAMPLE}.")
    relevant = tuple(dict.fromkeys(sent.relevant))
    group = _about(relevant if sent.photo is None else (sent.photo,))
    return EvaluationQuestion(f"line {line.number}", group, relevant, text or None, sent.photo)


def _about(relevant: Sequence[str]) -> str:
    """Name what a question is about by a hash: the file of a run must not name posts that are withheld."""
    return hashlib.blake2b("\n".join(sorted(relevant)).encode(errors="surrogatepass"), digest_size=8).hexdigest()
