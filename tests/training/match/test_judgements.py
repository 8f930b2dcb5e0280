"""Judgements: both layouts are read, whatever is in the file, and said what is wrong with it."""

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.errors import InputBroken, InputMissing
from training.match.judgements import Judges, read_captions, read_judgements
from training.match.learn import agreement
from training.match.pairs import chosen


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "judged.tsv"


def test_experts_and_crowd_are_told_apart_by_their_numbers(file: Path) -> None:
    """Three scores are experts', a share with its votes is a crowd's; either may stand in one file."""
    file.write_text("a.jpg\tb.jpg#2\t1\t2\t3\na.jpg\ta.jpg#0\t4\t4\t4\na.jpg\tb.jpg#1\t0.333333333333333\t1\t2\n")
    experts, own, crowd = read_judgements([file]).all
    assert (experts.judges, experts.votes, experts.mean, experts.fits) == (Judges.EXPERTS, (1, 2, 3), 1 / 3, False)
    assert (own.own, own.fits, own.mean, experts.own) == (True, True, 1, False)
    assert (crowd.judges, crowd.votes, crowd.fits) == (Judges.CROWD, (1, 0, 0), False)
    assert crowd.mean == pytest.approx(1 / 3)


@pytest.mark.parametrize(
    ("scores", "fits"),
    [
        ("3\t3\t3", True),
        ("4\t4\t1", True),
        ("2\t3\t3", False),
        ("1\t1\t1", False),
        ("0\t0\t3", False),
        ("1\t3\t0", True),
    ],
)
def test_what_fits_is_what_they_agree_on(file: Path, scores: str, fits: bool) -> None:
    """Experts by a mean of 3, a crowd by more yes than no."""
    file.write_text(f"a.jpg\tb.jpg#0\t{scores}\n")
    assert read_judgements([file]).all[0].fits is fits


def test_a_wrong_line_does_not_fail_another(file: Path) -> None:
    """It is counted; blank lines, a mark at the beginning and carriage returns are no mistakes."""
    file.write_bytes(
        b"\xef\xbb\xbfa.jpg\tb#0\t1\t2\t4\r\n\r\na.jpg\tb#0\tgood\n\ta\t1\na.jpg\tb#1\t5\t9\t9\na.jpg\tb#2\t4\n"
    )
    read = read_judgements([file])
    assert [judgement.votes for judgement in read.all] == [(1, 2, 4), (4,)]
    assert read.skipped == {"wrong_line": 3}


@pytest.mark.parametrize(
    ("content", "says"),
    [
        pytest.param("", "holds no judgement", id="empty"),
        pytest.param("a.jpg,b#0,1,2,3\n", r"Line 1: it has 1 cells", id="commas"),
        pytest.param("a.jpg\tb#0\tgood\n", r"Line 1: 'good' is no number.*scores from 1 to 4", id="words"),
        pytest.param("a.jpg\tb#0\t0.9\t1\t9\n", r"neither scores nor a share with its votes", id="wrong share"),
        pytest.param("a.jpg\tb#0\t1e9\tnan\tinf\n", "is no number", id="no numbers"),
    ],
)
def test_a_file_without_a_judgement_is_refused(file: Path, content: str, says: str) -> None:
    """With the first mistake, and what a line should be."""
    file.write_text(content)
    with pytest.raises(InputBroken, match=says):
        read_judgements([file])
    with pytest.raises(InputMissing, match="cannot be read"):
        read_judgements([file.with_name("none.tsv")])


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    """Never anything but judgements or a sentence."""
    file = tmp_path_factory.getbasetemp() / "wild.tsv"
    file.write_bytes(content)
    for read in (lambda: read_judgements([file]).all, lambda: read_captions(file)):
        with suppress(InputBroken, InputMissing):
            assert read()


class TestCaptions:
    def test_lines_of_id_and_text(self, file: Path) -> None:
        """A quote is a letter like others; the last of two with one id counts."""
        file.write_text('a.jpg#0\tA dog " runs .\na.jpg#1\tA cat\na.jpg#1\tTwo cats\nnothing\n')
        assert read_captions(file) == {"a.jpg#0": 'A dog " runs .', "a.jpg#1": "Two cats"}

    def test_the_table_of_with_sense(self, file: Path) -> None:
        """Columns are found by name, commas may stand within quotes."""
        file.write_text('image,query_id,query_text\na.jpg,a.jpg#0,"A dog, running"\nb.jpg,b.jpg#2,Снег\n')
        assert read_captions(file) == {"a.jpg#0": "A dog, running", "b.jpg#2": "Снег"}

    def test_a_file_without_captions_is_refused(self, file: Path) -> None:
        """The sentence says what a line should be."""
        file.write_text("photo.jpg\n")
        with pytest.raises(InputBroken, match="holds no caption: a line is an id such as"):
            read_captions(file)


def test_experts_teach_where_there_are_any(file: Path) -> None:
    """A crowd teaches only where no expert judged anything."""
    file.write_text("a\tb#0\t1\t3\t0\na\tb#1\t1\t2\t2\n")
    both = read_judgements([file]).all
    assert [one.judges for one in chosen(both)] == [Judges.EXPERTS]
    assert chosen(both[:1]) == both[:1]


def test_how_far_people_agree_is_told(file: Path) -> None:
    """Among experts, among a crowd, and between the two where both judged a pair that is not a photo's own."""
    lines = [f"p{n}\tq{n}#0\t{1 + n % 4}\t{1 + n % 4}\t{1 + n % 4}\n" for n in range(12)]
    lines += [f"p{n}\tq{n}#0\t{n % 4 // 3}\t{3 * (n % 4 // 3)}\t{3 - 3 * (n % 4 // 3)}\n" for n in range(12)]
    file.write_text("".join(lines))
    people = agreement(read_judgements([file]).all)
    assert people["experts"] == {"pairs": 12, "alpha": 1, "kappa": 1, "majority": 1}
    assert (people["crowd"]["pairs"], people["crowd"]["alpha"]) == (12, 1)
    between = people["crowd_against_experts"]
    assert (between["pairs"], between["auc"]) == (12, 0.75)
    assert between["tau_c"] > 0
    assert "experts" not in agreement(read_judgements([file]).all[12:])
