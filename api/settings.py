"""Settings of the HTTP service; the command adds its own and fills them from file and environment."""

from ipaddress import IPv4Network, IPv6Network
from typing import Annotated

from pydantic import BaseModel, Field, SecretStr

from ingest.settings import Copies

Modality = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,31}$")]


class ServiceSettings(BaseModel):
    """What the service needs to know about where it stands."""

    api_key: SecretStr | None = Field(
        None,
        description="Key of the host site's backend (Authorization: Bearer ...); none: only this machine may write.",
    )
    country_header: str = Field("X-Country", description="Header in which a trusted proxy names the visitor's country.")
    trusted_proxies: tuple[IPv4Network | IPv6Network, ...] = Field(
        (), description="Networks whose country header is believed."
    )
    allow_origins: tuple[str, ...] = Field((), description="Origins of the pages that embed <photo-search>.")
    max_body_mb: Annotated[int, Field(ge=1, le=1024)] = Field(
        32, description="Largest body of one request in MB; bulk bodies are streamed and have no limit."
    )
    modalities: dict[Modality, Annotated[str, Field(pattern=r"^(captions\.author|attrs\..+)$")]] = Field(
        {}, description="Further modalities, and where they are read: attrs.<name> or captions.author."
    )
    min_words: Annotated[int, Field(ge=0)] = Field(
        3, description="Least number of telling words of a post without a photo."
    )
    min_words_with_photo: Annotated[int, Field(ge=0)] = Field(0, description="The same of a post with a photo.")
    photo_hosts: tuple[Annotated[str, Field(pattern=r"^(\*\.)?[A-Za-z0-9.-]+(:\d{1,5})?$")], ...] = Field(
        (), description="Hosts whose photos are fetched when a post names a URL; none: URLs are turned away."
    )
    max_hashtags: Annotated[int, Field(ge=1)] = Field(60, description="Posts with more hashtags are turned away.")
    same_photo: Copies = Field(
        Copies.DROP, description="A post whose photo another post has, with other words: drop, link or keep it."
    )
    near_photo: Copies = Field(
        Copies.LINK, description="A post whose photo looks like another post's: drop, link or keep it."
    )
