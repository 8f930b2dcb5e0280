"""What can go wrong before anything runs."""


class PhotosenseError(Exception):
    """Base of every error of this package; `code` is for programs, which say it in another language."""

    def __init__(self, message: str, code: str = "refused") -> None:
        super().__init__(message)
        self.code = code


class SettingsError(PhotosenseError):
    """A setting has a value that it cannot have."""


class SetupError(PhotosenseError):
    """The parts do not fit together, or a place is taken."""


class OtherRules(SetupError):
    """The rules are not those that the service of this home follows."""
