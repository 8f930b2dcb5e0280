"""What can go wrong while posts flow in."""


class IngestError(Exception):
    """Base of every error of this package."""


class PostRejected(IngestError):
    """One post cannot be taken: `reason` is a stable word, the message says what was wrong and what is expected."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class InputMissing(IngestError):
    """A file or folder that was named is not there or cannot be read."""
