"""Telling words: no rule of the lexicon knows them, and hardly any posts have them but those about children."""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Final, NamedTuple

from common.files import write_file
from common.stats import ONE_SIDED, wilson
from compliance.errors import ComplianceError
from compliance.facts import Child
from compliance.learned.topic_net import ABOUT_CHILDREN, COUNTED
from compliance.lexicon.lexicon import Lexicon

FILE: Final = "telling_words.json"
KEPT: Final = 0.5  # a word of a lesser share tells nothing, whatever a site wishes

Shares = Mapping[str, float]
Tokens = Callable[[str], Iterable[tuple[str, str]]]


def at_least(children: int, posts: int) -> float:
    """The share of posts about children that a word has in all likelihood, by Wilson: one post proves nothing."""
    return wilson(children, posts, ONE_SIDED)[0]


class WordCounts:
    """Counts in how many posts a word is, and in how many of those about children."""

    def __init__(self) -> None:
        self._posts: Counter[str] = Counter()
        self._of_children: Counter[str] = Counter()
        self._all = self._children = 0

    def count(self, words: Iterable[str], child: Child) -> None:
        """Count the words of one post."""
        if child not in COUNTED:
            return
        once = set(words)
        self._all += 1
        self._posts.update(once)
        if child in ABOUT_CHILDREN:
            self._children += 1
            self._of_children.update(once)

    def shares(self) -> dict[str, float]:
        """The words that tell, each with its share; where most posts are about children none does."""
        if 2 * self._children > self._all:
            return {}
        shares = {word: round(at_least(of, self._posts[word]), 4) for word, of in self._of_children.items()}
        return {word: share for word, share in sorted(shares.items()) if share >= KEPT}


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
    write_file(folder / FILE, json.dumps({"model": model, "shares": shares}, ensure_ascii=False))


def load_telling(folder: Path, model: str) -> dict[str, float]:
    """The words beside a model; none where it was trained without. A damaged file is refused."""
    file = folder / FILE
    try:
        about = json.loads(file.read_text("utf-8"))
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
