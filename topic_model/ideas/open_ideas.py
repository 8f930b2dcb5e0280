"""Opens the ideas that ship: their words are brought to tokens once, and kept in a file that says of what."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final, overload

import orjson

from common.files import write_file
from topic_model.ideas.idea import Idea, Language, Phrase
from topic_model.ideas.ideas import Ideas, index_of
from topic_model.ideas.read_ideas import irregular_forms, read_ideas, shipped_sources
from topic_model.tokens import stop_words

FILE: Final = ".ideas.json"  # no record: a backup leaves it out
_BYTECODE: Final = Path(__file__).with_name("__pycache__")
_FORMAT = 1


def open_ideas(home: Path | None = None, bytecode: Path = _BYTECODE) -> Ideas:
    """The ideas that ship. What was worked out is kept for the next start of any home, where Python keeps bytecode.

    Where that may not be written, it is kept in the home, if there is one.
    """
    digest = _digest(shipped_sources())
    places = [folder / FILE for folder in (bytecode, home) if folder is not None]
    for file in places:
        with suppress(OSError, ValueError, KeyError, TypeError):  # none yet, of another version, or damaged
            return _restored(file.read_bytes(), digest)
    content = _worked_out(digest)
    for file in (place for place in places if place.parent.is_dir()):
        with suppress(OSError):  # where nothing may be written every start works it out anew
            write_file(file, content)
            break
    return _restored(content, digest)


@cache
def _worked_out(digest: str) -> bytes:
    """What a file keeps; once for all homes that a process opens."""
    ideas = read_ideas(shipped_sources())
    kept = {"digest": digest, "ideas": [_plain(idea) for idea in ideas], "index": index_of(ideas)}
    content = json.dumps(kept, ensure_ascii=False).encode()
    return hashlib.sha256(content).hexdigest().encode() + b"\n" + content


class _KeptIdeas(Sequence[Idea]):
    """Ideas as they were kept, each restored when somebody looks at it: a question needs few of them."""

    def __init__(self, kept: Sequence[str]) -> None:
        self._kept = kept
        self._at = cache(self._restored)

    def __len__(self) -> int:
        return len(self._kept)

    @overload
    def __getitem__(self, index: int) -> Idea: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[Idea]: ...

    def __getitem__(self, index: int | slice) -> Idea | Sequence[Idea]:
        return (
            self._at(range(len(self))[index])
            if isinstance(index, int)
            else [self[at] for at in range(len(self))[index]]
        )

    def _restored(self, number: int) -> Idea:
        name, words, forms, slips = orjson.loads(self._kept[number])
        return Idea(
            name, {language: _phrases(words[language]) for language in Language}, _phrases(forms), _phrases(slips)
        )


def _restored(file: bytes, digest: str) -> Ideas:
    sum_, _, content = file.partition(b"\n")
    if hashlib.sha256(content).hexdigest().encode() != sum_:
        raise ValueError("it is not what was written")
    kept = orjson.loads(content)
    if kept["digest"] != digest:
        raise ValueError("it was made of other ideas")
    return Ideas(_KeptIdeas(kept["ideas"]), kept["index"])


def _digest(sources: Mapping[str, str]) -> str:
    """Another text, or another dictionary, is another digest; another way from words to tokens is another format."""
    made_of = [_FORMAT, version("pymorphy3-dicts-ru"), sorted(stop_words()), irregular_forms(), sources]
    return hashlib.sha256(orjson.dumps(made_of)).hexdigest()


def _plain(idea: Idea) -> str:
    return json.dumps([idea.name, idea.words, idea.forms, idea.slips], ensure_ascii=False)


def _phrases(plain: Iterable[Any]) -> tuple[Phrase, ...]:
    return tuple(Phrase(text, tuple(tokens), rank) for text, tokens, rank in plain)
