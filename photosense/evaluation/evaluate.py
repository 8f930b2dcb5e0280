"""Evaluating: questions against the store as it is, or a corpus that is indexed for a while."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from importlib.metadata import version

from api.search.question import Mode
from compliance.country import Country
from compliance.records.audit import Audit
from ingest.photos.photo_source import PhotoSource
from photosense.evaluation.corpus import EvaluationPosts
from photosense.evaluation.errors import EvaluationError
from photosense.evaluation.examples import Examples, Gallery, choose_examples
from photosense.evaluation.outcomes import Answer
from photosense.evaluation.questions import EvaluationQuestion, questions_digest
from photosense.evaluation.remembering_encoder import Remembering
from photosense.evaluation.run_file import EvaluationRun, Outcome
from photosense.evaluation.tasks import Exam, Task, set_exam
from photosense.evaluation.temporary_index import indexed
from photosense.evaluation.visitor import LeftOut, Visitor
from photosense.house import House
from photosense.progress import progress
from qdrant.engine.protocol import batches

QUERIES = "queries"


@dataclass(frozen=True, slots=True)
class EvaluationResult:
    """A run, and for each of its outcomes the best and the worst questions, where they are to be shown."""

    run: EvaluationRun
    examples: list[Examples]


def evaluate_queries(
    house: House,
    questions: Sequence[EvaluationQuestion],
    country: Country,
    modes: Sequence[Mode | None],
    photos: PhotoSource,
    *,
    source: str,
    where: Callable[[str], str | None] | None = None,
) -> EvaluationResult:
    """Ask the store as it is, in each mode; None leaves the mode to the service, as most visitors do.

    With `where`, which names the photo of a post, the best and the worst questions are shown.
    """
    unrecorded = replace(house, law=replace(house.law, audit=Audit(None)))
    service = unrecorded.service()
    service.warm_up()
    visitor = Visitor(service, country, photos)
    gallery = where and Gallery(unrecorded, house.law.gate.policy.rule_for(country), photos, where)
    outcomes, examples = [], []
    for mode in modes:
        outcome = _outcome(QUERIES, mode, questions, map(partial(visitor.search, mode=mode), questions))
        outcomes.append(outcome)
        examples.append(_examples(outcome, questions, gallery))
    if not outcomes[0].answers:
        raise EvaluationError(f"{_nothing_left(outcomes[0])} Check ids, photos and --country.")
    return EvaluationResult(_run(house, country, source, house.store.count(), outcomes, []), examples)


def evaluate_posts(
    house: House,
    corpus: EvaluationPosts,
    country: Country,
    tasks: Sequence[Task] | None,
    modes: Sequence[Mode | None],
    photos: PhotoSource,
    *,
    source: str,
    least_alike: float,
    with_examples: bool = False,
) -> EvaluationResult:
    """Make tasks of a corpus and index it for each; every photo is looked at once, `with_examples` or without.

    Without tasks, all those are measured that the corpus is made for.
    """
    if house.models.topics is None and any(task.needs_model for task in tasks or Task):
        raise EvaluationError(
            "There is no model yet, and without one photos are found by the words of their captions alone: "
            "run `photosense train`, or measure the task warm only (--tasks warm)."
        )
    notes = _notes(house, corpus)
    exams = list(_exams(tasks, corpus, least_alike, notes))
    once = replace(house, photos=replace(house.photos, encoder=Remembering(house.photos.encoder)))
    where = {post.id: post.photo for post in corpus.posts}
    outcomes, chosen = [], []
    rejected: Counter[str] = Counter()
    for same_index in _by_index(exams):
        with indexed(once, same_index[0][1].posts, photos) as index:
            rejected |= index.rejected  # with captions and without, the same posts are turned away
            there, service = index.house, index.house.service()
            service.warm_up()
            visitor = Visitor(service, country, photos)
            rule = house.law.gate.policy.rule_for(country)
            gallery = Gallery(there, rule, photos, where.get) if with_examples else None
            for task, exam in same_index:
                for outcome in _sit(task, exam, visitor, modes):
                    if outcome.answers:
                        outcomes.append(outcome)
                        chosen.append(_examples(outcome, exam.questions, gallery))
                    else:
                        notes.append(_nothing_left(outcome))
    notes += _counted("Turned away when they were indexed", rejected)
    if not outcomes:
        raise EvaluationError(" ".join([*notes, "Check the photos and --country."]))
    return EvaluationResult(_run(house, country, source, len(corpus.posts), outcomes, notes), chosen)


def _exams(
    tasks: Sequence[Task] | None, corpus: EvaluationPosts, least_alike: float, notes: list[str]
) -> Iterator[tuple[Task, Exam]]:
    """Make the tasks; one that the corpus is not made for is an error only where it was asked for."""
    for task in tasks or Task:
        try:
            yield task, set_exam(task, corpus.posts, least_alike)
        except EvaluationError as unfit:
            if tasks or task is Task.COLD:
                raise
            notes.append(f"{task} is not measured. {unfit}")


def _sit(task: Task, exam: Exam, visitor: Visitor, modes: Sequence[Mode | None]) -> Iterator[Outcome]:
    """Ask the questions of one task, in each mode."""
    for mode in task.modes(modes):
        ask = visitor.annotate if task is Task.ANNOTATE else partial(visitor.search, mode=mode)
        yield _outcome(task.value, mode, exam.questions, map(ask, exam.questions))


def _examples(outcome: Outcome, questions: Sequence[EvaluationQuestion], gallery: Gallery | None) -> Examples:
    return (
        choose_examples(outcome, {question.key: question for question in questions}, gallery) if gallery else Examples()
    )


def _by_index(exams: Sequence[tuple[Task, Exam]]) -> list[list[tuple[Task, Exam]]]:
    """Put tasks together that index the same: all but warm index photos alone."""
    parts = ([(task, exam) for task, exam in exams if (task is Task.WARM) is warm] for warm in (False, True))
    return [part for part in parts if part]


def _outcome(
    task: str, mode: Mode | None, questions: Sequence[EvaluationQuestion], given: Iterable[Answer | LeftOut]
) -> Outcome:
    answers: list[Answer] = []
    left_out: Counter[str] = Counter()
    says = f"{task}, {mode.value}" if mode else task
    with progress(says, len(questions)) as update:
        for done, answer in enumerate(given, 1):
            if isinstance(answer, LeftOut):
                left_out[answer.value] += 1
            else:
                answers.append(answer)
            update(done)
    return Outcome(
        task=task,
        mode=mode.value if mode else "",
        questions=questions_digest(questions),
        answers=tuple(answers),
        left_out=dict(left_out.most_common()),
    )


def _nothing_left(outcome: Outcome) -> str:
    why = ", ".join(f"{count} {reason}" for reason, count in outcome.left_out.items())
    return f"No question of {outcome.task} is left to measure with: {why}."


def _notes(house: House, corpus: EvaluationPosts) -> list[str]:
    notes = _counted("Left out of the corpus", corpus.skipped)
    ids = batches(post.id for post in corpus.posts)
    known = sum(point is not None for part in ids for point in house.store.get(part))
    if known:
        notes.insert(
            0,
            f"{known} of these posts are in the store: the model may have learned from them, and the figures flatter.",
        )
    return notes


def _counted(what: str, reasons: Counter[str]) -> list[str]:
    counts = ", ".join(f"{count} {reason}" for reason, count in reasons.most_common())
    return [f"{what}: {counts}."] if counts else []


def _run(
    house: House, country: Country, source: str, posts: int, outcomes: Sequence[Outcome], notes: Sequence[str]
) -> EvaluationRun:
    return EvaluationRun(
        photosense=version("photosense"),
        source=source,
        country=country.code,
        rule=house.law.gate.policy.rule_for(country).group,
        model=house.models.topics.id if house.models.topics else None,
        encoder=house.photos.encoder.id,
        posts=posts,
        notes=tuple(notes),
        outcomes=tuple(outcomes),
    )
