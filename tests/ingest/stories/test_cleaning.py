"""Cleaning turns away what cannot be found or only advertises, and lets all else pass, marked where it is odd."""

from typing import Any

import msgspec
import pytest

from ingest.document import make_document
from ingest.post import ConsentForm, Post
from ingest.reason import Reason
from ingest.steps.ads_model import AdFigures, AdModel
from ingest.steps.advertisement import advertisement
from ingest.steps.consent_record import consent_record
from ingest.steps.empty import empty
from ingest.steps.few_words import too_few_words
from ingest.steps.hashtag_wall import hashtag_wall
from ingest.steps.language import language
from ingest.steps.verdict import Mark, Step, Verdict


def judged(step: Step, **fields: Any) -> Verdict:
    """What a step says of a post."""
    post = msgspec.convert({"id": "p1", **fields}, Post)
    return step(post, make_document(post.texts, post.tags))


def reason(verdict: Verdict) -> str | None:
    assert not isinstance(verdict, Mark)
    return verdict and verdict.reason


class TestEmpty:
    @pytest.mark.parametrize("fields", [{"text": "море"}, {"tags": ["море"]}, {"photo": "1.jpg"}, {"text": "#море"}])
    def test_anything_to_find_is_enough(self, fields: dict[str, Any]) -> None:
        """A word, a hashtag or a photo each make a post."""
        assert judged(empty, **fields) is None

    @pytest.mark.parametrize("fields", [{}, {"text": ""}, {"text": "и в на"}, {"text": "..."}, {"tags": ["#"]}])
    def test_nothing_to_find_is_rejected(self, fields: dict[str, Any]) -> None:
        """Stop words, signs and bare number signs leave nothing that anybody could look for."""
        assert reason(judged(empty, **fields)) == "empty"


class TestTooFewWords:
    @pytest.mark.parametrize(
        ("least", "with_photo", "fields", "expected"),
        [
            pytest.param(3, 0, {"text": "море, закат, лодка"}, None, id="as many as wanted"),
            pytest.param(3, 0, {"text": "море и закат"}, "too_few_words", id="stop words do not count"),
            pytest.param(3, 0, {"text": "море", "tags": ["закат", "лодка"]}, None, id="words of hashtags count"),
            pytest.param(3, 0, {"photo": "1.jpg"}, None, id="a photo says enough"),
            pytest.param(3, 2, {"photo": "1.jpg", "text": "море"}, "too_few_words", id="unless more is asked"),
            pytest.param(0, 0, {}, None, id="none wanted"),
        ],
    )
    def test_words_are_counted(self, least: int, with_photo: int, fields: dict[str, Any], expected: str | None) -> None:
        """The limit holds for telling words, and for posts with a photo it is another one."""
        assert reason(judged(too_few_words(least, with_photo), **fields)) == expected


class TestHashtagWall:
    @pytest.mark.parametrize(
        ("fields", "expected"),
        [
            pytest.param({"tags": ["a"] * 5}, None, id="as many as allowed"),
            pytest.param({"tags": ["a"] * 6}, "hashtag_wall", id="more"),
            pytest.param({"tags": ["a"] * 3, "text": "#b #c #d"}, "hashtag_wall", id="those in the text count too"),
        ],
    )
    def test_hashtags_are_counted(self, fields: dict[str, Any], expected: str | None) -> None:
        """Five are allowed here, wherever they stand."""
        assert reason(judged(hashtag_wall(5), **fields)) == expected


class TestConsent:
    @pytest.mark.parametrize(
        ("consent", "expected"),
        [
            pytest.param(None, None, id="none"),
            pytest.param(False, None, id="none was given"),
            pytest.param(ConsentForm("form-4711", ("DE",)), None, id="on record"),
            pytest.param(True, "consent_without_record", id="the bare word"),
            pytest.param(ConsentForm("Anna Müller"), "wrong_field", id="a name"),
            pytest.param(ConsentForm("form-4711", ("DE", "Germany")), "wrong_field", id="a country by its name"),
        ],
    )
    def test_a_consent_has_a_record(self, consent: ConsentForm | bool | None, expected: str | None) -> None:
        """Who, what, when and where: the bare word is turned away, and what is expected is said."""
        verdict = judged(consent_record, text="море", consent=consent)
        assert reason(verdict) == expected
        if expected == "wrong_field":
            assert "at `$.consent." in str(verdict)


class TestLanguage:
    @pytest.mark.parametrize(
        ("text", "code"),
        [
            pytest.param("Ein kleiner Hund läuft durch den Schnee", "de", id="German"),
            pytest.param("Le chien court sur la plage", "fr", id="French"),
            pytest.param("Захід сонця над морем, тихі хвилі", "uk", id="Ukrainian"),
            pytest.param("غروب الشمس فوق البحر", "ar", id="Arabic"),
            pytest.param("日没の海、静かな波、白い船と青い空", "ja", id="Japanese"),
        ],
    )
    def test_other_languages_are_marked(self, text: str, code: str) -> None:
        """The post is kept, and the mark tells the language."""
        assert judged(language, text=text) == Mark("other_language", code)

    @pytest.mark.parametrize(
        "text",
        [
            "Закат над морем, тихие волны",
            "A dog runs through the snow",
            "Не пропустите! Уже завтра!",
            "море",
            "bokeh macro Nikon D750 50mm",
            "🌻🌻🌻🌻🌻🌻🌻🌻🌻🌻🌻🌻🌻🌻🌻🌻",
            "A girl near a bridge. Девочка у моста",
            "",
        ],
    )
    def test_ours_and_what_is_too_short_to_tell_are_not(self, text: str) -> None:
        """Russian, English, both at once, and what could be anything get no mark."""
        assert judged(language, text=text) is None


class TestAdvertisement:
    MODEL = AdModel({"скидка": 2.0, "море": -1.0, "<price>": 1.5}, -0.5, 0.5, AdFigures(20, 20, 1.0, 1.0))

    @pytest.mark.parametrize(
        ("text", "rejected"),
        [
            pytest.param("Скидки, всё за 500 руб", True, id="words and a price"),
            pytest.param("Тихое море", False, id="words of posts"),
            pytest.param("Лодка у причала", False, id="no known word"),
        ],
    )
    def test_words_decide(self, text: str, rejected: bool) -> None:
        """What reads like the bad examples is turned away, with its score and what to do when it is wrong."""
        verdict = judged(advertisement(self.MODEL), text=text)
        assert isinstance(verdict, Reason) == rejected
        if isinstance(verdict, Reason):
            assert verdict.reason == "advertisement"
            assert "photosense ads train" in verdict.detail
