"""What may be sent: bodies of the requests, with their limits."""

from dataclasses import replace
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, WithJsonSchema, field_validator, model_validator

from api.search.question import Mode, Question
from ingest.settings import Modality
from qdrant.grammar import read_facet, read_filter, read_sort
from topic_model.ideas.idea import Language

Text = Annotated[
    str, Field(max_length=2000, description="What to look for, in Russian or English; #tags are understood.")
]
Photo = Annotated[str, Field(description="The bytes of a photo as base64; in a form, the file itself.")]
CountryName = Annotated[
    str,
    Field(
        max_length=100, description="The visitor's country (ISO 3166, as RU); believed only from the site's backend."
    ),
]
# Said inline: a reference into this schema would point nowhere from within the service's own description.
ModeName = Annotated[Mode, WithJsonSchema({"type": "string", "enum": list(Mode)})]
PostId = Annotated[str, StringConstraints(min_length=1, max_length=256, strip_whitespace=False)]  # "a " is another post
TopicNumber = Annotated[int, Field(ge=0, le=100_000)]
POST_FIELDS = ("captions", "tags", "link", "thumb", "photo", "attrs")
Weight = Annotated[float, Field(ge=0, le=100, allow_inf_nan=False)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    text: Text | None = None
    photo: Photo | bytes | None = None
    country: CountryName | None = None

    @property
    def photo_bytes(self) -> bytes | None:
        """The photo as it was sent in a form, or decoded from base64 by the reader of the body."""
        return self.photo if isinstance(self.photo, bytes) else None


class SearchBody(_Body):
    """A search by text, photo or both; without either, what passes the filter is listed."""

    mode: Annotated[
        ModeName | None,
        Field(description="hybrid when there is text, a dual encoder, or photos are placed among texts; else topics."),
    ] = None
    limit: Annotated[int, Field(ge=1, le=100)] = 20
    offset: Annotated[int, Field(ge=0, le=900)] = 0
    min_match: Annotated[
        float | None,
        Field(
            ge=0,
            le=1,
            allow_inf_nan=False,
            description="Hits that match less are left out; without it, those that share less than 0.1 of the topics, "
            "hold no word of the text and were found by no dual encoder.",
        ),
    ] = None
    weights: Annotated[
        dict[Modality, Weight], Field(description='Weights of modalities, as {"text": 1, "image": 2}.')
    ] = {}
    filter: Annotated[
        dict[str, Any] | None,
        Field(
            description='What hits must be like, as {"field": "attrs.place", "equals": "Karelia"}; see docs/http.md.'
        ),
    ] = None
    respell: Annotated[bool, Field(description="Mend slips in words that nobody here uses; the answer says so.")] = True
    sort: Annotated[
        str | None,
        Field(
            max_length=300,
            description="`added`, `changed` or `attrs.<name>` of numbers or times, with `:asc` or `:desc` (the usual). "
            "Without it the best match comes first, and where nothing is looked for the newest.",
        ),
    ] = None

    cursor: Annotated[
        str | None,
        Field(max_length=4000, description="The `cursor` of an answer to this question, for the page behind it."),
    ] = None
    like: Annotated[list[PostId], Field(max_length=10, description="Posts whose topics hits should have.")] = []
    unlike: Annotated[list[PostId], Field(max_length=10, description="Posts whose topics they should not have.")] = []
    more_of: Annotated[list[TopicNumber], Field(max_length=10, description="Topics that hits should have.")] = []
    less_of: Annotated[list[TopicNumber], Field(max_length=10, description="Topics that they should not have.")] = []
    facets: Annotated[
        list[Annotated[str, Field(max_length=300)]],
        Field(
            max_length=10,
            description="What hits are counted by: `tags`, `authors`, `attrs.place`, times by `attrs.taken:year` (or "
            "month, or day), numbers in steps of 100 by `attrs.price:100`.",
        ),
    ] = []
    facet_limit: Annotated[int, Field(ge=1, le=100, description="How many words of each facet are listed.")] = 10
    facet_query: Annotated[
        dict[Annotated[str, Field(max_length=300)], Annotated[str, Field(max_length=100)]],
        Field(max_length=10, description='Only words of a facet that hold this, as {"tags": "sun"}.'),
    ] = {}
    fields: Annotated[
        list[Annotated[str, Field(max_length=300)]] | None,
        Field(
            max_length=50,
            description="What is answered of each post: captions, tags, link, thumb, photo, attrs, attrs.place.",
        ),
    ] = None
    highlight: Annotated[bool, Field(description="Say where in its captions a hit has words of the question.")] = False
    group_by: Annotated[
        str | None,
        Field(
            max_length=300,
            description="Put together what shares `authors`, `tags`, `attrs.<name>`, or a step of it as of a facet; "
            "`limit` and `offset` then count groups.",
        ),
    ] = None
    group_limit: Annotated[int, Field(ge=1, le=20, description="How many hits of each group are given.")] = 3
    explain: Annotated[bool, Field(description="Give an account of each hit: who found it, and what orders it.")] = (
        False
    )

    @field_validator("fields")
    @classmethod
    def _known_fields(cls, fields: list[str] | None) -> list[str] | None:
        for name in fields or ():
            if name not in POST_FIELDS and not name.startswith("attrs."):
                raise ValueError(
                    f"{name[:40]} is no field of a post: these are {', '.join(POST_FIELDS)} and attrs.<name>"
                )
        return fields

    def question(self) -> Question:
        """Give the question without HTTP."""
        return Question(
            self.text or None,
            self.photo_bytes,
            self.mode,
            self.limit,
            self.offset,
            self.min_match,
            self.weights,
            None if self.filter is None else read_filter(self.filter),
            self.respell,
            read_sort(self.sort) if self.sort else None,
            self.cursor or None,
            tuple(self.like),
            tuple(self.unlike),
            tuple(map(read_facet, self.facets)),
            self.facet_limit,
            self.facet_query,
            None if self.fields is None else frozenset(self.fields),
            self.highlight,
            tuple(self.more_of),
            tuple(self.less_of),
            read_facet(self.group_by, "group_by") if self.group_by else None,
            self.group_limit,
            self.explain,
        )


class MultiSearchBody(BaseModel):
    """Several searches by text, answered side by side; `country` is for those that name none."""

    model_config = ConfigDict(extra="forbid")

    searches: Annotated[list[SearchBody], Field(min_length=1, max_length=10)]
    country: CountryName | None = None

    @field_validator("searches")
    @classmethod
    def _without_photos(cls, searches: list[SearchBody]) -> list[SearchBody]:
        if any(search.photo is not None for search in searches):
            raise ValueError("several searches are by text: send one with a photo to /v1/search")
        return searches


class ListBody(BaseModel):
    """Posts to list: which, in which order, from where on."""

    model_config = ConfigDict(extra="forbid")

    country: CountryName | None = None
    filter: Annotated[dict[str, Any] | None, Field(description="What posts must be like, as for a search.")] = None
    sort: Annotated[str | None, Field(max_length=300, description="As for a search; the newest first without it.")] = (
        None
    )
    cursor: Annotated[
        str | None, Field(max_length=4000, description="The `cursor` of an answer, for what follows.")
    ] = None
    limit: Annotated[int, Field(ge=1, le=1000)] = 100
    fields: Annotated[
        list[Annotated[str, Field(max_length=300)]] | None,
        Field(max_length=50, description="What is answered of each post, as for a search."),
    ] = None

    def question(self) -> Question:
        """Give the question without HTTP."""
        fields = None if self.fields is None else frozenset(self.fields)
        body = SearchBody(filter=self.filter, sort=self.sort, cursor=self.cursor)
        return replace(body.question(), limit=self.limit, fields=fields)


class DeletionsBody(BaseModel):
    """Posts to remove: by their ids, or by a filter, so many at most; `expected` is how many a dry run told of."""

    model_config = ConfigDict(extra="forbid")

    ids: Annotated[list[PostId] | None, Field(min_length=1, max_length=10_000)] = None
    filter: Annotated[dict[str, Any] | None, Field(description="What posts must be like, as for a search.")] = None
    limit: Annotated[int, Field(ge=1, le=10_000, description="Of those that pass a filter, how many go at most.")] = (
        1000
    )
    dry_run: Annotated[bool, Field(description="Only tell which ones, and how many.")] = False
    expected: Annotated[int | None, Field(ge=0, description="Remove none where it would be another number.")] = None

    @model_validator(mode="after")
    def _one_of_both(self) -> "DeletionsBody":
        if (self.ids is None) == (self.filter is None):
            raise ValueError("give either ids or filter")
        return self


# What stands behind the `?` of an address, by its name there; a photo has no place in it.
IN_ADDRESS = {{"text": "q"}.get(name, name): name for name in SearchBody.model_fields if name != "photo"}


class _Described(_Body):
    """A photo, a text or both."""

    limit: Annotated[int, Field(ge=1, le=50)] = 10

    @model_validator(mode="after")
    def _has_text_or_photo(self) -> Self:
        if not self.text and self.photo is None:
            raise ValueError("the query is empty: give text, a photo, or both")
        return self

    def question(self) -> Question:
        """Give the question without HTTP."""
        return Question(self.text or None, self.photo_bytes, limit=self.limit)


class AnnotateBody(_Described):
    """A photo, a text or both to propose keywords for."""

    lang: Annotated[
        Language | None,
        WithJsonSchema({"type": "string", "enum": list(Language)}),
        Field(description="Keywords in this language, where their idea is known; none: as people here write."),
    ] = None


class ClassifyBody(_Described):
    """A photo, a text or both to be classified."""

    modality: Annotated[
        str, Field(min_length=1, max_length=100, description="A modality that the settings declare, such as album.")
    ]


class MatchBody(_Body):
    """A text, and a photo or the id of a post to compare it with."""

    post_id: PostId | None = None

    @model_validator(mode="after")
    def _two_sides(self) -> "MatchBody":
        if not self.text or (self.photo is None) == (self.post_id is None):
            raise ValueError("give text, and either photo or post_id")
        return self
