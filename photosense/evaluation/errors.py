"""What can be wrong with what is to be measured."""

from photosense.errors import PhotosenseError


class EvaluationError(PhotosenseError):
    """Nothing can be measured this way; the message says why, and what to give instead."""
