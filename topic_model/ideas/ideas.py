"""Ideas in force: which of them the words of a text may mean, the likelier ones where there are several."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import NamedTuple

from topic_model.ideas.idea import Idea, Language, Phrase
from topic_model.tokens import surfaces

SENSES = 3  # of a word that means more things alike, nobody can tell which one was meant


class Meaning(NamedTuple):
    """Some words of a text that stand side by side, as typed, their tokens, and the ideas that they may mean."""

    typed: str
    tokens: tuple[str, ...]
    senses: tuple[Idea, ...]


class _Sense(NamedTuple):
    rank: float
    text: str
    idea: Idea


class Ideas:
    """Finds ideas by words, however these are inflected."""

    def __init__(self, ideas: Iterable[Idea]) -> None:
        self.all = tuple(ideas)
        self._senses: dict[tuple[str, ...], list[_Sense]] = {}
        self._longest = 1
        for idea in self.all:
            for word in chain(*idea.words.values(), idea.forms, idea.slips):
                self._senses.setdefault(word.tokens, []).append(_Sense(word.rank, word.text, idea))
                self._longest = max(self._longest, len(word.tokens))

    def senses(self, tokens: Sequence[str], typed: str = "") -> tuple[Idea, ...]:
        """The ideas that these tokens, all of them in this order, may mean.

        The very word that was typed is believed before others of its stem: "boxing" is no box. A word that is the first
        of one idea and a mere synonym in another means the former; of equals all are meant.
        """
        choices = self._senses.get(tuple(tokens), [])
        choices = [sense for sense in choices if sense.text == typed] or choices
        best = min((sense.rank for sense in choices), default=0.0)
        return tuple(dict.fromkeys(sense.idea for sense in choices if sense.rank == best))[:SENSES]

    def choices(self, tokens: Sequence[str]) -> tuple[Idea, ...]:
        """All ideas that have these tokens, the likelier first."""
        choices = sorted(self._senses.get(tuple(tokens), ()), key=lambda sense: sense.rank)
        return tuple(dict.fromkeys(sense.idea for sense in choices))

    def ambiguous(self) -> dict[tuple[str, ...], tuple[Idea, ...]]:
        """The tokens that mean several things alike, with what they may mean."""
        senses = {tokens: self.senses(tokens) for tokens in self._senses}
        return {tokens: ideas for tokens, ideas in senses.items() if len(ideas) > 1}

    def read(self, texts: Iterable[str]) -> Iterator[Meaning]:
        """Find what texts mean, from left to right; of words that mean something together the most are taken."""
        for text in texts:
            words = list(surfaces(text, digits=True))
            at = 0
            while at < len(words):
                meaning = self._meaning(words[at : at + self._longest])
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


def said_otherwise(idea: Idea) -> Iterator[Phrase]:
    """The words of an idea, and their forms; a phrase only where its language has no word. A slip is never said."""
    for words in idea.words.values():
        single = [word for word in words if len(word.tokens) == 1]
        yield from single or words[:1]
    yield from (form for form in idea.forms if len(form.tokens) == 1)
