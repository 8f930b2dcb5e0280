"""The process that does one task: stdin says what is to be done, stdout how far it is, a line of JSON each."""

import _thread
import os
import sys
import threading
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Final

import msgspec

from api.tasks.task import TaskFailure, TaskKind, TaskProgress
from api.tasks.task_runner import TaskWord
from compliance.facts import Child
from ingest.bulk.report import Report
from ingest.changes.withdrawal import OnReject
from photosense.backup.make_backup import make_backup
from photosense.errors import PhotosenseError
from photosense.house import open_house
from photosense.remarks.unseen_photos import check_teaching
from photosense.sentence import OURS
from photosense.settings import Settings
from photosense.work.comparison_work import compared
from photosense.work.import_work import sent_run, take_run
from photosense.work.rejudge_work import judge_again
from photosense.work.training_work import (
    learn_model,
    model_before,
    one_training,
    publishing,
    put_in_force,
    training_report,
)
from qdrant.filters import any_of
from qdrant.points import Fields

_NICE: Final = 10  # who searches goes first

Say = Callable[[TaskProgress], None]
Options = Mapping[str, Any]


class TaskOrder(msgspec.Struct, frozen=True):
    """What is to be done, by which settings: a task of a kind with its options, and the lines of an import."""

    settings: Mapping[str, Any]
    kind: TaskKind
    options: Mapping[str, Any]
    file: str | None = None


def main(held: int) -> None:
    """Do what stdin says, and say what came of it; `held` is a lock that ends with us."""
    os.set_inheritable(held, False)
    os.nice(_NICE)
    os.umask(os.umask(0o077) | 0o077)
    order = msgspec.json.decode(sys.stdin.buffer.readline(), type=TaskOrder)
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whoever prints says it to the log
    threading.Thread(target=_watch, daemon=True).start()
    say = partial(_say, out)
    try:
        say(TaskWord(report=dict(_done(order, lambda progress: say(TaskWord(progress=progress))))))
    except OURS as error:
        from api.problems import problem_code  # most tasks need no web framework

        say(TaskWord(failure=TaskFailure(problem_code(error), str(error))))
        sys.exit(2)
    except (KeyboardInterrupt, BrokenPipeError):  # nobody waits for it
        sys.exit(2)


def _done(order: TaskOrder, say: Say) -> Options:
    settings = Settings(**order.settings)
    match order.kind:
        case TaskKind.IMPORT:
            return _import(settings, order, say)
        case TaskKind.TRAIN:
            return _train(settings, order.options, say)
        case TaskKind.PUBLISH:
            return _publish(settings, order.options, say)
        case TaskKind.BACKUP:
            return _backup(settings, say)
        case TaskKind.COMPARE:
            return _compare(settings, order.options, say)
        case TaskKind.JUDGE:
            return _judge(settings, order.options, say)


def _import(settings: Settings, order: TaskOrder, say: Say) -> Options:
    def progress(report: Report, share: float) -> None:
        say(TaskProgress("posts", report.lines, round(report.lines / share) if share else None))

    with open_house(settings, encoder_may_differ=True) as house:
        wish = order.options.get("on_reject")
        on_reject = None if wish is None else OnReject(wish)
        report = take_run(house, sent_run(house, Path(order.file or "")), progress, on_reject=on_reject)
    counts = {"lines": report.lines, **report.counts()}
    return {**counts, "seconds": round(report.seconds, 1), "resumed_after": report.resumed_after}


def _train(settings: Settings, options: Options, say: Say) -> Options:
    given = {name: value for name, value in options.items() if name in Settings.model_fields}
    settings = settings.model_copy(update=given)
    with one_training(settings), open_house(settings, encoder_may_differ=True) as house:
        check_teaching(house)
        recipe = settings.recipe(house.store.count())
        total = recipe.passes * recipe.committee
        say(TaskProgress("passes", 0, total))
        trained = learn_model(
            house,
            recipe,
            lambda state: say(
                TaskProgress("passes", state.earlier + state.passes, total, f"perplexity {state.history[-1]:.1f}")
            ),
            resume=bool(options.get("resume")),
            publishes=bool(options.get("publish", True)),
        )
    return training_report(trained, held_out=settings.held_out > 0)


def _publish(settings: Settings, options: Options, say: Say) -> Options:
    with publishing(settings) as house:
        say(TaskProgress("posts", 0, house.store.count()))
        before = house.store.in_force()
        model = put_in_force(house, options.get("model") or model_before(house))
    return {"model": model.id, "before": before}


def _backup(settings: Settings, say: Say) -> Options:
    if settings.backups is None:
        raise PhotosenseError(
            "No folder for backups is named: set `backups`, and `keep_backups` for how many.", "no_backup_folder"
        )
    say(TaskProgress("copies", 0))
    made = make_backup(settings, settings.backups, settings.keep_backups)
    return {
        "backup": made.place.name,
        "posts": made.posts,
        "model": made.model,
        "kept": made.kept,
        "dropped": made.dropped,
        "seconds": round(made.seconds, 1),
    }


def _compare(settings: Settings, options: Options, say: Say) -> Options:
    with open_house(settings) as house:
        say(TaskProgress("posts", 0))
        return compared(house, str(options["model"]))


def _judge(settings: Settings, options: Options, say: Say) -> Options:
    with open_house(settings, with_model=False) as house:
        total = house.store.count()
        opens = bool(options.get("open_unseen"))
        counts = judge_again(house, lambda done: say(TaskProgress("posts", done, total)), opens=opens)
        unseen = house.store.count(any_of(Fields.CHILD, [Child.UNSEEN]))
    became = {child.value: count for child, count in counts.became.items()}
    return {"photos": counts.photos, "became": became, "unmeasured": counts.unmeasured, "unseen": unseen}


def _say(out: Any, word: TaskWord) -> None:
    out.write(msgspec.json.encode(word) + b"\n")
    out.flush()


def _watch() -> None:
    """Who waits for us holds our stdin open; when he has gone, we stop as if told to."""
    while os.read(0, 1024):
        pass
    _thread.interrupt_main()
