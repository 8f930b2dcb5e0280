"""Learning the match from judged pairs: how far people agree, and the best scorer for each kind of post."""

from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np

from common.stats import auc
from topic_model.match.agreement import krippendorff_alpha, majority, weighted_kappa
from topic_model.match.cues import Cue, Pairs
from topic_model.match.learners import LEARNERS
from topic_model.match.matcher import Matcher
from topic_model.match.measures import tau_c
from topic_model.match.trials import FOLDS, enough, run_trials
from training.match.judgements import Judgement, Judges
from training.match.pairs import JudgedPairs

ALWAYS: Final = (Cue.SHARED, Cue.LIKELIHOOD, Cue.EXPLAINED, Cue.BREVITY)
EXTRA: Final = (Cue.PREDICTED, Cue.ALIGNED)  # where the encoder and the topic model know so much of a photo

Progress = Callable[[int, int], None]


def learn_match(judged: JudgedPairs, people: dict[str, Any], progress: Progress | None = None) -> Matcher:
    """Try every learner for every kind of post that there are enough pairs of; people's agreement is kept beside."""
    extra = [cue for cue in EXTRA if enough(judged.photos.having([*ALWAYS, cue]))]
    kinds_of_post = dict.fromkeys((*ALWAYS, *own, *more) for more in (extra, ()) for own in ((Cue.OWN,), ()))
    of_kind = [(cues, *(judged[2:] if Cue.OWN in cues else judged[:2])) for cues in kinds_of_post]
    possible = [(cues, pairs, noise) for cues, pairs, noise in of_kind if enough(pairs.having(cues))]
    total, done = len(possible) * len(LEARNERS) * FOLDS, 0

    def one_more() -> None:
        nonlocal done
        done += 1
        if progress:
            progress(done, total)

    scorers, kinds = [], []
    for cues, pairs, noise in possible or of_kind[-1:]:  # of none that is possible, one says what is missing
        trials, scorer = run_trials(pairs, noise, cues, progress=one_more)
        scorers.append(scorer)
        tried = [
            {"learner": trial.learner, "calibration": trial.calibration, **trial.figures.as_dict()} for trial in trials
        ]
        kinds.append({"cues": list(cues), **_counted(pairs.having(cues)), "trials": tried})
    return Matcher(tuple(scorers), {"people": people, "kinds": kinds})


def agreement(judgements: Sequence[Judgement]) -> dict[str, Any]:
    """How far people agree with each other: what no score can be better than."""
    report: dict[str, Any] = {}
    for judges in Judges:
        votes = [one.votes for one in judgements if one.judges is judges]
        if votes:
            report[judges] = {
                "pairs": len(votes),
                "alpha": _rounded(krippendorff_alpha(votes)),
                "majority": _rounded(float(np.mean([majority(ratings) is not None for ratings in votes]))),
            }
    experts = {(one.photo, one.caption): one for one in judgements if one.judges is Judges.EXPERTS}
    as_many = {len(one.votes) for one in experts.values()}
    if len(as_many) == 1:
        report[Judges.EXPERTS]["kappa"] = _rounded(weighted_kappa([one.votes for one in experts.values()]))
    shares = [
        (experts[one.photo, one.caption], one.mean)
        for one in judgements
        if one.judges is Judges.CROWD and (one.photo, one.caption) in experts and not one.own
    ]
    if shares:
        crowd = np.array([share for _, share in shares])
        fits = np.array([one.fits for one, _ in shares])
        ratings = np.concatenate([np.array(one.votes) for one, _ in shares])
        order = tau_c(ratings, np.repeat(crowd, [len(one.votes) for one, _ in shares]))
        area = _rounded(auc(crowd, fits))
        report["crowd_against_experts"] = {"pairs": len(shares), "tau_c": _rounded(order), "auc": area}
    return report


def _counted(pairs: Pairs) -> dict[str, int]:
    measured = pairs.measured
    return {
        "pairs": int(measured.sum()),
        "fits": int(pairs.fits[measured].sum()),
        "photos": len(np.unique(pairs.photos[measured])),
        "taught_by": len(pairs.fits),
    }


def _rounded(value: float) -> float | None:
    return None if np.isnan(value) else round(value, 4)
