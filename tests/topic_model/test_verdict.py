"""Verdicts: figures in words, for corpora that are large or small, and topics that are clear or not."""

from dataclasses import replace
from typing import Any

import pytest

from topic_model.quality import Quality
from topic_model.verdict import FEW, quality_remarks

GOOD = Quality(
    documents=FEW,
    perplexity={"text": 100.0},
    unexplained={"text": 0.0},
    phi_sparsity={},
    theta_sparsity=0.0,
    kernels={},
    coherence=(0.2, 0.3),
    live=(True, True),
    usual={"text": 300.0},
)


@pytest.mark.parametrize(
    ("changes", "says", "silent"),
    [
        ({}, "The topics are good", "posts are few"),
        ({"perplexity": {"text": 290.0}}, "tell next to nothing", "are good"),
        ({"coherence": (-0.3, -0.4)}, "are rough", "are good"),
        ({"coherence": (None, None)}, "are rough", "are good"),
        ({"documents": 209, "coherence": (-0.4,)}, "209 posts are few; what helps: longer captions", "are good"),
        ({"perplexity": {"image": 9.0}, "usual": {"image": 9.0}}, "No words were there to measure", "few"),
    ],
)
def test_figures_are_said_in_words(changes: dict[str, Any], says: str, silent: str) -> None:
    """A poor model is told to be poor, with what would help; a good one is not scolded."""
    said = " ".join(remark.says for remark in quality_remarks(replace(GOOD, **changes), held_out=True))
    assert says in said
    assert silent not in said


def test_figures_that_flatter_are_said_to() -> None:
    """Measured on what it learned from, a model looks better than it is."""
    assert "which flatters" in " ".join(remark.says for remark in quality_remarks(GOOD, held_out=False))
    assert "which flatters" not in " ".join(remark.says for remark in quality_remarks(GOOD, held_out=True))
