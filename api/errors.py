"""Errors of the HTTP layer itself; problems.py gives every error its status."""


class ApiError(Exception):
    """Base of every error of this package: `status` for the line, `code` for programs, the message for people."""

    status = 400
    code = "bad_request"


class BadRequest(ApiError):
    """The body or a parameter is not what is expected."""

    def __init__(self, message: str, code: str = "bad_request", status: int = 400) -> None:
        super().__init__(message)
        self.code = code
        self.status = status


class NotForVisitors(ApiError):
    """Only the host site's backend may do this."""

    status = 401
    code = "key_required"


class KeyRefused(ApiError):
    """A key was sent that is none of this service's, or no longer."""

    status = 401

    def __init__(self, message: str, code: str) -> None:
        super().__init__(message)
        self.code = code


class TokenRefused(ApiError):
    """A token was sent that is none of this service's, or no longer."""

    status = 401
    code = "token_refused"


class Forbidden(ApiError):
    """Who asks is known, and may not do this."""

    status = 403

    def __init__(self, message: str, code: str) -> None:
        super().__init__(message)
        self.code = code


class AddressRefused(ApiError):
    """A signed address was changed, or is over."""

    status = 403
    code = "address_refused"


class NotFound(ApiError):
    """There is no such thing."""

    status = 404
    code = "not_found"


class TooSlow(ApiError):
    """A body comes in more slowly than anybody waits for."""

    status = 408
    code = "too_slow"

    def __init__(self) -> None:
        super().__init__("The body came too slowly, or stopped coming: send it again, over a better line.")


class TooMany(ApiError):
    """More requests in a minute than the settings allow."""

    status = 429
    code = "too_many_requests"

    def __init__(self, wait: int) -> None:
        super().__init__(f"These were more requests in a minute than are allowed: go on in {wait} seconds, and slower.")


class Busy(ApiError):
    """There is as much under way as can be done at once, and as many wait as may."""

    status = 503
    code = "busy"

    def __init__(self, kind: str) -> None:
        super().__init__(f"There are as many {kind} under way as can be done: ask again in a few seconds.")


class Stopping(ApiError):
    """The service ends, and does not wait for bodies that are not whole."""

    status = 503
    code = "stopping"

    def __init__(self) -> None:
        super().__init__(
            "The service is being stopped: send all of it again in a few seconds; posts that are stored by then come "
            "back as unchanged."
        )


class PostWithheld(ApiError):
    """The law of the visitor's country forbids showing it; the message is the sentence of the rule."""

    status = 451
    code = "withheld"
