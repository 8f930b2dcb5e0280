"""Telling words: no rule of the lexicon knows them, and hardly any posts have them but those about children."""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Final, NamedTuple

from common.digest import check_seal, sealed
from common.files import write_file
from common.stats import ONE_SIDED, wilson
from compliance.errors import ComplianceError
from compliance.facts import Child
from compliance.learned.topic_net import ABOUT_CHILDREN, COUNTED
from compliance.lexicon.lexicon import Lexicon

FILE: Final = "telling_words.json"
KEPT: Final = 0.5  # a word of a lesser share tells nothing, whatever a site wishes
AUTHORS: Final = 25  # of posts about children: what one family says of its child must not close a word for all
NEEDED: Final = 0.01  # of the posts that are not about children: who looks for those needs the word
CAPITALS: Final = 0.2  # of a word within sentences; more, and it is a name

Shares = Mapping[str, float]
Tokens = Callable[[str], Iterable[tuple[str, str]]]
_SENTENCE = re.compile(r"[.!?…\n]+")
_WORD = re.compile(r"(?<!#)\b[^\W\d_]+")


class Wording(NamedTuple):
    """What somebody wrote of a post."""

    author: str | None
    text: str


def at_least(children: int, posts: int) -> float:
    """The share of posts about children that a word has in all likelihood, by Wilson: one post proves nothing."""
    return wilson(children, posts, ONE_SIDED)[0]


class WordCounts:
    """Counts in how many posts a word is, in how many of those about children, who says it there, and how.

    `tokens` are those of a text, each beside the word as it was said; `is_name` knows names that anybody may have.
    """

    def __init__(self, tokens: Tokens, is_name: Callable[[str], bool]) -> None:
        self._tokens = tokens
        self._is_name = is_name
        self._posts: Counter[str] = Counter()
        self._of_children: Counter[str] = Counter()
        self._capital: Counter[str] = Counter()
        self._small: Counter[str] = Counter()
        self._authors: defaultdict[str, set[str]] = defaultdict(set)
        self._all = self._children = 0

    def count(self, words: Iterable[str], child: Child, wordings: Iterable[Wording] = ()) -> None:
        """Count the words of one post; `wordings` tell who wrote them, and how."""
        if child not in COUNTED:
            return
        once = set(words)
        self._all += 1
        self._posts.update(once)
        if child in ABOUT_CHILDREN:
            self._children += 1
            self._of_children.update(once)
            for author, text in wordings:
                self._hear(author, text)

    def shares(self) -> dict[str, float]:
        """The words that tell, each with its share; where most posts are about children none does."""
        if 2 * self._children > self._all:
            return {}
        shares = {word: round(at_least(of, self._posts[word]), 4) for word, of in self._of_children.items()}
        return {word: share for word, share in sorted(shares.items()) if share >= KEPT and self._may_tell(word)}

    def _hear(self, author: str | None, text: str) -> None:
        if author is not None:
            for token, _ in self._tokens(text):
                if len(self._authors[token]) < AUTHORS:
                    self._authors[token].add(author)
        for sentence in _SENTENCE.split(text):
            for place, written in enumerate(_WORD.findall(sentence)):
                if written.islower():
                    self._small.update(token for token, _ in self._tokens(written))
                elif place and written.istitle():  # the first word of a sentence is large, whatever it is
                    self._capital.update(token for token, _ in self._tokens(written))

    def _may_tell(self, word: str) -> bool:
        """Whether many people say it, as a word and not as a name, and hardly anybody of anything else."""
        small, capital = self._small[word], self._capital[word]
        elsewhere = self._posts[word] - self._of_children[word]
        return (
            len(self._authors[word]) >= AUTHORS
            and small > 0
            and capital <= CAPITALS * (small + capital)
            and elsewhere <= NEEDED * (self._all - self._children)
            and not self._is_name(word)
        )


class TellingWords(NamedTuple):
    """Words that refuse a question, from a share on; `tokens` gives each word as it is counted and as it was said."""

    shares: Shares
    share: float
    tokens: Tokens

    def tells(self, text: str, lexicon: Lexicon) -> bool:
        """Whether a word tells; of those that the lexicon knows it has decided already, so that "boy band" may pass."""
        words = {word for token, word in self.tokens(text) if self.shares.get(token, 0) >= self.share}
        return any(not lexicon.find(word) for word in words)


def save_telling(shares: Shares, model: str, folder: Path) -> None:
    """Write the words beside the model that was trained from the same posts."""
    write_file(folder / FILE, json.dumps(sealed({"model": model, "shares": shares}), ensure_ascii=False))


def load_telling(folder: Path, model: str) -> dict[str, float]:
    """The words beside a model; none where it was trained without. A damaged file is refused."""
    file = folder / FILE
    try:
        about = json.loads(file.read_text("utf-8"))
        check_seal(about)
        shares = {str(word): float(share) for word, share in about["shares"].items()}
        if about["model"] != model or not all(0 <= share <= 1 for share in shares.values()):
            raise ValueError("it is not of this model")
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ComplianceError(
            f"{file} holds no whole telling words ({error}): restore it, or train again with `photosense train`."
        ) from None
    return shares
