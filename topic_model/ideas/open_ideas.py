"""Opens the ideas that ship: their words are brought to tokens once, and kept in a file that says of what."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import orjson

from common.files import write_file
from topic_model.ideas.idea import Idea, Language, Phrase
from topic_model.ideas.ideas import Ideas
from topic_model.ideas.read_ideas import irregular_forms, read_ideas, shipped_sources
from topic_model.tokens import stop_words

FILE: Final = ".ideas.json"  # no record: a backup leaves it out
_FORMAT = 1


def open_ideas(folder: Path | None = None) -> Ideas:
    """The ideas that ship; with a folder, whatever was worked out is kept there for the next start."""
    sources = shipped_sources()
    digest = _digest(sources)
    file = None if folder is None else folder / FILE
    if file is not None:
        with suppress(OSError, ValueError, KeyError, TypeError, AttributeError):  # of another version, or damaged
            return Ideas(_restored(orjson.loads(file.read_bytes()), digest))
    ideas = read_ideas(sources)
    if file is not None and file.parent.is_dir():
        with suppress(OSError):  # where nothing may be written every start works it out anew
            write_file(
                file, json.dumps({"digest": digest, "ideas": [_plain(idea) for idea in ideas]}, ensure_ascii=False)
            )
    return Ideas(ideas)


def _digest(sources: Mapping[str, str]) -> str:
    """Another text, or another dictionary, is another digest; another way from words to tokens is another format."""
    made_by = version("pymorphy3-dicts-ru")
    made_of = [_FORMAT, made_by, sorted(stop_words()), irregular_forms(), sources]
    return hashlib.sha256(orjson.dumps(made_of)).hexdigest()


def _plain(idea: Idea) -> list[Any]:
    return [idea.name, idea.words, idea.forms, idea.slips]


def _restored(kept: Any, digest: str) -> list[Idea]:
    if kept["digest"] != digest:
        raise ValueError("it was made of other ideas")
    return [
        Idea(name, {language: _words(words[language]) for language in Language}, _words(forms), _words(slips))
        for name, words, forms, slips in kept["ideas"]
    ]


def _words(plain: Iterable[Any]) -> tuple[Phrase, ...]:
    return tuple(Phrase(text, tuple(tokens), rank) for text, tokens, rank in plain)
