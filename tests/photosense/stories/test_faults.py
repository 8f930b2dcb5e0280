"""The i-th step fails, for i = 1, 2, 3 ...: what is left is as before or as after, never between.

`make test` lets a few steps of each deed fail; `make faults` lets every one, also as on a disk that stays full, through
the door of another process, and with the process killed at it.
"""

import multiprocessing
import os
import shutil
import signal
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from multiprocessing.context import ForkServerContext
from pathlib import Path
from typing import NamedTuple

import pytest

from common.faults import Fate, faults
from photosense.house import House, open_house
from photosense.settings import Settings
from tests.support.fault_home import DEEDS, REFUSED, State, do_apart, make_home, settings_of, state
from tests.support.folders import copy_home

MOST = int(os.environ.get("PHOTOSENSE_TEST_FAULTS", "1"))  # steps of a deed that fail; `make faults` asks for all
ALL = MOST > 100


class Site(NamedTuple):
    """Where homes are copied to, and the one that is copied."""

    folder: Path
    whole: Path

    def home(self) -> Settings:
        """A fresh copy of the home."""
        for name in ("home", "saved"):
            shutil.rmtree(self.folder / name, ignore_errors=True)
        return settings_of(copy_home(self.whole, self.folder / "home"))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A home that is made once."""
    folder = tmp_path_factory.mktemp("faults")
    make_home(folder / "whole")
    yield Site(folder, folder / "whole")
    shutil.rmtree(folder)


def opened(settings: Settings, stack: ExitStack, *, guest: bool) -> House:
    """A home that this process owns, or one that it asks through the door."""
    if guest:
        stack.enter_context(open_house(settings))
    return stack.enter_context(open_house(settings))


class Course(NamedTuple):
    """How something goes when nothing fails."""

    before: State
    after: State
    steps: int


def course_of(site: Site, name: str, *, guest: bool) -> Course:
    """Do it once, and count."""
    with ExitStack() as stack:
        house = opened(site.home(), stack, guest=guest)
        before = state(house)
        with faults(Fate.FAIL, 10**9, house.settings.home) as counted:
            DEEDS[name].do(house)
        return Course(before, state(house), counted.count)


def chosen(steps: int) -> list[int]:
    """Which steps fail: all, or some from all along the way."""
    return (
        sorted({1 + round(step * (steps - 1) / (MOST + 1)) for step in range(1, MOST + 1)})
        if not ALL
        else list(range(1, steps + 1))
    )


def check_end(settings: Settings, name: str, course: Course, live: State | None) -> str:
    """What is wrong with a home that is opened again, and then with what is done once more; empty where nothing is."""
    with open_house(settings) as house:
        left = state(house)
        says = left.between(course.before, course.after)
        if live is not None and left not in (
            live._replace(photos=left.photos),
            course.after._replace(photos=left.photos),
        ):
            says = says or "a restart finds neither what was there before it, nor that all is done"
        DEEDS[name].do(house)
        last = state(house)  # a post that was withheld on the way is remembered as that, too
        if last._replace(memory=course.after.memory) != course.after or not last.memory >= course.after.memory:
            says = says or f"done once more: {last.difference(course.after)}"
        return says


def fail(site: Site, name: str, course: Course, number: int, mode: Fate, *, guest: bool) -> str:
    """Let one step fail; what is wrong with what is left."""
    settings, refused, live = site.home(), False, None
    with ExitStack() as stack:
        house = opened(settings, stack, guest=guest)
        with faults(mode, number, settings.home) as armed:
            try:
                DEEDS[name].do(house)
            except REFUSED:
                refused = True
        step = armed.names[number - 1] if armed.is_over else "no step"
        live = state(house)
    says = live.between(course.before, course.after)
    if not refused and live._replace(photos=course.after.photos) != course.after:
        says = says or f"it is done, but {live.difference(course.after)}"
    says = says or check_end(settings, name, course, live)
    return f"{name}, step {number} ({step}), {mode.value}: {says}" if says else ""


@pytest.mark.parametrize("name", DEEDS)
def test_what_fails_leaves_all_as_it_was_or_as_it_will_be(site: Site, name: str) -> None:
    """Whatever step fails, it is refused in a sentence or done; a restart changes nothing; asked again it is done."""
    guests = [False, True] if ALL or name == "facts" else [False]
    modes = [Fate.FAIL, Fate.STAY] if ALL else [Fate.FAIL]
    wrong = []
    for guest in guests:
        course = course_of(site, name, guest=guest)
        for mode in modes:
            wrong += [fail(site, name, course, number, mode, guest=guest) for number in chosen(course.steps)]
    assert [says for says in wrong if says] == []


def processes() -> ForkServerContext:
    """Where processes come from that do something to a home."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.support.fault_home"])
    return context


def steps_of_guest(site: Site, name: str) -> int:
    """How many steps a process takes that asks through the door, without those of the owner."""
    with open_house(site.home()) as owner, ProcessPoolExecutor(1, processes()) as pool:
        return pool.submit(do_apart, owner.settings.home, name, Fate.KILL, 10**9).result(300)


def killed(settings: Settings, name: str, number: int) -> None:
    """Do it in another process, which ends at a step as by kill -9."""
    process = processes().Process(target=do_apart, args=(settings.home, name, Fate.KILL, number))
    process.start()
    process.join(300)
    assert process.exitcode == -signal.SIGKILL, f"{name}, step {number}: it was not killed: {process.exitcode}"


@pytest.mark.parametrize("name", DEEDS if ALL else ["facts"])
def test_what_is_killed_leaves_all_as_it_was_or_as_it_will_be(site: Site, name: str) -> None:
    """The process ends at a step, as by kill -9, and the home is opened by another one."""
    course, wrong = course_of(site, name, guest=False), []
    for number in chosen(course.steps):
        settings = site.home()
        killed(settings, name, number)
        says = check_end(settings, name, course, None)
        wrong += [f"{name}, killed at step {number} of {course.steps}: {says}"] if says else []
    assert wrong == []


@pytest.mark.parametrize("name", DEEDS if ALL else ["takedown"])
def test_a_guest_that_is_killed_leaves_its_owner_all_as_it_was_or_as_it_will_be(site: Site, name: str) -> None:
    """It asks through the door and ends at a step; whoever has the store open goes on, and so does the next guest."""
    course, wrong = course_of(site, name, guest=True), []
    for number in chosen(steps_of_guest(site, name)):
        settings = site.home()
        with open_house(settings) as owner:
            killed(settings, name, number)
            live = state(owner)
        says = live.between(course.before, course.after) or check_end(settings, name, course, live)
        wrong += [f"{name}, its guest killed at step {number}: {says}"] if says else []
    assert wrong == []
