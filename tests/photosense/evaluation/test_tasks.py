"""Tasks of a corpus: what is indexed, what is asked, and what a corpus must have."""

from collections.abc import Sequence
from pathlib import Path

import msgspec
import pytest

from compliance.lexicon.lexicon import default_lexicon
from ingest.errors import InputMissing
from ingest.post import Caption, ConsentForm, Post
from ingest.sources.open_source import open_source
from photosense.evaluation.corpus import EvaluationPosts, every, named, read_corpus, read_ids
from photosense.evaluation.errors import EvaluationError
from photosense.evaluation.tasks import Task, set_exam
from topic_model.match.alike import alike

DOGS = ("a brown dog runs on the beach", "dog running along the sea", "the dog and the waves")
HOUNDS = ("brown dog on a beach", "a dog runs beside the sea")
TRAMS = ("трамвай на мосту", "старый трамвай едет через мост")


def post(name: str, captions: Sequence[str] = (), authors: Sequence[str | None] = (), **fields: object) -> Post:
    named = [*authors, *[None] * len(captions)]
    caption_list = tuple(Caption(text, author) for text, author in zip(captions, named, strict=False))
    return Post(name, photo=f"{name}.png", captions=caption_list, **fields)


def corpus(tmp_path: Path, *posts: Post | str, split: object = None) -> EvaluationPosts:
    file = tmp_path / "posts.ndjson"
    lines = (each if isinstance(each, str) else msgspec.json.encode(each).decode() for each in posts)
    file.write_text("\n".join(lines), "utf-8")
    return read_corpus(open_source(file), split or every(1), default_lexicon())


POSTS = [post("a", DOGS, tags=("dogs",)), post("b", HOUNDS), post("c", TRAMS), post("d", TRAMS[:1])]


class TestCorpus:
    def test_what_is_no_post_with_a_photo_is_counted(self, tmp_path: Path) -> None:
        """Broken lines, posts without a photo and repeated ids are left out, each under its reason."""
        posts = corpus(tmp_path, *POSTS, "{broken", Post("e", text="no photo"), POSTS[0])
        assert [each.id for each in posts.posts] == ["a", "b", "c", "d"]
        assert posts.skipped == {"broken_json": 1, "no_photo": 1, "same_id": 1}

    def test_other_formats_are_corpora_as_well(self, tmp_path: Path) -> None:
        """A table of captions in With Sense's layout is posts with photos, as it is for ingest."""
        rows = ("image,query_id,query_text", "a.jpg,a.jpg#0,A dog", "a.jpg,a.jpg#1,The sea", "b.jpg,b.jpg#0,A tram")
        (tmp_path / "captions.csv").write_text("\n".join(rows))
        posts = read_corpus(open_source(tmp_path / "captions.csv"), every(1), default_lexicon())
        assert [(each.photo, each.texts) for each in posts.posts] == [
            ("a.jpg", ["A dog", "The sea"]),
            ("b.jpg", ["A tram"]),
        ]

    def test_splits_choose(self, tmp_path: Path) -> None:
        """Every n-th line, or the ids of a file with one a line."""
        assert [each.id for each in corpus(tmp_path, *POSTS, split=every(2)).posts] == ["b", "d"]
        (tmp_path / "ids.txt").write_text("c\n\n a \r\nz\n", "utf-8")
        ids = read_ids(tmp_path / "ids.txt")
        assert ids == ["c", "a", "z"]
        assert [each.id for each in corpus(tmp_path, *POSTS, split=named(ids)).posts] == ["a", "c"]

    def test_a_split_without_posts_is_an_error(self, tmp_path: Path) -> None:
        """Nothing to measure on is said, with the reasons; a file of ids that is empty or missing as well."""
        with pytest.raises(EvaluationError, match=r"no post with a photo to measure on \(none in this split\)"):
            corpus(tmp_path, *POSTS, split=named(["z"]))
        with pytest.raises(EvaluationError, match=r"\(no_photo 1\)"):
            corpus(tmp_path, Post("e", text="words alone"))
        (tmp_path / "ids.txt").write_text("\n")
        with pytest.raises(EvaluationError, match="names no posts"):
            read_ids(tmp_path / "ids.txt")
        with pytest.raises(InputMissing, match="cannot be read"):
            read_ids(tmp_path / "absent.txt")

    @pytest.mark.parametrize(
        ("fields", "child", "consent"),
        [
            ({}, False, None),
            ({"tags": ("toddlers",)}, True, None),
            ({"child": True}, True, None),
            ({"child": True, "consent": ConsentForm("form-1")}, True, ConsentForm("form-1")),
            ({"child": True, "consent": True}, True, None),
            ({"link": "https://photos.example/little-girl"}, True, None),
        ],
        ids=["clear", "hashtag", "site", "consent", "a consent without a record", "link"],
    )
    def test_what_words_say_of_children_stays_when_they_go(
        self, fields: dict[str, object], child: bool | None, consent: ConsentForm | None, tmp_path: Path
    ) -> None:
        """A photo whose words were taken away is withheld as it is with them."""
        (posts,) = corpus(tmp_path, post("a", DOGS, **fields)).posts
        assert (posts.child, posts.consent) == (child, consent)
        (indexed,) = set_exam(Task.COLD, [posts], 0.3).posts
        assert (indexed.child, indexed.consent) == (child, consent)


class TestTasks:
    def test_cold_indexes_photos_alone(self) -> None:
        """No caption and no hashtag is indexed; every caption is a question about its photo."""
        exam = set_exam(Task.COLD, POSTS, 0.3)
        assert all(
            (each.photo, each.captions, each.text, each.tags) == (f"{each.id}.png", (), None, ()) for each in exam.posts
        )
        assert [question.text for question in exam.questions] == [*DOGS, *HOUNDS, *TRAMS, TRAMS[0]]
        assert {(question.group, *question.relevant) for question in exam.questions} == {(n, n) for n in "abcd"}
        assert len({question.key for question in exam.questions}) == len(exam.questions)

    def test_warm_keeps_one_caption_back(self) -> None:
        """The question is in no post that is indexed; hashtags stay; one caption alone is no question."""
        exam = set_exam(Task.WARM, POSTS, 0.3)
        indexed = {each.id: each for each in exam.posts}
        assert [question.group for question in exam.questions] == ["a", "b", "c"]
        for question in exam.questions:
            rest = indexed[question.group].texts
            whole = next(each for each in POSTS if each.id == question.group).texts
            assert question.text not in rest
            assert sorted([*rest, question.text]) == sorted(whole)
        assert indexed["a"].tags == ("dogs",)
        assert indexed["d"].captions == ()
        assert set_exam(Task.WARM, POSTS, 0.3) == exam  # every run keeps back the same

    def test_warm_asks_with_words_of_somebody_else(self) -> None:
        """Whoever wrote the question wrote nothing that is indexed of this photo."""
        both = post("a", DOGS, ["ann", "ann", "bob"])
        exam = set_exam(Task.WARM, [both], 0.3)
        author = next(caption.author for caption in both.captions if caption.text == exam.questions[0].text)
        assert author not in {caption.author for caption in exam.posts[0].captions}
        with pytest.raises(EvaluationError, match="no photo here has captions by two people"):
            set_exam(Task.WARM, [post("a", DOGS, ["ann"] * 3), POSTS[3]], 0.3)

    def test_photo_asks_for_those_that_are_alike(self) -> None:
        """Captions with the same telling words make photos alike, and nothing else does."""
        exam = set_exam(Task.PHOTO, POSTS, 0.3)
        assert {(question.post, question.relevant) for question in exam.questions} == {
            ("a", ("b",)),
            ("b", ("a",)),
            ("c", ("d",)),
            ("d", ("c",)),
        }
        assert all(question.text is None and question.photo == f"{question.post}.png" for question in exam.questions)
        with pytest.raises(EvaluationError, match="No two photos have captions that are alike"):
            set_exam(Task.PHOTO, POSTS[1:3], 0.3)

    def test_short_asks_with_words_that_people_agree_on(self) -> None:
        """One word, or the two rarest of a photo, as people wrote them; the posts are those that have both."""
        posts = [post("a", DOGS), post("b", HOUNDS), *(post(f"t{n}", TRAMS) for n in range(2)), post("e", ("dog",))]
        posts += [post(f"o{n}", (f"opera number{n}",)) for n in range(10)]
        exam = set_exam(Task.SHORT, posts, 0.3)
        relevant = {question.text: set(question.relevant) for question in exam.questions}
        assert relevant["dog"] == {"a", "b", "e"}
        assert relevant["трамвай"] == relevant["мост"] == relevant["мост трамвай"] == {"t0", "t1"}
        assert "opera" not in relevant  # two in three have it
        assert "waves" not in relevant  # one of three people says so
        with pytest.raises(EvaluationError, match="words that several photos were given"):
            set_exam(Task.SHORT, POSTS[:1], 0.3)

    def test_annotate_wants_the_words_of_captions(self) -> None:
        """Hashtags are words as well; a post that says nothing is no question."""
        exam = set_exam(Task.ANNOTATE, [POSTS[0], POSTS[2], post("e", ("!",))], 0.3)
        assert [question.post for question in exam.questions] == ["a", "c"]
        assert {"dog", "beach", "sea"} <= set(exam.questions[0].relevant)
        assert {"трамвай", "мост"} <= set(exam.questions[1].relevant)

    @pytest.mark.parametrize("task", [Task.COLD, Task.ANNOTATE])
    def test_photos_without_words_are_no_corpus(self, task: Task) -> None:
        """Without a caption there is nothing to ask with, and nothing to compare with."""
        with pytest.raises(EvaluationError, match="give posts with captions"):
            set_exam(task, [post("a"), post("b")], 0.3)


def test_alike_by_hand() -> None:
    """The cosine of words weighed by rarity; what every document has weighs nothing, and none is like itself."""
    documents = [{"dog": 1.0, "the": 1.0}, {"dog": 1.0, "the": 1.0}, {"tram": 1.0, "the": 1.0}, {"the": 5.0}]
    assert alike(documents, 0.99) == [[1], [0], [], []]
    assert alike([{}, {}], 0.5) == [[], []]
