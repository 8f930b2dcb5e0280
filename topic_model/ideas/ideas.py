"""Ideas in force: which of them the words of a text may mean, the likelier ones where there are several."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
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

        The very word that was typed is believed before others of its stem: "boxing" is no box. A word that is the first
        of one idea and a mere synonym in another means the former; of equals all are meant.
        """
        choices = self.choices(tokens)
        if len(choices) < 2:
            return choices
        tokens = tuple(tokens)
        choices = tuple(idea for idea in choices if any(phrase.text == typed for phrase in _phrases(idea))) or choices
        ranks = [_rank(idea, tokens) for idea in choices]
        return tuple(idea for idea, rank in zip(choices, ranks, strict=True) if rank == min(ranks))[:SENSES]

    def choices(self, tokens: Sequence[str]) -> tuple[Idea, ...]:
        """All ideas that have these tokens, the likelier first."""
        ideas = [self.all[number] for number in self._index.get(" ".join(tokens), ())]
        return tuple(sorted(ideas, key=lambda idea: _rank(idea, tuple(tokens))))

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


def said_otherwise(idea: Idea) -> Iterator[Phrase]:
    """The words of an idea, and their forms; a phrase only where its language has no word. A slip is never said."""
    for words in idea.words.values():
        single = [word for word in words if len(word.tokens) == 1]
        yield from single or words[:1]
    yield from (form for form in idea.forms if len(form.tokens) == 1)
