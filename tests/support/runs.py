"""Runs of an evaluation, made up."""

from photosense.evaluation.outcomes import Proposed, RankedAnswer
from photosense.evaluation.run_file import EvaluationRun, Outcome


def ranked_answer(
    number: int, *ranks: int, text: str = "boats at sunset on the sea", unknown: bool = False
) -> RankedAnswer:
    return RankedAnswer(
        key=f"p{number}#0",
        group=f"p{number // 2}",
        text=text,
        relevant=("a",),
        ranks=ranks,
        first=("a", "b"),
        unknown=unknown,
        ms=number + 1.0,
    )


def outcome(
    *answers: RankedAnswer | Proposed, task: str = "cold", mode: str = "hybrid", questions: str = "same"
) -> Outcome:
    return Outcome(task=task, mode=mode, questions=questions, answers=answers, left_out={"refused by the gate": 2})


def run(*outcomes: Outcome) -> EvaluationRun:
    return EvaluationRun(
        photosense="1",
        source="judged.ndjson",
        country="DE",
        rule="*",
        model="m",
        encoder="patches-2",
        posts=40,
        notes=("a note",),
        outcomes=outcomes,
    )


PROPOSED = Proposed(key="p1", group="p1", post="p1", words=("sea", "sand"), right=(True, False), truth=4, ms=2.0)
