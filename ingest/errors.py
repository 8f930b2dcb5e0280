"""What can go wrong while posts flow in."""


class IngestError(Exception):
    """Base of every error of this package."""


class PostRejected(IngestError):
    """One post cannot be taken: `reason` is a stable word, the message says what was wrong and what is expected."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(reason, message)  # both, so that it comes whole out of a worker process
        self.reason = reason
        self.message = message

    def __str__(self) -> str:
        return self.message


class InputMissing(IngestError):
    """A file or folder that was named is not there or cannot be read."""


class InputBroken(IngestError):
    """A file is not what it says it is, or breaks off; what came before the break was taken."""


class ExtraMissing(IngestError):
    """A file needs a package that is not installed."""


class ExamplesWrong(IngestError):
    """Examples of advertisements that nothing can be learned from."""


class WorkerLost(IngestError):
    """A process that reads lines has died."""
