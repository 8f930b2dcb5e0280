"""Cases: one step of something that is done to a home fails, and what is wrong with what is left."""

import multiprocessing
import shutil
import signal
import sys
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from functools import cache
from multiprocessing.context import ForkServerContext
from pathlib import Path
from typing import Final, NamedTuple

from common.faults import Fate, faults
from photosense.house import House, open_house
from photosense.settings import Settings
from tests.support.fault_home import DEEDS, REFUSED, State, do_apart, make_home, settings_of, state
from tests.support.folders import copy_home

# What a process that is killed needs, so that it is forked with it.
_WARM: Final = ["tests.support.fault_home", "topic_model.kernels", "qdrant.edge.engine", "qdrant.owner.start"]
_ROOT: Final = str(Path(__file__).parents[2])
_FAULTS: Final = str(Path(_ROOT) / "common" / "faults.py")


class Way(NamedTuple):
    """What is done, by whom (who owns the store, or a guest at its door), and what becomes of a step."""

    deed: str
    is_guest: bool
    fate: Fate


class Site(NamedTuple):
    """Where homes are copied to, and the one that is copied."""

    folder: Path
    whole: Path

    @classmethod
    def made(cls, folder: Path) -> "Site":
        """Make the home that is copied."""
        make_home(folder / "made")
        copy_home(folder / "made", folder / "whole")  # without the zeros that a disk in memory keeps
        shutil.rmtree(folder / "made")
        return cls(folder, folder / "whole")

    def home(self) -> Settings:
        """A fresh copy of the home, in a folder of its own."""
        shutil.rmtree(self.here, ignore_errors=True)
        self.here.mkdir()
        return settings_of(copy_home(self.whole, self.here / "home"))

    @property
    def here(self) -> Path:
        """Below which steps count: the home, and what is saved of it."""
        return self.folder / "here"


class Course(NamedTuple):
    """How something goes when nothing fails; of each step, the lines of the house that led to it."""

    before: State
    after: State
    steps: int
    sites: list[str]


class Outcome(NamedTuple):
    """Which step it was, and what is wrong; empty where nothing is. Whether anything wrote later on the way."""

    step: str
    says: str
    wrote_later: bool = True


def course_of(site: Site, deed: str, *, is_guest: bool) -> Course:
    """Do it once, and count."""
    sites = list[str]()
    with ExitStack() as stack:
        house = _opened(site.home(), stack, is_guest=is_guest)
        before = state(house)
        with faults(Fate.FAIL, 10**9, site.here) as counted:
            counted.heard = lambda name, _writes: sites.append(_site(name))
            DEEDS[deed].do(house)
        return Course(before, state(house), counted.count, sites)


def _site(name: str) -> str:
    """Where a step comes from: its kind, and the lines of the house that called it."""
    frame, lines = sys._getframe(2), [name.split()[0]]  # a traceback of each step takes ten times as long
    while frame is not None:
        file = frame.f_code.co_filename
        if file.startswith(_ROOT) and file not in (_FAULTS, __file__):
            lines.append(f"{file.removeprefix(_ROOT)}:{frame.f_lineno}")
        frame = frame.f_back
    return " < ".join(lines)


def steps_apart(site: Site, deed: str, *, is_guest: bool) -> int:
    """How many steps another process takes, without those of the owner where it asks through the door."""
    settings = site.home()
    with ExitStack() as stack:
        if is_guest:
            stack.enter_context(open_house(settings))
        pool = stack.enter_context(ProcessPoolExecutor(1, _processes()))
        return pool.submit(do_apart, settings.home, deed, Fate.KILL, 10**9).result(300)


def outcome(site: Site, way: Way, course: Course, number: int) -> Outcome:
    """Let a step fail, and look at what is left."""
    if way.fate is not Fate.KILL:
        return _failed(site, way, course, number)
    return _guest_killed(site, way, course, number) if way.is_guest else _killed(site, way, course, number)


def _failed(site: Site, way: Way, course: Course, number: int) -> Outcome:
    """In this process: refused in a sentence, or done; a restart changes nothing."""
    settings, is_refused, later = site.home(), False, list[bool]()
    with ExitStack() as stack:
        house = _opened(settings, stack, is_guest=way.is_guest)
        with faults(way.fate, number, site.here) as armed:
            armed.heard = lambda _name, writes: later.append(writes and armed.count > number)
            try:
                DEEDS[way.deed].do(house)
            except REFUSED:
                is_refused = True
        step = armed.names[number - 1] if armed.is_over else "no step"
        live = state(house)
    says = live.between(course.before, course.after)
    if not is_refused and live._replace(photos=course.after.photos) != course.after:
        says = says or f"it is done, but {live.difference(course.after)}"
    return Outcome(step, says or _end(settings, way.deed, course, live), any(later))


def _killed(site: Site, way: Way, course: Course, number: int) -> Outcome:
    """Another process ends at a step, as by kill -9, and the home is opened again."""
    settings = site.home()
    _kill(settings, way.deed, number)
    return Outcome(f"of {course.steps}", _end(settings, way.deed, course, None))


def _guest_killed(site: Site, way: Way, course: Course, number: int) -> Outcome:
    """A guest ends at a step; whoever has the store open goes on, and so does the next guest."""
    settings = site.home()
    with open_house(settings) as owner:
        _kill(settings, way.deed, number)
        live = state(owner)
    says = live.between(course.before, course.after) or _end(settings, way.deed, course, live)
    return Outcome("of a guest", says)


def _end(settings: Settings, deed: str, course: Course, live: State | None) -> str:
    """What is wrong with a home that is opened again, and then with what is done once more; empty where nothing is."""
    with open_house(settings) as house:
        left = state(house)
        says = left.between(course.before, course.after)
        if live is not None and left not in (
            live._replace(photos=left.photos),
            course.after._replace(photos=left.photos),
        ):
            says = says or "a restart finds neither what was there before it, nor that all is done"
        DEEDS[deed].do(house)
        last = state(house)  # a post that was withheld on the way is remembered as that, too
        if last._replace(memory=course.after.memory) != course.after or not last.memory >= course.after.memory:
            says = says or f"done once more: {last.difference(course.after)}"
        return says


def _opened(settings: Settings, stack: ExitStack, *, is_guest: bool) -> House:
    """A home that this process owns, or one that it asks through the door."""
    if is_guest:
        stack.enter_context(open_house(settings))
    return stack.enter_context(open_house(settings))


@cache
def _processes() -> ForkServerContext:
    """Where processes come from that do something to a home: forked before anything is open."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(_WARM)
    return context


def _kill(settings: Settings, deed: str, number: int) -> None:
    """Do it in another process, which ends at a step as by kill -9."""
    process = _processes().Process(target=do_apart, args=(settings.home, deed, Fate.KILL, number))
    process.start()
    process.join(300)
    assert process.exitcode == -signal.SIGKILL, f"{deed}, step {number}: it was not killed: {process.exitcode}"
