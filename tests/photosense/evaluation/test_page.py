"""The page of a run: whole, self-contained, safe to open."""

from pathlib import Path

import msgspec
import pytest

from photosense.evaluation.compare_runs import compare_modes
from photosense.evaluation.errors import EvaluationError
from photosense.evaluation.examples import AnsweredQuestion, Examples, Picture
from photosense.evaluation.page import write_evaluation_page
from tests.support.html_page import Page
from tests.support.runs import PROPOSED, outcome, ranked_answer, run

EVIL = '"><script>alert(1)</script>'
SMALL = "data:image/jpeg;base64,AAAA"


def written(tmp_path: Path, whole: object, examples: list[Examples]) -> Page:
    write_evaluation_page(whole, examples, compare_modes(whole), tmp_path / "run.html")
    page = Page(tmp_path / "run.html")
    assert page.open == []  # every element was closed
    return page


def test_figures_slices_and_differences_are_there(tmp_path: Path) -> None:
    """Each task has its figures with intervals, each mode its row, each slice as well, and what was left out."""
    better = outcome(*(ranked_answer(n, 1, text="dog" if n % 2 else "a dog on the beach") for n in range(40)))
    words = msgspec.structs.replace(
        better, mode="words", answers=tuple(ranked_answer(n, text="dog") for n in range(40))
    )
    page = written(tmp_path, run(better, words, outcome(PROPOSED, task="annotate", mode="")), [Examples()] * 3)
    assert [section["id"] for section in page.all("section")] == ["cold", "annotate"]
    bars = [each["style"] for each in page.all("i")]
    assert "--v:1.0000;--l:0.8316;--h:1.0000" in bars
    assert "--v:0.2000;--l:0.0000;--h:1.0000" in bars  # a single photo tells nothing of others
    for text in ("hybrid against words", "better", "one word", "2</b> refused by the gate", "a note", "visitors of DE"):
        assert text in page.html


def test_examples_are_shown_as_photos(tmp_path: Path) -> None:
    """Wanted and found stand beside the question; what was wanted is marked; without a photo its words are shown."""
    there, gone = Picture("a", SMALL, "boats"), Picture("b", None, "a quiet harbour")
    worst = AnsweredQuestion(ranked_answer(1, 2), None, [there], [gone, there])
    best = AnsweredQuestion(PROPOSED, Picture("p1", SMALL), [], [])
    examples = [Examples([worst], []), Examples([], [best])]
    page = written(tmp_path, run(outcome(ranked_answer(1, 2)), outcome(PROPOSED, task="annotate", mode="")), examples)
    assert [image["src"] for image in page.all("img")] == [SMALL] * 3
    assert [figure.get("class") for figure in page.all("figure")] == [None, None, "wanted", None]
    assert "rank 2" in page.html
    assert "<span>a quiet harbour</span>" in page.html
    assert '<li class="right">sea</li><li class="">sand</li>' in page.html
    assert "1 of 2 right" in page.html


def test_nothing_found_is_said(tmp_path: Path) -> None:
    """A question without an answer has no rank and no photos."""
    page = written(
        tmp_path, run(outcome(ranked_answer(1))), [Examples([AnsweredQuestion(ranked_answer(1), None, [], [])])]
    )
    assert "not found" in page.html
    assert "<p>nothing</p>" in page.html


def test_nothing_that_strangers_wrote_runs(tmp_path: Path) -> None:
    """Captions, ids, names and words are text, whatever is in them, and the page asks no network."""
    picture = Picture(EVIL, SMALL, EVIL)
    evil = ranked_answer(1, 2, text=EVIL)
    proposed = msgspec.structs.replace(PROPOSED, words=(EVIL, EVIL), post=EVIL)
    examples = [
        Examples([AnsweredQuestion(evil, picture, [picture], [picture, Picture(EVIL, None, "")])]),
        Examples([AnsweredQuestion(proposed, picture, [], [])]),
    ]
    whole = run(outcome(evil), outcome(proposed, task="annotate", mode=""))
    whole = msgspec.structs.replace(whole, source=EVIL, notes=(EVIL,), encoder=EVIL, country=EVIL)
    page = written(tmp_path, whole, examples)
    assert page.all("script") == []
    assert all(image["src"] == SMALL for image in page.all("img"))
    assert not [name for _, attributes in page.elements for name in attributes if name.startswith("on")]
    assert "default-src 'none'" in page.all("meta")[2]["content"]
    assert "url(" not in page.html
    assert page.all("link") == []


def test_a_page_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    """The place is named, and nothing half-written is left."""
    with pytest.raises(EvaluationError, match="cannot be written to"):
        write_evaluation_page(run(outcome(ranked_answer(1))), [Examples()], [], tmp_path / "absent" / "run.html")
    assert list(tmp_path.iterdir()) == []
