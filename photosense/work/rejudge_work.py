"""Judging all stored posts again by the detector in force, on record."""

from collections.abc import Callable

from moderation.rejudge import RejudgeCounts, rejudge
from photosense.errors import PhotosenseError
from photosense.house import House


def judge_again(house: House, progress: Callable[[int], None], *, opens: bool) -> RejudgeCounts:
    """Facts get stricter; with `opens`, photos that nobody looked at may become clear."""
    if house.photos.detector is None:
        raise PhotosenseError("There is no detector: train one with `photosense compliance train`.", "no_detector")
    counts = rejudge(house.store, house.photos.detector, house.law, opens=opens, progress=progress)
    house.law.audit.judged(counts.photos, counts.became, house.photos.encoder.id)
    return counts
