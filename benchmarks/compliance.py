"""What may not be shown: recall of words in disguise, false blocks of harmless phrases, and what a glance costs.

The phrases stand in benchmarks/words. A quarter of them, and some of the disguises, were held out by a fixed hash while
the rules were written; two more lists were written when the rules were done. The first figures of both stand in
docs/benchmarks.md: the rules have learned from what they missed, so that what is printed here is better than it was.
Of the two independent lists (benchmarks/words/lists) A was tuned on and B is held out, by kind and language.
"""

import argparse
import json
import random
import statistics
import time
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.words.measure import Share, phrases, shares
from benchmarks.words.two_lists import LANGUAGES, KindShares, by_kind
from compliance.lexicon.lexicon import Lexicon, default_lexicon

LENGTH = 1_000_000
SUBJECTS = (
    "a man,two women,a black dog,people,a surfer,the old boat,a red car,a cyclist,старик,две женщины,рыжий кот,лодка"
)
PLACES = "on the beach,in the snow,near the river,over the hills,at night,на берегу,в старом парке,у моря,под дождём"
DEEDS = "stands,is running,rests,looks up,waits,jumps,стоит,отдыхает,смотрит вдаль,спит,ждёт"
QUERIES = ("закат над морем, лодка", "a boy with a kite", "sunset over the sea", "мальчик лет семи с зонтом у моря")


def usual_text() -> str:
    """A million characters as captions have them, none of a child."""
    drawn = random.Random(6)
    lines: list[str] = []
    while sum(map(len, lines[-1000:])) * len(lines) < 1000 * LENGTH * 1.2:
        parts = (drawn.choice(part.split(",")) for part in (SUBJECTS, DEEDS, PLACES))
        lines.append(" ".join((*parts, f"img{drawn.randrange(50_000)}")))
    return ". ".join(lines)[:LENGTH]


def hostile_text(lists: Sequence[str]) -> str:
    """A million characters of nothing but phrases from a list."""
    drawn = random.Random(6)
    return ". ".join(drawn.choices(lists, k=LENGTH // 10))[:LENGTH]


def milliseconds(lexicon: Lexicon, text: str, repeat: int) -> float:
    """The median of the calls after the first."""
    lexicon.find(text)
    taken = []
    for _ in range(repeat):
        start = time.perf_counter()
        lexicon.find(text)
        taken.append(time.perf_counter() - start)
    return statistics.median(taken) * 1e3


def share_table(measured: Sequence[Share]) -> Table:
    """The shares for people, with the first few that went wrong."""
    table = Table("what", "as it should be", "of", "share", "not so", title=Path(__file__).name)
    for share in measured:
        wrong = "; ".join(repr(text)[1:-1] for text in share.wrong[:4])
        table.add_row(share.name, f"{share.right:,}", f"{share.of:,}", f"{share.share:.4f}", wrong)
    return table


def kind_table(title: str, by_language: dict[str, KindShares]) -> Table:
    """The shares by kind and language, without a phrase."""
    table = Table("kind", *by_language, title=title)
    kinds = dict.fromkeys(kind for shares_of in by_language.values() for kind in shares_of.of)
    for kind in kinds:
        table.add_row(kind, *(f"{each.found.get(kind, 0)}/{each.of.get(kind, 0)}" for each in by_language.values()))
    table.add_row("all", *(f"{each.share:.3f}" for each in by_language.values()))
    return table


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="every tenth word in disguise, fewer repetitions")
    parser.add_argument("--json", action="store_true", help="the last line is one JSON object")
    options = parser.parse_args()
    lexicon = default_lexicon()
    measured = shares(lexicon, 10 if options.quick else 1)
    repeat = 5 if options.quick else 15
    usual = milliseconds(lexicon, usual_text(), repeat)
    near_miss = milliseconds(lexicon, hostile_text(phrases("harmless")), 1)
    full = milliseconds(lexicon, hostile_text(phrases("children")), 1)
    query = max(milliseconds(lexicon, text, 50 * repeat) for text in QUERIES)
    times = Table("a million characters, median ms", "ms")
    times.add_row("usual captions", f"{usual:.0f}")
    times.add_row("nothing but near misses", f"{near_miss:,.0f}")
    times.add_row("nothing but children", f"{full:,.0f}")
    times.add_row("the slowest of the usual queries", f"{query:.4f}")
    lists = {
        name: {language: by_kind(lexicon, letter, what, language) for language in LANGUAGES}
        for letter in "ab"
        for name, what in ((f"recall, list {letter}", "children"), (f"false blocks, list {letter}", "harmless"))
    }
    Console().print(share_table(measured), *(kind_table(*item) for item in lists.items()), times)
    if options.json:
        plain, evasion, evasion_held, recall, recall_held, recall_fresh, kept, kept_held, kept_fresh = (
            share.share for share in measured
        )
        figures = {
            "inflections": plain,
            "evasion_recall": evasion,
            "evasion_recall_held_out": evasion_held,
            "phrase_recall": recall,
            "phrase_recall_quarter": recall_held,
            "phrase_recall_fresh": recall_fresh,
            "false_block": 1 - kept,
            "false_block_quarter": 1 - kept_held,
            "false_block_fresh": 1 - kept_fresh,
            **{f"recall_held_out_{name}": each.share for name, each in lists["recall, list b"].items()},
            **{f"false_block_held_out_{name}": each.share for name, each in lists["false blocks, list b"].items()},
            "text_ms": usual,
            "query_ms": query,
        }
        print(json.dumps({name: float(f"{value:.4g}") for name, value in figures.items()}))


if __name__ == "__main__":
    main()
