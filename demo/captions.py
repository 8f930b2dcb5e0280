"""Captions and hashtags of a post: sentences from the grammar, by one to three authors, in Russian and English."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from demo.grammar import CASES, Grammar, decline, english, load_grammar

_SLOT = re.compile(r"\{(\w+)(?::(\w+))?\}")
_SHARED = {"feel": "feels", "how": "hows", "light": "lights"}
LANGUAGES = ("ru", "en")


@dataclass(frozen=True, slots=True)
class DrawnCaption:
    """What one author says."""

    text: str
    author: str


@dataclass(frozen=True, slots=True)
class DrawnWords:
    """All that is said about a photo: captions, hashtags, and where it was taken."""

    captions: tuple[DrawnCaption, ...]
    tags: tuple[str, ...]
    place: str


def sentence(rng: np.random.Generator, grammar: Grammar, scene: str, purpose: str = "templates") -> str:
    """One sentence of the purpose's patterns, filled with the scene's words."""
    pattern = _choose(rng, grammar.lines(purpose, scene))
    stems: set[str] = set(_stems(_SLOT.sub("", pattern)))

    def fill(slot: re.Match[str]) -> str:
        name, form = slot.group(1), slot.group(2)
        options = [_word(rng, grammar, scene, name.lower(), form) for _ in range(8)]
        text = min(options, key=lambda option: len(stems & _stems(option)))
        stems.update(_stems(text))
        return text[0].upper() + text[1:] if name[0].isupper() else text

    return _SLOT.sub(fill, pattern)


def _stems(text: str) -> set[str]:
    """The first letters of the longer words, by which a repetition is heard."""
    return {word[:4] for word in re.findall(r"\w{4,}", text.lower())}


def _word(rng: np.random.Generator, grammar: Grammar, scene: str, name: str, form: str | None) -> str:
    words = grammar.scenes[scene]
    if name == "an":
        noun = words.nouns[int(rng.integers(len(words.nouns)))]
        adjective = _choose(rng, noun.adjectives)
        if grammar.language == "en":
            return english(noun, adjective, form or "bare")
        case = form or "nom"
        return f"{decline(adjective, noun.kind, case)} {noun.forms[CASES.index(case)]}"
    if name in _SHARED:
        return _choose(rng, grammar.lines(_SHARED[name], scene))
    own = {"place": words.places, "detail": words.details, "moment": words.moments}
    return _choose(rng, own[name])


def ordinary_words(rng: np.random.Generator, scene: str) -> DrawnWords:
    """What people write about a photo of the scene."""
    count = int(rng.choice((1, 2, 3), p=(0.55, 0.3, 0.15)))
    others = ["asides" if rng.random() < 0.45 else "templates" for _ in range(count - 1)]
    return _write(rng, scene, ["templates", *others])


def advert_words(rng: np.random.Generator, scene: str) -> DrawnWords:
    """What somebody who sells something writes under a photo of the scene."""
    return _write(rng, scene, ["adverts"])


def child_words(rng: np.random.Generator, scene: str, spoken: bool) -> DrawnWords:
    """Words that name a child: in a caption, or (spoken is false) in a hashtag under an ordinary caption."""
    if not spoken:
        plain = _write(rng, scene, ["templates"])
        tags = load_grammar(_choose(rng, LANGUAGES)).lines("child_tags", scene)
        return DrawnWords(plain.captions, (_choose(rng, tags), *plain.tags), plain.place)
    purpose = "child_scene" if scene == "child" else "child_elsewhere"
    return _write(rng, scene, [purpose, "asides"] if rng.random() < 0.3 else [purpose])


def _write(rng: np.random.Generator, scene: str, purposes: Sequence[str]) -> DrawnWords:
    captions, languages = [], []
    for author, purpose in zip(rng.choice(120, len(purposes), replace=False), purposes, strict=True):
        language = "ru" if rng.random() < 0.6 else "en"
        grammar = load_grammar(language)
        parts = [sentence(rng, grammar, scene, purpose)]
        if purpose == "templates" and len(parts[0].split()) < 9 and rng.random() < 0.35:
            parts.append(sentence(rng, grammar, scene))
        if purpose == "templates" and rng.random() < 0.2:
            parts.append(_choose(rng, grammar.lines("chatter", scene)))
        if purpose == "templates" and rng.random() < 0.12:
            parts.append(" ".join(f"#{tag}" for tag in _pick(rng, grammar.scenes[scene].tags, 2)))
        text = " ".join(parts)
        captions.append(DrawnCaption(_slip(rng, text) if rng.random() < 0.03 else text, f"u{int(author):03d}"))
        languages.append(language)
    tags: list[str] = []
    wanted = int(rng.integers(0, 7))
    pools = [load_grammar(language) for language in (LANGUAGES if rng.random() < 0.5 else sorted(set(languages)))]
    for _ in range(wanted):
        grammar = pools[int(rng.integers(len(pools)))]
        own = grammar.scenes[scene].tags if rng.random() < 0.75 else grammar.lines("tags", scene)
        tag = _choose(rng, own)
        if tag not in tags:
            tags.append(tag)
    place = _choose(rng, load_grammar(languages[0]).scenes[scene].spots)
    return DrawnWords(tuple(captions), tuple(tags), place)


def _slip(rng: np.random.Generator, text: str) -> str:
    """The text with one typing error: two letters swapped, one lost or one twice."""
    long = list(re.finditer(r"\w{5,}", text))
    if not long:
        return text
    word = long[int(rng.integers(len(long)))]
    at = word.start() + 1 + int(rng.integers(len(word.group()) - 2))
    swapped = text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    return (swapped, text[:at] + text[at + 1 :], text[:at] + text[at] + text[at:])[int(rng.integers(3))]


def _choose(rng: np.random.Generator, options: Sequence[str]) -> str:
    return options[int(rng.integers(len(options)))]


def _pick(rng: np.random.Generator, options: Sequence[str], count: int) -> list[str]:
    return [options[i] for i in rng.permutation(len(options))[:count]]
