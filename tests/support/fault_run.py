"""Every step of whatever changes a home fails once, stays failed, and is the last one of its process.

`python -m tests.support.fault_run REPORT`: each case is a line of the report, and a run that was stopped goes on where
it was. Cases that no other is like come first: of each deed, way and fate one of each place in the code. Where nothing
writes after a step, that it fails and that the disk stays full are one case.
"""

import faulthandler
import io
import json
import logging
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any, Final, NamedTuple

from common.faults import Fate
from tests.support.fault_cases import Course, Outcome, Site, Way, course_of, outcome, steps_apart
from tests.support.fault_home import DEEDS
from tests.support.folders import fast_folder

_PATIENCE: Final = 900  # seconds; a case takes a third of one


class _Case(NamedTuple):
    way: Way
    number: int
    is_first: bool  # of its place in the code

    @property
    def key(self) -> str:
        return f"{self.way.deed}, {'guest' if self.way.is_guest else 'alone'}, {self.way.fate.value} {self.number}"


def main(report: Path, parts: int) -> int:
    """Run what is left in processes side by side; 1 where something is wrong."""
    command = [sys.executable, "-m", __spec__.name, str(report), str(parts)]
    running = [subprocess.Popen([*command, str(part)]) for part in range(parts)]
    ended = [process.wait() for process in running]
    lines = _read(report)
    print(_summary(lines))
    wrong = [f"{line['case']} ({line['step']}): {line['says']}" for line in lines if line["says"]]
    print(*wrong, sep="\n")
    return 1 if wrong or any(ended) else 0


def run_part(report: Path, parts: int, part: int, deeds: Iterable[str] = DEEDS) -> None:
    """Run every so many-th step of all."""
    folder = Path(tempfile.mkdtemp(dir=fast_folder()))
    try:
        with report.open("a", encoding="utf-8", buffering=1) as out:
            done = {line["case"]: line for line in _read(report)}
            site = Site.made(folder)
            ways = dict(_ways(site, deeds))
            for case in _ordered(ways):
                if case.number % parts == part and case.key not in done:
                    done[case.key] = line = _line(site, case, ways[case.way][0], done)
                    out.write(json.dumps(line, ensure_ascii=False) + "\n")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _ways(site: Site, deeds: Iterable[str]) -> Iterator[tuple[Way, tuple[Course, int]]]:
    """Each way with its course, and how many steps can fail in it."""
    sites = dict[str, Counter[str]]()
    for deed in deeds:
        for is_guest in (False, True):
            with redirect_stdout(io.StringIO()):
                course = course_of(site, deed, is_guest=is_guest)
                killed = steps_apart(site, deed, is_guest=is_guest)
            # What opens the home itself, as a backup does, takes the same steps whoever has it open in this process.
            is_same = sites.setdefault(deed, Counter(course.sites)) == Counter(course.sites) and is_guest
            for fate in [Fate.KILL] if is_same else Fate:
                yield Way(deed, is_guest, fate), (course, killed if fate is Fate.KILL else course.steps)


def _ordered(ways: dict[Way, tuple[Course, int]]) -> list[_Case]:
    cases = []
    for way, (course, steps) in ways.items():
        there = set[str]()
        for number in range(1, steps + 1):
            site = course.sites[number - 1] if number <= len(course.sites) else ""
            cases.append(_Case(way, number, site not in there))
            there.add(site)
    return sorted(cases, key=lambda case: not case.is_first)


def _line(site: Site, case: _Case, course: Course, done: dict[str, Any]) -> dict[str, Any]:
    """What is written of a case."""
    failed = done.get(case._replace(way=case.way._replace(fate=Fate.FAIL)).key)
    if case.way.fate is Fate.STAY and failed is not None and not failed["wrote_later"]:
        return {**failed, "case": case.key, "seconds": 0, "same": True}
    began = _seconds()
    faulthandler.dump_traceback_later(_PATIENCE, exit=True)
    try:
        with redirect_stdout(io.StringIO()):
            found = outcome(site, case.way, course, case.number)
    except Exception as error:
        found = Outcome("?", f"{type(error).__name__}: {error}")
    faulthandler.cancel_dump_traceback_later()
    return {"case": case.key, **found._asdict(), "first": case.is_first, "seconds": round(_seconds() - began, 3)}


def _seconds() -> float:
    """Processor time of this process, and of all that it started."""
    others = 0
    for tasks in Path("/proc/self/task").glob("*/children"):
        for pid in tasks.read_text().split():
            others += sum(
                int(ticks) for ticks in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:15]
            )
    return time.process_time() + others / os.sysconf("SC_CLK_TCK")


def _read(report: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in report.read_text("utf-8").splitlines()] if report.exists() else []


def _summary(lines: list[dict[str, Any]]) -> str:
    """How many cases of each deed there were, how many of them are the same as another, and are wrong."""
    counts, same, wrong = Counter[str](), Counter[str](), Counter[str]()
    for line in lines:
        deed = line["case"].split(",")[0]
        counts[deed] += 1
        same[deed] += "same" in line
        wrong[deed] += bool(line["says"])
    rows = [f"{deed}: {count} cases, {same[deed]} the same, {wrong[deed]} wrong" for deed, count in counts.items()]
    return "\n".join([*rows, f"{sum(line['seconds'] for line in lines):.0f} s of processor time"])


if __name__ == "__main__":
    if len(sys.argv) > 3:
        logging.disable(logging.CRITICAL)
        run_part(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
    else:
        sys.exit(main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else os.cpu_count() or 1))
