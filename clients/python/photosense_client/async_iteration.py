"""Lets asynchronous code take its posts from either kind of iterator."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Iterable
from typing import TypeVar

T = TypeVar("T")


async def async_items(items: Iterable[T] | AsyncIterable[T]) -> AsyncIterator[T]:
    """Iterate over the items, however they come."""
    if isinstance(items, AsyncIterable):
        async for item in items:
            yield item
    else:
        for item in items:
            yield item
