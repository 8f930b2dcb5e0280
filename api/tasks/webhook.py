"""A webhook, as the settings name it: who is told when a task ends, and how he knows that it was us.

Signed as https://www.standardwebhooks.com has it, so that a receiver in any language finds a library.
"""

import base64
import binascii
import hashlib
import hmac
from enum import StrEnum
from typing import Annotated, Final, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

_WHSEC: Final = "whsec_"
_LEAST: Final = 16  # characters of a secret


class TaskEvent(StrEnum):
    """What a webhook may be told of."""

    SUCCEEDED = "task.succeeded"
    FAILED = "task.failed"
    CANCELLED = "task.cancelled"


class Webhook(BaseModel):
    """Where to, with which secret, of what; `private` allows http and addresses that are not of the public net."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: Annotated[str, Field(max_length=2000)]
    secret: SecretStr
    events: tuple[TaskEvent, ...] = tuple(TaskEvent)
    private: bool = False

    @field_validator("secret")
    @classmethod
    def _hard_to_guess(cls, secret: SecretStr) -> SecretStr:
        written = secret.get_secret_value()
        if len(written) < _LEAST:
            raise ValueError(f"the secret of a webhook has at least {_LEAST} characters")
        if written.startswith(_WHSEC):
            _decoded(written)
        return secret

    @model_validator(mode="after")
    def _leads_somewhere(self) -> Self:
        try:
            parts = urlsplit(self.url)
            host, _ = parts.hostname, parts.port
        except ValueError:
            raise ValueError("the url of a webhook is no address") from None
        if parts.scheme not in ("http", "https") or not host or parts.username is not None or not self.url.isascii():
            raise ValueError("the url of a webhook is https://host/path, without a user name")
        if parts.scheme == "http" and not self.private:
            raise ValueError("the url of a webhook is https; http is for private = true alone")
        return self

    def signature(self, message: str, at: int, body: bytes) -> str:
        """What shows that a message of a time came from us, and that nobody changed it."""
        written = self.secret.get_secret_value()
        key = _decoded(written) if written.startswith(_WHSEC) else written.encode()
        digest = hmac.new(key, f"{message}.{at}.".encode() + body, hashlib.sha256).digest()
        return f"v1,{base64.b64encode(digest).decode()}"


def _decoded(secret: str) -> bytes:
    try:
        return base64.b64decode(secret.removeprefix(_WHSEC), validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("the secret of a webhook that begins with whsec_ goes on as base64") from None
