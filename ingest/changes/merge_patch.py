"""Merge patches (RFC 7396): what a patch names is replaced, `null` removes, and what it does not name stays."""

from collections.abc import Mapping
from typing import Any, Final

from compliance.facts import Child, Facts, Source, from_payload
from ingest.errors import PostRejected
from ingest.post import Post
from ingest.reading.post_json import post_of_fields
from qdrant.points import StoredPoint

_SHOWN: Final = ("captions", "tags", "link", "thumb")
VERSION_MISSING: Final = "version_missing"
KEPT: Final = "kept"  # stands for a photo that is not named, and stays


def merged(target: Any, patch: Any) -> Any:
    """Give the target with the patch applied."""
    if not isinstance(patch, Mapping):
        return patch
    whole = dict(target) if isinstance(target, Mapping) else {}
    for name, value in patch.items():
        if value is None:
            whole.pop(name, None)
        else:
            whole[name] = merged(whole.get(name), value)
    return whole


def patched(point: StoredPoint, patch: Mapping[str, Any], *, pictured: bool) -> Post:
    """The whole post that a stored one becomes; what the site said of it and children is not named, and stays."""
    named = {"captions": None, **patch} if "text" in patch else patch  # the short form is all that is said
    if patch.get("id", point.id) != point.id:
        raise PostRejected("wrong_field", "`id` names another post than the address: leave it out.")
    if patch and point.version is not None and "version" not in patch:
        raise PostRejected(
            VERSION_MISSING,
            f"The post is stored with version {point.version}: name a higher `version`, else a change that comes late "
            "could undo a later one.",
        )
    before = _fields_of(point)
    fields = merged(before, {name: value for name, value in named.items() if name != "id"})
    if "consent" in before and "consent" not in fields:
        fields["consent"] = False  # what is taken away is no consent any more, which is not to say nothing of it
    if pictured and "photo" not in patch:
        fields["photo"] = KEPT
    return post_of_fields({"id": point.id, **fields})


def takes_word_back(point: StoredPoint, patch: Mapping[str, Any]) -> bool:
    """Whether a patch takes back the site's word that nothing of a child is in a post."""
    facts = word_beneath(from_payload(point.facts))
    return patch.get("child", True) is None and (facts.source, facts.child) == (Source.HOST, Child.CLEAR)


def keeps_photo(point: StoredPoint, patch: Mapping[str, Any]) -> bool:
    """Whether a post has a photo that a patch does not name."""
    return "photo" not in patch and any(key.startswith("photo:") for key in point.payload.get("content") or ())


def _fields_of(point: StoredPoint) -> dict[str, Any]:
    """A stored post as it could be sent, but for its photo."""
    shown = {name: point.post[name] for name in _SHOWN if point.post.get(name) is not None}
    fields: dict[str, Any] = {**shown, "attrs": dict(point.attrs), "version": point.version}
    facts = word_beneath(from_payload(point.facts))
    if facts.child is Child.CONSENTED and facts.consent is not None:
        consent = facts.consent
        fields["consent"] = {
            "record": consent.by,
            "countries": sorted(consent.countries),
            "until": None if consent.until is None else consent.until.isoformat(),
        }
    elif facts.source is Source.HOST and facts.child in (Child.CLEAR, Child.CHILD):
        fields["child"] = facts.child is Child.CHILD
    return {name: value for name, value in fields.items() if value is not None}


def word_beneath(facts: Facts) -> Facts:
    """What was known of a post before a reviewer decided, which his decision covers."""
    return facts.history[-1] if facts.source is Source.REVIEWER and facts.history else facts
