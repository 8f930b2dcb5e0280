"""The files of the desk: plain, strict, the same in both languages, and nothing to whom the service answers nothing."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from compliance.age_fields import AGE_FIELD
from compliance.lexicon.lexicon import default_lexicon
from tests.support.http_client import TestClient

DESK = Path(__file__).parents[3] / "api" / "web" / "desk"
FILES = sorted(DESK.rglob("*.*"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_a_file_of_the_desk_needs_nothing_from_elsewhere(stranger: TestClient, file: Path) -> None:
    """No foreign host, no markup that is parsed, nothing inline; and the policy would let none of it happen."""
    text = file.read_text(encoding="utf-8")
    assert not re.search(r"https?://", text)
    assert not re.search(r"innerHTML|insertAdjacentHTML|document\.write|\beval\b", text)
    if file.suffix == ".html":
        assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)", text)
    name = file.relative_to(DESK).as_posix()
    answer = stranger.get("/desk" if name == "index.html" else f"/desk/{name}")
    assert (answer.status_code, answer.text) == (200, text)
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy


def test_the_desk_says_the_same_in_both_languages() -> None:
    """Every sentence has its other half, each rule of the lexicon a Russian one, each reason of a line both."""
    node = shutil.which("node")
    words = {lang: (DESK / "words" / f"{lang}.js").read_text(encoding="utf-8") for lang in ("english", "russian")}
    names = {lang: re.findall(r"^  (\w+):", text, re.MULTILINE) for lang, text in words.items()}
    assert names["english"] == names["russian"]
    inner = {lang: set(re.findall(r"^    (\w+): \(e?\) =>", text, re.MULTILINE)) for lang, text in words.items()}
    assert inner["english"] == inner["russian"]
    posts = (DESK.parents[2] / "docs" / "posts.md").read_text(encoding="utf-8")
    listed = posts.partition("| reason | what was wrong |")[2].partition("\n\n")[0]
    reasons = (DESK / "words" / "reasons.js").read_text(encoding="utf-8")
    for reason in re.findall(r"^\| `(\w+)` \|", listed, re.MULTILINE):
        assert reasons.count(f"    {reason}: ") == 2, reason
    rules = (DESK / "words" / "rules.js").read_text(encoding="utf-8")
    for rule in [*(terms.id for terms in default_lexicon().rules), AGE_FIELD, "copy-of", "tombstone"]:
        assert re.search(rf'^  "?{rule}"?: ', rules, re.MULTILINE), rule
    if node:
        script = "const {ENGLISH:e}=await import(process.argv[1]);console.log(JSON.stringify(Object.keys(e)))"
        told = subprocess.run(
            [node, "--input-type=module", "-e", script, (DESK / "words" / "english.js").as_uri()],
            capture_output=True,
            text=True,
            check=True,
        )
        assert set(json.loads(told.stdout)) == set(names["english"])
