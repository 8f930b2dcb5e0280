"""From the host's word, the texts and a photo score to the facts of a post."""

import pytest

from compliance.detect import facts_of_post
from compliance.facts import Child, Facts, Source
from compliance.lexicon import default_lexicon

HOST, TEXT, PHOTO = Source.HOST, Source.TEXT, Source.PHOTO
SEA, BOY = "закат над морем", "мальчик над морем"
BOY_RULE = ("boy-girl-ru",)


@pytest.mark.parametrize(
    ("text", "child", "consent", "score", "expected"),
    [
        pytest.param(SEA, None, None, None, Facts(Child.CLEAR, TEXT), id="nothing found"),
        pytest.param(BOY, None, None, None, Facts(Child.CHILD, TEXT, None, BOY_RULE), id="found in the text"),
        pytest.param(BOY, None, False, None, Facts(Child.CHILD, TEXT, None, BOY_RULE), id="consent refused"),
        pytest.param(BOY, None, True, None, Facts(Child.CONSENTED, HOST, None, BOY_RULE), id="found, with consent"),
        pytest.param(SEA, None, True, None, Facts(Child.CLEAR, TEXT), id="consent to nothing"),
        pytest.param(SEA, True, None, None, Facts(Child.CHILD, HOST), id="the host says child"),
        pytest.param(SEA, True, False, None, Facts(Child.CHILD, HOST), id="the host says child, no consent"),
        pytest.param(SEA, True, True, None, Facts(Child.CONSENTED, HOST), id="the host says child, with consent"),
        pytest.param(SEA, False, None, None, Facts(Child.CLEAR, HOST), id="the host says none"),
        pytest.param(BOY, False, None, None, Facts(Child.REVIEW, TEXT, None, BOY_RULE), id="the text contradicts"),
        pytest.param(SEA, False, None, 0.9, Facts(Child.REVIEW, PHOTO, 0.9), id="the photo contradicts"),
        pytest.param(SEA, None, None, 0.9, Facts(Child.REVIEW, PHOTO, 0.9), id="the photo is suspected"),
        pytest.param(SEA, None, None, 0.5, Facts(Child.REVIEW, PHOTO, 0.5), id="at the threshold"),
        pytest.param(SEA, None, None, 0.4, Facts(Child.CLEAR, TEXT), id="the photo is below it"),
        pytest.param(SEA, False, None, 0.4, Facts(Child.CLEAR, HOST), id="host and photo agree"),
    ],
)
def test_facts_follow_the_host_then_the_text_then_the_photo(
    text: str, child: bool | None, consent: bool | None, score: float | None, expected: Facts
) -> None:
    """A doubt is never settled in favour of showing."""
    assert facts_of_post([text], [], child, consent, default_lexicon(), True, score) == expected


def test_score_without_a_photo_says_nothing() -> None:
    """A score for a photo that is not there is not believed."""
    assert facts_of_post([SEA], [], None, None, default_lexicon(), False, 0.9).child is Child.CLEAR


def test_score_that_is_no_number_does_not_clear() -> None:
    """A broken detector sends the post to review."""
    assert facts_of_post([SEA], [], None, None, default_lexicon(), True, float("nan")).child is Child.REVIEW


def test_tags_and_every_caption_are_read_and_only_rule_ids_kept() -> None:
    """One finding in one tag is enough, and each rule is named once."""
    facts = facts_of_post(["sea", "two boys"], ["sunset", "моидети", "дети"], None, None, default_lexicon(), False)
    assert facts == Facts(Child.CHILD, TEXT, None, ("boy-girl", "child-ru"))


def test_post_without_any_text_is_clear_by_text() -> None:
    """No caption, no tag, no word from the host."""
    assert facts_of_post([], [], None, None, default_lexicon(), True) == Facts(Child.CLEAR, TEXT)
