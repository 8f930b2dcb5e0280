"""Questions in Russian about photos with English captions; two lists, by whoever saw the photos, not the ideas."""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

FILE = Path(__file__).with_name("russian_questions.tsv")


class RussianQuestion(NamedTuple):
    """A question, the list that it is of, and the photo that it asks for."""

    of_list: str
    photo: str
    text: str


def read_questions(names: Sequence[str]) -> list[RussianQuestion]:
    """The questions about these photos, which the file knows by digests alone."""
    by_digest = {hashlib.sha256(name.encode()).hexdigest()[:16]: name for name in names}
    lines = (line.split("\t") for line in FILE.read_text("utf-8").splitlines() if not line.startswith("#"))
    return [RussianQuestion(of_list, by_digest[digest], text) for of_list, digest, text in lines if digest in by_digest]
