"""Notes of photos become captions, tags and fields of their posts, which are judged like all that is sent."""

from collections.abc import Iterable
from pathlib import PurePosixPath
from typing import Final

from msgspec.structs import replace

from ingest.draft import Draft
from ingest.post import MOST_CAPTIONS, Attribute, Caption, GeoPoint, Post, wording
from ingest.reading.reader import Reader
from vision.notes.notes import Notes
from vision.notes.text import people_words

_MOST_ATTRS: Final = 64
_MOST_TAGS: Final = 50


def read_notes_of(drafts: Iterable[Draft], reader: Reader, *, place: bool, names: bool) -> None:
    """Add to posts what the files of their photos say, then judge them.

    With `names`, a photo of which nothing else is said has the words of its path for a caption.
    """
    for draft in drafts:
        if draft.result is None and draft.look is not None:
            post = with_notes(draft.sent, draft.look.notes, place=place)
            draft.post = with_name(post) if names else post
            reader.judge(draft)


def with_notes(post: Post, notes: Notes, *, place: bool) -> Post:
    """A post with what its photo's file says beside what was sent, which stands before it; the place if wanted."""
    there = {wording([text]) for text in post.texts}
    captions = [Caption(text) for text in notes.captions if wording([text]) not in there]
    tags = {tag.lstrip("#").casefold() for tag in post.tags}
    more = [word for word in notes.keywords if word.casefold() not in tags]
    where: dict[str, Attribute] = {}
    if place:
        where = {name: value for name, value in (("city", notes.city), ("country", notes.country)) if value}
        where |= {"place": GeoPoint(*notes.place)} if notes.place else {}
    fields = {"taken": notes.taken, "camera": notes.camera, "lens": notes.lens, **where}
    attrs = {name: value for name, value in fields.items() if value is not None and name not in post.attrs}
    return replace(
        post,
        captions=(*post.captions, *captions[: max(MOST_CAPTIONS - len(post.all_captions), 0)]),
        tags=(*post.tags, *more[: max(_MOST_TAGS - len(post.tags), 0)]),
        attrs={**post.attrs, **dict(list(attrs.items())[: max(_MOST_ATTRS - len(post.attrs), 0)])},
    )


def with_name(post: Post) -> Post:
    """A post that has no caption with the words of its path for one, where people named its folders or its file."""
    if post.all_captions:
        return post
    path = PurePosixPath(post.id)
    named = [" ".join(people_words(part)) for part in (*path.parent.parts, path.stem)]
    caption = ", ".join(filter(None, named))
    return replace(post, captions=(Caption(caption),)) if caption else post
