"""A client of the photosense search service: `Client`, and `AsyncClient` for asynchronous code."""

from photosense_client.async_client import AsyncClient
from photosense_client.client import Client
from photosense_client.errors import (
    BadRequest,
    NotAllowed,
    NotFound,
    Outdated,
    PhotosenseError,
    PostsRejected,
    PushStopped,
    ServiceBusy,
    ServiceProblem,
    ServiceUnreachable,
    StoreFull,
    StrangeAnswer,
    WithheldByLaw,
)
from photosense_client.push_report import PushReport
from photosense_client.retry import Retry
from photosense_client.version import VERSION

__version__ = VERSION
__all__ = [
    "AsyncClient",
    "BadRequest",
    "Client",
    "NotAllowed",
    "NotFound",
    "Outdated",
    "PhotosenseError",
    "PostsRejected",
    "PushReport",
    "PushStopped",
    "Retry",
    "ServiceBusy",
    "ServiceProblem",
    "ServiceUnreachable",
    "StoreFull",
    "StrangeAnswer",
    "WithheldByLaw",
]
