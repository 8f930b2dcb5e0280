"""The i-th step fails, for i = 1, 2, 3 ...: what is left is as before or as after, never between.

Here a few steps of each deed fail; `make faults` lets every one, also as on a disk that stays full, through the door of
another process, and with the process killed at it.
"""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from common.faults import Fate
from tests.support.fault_cases import Site, Way, course_of, outcome, steps_apart
from tests.support.fault_home import DEEDS
from tests.support.fault_run import run_part

WAYS = [
    *(Way(deed, False, Fate.FAIL) for deed in DEEDS),
    Way("facts", True, Fate.FAIL),
    Way("facts", False, Fate.KILL),
    Way("takedown", True, Fate.KILL),
]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A home that is made once."""
    folder = tmp_path_factory.mktemp("faults")
    yield Site.made(folder)
    shutil.rmtree(folder)


@pytest.mark.parametrize("way", WAYS, ids=lambda way: f"{way.deed}, {'guest' if way.is_guest else 'alone'}, {way.fate}")
def test_whatever_step_fails_all_is_as_it_was_or_as_it_will_be(site: Site, way: Way) -> None:
    """It is refused in a sentence, or done; a restart changes nothing; asked again it is done."""
    course = course_of(site, way.deed, is_guest=way.is_guest)
    steps = steps_apart(site, way.deed, is_guest=way.is_guest) if way.fate is Fate.KILL else course.steps
    wrong = {number: outcome(site, way, course, number) for number in {1 + steps // 3, 1 + 2 * steps // 3}}
    assert {number: one for number, one in wrong.items() if one.says} == {}


def test_a_run_of_all_goes_on_where_it_was_stopped(tmp_path: Path) -> None:
    """Each case is a line of its report; where nothing writes after a step, a disk that stays full is the same case."""
    report = tmp_path / "report"
    run_part(report, 20, 1, ["delete"])
    lines = [json.loads(line) for line in report.read_text().splitlines()]
    assert {line["case"].rsplit(" ", 1)[0] for line in lines} == {
        f"delete, {who}, {fate.value}" for who in ("alone", "guest") for fate in Fate
    }
    assert [line for line in lines if line["says"]] == []
    assert [line["wrote_later"] for line in lines if "same" in line] != []
    report.write_text("".join(json.dumps(line) + "\n" for line in lines[:-1]))
    run_part(report, 20, 1, ["delete"])
    assert [json.loads(line)["case"] for line in report.read_text().splitlines()] == [line["case"] for line in lines]
