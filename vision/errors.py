"""What can go wrong with photos: one error that a photo can cause, and those of whoever set things up."""


class VisionError(Exception):
    """Base of the errors of this package that no photo is to blame for."""


class PhotoError(ValueError):
    """A photo that cannot be used, with a stable reason for counters and a message for people."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(reason, message)
        self.reason = reason
        self.message = message

    def __str__(self) -> str:
        return self.message


class DecoderMissing(VisionError):
    """The processes that decode photos cannot be started; no photo is to blame."""


class EncoderError(VisionError):
    """An encoder cannot be made as it was asked for: something is missing, or does not fit."""
