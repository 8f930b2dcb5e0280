"""What can go wrong with photos: one error that a photo can cause, and those of whoever set things up."""

from ingest.errors import IngestError


class PhotoError(ValueError):
    """A photo that cannot be used, with a stable reason for counters and a message for people."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(reason, message)
        self.reason = reason
        self.message = message

    def __str__(self) -> str:
        return f"{self.reason}: {self.message}"


class DecoderMissing(IngestError):
    """The processes that decode photos cannot be started; no photo is to blame."""


class EncoderError(IngestError):
    """An encoder cannot be made as it was asked for: something is missing, or does not fit."""
