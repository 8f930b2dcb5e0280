"""Posts and queries become Documents in one way, and Documents become words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.document import declared_tokens, make_document
from ingest.post import Caption, Post
from ingest.sparse_words import query_words, words_of
from topic_model.document import own_words


class TestMakeDocument:
    def test_words_hashtags_and_visual_words_are_counted(self) -> None:
        """Each modality has its tokens; captions add up."""
        assert make_document(["Море и волны", "море"], ["Закат"], {"blue": 2.5}) == {
            "text": {"море": 2.0, "волна": 1.0, "закат": 1.0},
            "tag": {"закат": 1.0},
            "image": {"blue": 2.5},
        }

    def test_modalities_without_tokens_are_left_out(self) -> None:
        """Nothing said and nothing shown is an empty Document."""
        assert make_document(["", "и the 7 !!!"], ["#", "  "], {}) == {}

    @pytest.mark.parametrize(
        ("text", "tags"),
        [
            pytest.param("", ["night_city"], id="as a tag"),
            pytest.param("", ["#Night_City"], id="as a tag with its sign"),
            pytest.param("#night_city", [], id="within a text"),
            pytest.param("#NIGHT_CITY", ["night_city"], id="both"),
        ],
    )
    def test_words_of_a_hashtag_are_words(self, text: str, tags: list[str]) -> None:
        """A hashtag counts once wherever it stands, and so does each word within it."""
        assert make_document([text], tags) == {"text": {"night": 1.0, "citi": 1.0}, "tag": {"night_city": 1.0}}

    def test_the_caller_keeps_its_visual_words(self) -> None:
        """The Document does not share its counts with whoever gave them."""
        visual_words = {"blue": 1.0}
        make_document([], [], visual_words)["image"]["blue"] = 9.0
        assert visual_words == {"blue": 1.0}

    @given(st.lists(st.text(max_size=40), max_size=4), st.lists(st.text(max_size=20), max_size=4))
    def test_posts_and_queries_are_read_alike(self, texts: list[str], tags: list[str]) -> None:
        """What a post says as captions and tags, a query says as one text, and finds the same words."""
        post = make_document(texts, tags)
        for modality, tokens in make_document([*texts, " ".join(f"#{tag}" for tag in post.get("tag", {}))]).items():
            assert tokens.keys() == post[modality].keys()
        assert all(count > 0 for tokens in post.values() for count in tokens.values())


DOCUMENT = {"text": {"sea": 3.0, "wave": 1.0}, "tag": {"sea": 1.0}, "image": {"blue": 5.0}}


class TestWords:
    def test_hashtags_stand_beside_words(self) -> None:
        """A hashtag is another word than the word it is written like; what a photo shows is none."""
        assert own_words(DOCUMENT) == {"sea": 3.0, "wave": 1.0, "#sea": 1.0}

    def test_a_query_asks_for_each_word_once(self) -> None:
        """Typing a word thrice does not ask thrice."""
        assert query_words(DOCUMENT) == {"sea": 1.0, "wave": 1.0, "#sea": 1.0}

    def test_repeating_a_word_saturates(self) -> None:
        """More of a word weighs more, but never more than a bound that spam cannot pass."""
        weights = [words_of({"text": {"sea": count}})["sea"] for count in (1.0, 2.0, 10.0, 1e6)]
        assert weights == sorted(weights)
        assert weights[0] == pytest.approx(1.0)
        assert weights[-1] < 2.2


class TestDeclaredModalities:
    POST = Post(
        id="p1",
        captions=(Caption("море", "u017"), Caption("sea", "U017"), Caption("волны")),
        attrs={"camera": "X100V  Pro", "place": ["Карелия", "Кижи"], "iso": 200},
    )

    @pytest.mark.parametrize(
        ("field", "tokens"),
        [
            pytest.param("attrs.camera", {"x100v pro"}, id="a string is one token, folded"),
            pytest.param("attrs.place", {"карелия", "кижи"}, id="a list is several"),
            pytest.param("attrs.iso", {"200"}, id="a number is its digits"),
            pytest.param("captions.author", {"u017"}, id="authors, each once"),
        ],
    )
    def test_a_field_becomes_a_modality(self, field: str, tokens: set[str]) -> None:
        """What the settings name is read from each post, whole values as tokens."""
        assert declared_tokens(self.POST, {"extra": field}) == {"extra": dict.fromkeys(tokens, 1.0)}

    def test_a_field_that_is_not_there_is_no_modality(self) -> None:
        """A post without the field simply lacks the modality."""
        assert declared_tokens(self.POST, {"lens": "attrs.lens"}) == {}
