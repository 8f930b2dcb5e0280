"""Keyword arguments of requests. Written by generate.py (`make clients`): change api/requests.py instead."""

from __future__ import annotations

from typing import Any, Literal, TypedDict


class SearchOptions(TypedDict, total=False):
    """A search by text, photo or both; without either, what passes the filter is listed."""

    country: str | None
    mode: Literal["hybrid", "topics", "words"] | None
    """hybrid when there is text, a dual encoder, or photos are placed among texts; else topics."""
    limit: int
    offset: int
    min_match: float | None
    """Hits that match less are left out; without it, those that share less than 0.1 of the topics, hold no word of the
    text and were found by no dual encoder."""
    weights: dict[str, Any]
    """Weights of modalities, as {"text": 1, "image": 2}."""
    filter: dict[str, Any] | None
    """What hits must be like, as {"field": "attrs.place", "equals": "Karelia"}; see docs/http.md."""
    respell: bool
    """Mend slips in words that nobody here uses; the answer says so."""
    sort: str | None
    """`added`, `changed` or `attrs.<name>` of numbers or times, with `:asc` or `:desc` (the usual). Without it the best
    match comes first, and where nothing is looked for the newest."""
    cursor: str | None
    """The `cursor` of an answer to this question, for the page behind it."""
    like: list[str]
    """Posts whose topics hits should have."""
    unlike: list[str]
    """Posts whose topics they should not have."""
    more_of: list[int]
    """Topics that hits should have."""
    less_of: list[int]
    """Topics that they should not have."""
    facets: list[str]
    """What hits are counted by: `tags`, `authors`, `attrs.place`, times by `attrs.taken:year` (or month, or day),
    numbers in steps of 100 by `attrs.price:100`."""
    facet_limit: int
    """How many words of each facet are listed."""
    facet_query: dict[str, str]
    """Only words of a facet that hold this, as {"tags": "sun"}."""
    fields: list[str] | None
    """What is answered of each post: captions, tags, link, thumb, photo, attrs, attrs.place."""
    highlight: bool
    """Say where in its captions a hit has words of the question."""
    group_by: str | None
    """Put together what shares `authors`, `tags`, `attrs.<name>`, or a step of it as of a facet; `limit` and `offset`
    then count groups."""
    group_limit: int
    """How many hits of each group are given."""
    explain: bool
    """Give an account of each hit: who found it, and what orders it."""


class ListOptions(TypedDict, total=False):
    """Posts to list: which, in which order, from where on."""

    country: str | None
    filter: dict[str, Any] | None
    """What posts must be like, as for a search."""
    sort: str | None
    """As for a search; the newest first without it."""
    cursor: str | None
    """The `cursor` of an answer, for what follows."""
    limit: int
    fields: list[str] | None
    """What is answered of each post, as for a search."""


class AnnotateOptions(TypedDict, total=False):
    """A photo, a text or both to propose keywords for."""

    country: str | None
    limit: int
    lang: Literal["en", "ru"]
    """Keywords in this language, where their idea is known; none: as people here write."""


class ClassifyOptions(TypedDict, total=False):
    """A photo, a text or both to be classified."""

    country: str | None
    limit: int
