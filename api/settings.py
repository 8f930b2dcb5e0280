"""Settings of the HTTP service; the command adds its own and fills them from file and environment."""

import os
from ipaddress import IPv4Network, IPv6Network
from typing import Annotated

from pydantic import Field, SecretStr

from api.tasks.webhook import Webhook
from ingest.settings import IngestSettings


class ServiceSettings(IngestSettings):
    """What the service needs to know about where it stands, beside what it takes in."""

    api_key: SecretStr | None = Field(
        None,
        description="Key of the host site's backend (Authorization: Bearer ...); none: only this machine may write.",
    )
    country_header: str = Field("X-Country", description="Header in which a trusted proxy names the visitor's country.")
    trusted_proxies: tuple[IPv4Network | IPv6Network, ...] = Field(
        (), description="Networks whose country header is believed."
    )
    allow_origins: tuple[str, ...] = Field((), description="Origins of the pages that embed <photo-search>.")
    key_rate: Annotated[int, Field(ge=1, le=1_000_000)] | None = Field(
        None, description="Requests a minute that one key may send to each worker; none: as many as it likes."
    )
    visitor_rate: Annotated[int, Field(ge=1, le=1_000_000)] | None = Field(
        None, description="Requests a minute that may come from one address without a key; none: as many as it likes."
    )
    feedback_mb: Annotated[int, Field(ge=0, le=100_000)] = Field(
        64, description="How many MB of what visitors think of hits are kept, the oldest go first; 0: none is."
    )
    feedback_text: bool = Field(
        False, description="Keep the words of the question with what a visitor thinks of a hit, not a keyed hash alone."
    )
    access_log: bool = Field(
        False,
        description="Write a line for each request on stderr: address, status and time; no question, no post's id.",
    )
    traces: Annotated[str, Field(pattern=r"^https?://[^\s/]+")] | None = Field(
        None,
        description="OpenTelemetry collector (OTLP, HTTP), such as http://localhost:4318/v1/traces; none: no spans.",
    )
    trace_share: Annotated[float, Field(ge=0, le=1)] = Field(
        1.0, description="Which share of the requests is traced that come without a trace of their own."
    )
    webhooks: list[Webhook] = Field(
        [], description="Who is told, signed, when a task ends: a list of url, secret, events and private."
    )
    max_body_mb: Annotated[int, Field(ge=1, le=1024)] = Field(
        32, description="Largest body of one request in MB; bulk bodies are streamed and have no limit."
    )
    searches: Annotated[int, Field(ge=1, le=1000)] = Field(
        default_factory=lambda: max(4, os.cpu_count() or 1), description="Searches, and other questions, at once."
    )
    searches_waiting: Annotated[int, Field(ge=0, le=100_000)] = Field(
        default_factory=lambda: max(32, 16 * (os.cpu_count() or 1)),
        description="Searches that may wait for their turn; beyond them 503 is answered at once.",
    )
    photo_questions: Annotated[int, Field(ge=1, le=1000)] = Field(
        default_factory=lambda: os.cpu_count() or 1, description="Questions and takedowns by photo at once."
    )
    photo_questions_waiting: Annotated[int, Field(ge=0, le=100_000)] = Field(
        default_factory=lambda: 4 * (os.cpu_count() or 1),
        description="Questions by photo that may wait for their turn.",
    )
    bulks: Annotated[int, Field(ge=1, le=1000)] = Field(4, description="Bulks that may be open at once.")
    bulks_waiting: Annotated[int, Field(ge=0, le=100_000)] = Field(
        32, description="Bulks that may wait for their turn, unread; beyond them 503 is answered at once."
    )
    wait_seconds: Annotated[float, Field(gt=0, le=3600)] = Field(
        5.0, description="Seconds that anybody waits for a turn before 503 is answered."
    )
    client_seconds: Annotated[float, Field(gt=0, le=3600)] = Field(
        10.0, description="Seconds that a client may take for the head of a request, or be silent within a body."
    )
    least_rate: Annotated[float, Field(gt=0, le=1e9)] = Field(
        8000.0, description="Bytes a second that a body has to come in with, on the whole."
    )
    stop_seconds: Annotated[int, Field(ge=0, le=3600)] = Field(
        10, description="Seconds that what is under way may take when the service is told to stop."
    )
