"""Draft: a line on its way through the pipeline, and Result: what became of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from common.arrays import Float32
from compliance.facts import UNKNOWN, Facts
from ingest.post import Post, PostName
from ingest.reading.lines import InputLine
from topic_model.document import Document
from vision.fingerprint import Fingerprint
from vision.look import Look
from vision.rendition import Renditions

REJECTED = "rejected"
VALID = "valid"


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a line: stored, unchanged, stale or rejected; a rejection has its reason and detail.

    `marks` says what was noticed on a post that was kept all the same, each with its detail.
    """

    line: int
    id: str | None
    status: str
    reason: str | None = None
    detail: str | None = None
    marks: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Draft:
    """What is known of a line so far; `result` stands as soon as its fate does. A line that is no post has no post."""

    line: InputLine
    post: Post | None = None
    name: PostName | None = None  # of a line that is no post, where it says whose it was to be
    word_from_elsewhere: bool = False  # what it says of a child is said of a whole run, or was said before
    word_taken_back: bool = False  # the site no longer says that nothing of a child is in it
    facts: Facts = UNKNOWN
    document: Document = field(default_factory=dict)
    marks: dict[str, str] = field(default_factory=dict)
    photo: Fingerprint | None = None
    look: Look | None = None
    renditions: Renditions = field(default_factory=dict)
    eyes: str = ""  # what saw the photo: a digest of the encoder's id
    features: Float32 | None = None
    evidence: Float32 | None = None
    dual: Float32 | None = None
    result: Result | None = None

    @property
    def sent(self) -> Post:
        """The post, of a draft that has one."""
        assert self.post is not None, "a line that is no post was carried on"  # noqa: S101
        return self.post

    def reject(self, reason: str, detail: str) -> None:
        """Turn the line away, for a reason."""
        name = self.post or self.name
        self.result = Result(self.line.number, name.id if name else None, REJECTED, reason, detail)

    def mark_rejected(self, mark: str, detail: str) -> None:
        """Note what followed of turning the line away."""
        if self.result is not None:
            self.result = replace(self.result, marks={**self.result.marks, mark: detail})

    def become(self, status: str) -> None:
        """Say what became of a post that was taken."""
        self.result = Result(self.line.number, self.sent.id, status, marks=self.marks)
