"""The one error that a photo can cause."""


class PhotoError(ValueError):
    """A photo that cannot be used, with a stable reason for counters and a message for people."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(reason, message)
        self.reason = reason
        self.message = message

    def __str__(self) -> str:
        return f"{self.reason}: {self.message}"
