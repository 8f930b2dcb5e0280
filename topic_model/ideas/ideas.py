"""Ideas in force: which of them the words of a text may mean, the likelier ones where there are several."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import NamedTuple

from topic_model.ideas.idea import Idea, Language, Phrase
from topic_model.ideas.read_ideas import LONGEST
from topic_model.tokens import surfaces

SENSES = 3  # of a word that means more things alike, nobody can tell which one was meant


class Meaning(NamedTuple):
    """Some words of a text that stand side by side, as typed, their tokens, and the ideas that they may mean."""

    typed: str
    tokens: tuple[str, ...]
    senses: tuple[Idea, ...]


Index = Mapping[str, Sequence[int]]  # tokens, with blanks between them, and the numbers of the ideas they may mean


def index_of(ideas: Sequence[Idea]) -> dict[str, list[int]]:
    """Look up the other way: from tokens to ideas."""
    index: dict[str, dict[int, None]] = {}
    for number, idea in enumerate(ideas):
        for phrase in _phrases(idea):
            index.setdefault(" ".join(phrase.tokens), {})[number] = None
    return {tokens: list(numbers) for tokens, numbers in index.items()}


class Ideas:
    """Finds ideas by words, however these are inflected; an idea is looked at when its words are asked about."""

    def __init__(self, ideas: Sequence[Idea], index: Index | None = None) -> None:
        self.all = ideas
        self._index = index_of(ideas) if index is None else index

    def senses(self, tokens: Sequence[str], typed: str = "") -> tuple[Idea, ...]:
        """The ideas that these tokens, all of them in this order, may mean.

        Of words of one stem the one most like what was typed is believed: "boxing" is no box, "legs" are no leggings. A
        word that is the first of one idea and a mere synonym in another means the former; of equals all are meant.
        """
        choices = self.choices(tokens)
        if len(choices) < 2:
            return choices
        tokens = tuple(tokens)
        if typed:
            choices = _least(choices, lambda idea: _unlike(idea, tokens, typed))
        return _least(choices, lambda idea: _rank(idea, tokens))[:SENSES]

    def choices(self, tokens: Sequence[str]) -> tuple[Idea, ...]:
        """All ideas that have these tokens, the likelier first."""
        ideas = [self.all[number] for number in self._index.get(" ".join(tokens), ())]
        return tuple(ideas) if len(ideas) < 2 else tuple(sorted(ideas, key=lambda idea: _rank(idea, tuple(tokens))))

    def ambiguous(self) -> dict[str, tuple[Idea, ...]]:
        """The tokens that mean several things alike, with what they may mean."""
        senses = {tokens: self.senses(tokens.split()) for tokens in self._index}
        return {tokens: ideas for tokens, ideas in senses.items() if len(ideas) > 1}

    def read(self, texts: Iterable[str]) -> Iterator[Meaning]:
        """Find what texts mean, from left to right; of words that mean something together the most are taken."""
        for text in texts:
            words = list(surfaces(text, digits=True))
            at = 0
            while at < len(words):
                meaning = self._meaning(words[at : at + LONGEST])
                if meaning is None:
                    at += 1
                else:
                    yield meaning
                    at += len(meaning.tokens)

    def _meaning(self, words: Sequence[tuple[str, str]]) -> Meaning | None:
        for length in range(len(words), 0, -1):
            tokens = tuple(token for token, _ in words[:length])
            typed = " ".join(word for _, word in words[:length])
            senses = self.senses(tokens, typed)
            if senses:
                return Meaning(typed, tokens, senses)
        return None

    def translated(self, token: str, language: Language) -> str | None:
        """The usual word of a language for a token; None where no idea has it, or nobody can tell which one."""
        senses = self.senses((token,))
        return senses[0].usual(language) if len(senses) == 1 else None


def _phrases(idea: Idea) -> Iterator[Phrase]:
    return chain(*idea.words.values(), idea.forms, idea.slips)


def _rank(idea: Idea, tokens: tuple[str, ...]) -> float:
    """How usual these tokens are for an idea: the first is the usual one."""
    return min(phrase.rank for phrase in _phrases(idea) if phrase.tokens == tokens)


def _unlike(idea: Idea, tokens: tuple[str, ...], typed: str) -> int:
    """How much more than what an idea has for these tokens was typed; all of it, where it is another word."""
    texts = (phrase.text for phrase in _phrases(idea) if phrase.tokens == tokens)
    return min(len(typed) - len(text) if typed.startswith(text) else len(typed) for text in texts)


def _least(ideas: Sequence[Idea], measure: Callable[[Idea], float]) -> tuple[Idea, ...]:
    measures = [measure(idea) for idea in ideas]
    return tuple(idea for idea, value in zip(ideas, measures, strict=True) if value == min(measures))


def said_otherwise(idea: Idea) -> Iterator[Phrase]:
    """The words of an idea, and their forms; of phrases the usual one, where it stands before all words.

    "Young man" says what the words of others do, "red onion" more than "onion". A slip is never said.
    """
    for phrases in idea.words.values():
        words = [phrase for phrase in phrases if len(phrase.tokens) == 1]
        yield from words if words[:1] == list(phrases[:1]) else [phrases[0], *words]
    yield from (form for form in idea.forms if len(form.tokens) == 1)
