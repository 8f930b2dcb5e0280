"""What the benchmark of the service draws: the same posts each time, and questions that are not all one."""

from benchmarks.load.posts import posts, questions


def test_a_post_does_not_depend_on_how_many_are_drawn_with_it() -> None:
    """Posts 990 to 1,009, across the edge of a block, are the same in a long run and alone."""
    assert list(posts(990, 20)) == list(posts(0, 1_500))[990:1010]


def test_posts_are_in_two_languages_and_some_are_withheld() -> None:
    """Among a thousand, about half are in Cyrillic, a few percent are withheld, and all have words and tags."""
    drawn = list(posts(0, 1_000))
    cyrillic = sum(post["captions"][0]["text"][0] >= "а" for post in drawn)
    assert 400 < cyrillic < 600
    assert 10 < sum("child" in post for post in drawn) < 60
    assert all(post["tags"] and len(post["captions"][0]["text"].split()) >= 4 for post in drawn)


def test_questions_are_different_and_short() -> None:
    """Five hundred questions of one to five words, none twice, so that no cache has them all."""
    drawn = questions(500)
    assert len(set(drawn)) == 500
    assert {len(question.split()) for question in drawn} == {1, 2, 3, 4, 5}
