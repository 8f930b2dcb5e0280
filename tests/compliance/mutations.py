"""Is the law watched? Breaks gate, lexicon and detectors on purpose, in a copy, and asks whether the tests notice.

Run by hand, from the root: `python -m tests.compliance.mutations`. It takes ten minutes, and ends with 1 when a break
went unnoticed; names of mutations or of files behind it, such as `precedence.py`, break these alone. That each broken
line still stands where it is looked for, once, is a test in tests/test_docs.py.
"""

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
LONG = {"test_evasion", "test_random_lives"}
LEFT_OUT = shutil.ignore_patterns(".venv*", ".git", "*-data", "__pycache__", ".*_cache", ".hypothesis")


@dataclass(frozen=True, slots=True)
class Mutation:
    """One line of a file of compliance/ that says something else."""

    name: str
    file: str
    line: str
    instead: str


# What is broken: in which file, its name, what stands there (once), and what stands there instead.
BREAKS = {
    "gate.py": (
        ("a held post is shown", ".where(rule.code, self.now()) in kinds", ".where(rule.code, self.now())"),
        ("facts that are missing are clear", "(facts or UNKNOWN)", "(facts or Facts(Child.CLEAR, UNKNOWN.source))"),
        ("redact the wrong way round", "show() if self.may_show(facts, rule)", "show() if rule.withhold"),
        ("questions about children are allowed", "if findings:", "if not findings:"),
        ("a photo at the threshold passes", "score >= self._thresholds.child", "score > self._thresholds.child"),
        ("the filter lets consented pass as clear", "is way} <= kinds", "is way} & kinds"),
        ("the filter forgets the visitor's country", "ways.add(rule.code)", "ways.discard(rule.code)"),
        ("words about children stay", "if not self._lexicon.find(key(word))]", "if key(word)]"),
        ("topics of children are allowed", "share(theta) < self._net.share", "share(theta) >= self._net.share"),
    ),
    "consent.py": (
        ("a consent holds at its end", "now < self.until", "now <= self.until"),
        ("a consent holds everywhere", "self.everywhere or country in self.countries", "True"),
    ),
    "policy.py": (
        ("who is unknown sees what the last group sees", "= self.strictest if", "= self.groups[-1] if"),
        ("the rule's narrowing widens", "frozenset(Child) - {Child.CLEAR}", "frozenset({Child.CHILD})"),
    ),
    "precedence.py": (
        ("a broken score clears a photo", "score < thresholds.review", "not score >= thresholds.review"),
        ("an opening outlives the post it was for", "if same or held:", "if True:"),
        ("a change opens what was cleared", "if vis(sent.child) is Vis.HELD else replace(", "if sent else replace("),
        ("a consent outlives the post it was for", "if stored.child is Child.CONSENTED and not same:", "if False:"),
        ("silence takes the site's word back", "followed_by(_marked(stored, *_marks(sent)))", "followed_by(sent)"),
        ("what came again is opened by the site", "rule.startswith((COPY_OF, TOMBSTONE))", "rule.startswith(COPY_OF)"),
        ("a line about another photo opens", "if stored.child is Child.UNSEEN and same else", "if stored.child else"),
        ("a consent for a copy says nothing", "        sent = _before_a_person_looks(sent)\n", ""),
        ("a decision hides what is sent", "stored if later == earlier else replace(", "stored or replace("),
        ("undo revives a consent", "if REVOKED in facts.rules or ENDED in facts.rules:", "if False:"),
        ("a consent needs no record", "if consent is None and child is Child.CONSENTED:", "if False:"),
    ),
    "post_facts.py": (
        ("tags are not read", "for words in (texts, tags)", "for words in (texts,)"),
        ("a bare consent is for no child", "if child is True or consent is True:", "if child is True:"),
        ("fields are not read", "tell(attrs, lexicon.today())", "tell({}, lexicon.today())"),
    ),
    "facts.py": (
        ("a consent without a record opens", "bare = child is Child.CONSENTED and terms is None", "bare = False"),
    ),
    "records/tombstones.py": (
        ("a held id comes again", "if same_post and stone.decided and stone.cause", "if 0 and stone.cause"),
        ("what went is known by no photo", "shows and stone.number >", "False and stone.number >"),
        ("a clearance lifts no hold by the id", "self._lifted[lift.post, lift.whole] = self._lifted", "self._lifted"),
        ("a consent that went was given for nobody", "Child.REVIEW, Child.CONSENTED)  #", "Child.REVIEW)  #"),
    ),
    "age_fields.py": (
        ("a birthday comes too early", "<= GROWN for year", "< GROWN for year"),
    ),
    "learned/topic_net.py": (
        ("a post on review counts as clear", "if child in COUNTED:", "if True:"),
    ),
    "learned/telling_words.py": (
        ("a word of one post tells", "round(at_least(of, self._posts[word]), 4)", "of / self._posts[word]"),
        ("what one family says tells", "len(self._authors[word]) >= AUTHORS", "True"),
        ("a name tells", "capital <= CAPITALS * (small + capital)", "True"),
        ("a word that other posts need tells", "elsewhere <= NEEDED *", "elsewhere <= 1 *"),
        ("what the lexicon lets pass tells", "not lexicon.find(word) for", "True for"),
    ),
    "photo/detector.py": (
        ("words talk a sure photo away", "if alone >= self.thresholds.child else 0.0", "if alone > 1 else 0.0"),
    ),
    "photo/evidence_weights.py": (
        ("an absurd number drowns all others", "-_FARTHEST, _FARTHEST)", "-np.inf, np.inf)"),
        ("damaged weights are read", "if not all(map(math.isfinite, numbers)) or", "if False and"),
    ),
    "lexicon/lexicon.py": (
        ("exceptions are not looked at", "if not excepted[rule].cover(start, end)}", "if rule}"),
    ),
    "lexicon/exemption.py": (
        ("a good boy beside a woman is a dog", "and not bars & there", "and there"),
        ("a good boy needs no dog", "needs & there == needs", "needs >= 0"),
    ),
    "lexicon/line.py": (
        ("an exception runs over a comma", "or bool(_PARTED", "and bool(_PARTED"),
    ),
    "lexicon/prefilter.py": (
        ("phrases in long texts are overlooked", "first = first[until > since]", "first = first[:0]"),
        ("beginnings of words promise nothing", "promise |= _BEGINS", "promise |= 0"),
    ),
    "lexicon/folding.py": (
        ("other alphabets of Unicode stay", '"NFKD"', '"NFC"'),
    ),
    "lexicon/lookalike.py": (
        ("a run may be shorter than the term's", "if mine.stop - mine.start <", "if 0 > "),
    ),
    "lexicon/spelled_apart.py": (
        ("parts need no blank between", "tight = tight and (", "tight = False and ("),
    ),
    "data/lexicon.yaml": (
        ("sixteen is under sixteen", 'young_age: "1[0-5]', 'young_age: "1[0-6]'),
    ),
}  # fmt: skip
MUTATIONS = tuple(
    Mutation(name, file, line, instead) for file, breaks in BREAKS.items() for name, line, instead in breaks
)


def faults() -> list[str]:
    """Lines that do not stand in their file exactly once, each with what to do."""
    sentences = []
    for mutation in MUTATIONS:
        file = ROOT / "compliance" / mutation.file
        times = file.read_text("utf-8").count(mutation.line) if file.is_file() else 0
        if times != 1:
            sentences.append(
                f"{mutation.name}: {mutation.line!r} stands {times} times in compliance/{mutation.file}, and once is"
                " expected: name the file that holds the line, and quote it as it is now."
            )
    return sentences


def selection(names: Sequence[str]) -> list[Mutation]:
    """The mutations of these names or files; all of them where none is named."""
    known = {word for mutation in MUTATIONS for word in (mutation.name, mutation.file)}
    if strangers := [name for name in names if name not in known]:
        raise SystemExit(f"No mutation and no file has the name {strangers[0]!r}: name one that stands in BREAKS.")
    return [mutation for mutation in MUTATIONS if not names or not {mutation.name, mutation.file}.isdisjoint(names)]


def trials(mutations: Sequence[Mutation]) -> Iterator[tuple[Mutation, bool]]:
    """Each of these mutations, and whether a test fails on it; the working tree itself is never touched."""
    if sentences := faults():
        raise SystemExit("\n".join(sentences))
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "house"
        shutil.copytree(ROOT, copy, ignore=LEFT_OUT)
        if not _tests_pass(copy):
            raise SystemExit("The tests fail before anything is broken; mend that first.")
        for mutation in mutations:
            file = copy / "compliance" / mutation.file
            right = file.read_text("utf-8")
            file.write_text(right.replace(mutation.line, mutation.instead), "utf-8")
            yield mutation, not _tests_pass(copy, mutation.file)
            file.write_text(right, "utf-8")


def main() -> int:
    """Break, test, tell."""
    mutations = selection(sys.argv[1:])
    misses = 0
    for mutation, alarm in trials(mutations):
        print(f"{'noticed' if alarm else 'UNNOTICED':10} {mutation.name}", flush=True)
        misses += not alarm
    print(f"{len(mutations) - misses} of {len(mutations)} were noticed.")
    return 1 if misses else 0


def _tests_pass(copy: Path, mutant: str = "gate.py") -> bool:
    """Run all tests of compliance, those of the file with the mutation first, those that take longest last."""
    file = Path("tests/compliance", mutant)
    mirror = copy / file.with_name(f"test_{file.stem}.py")
    tests = (copy / "tests/compliance").rglob("test_*.py")
    ordered = sorted(tests, key=lambda test: (test != mirror, test.stem in LONG, test))
    command = [sys.executable, "-B", "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *map(str, ordered)]
    run = subprocess.run(command, cwd=copy, capture_output=True, timeout=3600, check=False)
    if run.returncode not in (0, 1, 2):  # 2: a file of tests could not even be read
        raise SystemExit(run.stdout.decode() + run.stderr.decode())
    return run.returncode == 0


if __name__ == "__main__":
    sys.exit(main())
