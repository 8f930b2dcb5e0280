"""Reading: line -> Post -> clean -> Document of its words, and what it says of children."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from msgspec.structs import replace

from compliance.lexicon.lexicon import Lexicon
from compliance.post_facts import facts_of_post
from ingest.document import declared_tokens, make_document
from ingest.draft import Draft
from ingest.errors import PostRejected
from ingest.intake import Intake
from ingest.post import Post
from ingest.reading.lines import InputLine, data_of
from ingest.reading.post_json import decode_post, post_named_in
from ingest.reason import Reason
from ingest.steps.ads_model import AdModel
from ingest.steps.advertisement import advertisement
from ingest.steps.consent_record import consent_record
from ingest.steps.empty import empty
from ingest.steps.few_words import too_few_words
from ingest.steps.hashtag_wall import hashtag_wall
from ingest.steps.language import language
from ingest.steps.verdict import Step


@dataclass(frozen=True)
class Reader:
    """Reads lines, one by one; it needs no store, so that it can work in several processes.

    Where photos are `speaking`, a post with one is judged once its file has said what it says.
    """

    lexicon: Lexicon
    modalities: Mapping[str, str]
    min_words: int
    min_words_with_photo: int
    max_hashtags: int
    ads: AdModel | None = None
    lenient: bool = False
    child: bool | None = None
    speaking: bool = False

    @classmethod
    def of(cls, intake: Intake, lexicon: Lexicon) -> "Reader":
        """Build the reader that the settings describe."""
        settings = intake.settings
        return cls(
            lexicon,
            dict(settings.modalities),
            min_words=settings.min_words,
            min_words_with_photo=settings.min_words_with_photo,
            max_hashtags=settings.max_hashtags,
            ads=intake.ads,
            lenient=intake.lenient,
            child=intake.child,
        )

    def read(self, lines: Sequence[InputLine]) -> list[Draft]:
        """Line -> Post -> cleaned Document of its words; whatever it says of a child is read first."""
        steps = self._steps()
        return [self._read(line, steps) for line in lines]

    def read_changed(self, line: InputLine, post: Post, *, is_silent: bool) -> Draft:
        """Read a stored post as it is after a change; `is_silent`: the change itself says nothing of a child."""
        draft = Draft(line, post, word_from_elsewhere=is_silent)
        self._judge(draft, self._steps())
        return draft

    def judge(self, draft: Draft) -> None:
        """Read a post, with all that was added to it, for what it says of a child and for its words; take all steps."""
        self._judge(draft, self._steps())

    def _read(self, line: InputLine, steps: Sequence[Step]) -> Draft:
        draft = Draft(line)
        try:
            draft.post = decode_post(data_of(line), lenient=self.lenient)
        except PostRejected as rejected:
            draft.name = post_named_in(line.data) if line.data else None
            draft.reject(rejected.reason, rejected.message)
            return draft
        if self.child is not None and draft.post.child is None and draft.post.consent is None:
            draft.post, draft.word_from_elsewhere = replace(draft.post, child=self.child), True
        self._judge(draft, () if self.speaking and draft.post.photo is not None else steps)
        return draft

    def _judge(self, draft: Draft, steps: Sequence[Step]) -> None:
        post = draft.sent
        consent = post.parental_consent(datetime.now(UTC))
        draft.facts = facts_of_post(post.visible_texts, post.tags, post.child, consent, self.lexicon, post.attrs)
        declared = declared_tokens(post, self.modalities)
        draft.document = {**make_document(post.texts, post.tags), **declared}
        for step in steps:
            verdict = step(post, draft.document)
            if isinstance(verdict, Reason):
                draft.reject(*verdict)
                break
            if verdict:
                draft.marks[verdict.mark] = verdict.detail

    def _steps(self) -> tuple[Step, ...]:
        limits = too_few_words(self.min_words, self.min_words_with_photo), hashtag_wall(self.max_hashtags)
        return (consent_record, empty, *limits, *([advertisement(self.ads)] if self.ads else []), language)
