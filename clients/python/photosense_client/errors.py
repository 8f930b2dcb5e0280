"""Everything that can go wrong, as exceptions with a sentence for people and a code for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from photosense_client.push_report import PushReport


class PhotosenseError(Exception):
    """Base class of all errors raised by this package."""


class ServiceUnreachable(PhotosenseError):
    """No answer came: the address is wrong, the network is down, or the service took too long."""


class StrangeAnswer(PhotosenseError):
    """An answer came that is none of photosense: another program listens there, or a proxy answers for it."""


class ServiceProblem(PhotosenseError):
    """The service answered with a problem.

    Attributes:
        status: The HTTP status.
        code: The stable code of the problem, such as ``key_wrong``; ``http_<status>`` when a proxy answered.
        detail: The sentence for people.
        request_id: The id of the request, as it stands in the service's log.
        retry_after: Seconds after which the service asked to be tried again.
    """

    def __init__(
        self, status: int, code: str, detail: str, request_id: str | None = None, retry_after: float | None = None
    ) -> None:
        super().__init__(f"{detail} ({status}, {code})")
        self.status = status
        self.code = code
        self.detail = detail
        self.request_id = request_id
        self.retry_after = retry_after


class BadRequest(ServiceProblem):
    """The request cannot be understood (400, 413, 415, 422)."""


class NotAllowed(ServiceProblem):
    """The key is missing, wrong, expired, or has not the scope (401, 403)."""


class NotFound(ServiceProblem):
    """There is no such post (404)."""


class Outdated(ServiceProblem):
    """Something else is stored than the request counts on: a later version of the post, another number (409)."""


class WithheldByLaw(ServiceProblem):
    """The law of the visitor's country withholds the post (451); `detail` is the sentence to show."""


class ServiceBusy(ServiceProblem):
    """The service could not answer now (429, 502, 503, 504), not even after several attempts."""


class StoreFull(ServiceProblem):
    """The disk reserve of the service is reached (507): trying again does not help."""


class PostsRejected(PhotosenseError):
    """Some posts of a push were rejected; all others are stored.

    Attributes:
        report: What became of all posts; `report.rejected` lists the rejected ones with their reasons.
    """

    def __init__(self, report: PushReport) -> None:
        first = report.rejected[0]
        super().__init__(
            f"{len(report.rejected)} of {report.lines} posts were rejected, the first of them in line {first.line}"
            f"{f' ({first.id})' if first.id else ''}: {first.detail or first.reason}"
        )
        self.report = report


class PushStopped(PhotosenseError):
    """A push ended before all posts were sent; `__cause__` says why.

    Attributes:
        report: What became of the first `report.lines` posts, which are settled. To go on, push the posts behind
            them; to push all of them again is safe as well.
    """

    def __init__(self, report: PushReport, cause: PhotosenseError) -> None:
        settled = f"after {report.lines} posts, which are settled" if report.lines else "before any post was settled"
        super().__init__(f"The push stopped {settled}. {cause}")
        self.report = report


_KINDS: dict[int, type[ServiceProblem]] = {
    400: BadRequest,
    401: NotAllowed,
    403: NotAllowed,
    404: NotFound,
    409: Outdated,
    413: BadRequest,
    415: BadRequest,
    422: BadRequest,
    429: ServiceBusy,
    451: WithheldByLaw,
    502: ServiceBusy,
    503: ServiceBusy,
    504: ServiceBusy,
    507: StoreFull,
}


def problem_kind(status: int) -> type[ServiceProblem]:
    """Return the exception class for an HTTP status."""
    return _KINDS.get(status, ServiceProblem)
