"""The settings that decide what is taken, and what is read of it."""

from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, Field

Modality = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,31}$")]


class Copies(StrEnum):
    """What becomes of a post whose photo another post has."""

    DROP = "drop"
    LINK = "link"
    KEEP = "keep"


class IngestSettings(BaseModel):
    """What a post's way in needs to know of the settings."""

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
    renditions: bool | None = Field(
        None,
        description="Whether small copies of photos are kept for pages to show; none: of a folder of photos alone.",
    )
    photo_notes: bool | None = Field(
        None,
        description="Whether what a photo's file says (EXIF, IPTC, XMP) becomes captions, tags and fields; "
        "none: of a folder of photos alone.",
    )
    photo_place: bool = Field(False, description="Whether the place that a photo's file names becomes fields as well.")
    photo_names: bool = Field(
        True,
        description="Whether a photo of which hardly a word is said is found by what a network surely sees, by name.",
    )
    near_photo: Copies = Field(
        Copies.LINK, description="A post whose photo looks like another post's: drop, link or keep it."
    )
