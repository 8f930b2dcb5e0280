"""The gate and the lexicon broken on purpose, in a copy: the tests must notice each time."""

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
TESTS = ("gate", "lexicon", "phrases", "glance", "folding", "detect", "evasion")


@dataclass(frozen=True, slots=True)
class Mutation:
    """One line that says something else."""

    name: str
    file: str
    line: str
    instead: str


MUTATIONS = (
    Mutation("queries about children are allowed", "gate.py", "if findings:", "if not findings:"),
    Mutation("words about children stay", "gate.py", "if not self._lexicon.find(key(word))]", "if key(word)]"),
    Mutation("exceptions are not looked at", "lexicon.py", "if not excepted[rule].cover(start, end))", "if rule)"),
    Mutation("phrases in long texts are overlooked", "glance.py", "first = first[until > since]", "first = first[:0]"),
    Mutation("beginnings of words promise nothing", "glance.py", "promise |= _BEGINS", "promise |= 0"),
    Mutation("other alphabets of Unicode stay", "folding.py", '"NFKD"', '"NFC"'),
    Mutation("a run may be shorter than the term's", "lookalike.py", "if mine.stop - mine.start <", "if 0 > "),
    Mutation("sixteen is under sixteen", "data/lexicon.yaml", 'young_age: "1[0-5]', 'young_age: "1[0-6]'),
    Mutation("tags are not read", "detect.py", "for words in (texts, tags)", "for words in (texts,)"),
    Mutation("parts need no blank between", "spelled.py", "tight = tight and (", "tight = False and ("),
)


def caught() -> Iterator[tuple[Mutation, bool]]:
    """Each mutation, and whether a test fails on it; the working tree itself is never touched."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        for part in ("compliance", "topic_model", "benchmarks/words", "tests/compliance"):
            shutil.copytree(ROOT / part, copy / part, ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy(ROOT / "pyproject.toml", copy)
        if not _tests_pass(copy):
            raise SystemExit("the tests fail before anything is broken; mend that first")
        for mutation in MUTATIONS:
            file = copy / "compliance" / mutation.file
            right = file.read_text("utf-8")
            if mutation.line not in right:
                raise SystemExit(
                    f"{mutation.file} no longer has {mutation.line!r}; correct benchmarks/words/mutations.py"
                )
            file.write_text(right.replace(mutation.line, mutation.instead, 1), "utf-8")
            yield mutation, not _tests_pass(copy)
            file.write_text(right, "utf-8")


def _tests_pass(copy: Path) -> bool:
    files = [f"tests/compliance/test_{name}.py" for name in TESTS]
    run = subprocess.run(
        [sys.executable, "-B", "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *files],
        cwd=copy, capture_output=True, check=False,
    )  # fmt: skip
    if run.returncode not in (0, 1, 2):
        raise SystemExit(run.stdout.decode() + run.stderr.decode())
    return run.returncode == 0
