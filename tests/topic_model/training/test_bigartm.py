"""BigARTM as the judge: our engine learns what it learns, to rounding, and its absence is a sentence."""

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.support.planted import plant
from topic_model.corpus import Corpus, encode
from topic_model.document import Document
from topic_model.errors import CorpusError, EngineMissing, RecipeError
from topic_model.kernels.compiled import infer_batch
from topic_model.training.bigartm import PYTHON, learn_with_bigartm, open_bigartm
from topic_model.training.em import State, first_state, learn
from topic_model.training.recipe import Recipe
from topic_model.training.regularisers import Regulariser, final_prior
from topic_model.vocabulary import Vocabulary, build_vocabulary

CLOSE = 1e-4
PLAIN = Recipe(topics=8, background=2, passes=6, regularisers=(), weights={"text": 1.0, "tag": 2.5, "image": 0.7})
REGULARISERS = {
    "phi smooth": (Regulariser("phi", 0.5),),
    "phi smooth in the background": (Regulariser("phi", 2.0, "background"),),
    "phi sparse in one modality": (Regulariser("phi", -1.0, "subject", "tag"),),
    "phi of a modality that nobody uses": (Regulariser("phi", 5.0, "all", "sound"),),
    "phi so sparse that words are lost": (Regulariser("phi", -4.0, "subject"),),
    "theta smooth": (Regulariser("theta", 0.3, "background"),),
    "theta sparse": (Regulariser("theta", -0.2, "subject"),),
    "decorrelate": (Regulariser("decorrelate", 50.0),),
    "decorrelate one modality": (Regulariser("decorrelate", 50.0, "subject", "text"),),
    "one modality after another": (
        Regulariser("phi", 1.0, "background"),
        Regulariser("phi", 3.0, "all", "tag"),
        Regulariser("decorrelate", 20.0, "subject", "text"),
        Regulariser("phi", -0.5, "subject", "image"),
    ),
    "select": (Regulariser("select", 0.1),),
    "select until topics die": (Regulariser("select", 0.6, "subject"),),
    "schedules": (
        Regulariser("phi", -1.0, "subject", start=2, grow=3),
        Regulariser("theta", -0.3, "subject", start=1, grow=2),
        Regulariser("decorrelate", 20.0, grow=4),
    ),
    "all together": (
        Regulariser("phi", -0.5, "subject", start=1),
        Regulariser("phi", 1.0, "background"),
        Regulariser("theta", -0.1, "subject"),
        Regulariser("theta", 0.3, "background"),
        Regulariser("decorrelate", 20.0, "subject", "text"),
        Regulariser("select", 0.05, "subject", grow=3),
    ),
}


def bench(recipe: Recipe) -> tuple[Corpus, Vocabulary, State]:
    """A planted corpus with fractional counts, an empty document and one that only counts zero, and the start on it."""
    fractions = np.random.default_rng(1)
    documents: list[Document] = [
        {
            modality: {token: count * float(fractions.choice([0.5, 1.0, 1.25])) for token, count in tokens.items()}
            for modality, tokens in document.items()
        }
        for document in plant(documents=150, words=60).documents
    ]
    documents[7], documents[20] = {}, {"text": {"text_1": 0.0}}
    vocabulary = build_vocabulary(documents, recipe.modalities)
    return encode(documents, vocabulary, recipe.weights), vocabulary, first_state(vocabulary, recipe)


@pytest.fixture(scope="session")
def judge() -> None:
    """BigARTM is there, or the test is skipped with the sentence that says how to get it."""
    recipe = replace(PLAIN, passes=1)
    corpus, vocabulary, start = bench(recipe)
    try:
        learn_with_bigartm([corpus], vocabulary, recipe, start)
    except EngineMissing as missing:
        pytest.skip(f"no judge: {missing}")


@pytest.mark.usefixtures("judge")
@pytest.mark.parametrize(
    "regularisers", [pytest.param((), id="plain"), *(pytest.param(w, id=n) for n, w in REGULARISERS.items())]
)
def test_both_engines_learn_the_same(regularisers: tuple[Regulariser, ...]) -> None:
    """From the same Phi, after every pass: the same Phi; at last the same Theta, counts and perplexity."""
    recipe = replace(PLAIN, regularisers=regularisers)
    corpus, vocabulary, start = bench(recipe)
    ours = theirs = start
    with open_bigartm([corpus], vocabulary, recipe, start) as engine:
        for ours in learn([corpus], vocabulary, recipe, start):
            theirs, _ = engine.one_pass(theirs)
            np.testing.assert_allclose(ours.phi, theirs.phi, rtol=0, atol=CLOSE)
        thetas, _ = engine.thetas(corpus)
    prior, keep = final_prior(regularisers, recipe.topics, recipe.background), np.ones(recipe.topics, np.float32)
    result = infer_batch(corpus.indptr, corpus.rows, corpus.counts, ours.phi, keep, prior, recipe.inner)
    np.testing.assert_allclose(result, thetas, rtol=0, atol=CLOSE)
    assert not thetas[[7, 20]].any()
    np.testing.assert_allclose(ours.n_wt, theirs.n_wt, rtol=0, atol=CLOSE * 100)  # these are counts, not shares
    np.testing.assert_allclose(ours.history[:2], theirs.history[:2], rtol=1e-4)  # before sparsing has lost words


@pytest.mark.usefixtures("judge")
def test_a_wish_for_no_topic_changes_nothing() -> None:
    """Without background topics, what is wished of them is not taken for a wish of all."""
    regularisers = (Regulariser("phi", 5.0, "background"), Regulariser("theta", 1.0, "background"))
    recipe = replace(PLAIN, background=0, regularisers=regularisers, passes=2)
    corpus, vocabulary, start = bench(recipe)
    *_, ours = learn([corpus], vocabulary, recipe, start)
    theirs = learn_with_bigartm([corpus], vocabulary, recipe, start)
    np.testing.assert_allclose(ours.phi, theirs.phi, rtol=0, atol=CLOSE)


@pytest.mark.usefixtures("judge")
def test_the_corpus_may_lie_in_shards_and_learning_may_go_on() -> None:
    """Two shards, two sessions of three passes: what our engine learns from the whole in six."""
    corpus, vocabulary, start = bench(PLAIN)
    cut = int(corpus.indptr[70])
    shards = [
        Corpus(corpus.indptr[:71], corpus.rows[:cut], corpus.counts[:cut]),
        Corpus(corpus.indptr[70:] - cut, corpus.rows[cut:], corpus.counts[cut:]),
    ]
    passes: list[int] = []
    half = learn_with_bigartm(
        shards, vocabulary, replace(PLAIN, passes=3), start, progress=lambda now: passes.append(now.passes)
    )
    whole = learn_with_bigartm(shards, vocabulary, PLAIN, half, progress=lambda now: passes.append(now.passes))
    *_, ours = learn([corpus], vocabulary, PLAIN, start)
    np.testing.assert_allclose(whole.phi, ours.phi, rtol=0, atol=CLOSE)
    assert passes == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize(
    ("script", "says"),
    [
        pytest.param(None, r"/no/such/python cannot be started: No such file.*photosense\[bigartm\]", id="no python"),
        pytest.param("exit 3", r"stopped \(exit code 3\): it said nothing\. .*" + PYTHON, id="silent crash"),
        pytest.param("echo one >&2; echo 'two: bad' >&2; echo >&2; kill -9 $$", r"code -9\): two: bad\.", id="crash"),
        pytest.param(
            """echo '{"missing": "No module named artm"}'""", "has no BigARTM: No module named artm", id="no artm"
        ),
        pytest.param(
            """echo '{"ready": true}'; read line; echo 'out of memory' >&2; exit 1""", "out of memory", id="crash later"
        ),
    ],
)
def test_a_missing_or_broken_engine_says_what_to_do(tmp_path: Path, script: str | None, says: str) -> None:
    """The interpreter, what went wrong in its own last words, and where BigARTM runs."""
    corpus, vocabulary, start = bench(PLAIN)
    python = tmp_path / "python"
    if script is not None:
        python.write_text(f"#!/bin/sh\n{script}\n")
        python.chmod(0o755)
    with pytest.raises(EngineMissing, match=says):
        learn_with_bigartm([corpus], vocabulary, PLAIN, start, "/no/such/python" if script is None else str(python))


def test_the_interpreter_is_the_one_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever has BigARTM beside a newer Python names it in the environment."""
    corpus, vocabulary, start = bench(PLAIN)
    monkeypatch.setenv(PYTHON, "/the/other/python")
    with pytest.raises(EngineMissing, match="/the/other/python"):
        learn_with_bigartm([corpus], vocabulary, PLAIN, start)


@pytest.mark.skipif(sys.version_info < (3, 12), reason="BigARTM may be installed for Python 3.11")
def test_without_a_name_it_is_this_interpreter(monkeypatch: pytest.MonkeyPatch) -> None:
    """A Python that is too new for BigARTM's wheels says that artm is missing."""
    corpus, vocabulary, start = bench(PLAIN)
    monkeypatch.delenv(PYTHON, raising=False)
    with pytest.raises(EngineMissing, match=r"has no BigARTM: No module named 'artm'"):
        learn_with_bigartm([corpus], vocabulary, PLAIN, start)


def test_what_bigartm_cannot_learn_is_refused() -> None:
    """Online recipes, topic selection that goes on, and a corpus of nothing, each with a sentence."""
    corpus, vocabulary, start = bench(PLAIN)
    with pytest.raises(RecipeError, match="online recipe"):
        learn_with_bigartm([corpus], vocabulary, replace(PLAIN, online=True), start)
    selecting = replace(PLAIN, regularisers=(Regulariser("select", 0.1),))
    with pytest.raises(RecipeError, match="go on after pass 1"):
        learn_with_bigartm([corpus], vocabulary, selecting, State(start.phi, start.n_wt, (5.0,)))
    empty = Corpus(np.zeros(3, np.int64), np.zeros(0, np.int32), np.zeros(0, np.float32))
    with pytest.raises(CorpusError, match="nothing to learn"):
        learn_with_bigartm([empty], vocabulary, PLAIN, start)
