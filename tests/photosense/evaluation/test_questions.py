"""The file of questions: what is taken, and which sentence each mistake gets."""

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from photosense.evaluation.errors import EvaluationError
from photosense.evaluation.questions import EvaluationQuestion, questions_digest, read_questions

GOOD = '{"query": " закат ", "relevant": ["p1", "p2", "p1"]}\n\n{"photo": "q.png", "relevant": ["p3"]}\n'


def read(tmp_path: Path, content: str | bytes) -> list[EvaluationQuestion]:
    file = tmp_path / "questions.ndjson"
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_questions(file)


def test_questions_are_read(tmp_path: Path) -> None:
    """Texts are trimmed, ids counted once, blank lines passed over; what is about the same posts is one group."""
    text, photo = read(tmp_path, GOOD)
    assert (text.text, text.photo, text.relevant, text.key) == ("закат", None, ("p1", "p2"), "line 1")
    assert (photo.text, photo.photo, photo.relevant, photo.key) == (None, "q.png", ("p3",), "line 3")
    other, same = read(tmp_path, '{"query": "a", "relevant": ["p2", "p1"]}\n{"query": "b", "relevant": ["p1", "p2"]}')
    assert other.group == same.group == text.group != photo.group


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ('{"query": "a"}', "line 2: Object missing required field `relevant`"),
        ('{"query": "a", "relevant": []}', "line 2: Expected `array` of length >= 1 - at `$.relevant`"),
        ('{"query": "a", "relevant": [1]}', "line 2: Expected `str`, got `int` - at `$.relevant[0]`"),
        ('{"query": "a", "relevant": ["p"], "text": "b"}', "line 2: Object contains unknown field `text`"),
        ('{"query": "  ", "relevant": ["p"]}', "line 2 asks for nothing: give query, photo, or both"),
        ("{not json", "line 2: JSON is malformed"),
        ("[" * 5000, "line 2: "),
    ],
    ids=["no ids", "none", "number", "unknown field", "empty", "no json", "deep"],
)
def test_a_wrong_line_is_named(line: str, says: str, tmp_path: Path) -> None:
    """The sentence names file, line, what is wrong, and shows a right one."""
    with pytest.raises(EvaluationError) as refused:
        read(tmp_path, f'{{"query": "a", "relevant": ["p"]}}\n{line}\n')
    assert says in str(refused.value)
    assert '"relevant": ["p1", "p7"]' in str(refused.value)


@pytest.mark.parametrize("content", ["", "\n \n"])
def test_no_questions_are_an_error(content: str, tmp_path: Path) -> None:
    """A file without a question cannot be measured with."""
    with pytest.raises(EvaluationError, match="has no questions: write one a line"):
        read(tmp_path, content)


@given(st.binary(max_size=60))
def test_any_bytes_get_questions_or_a_sentence(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    """Whatever a line holds, it is a question or an error of ours."""
    with suppress(EvaluationError):
        assert read(tmp_path_factory.getbasetemp(), b'{"query": "a", "relevant": ["p"]}\n' + content)


def test_the_fingerprint_tells_questions_apart() -> None:
    """The order does not matter; a text, an id or a question more does."""
    one, other = EvaluationQuestion("1", "g", ("a", "b"), "x"), EvaluationQuestion("2", "g", ("c",), photo="p")
    assert questions_digest([one, other]) == questions_digest([other, one])
    changed = (
        EvaluationQuestion("1", "g", ("a",), "x"),
        EvaluationQuestion("1", "g", ("a", "b"), "y"),
        EvaluationQuestion("3", "g", ("a", "b"), "x"),
    )
    assert len({questions_digest([each, other]) for each in (one, *changed)} | {questions_digest([one])}) == 5
