"""Each cleaning step lets pass or gives its reason."""

import pytest

from ingest.cleaning import empty, hashtag_wall, too_few_words
from ingest.errors import PostRejected
from ingest.post import Caption, Post

POST = Post("p1")
WORDS = {"text": {"sea": 2.0, "wave": 1.0}}
SEEN = {"image": {"blue": 200.0}}


class TestEmpty:
    @pytest.mark.parametrize("document", [{}, {"text": {}, "image": {}}], ids=["nothing", "no tokens"])
    def test_a_post_without_tokens_is_turned_away(self, document: dict) -> None:
        """Nothing said, nothing shown: the reason is `empty`."""
        with pytest.raises(PostRejected, match="send at least one of them") as raised:
            empty(POST, document)
        assert raised.value.reason == "empty"

    @pytest.mark.parametrize("document", [WORDS, SEEN, {"tag": {"sea": 1.0}}], ids=["words", "photo", "hashtag"])
    def test_one_token_is_enough(self, document: dict) -> None:
        """A word, a hashtag or a photo can be found."""
        empty(POST, document)


class TestTooFewWords:
    def test_few_words_without_a_photo_are_turned_away(self) -> None:
        """The message tells how many there are and how many are wanted."""
        with pytest.raises(PostRejected, match="3 telling words; at least 4 are wanted") as raised:
            too_few_words(4)(POST, WORDS)
        assert raised.value.reason == "too_few_words"

    @pytest.mark.parametrize(
        ("least", "document"),
        [
            pytest.param(3, WORDS, id="just enough"),
            pytest.param(9, {**WORDS, **SEEN}, id="a photo makes up for words"),
            pytest.param(0, {}, id="none wanted"),
        ],
    )
    def test_enough_passes(self, least: int, document: dict) -> None:
        """As many words as wanted, or a photo."""
        too_few_words(least)(POST, document)


class TestHashtagWall:
    def test_hashtags_are_counted_everywhere(self) -> None:
        """Tags and hashtags within captions count together."""
        post = Post("p1", tags=("a", "b"), captions=(Caption("#c #d"),), text="#e")
        hashtag_wall(5)(post, {})
        with pytest.raises(PostRejected, match="5 hashtags; at most 4 are taken") as raised:
            hashtag_wall(4)(post, {})
        assert raised.value.reason == "hashtag_wall"
