"""Is the gate watched? Breaks it in many ways, each on a copy of the house, and asks whether the tests notice.

Run by hand: `python tests/compliance/mutations.py`. It takes some minutes; it ends with 1 when a break went unnoticed.
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
TESTS = [
    f"tests/compliance/test_{name}.py" for name in ("gate", "standing", "policy", "topic_net", "telling", "photo_words")
]
# What is broken: the file, what stands there (once), and what stands there instead.
BREAKS = {
    "a held post is shown": ("gate.py", ".where(rule.code, self.now()) in shown", ".where(rule.code, self.now())"),
    "facts that are missing are clear": ("gate.py", "(facts or UNKNOWN)", "(facts or Facts(Child.CLEAR, Source.HOST))"),
    "redact the wrong way round": ("gate.py", "show() if self.may_show(facts, rule)", "show() if rule.withhold"),
    "questions are not refused": ("gate.py", "if findings:", "if not findings:"),
    "a photo at the threshold passes": ("gate.py", "score >= self._thresholds.child", "score > self._thresholds.child"),
    "the filter lets consented pass as clear": ("gate.py", "is way} <= shown", "is way} & shown"),
    "the filter forgets the visitor's country": ("gate.py", "ways.add(rule.code)", "ways.discard(rule.code)"),
    "a consent holds at its end": ("consent.py", "now < self.until", "now <= self.until"),
    "a consent holds everywhere": ("consent.py", "self.everywhere or country in self.countries", "True"),
    "who is unknown sees what the last group sees": ("policy.py", "= self.strictest if", "= self.groups[-1] if"),
    "words are redacted nowhere": ("gate.py", "if not self._lexicon.find(key(word))]", "]"),
    "the rule's narrowing widens": ("policy.py", "frozenset(Child) - {Child.CLEAR}", "frozenset({Child.CHILD})"),
    "a broken score clears a photo": ("standing.py", "score < thresholds.review", "not score >= thresholds.review"),
    "topics of children are allowed": ("gate.py", "share(theta) < self._net.share", "share(theta) >= self._net.share"),
    "a word of one post tells": ("telling.py", "round(at_least(of, self._posts[word]), 4)", "of / self._posts[word]"),
    "what the lexicon lets pass tells": ("telling.py", "not lexicon.find(said) for", "True for"),
    "a post on review counts as clear": ("topic_net.py", "if child in COUNTED:", "if True:"),
    "words talk a sure photo away": ("photo.py", "if alone >= self.thresholds.child else 0.0", "if alone > 1 else 0.0"),
    "an opening outlives the post it was for": ("standing.py", "(same or vis(stored.child) is Vis.HELD)", "True"),
}  # fmt: skip


def main() -> int:
    """Break, test, tell."""
    unnoticed = []
    with tempfile.TemporaryDirectory() as folder:
        house = Path(folder) / "house"
        shutil.copytree(ROOT, house, ignore=shutil.ignore_patterns(".venv*", ".git", "*-data", "__pycache__"))
        if _fails(house):
            print("The tests fail before anything is broken.")
            return 1
        for name, (file, there, instead) in BREAKS.items():
            path = house / "compliance" / file
            whole = path.read_text("utf-8")
            if whole.count(there) != 1:
                print(f"{name}: {there!r} stands {whole.count(there)} times in {file}, once is expected")
                return 1
            path.write_text(
                whole.replace(there, instead).replace("Facts, Thresholds,", "Facts, Source, Thresholds,"), "utf-8"
            )
            noticed = _fails(house)
            path.write_text(whole, "utf-8")
            print(f"{'noticed' if noticed else 'UNNOTICED':10} {name}", flush=True)
            unnoticed += [] if noticed else [name]
    print(f"{len(BREAKS) - len(unnoticed)} of {len(BREAKS)} were noticed.")
    return 1 if unnoticed else 0


def _fails(house: Path) -> bool:
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *TESTS]
    return subprocess.run(command, cwd=house, capture_output=True, timeout=300, check=False).returncode != 0


if __name__ == "__main__":
    sys.exit(main())
