"""Comparing a model of the home with the one in force, on posts that neither learned from."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from statistics import median
from typing import Any

from photosense.errors import PhotosenseError
from photosense.house import House
from photosense.work.training_work import model_folder
from qdrant.filters import any_of
from qdrant.points import Fields
from topic_model.artifact import load_model
from training.match.comparison import LEAST_COMPARED, Untaught, compare_models, share_within
from training.untaught import load_untaught


def compared(house: House, wanted: str) -> Mapping[str, Any]:
    """Which of both finds such posts better, and by how much."""
    active = house.models.topics
    if active is None:
        raise PhotosenseError("No model is in force to compare with: put this one in force.", "no_model_in_force")
    folder = model_folder(house, wanted)
    model, aligned = load_model(folder), None
    if house.settings.aligned and model.aligned is not None:
        aligned = model.aligned.with_reader(house.reader)
    model = replace(model, aligned=aligned)
    folders = [folder, house.settings.models_path / active.id]
    learned = [datetime.fromtimestamp((each / "model.json").stat().st_mtime, UTC) for each in folders]
    names = load_untaught(folders[0]) & load_untaught(folders[1])
    open_posts = house.store.scroll(any_of(Fields.CHILD, house.law.gate.teaching()), features=True)
    points = Untaught(names, max(learned)).of(open_posts)
    comparison = compare_models(model, active, points, house.models.ideas)
    if comparison is None:
        raise PhotosenseError(
            f"Fewer than {LEAST_COMPARED} posts with a photo and words are known that neither model learned from: "
            "train with held_out: 10, or compare again when more posts have come.",
            "too_few_to_compare",
        )
    return {
        "model": model.id,
        "other": active.id,
        "questions": len(comparison.ranks),
        "by": "photos" if comparison.by_photos else "captions",
        "figures": {model.id: _figures(comparison.ranks), active.id: _figures(comparison.others)},
        "better": comparison.better,
        "worse": comparison.worse,
        "verdict": comparison.verdict,
    }


def _figures(ranks: Sequence[float]) -> Mapping[str, float]:
    shares = {f"first_{place}": round(share_within(ranks, place), 4) for place in (1, 5, 10)}
    return {**shares, "median": round(median(ranks), 1)}
