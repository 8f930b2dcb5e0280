"""Places refined by contrast: what correlation passes over is found, and nothing breaks where there is little."""

from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path

import numpy as np
import orjson
import pytest

from common.digest import sealed
from topic_model.alignment.aligned import REFINED, Aligned, align
from topic_model.alignment.contrast import CROWD, LEAST_POSTS, Saying, contrast
from topic_model.artifact import load_model, save_model
from topic_model.document import Document
from topic_model.model import TopicModel
from topic_model.ranking.weights import ALIGNED, CONTRASTED
from topic_model.training.recipe import Recipe
from topic_model.training.train import with_aligned
from topic_model.vocabulary import Vocabulary

SUBJECTS, DETAILS = 4, 24
WORDS = (*(f"subject{n}" for n in range(SUBJECTS)), *(f"detail{n}" for n in range(DETAILS)))
VOCABULARY = Vocabulary({"text": WORDS, "tag": ()})
CLEAR, FAINT = 10.0, 0.5
WIDTH = 32  # of hidden layers: little is to be learned


class World:
    """Posts of a subject that every photo shows clearly, and of details that it shows faintly, among much else.

    The subject goes together best in photos and texts, but it is the details that tell a post from others.
    """

    def __init__(self, posts: int, seed: int) -> None:
        rng = np.random.default_rng(seed)
        looks = np.random.default_rng(99).normal(size=(len(WORDS), 60)) / np.sqrt(60)
        subjects = np.eye(SUBJECTS)[rng.integers(0, SUBJECTS, posts)]
        details = rng.random((posts, DETAILS)) < 0.2
        features = np.hstack([CLEAR * subjects, FAINT * details])
        noise = rng.normal(scale=0.08, size=(posts, 60))
        self.features = (features @ looks + noise).astype(np.float32)
        words = np.hstack([subjects > 0, details])
        self.texts = [[Saying(_text(row & (rng.random(len(WORDS)) < 0.8))) for _ in range(2)] for row in words]
        self.documents = [_text(row) for row in words]

    def learn(self) -> Aligned:
        """What correlation alone finds."""
        learned = align(self.features, self.documents, VOCABULARY)
        assert learned is not None
        return learned

    def recall(self, aligned: Aligned) -> float:
        """Share of texts whose own photo is nearest to them."""
        of_posts = aligned.of_posts(self.features, [{}] * len(self.features))
        near = aligned.of_texts([texts[0].words for texts in self.texts]) @ of_posts.T
        return float((near.argmax(axis=1) == np.arange(len(near))).mean())


def _text(words: np.ndarray) -> Document:
    return {"text": {word: 1.0 for word, flag in zip(WORDS, words, strict=True) if flag}}


@pytest.fixture(scope="module")
def world() -> World:
    """As many posts as it needs."""
    return World(LEAST_POSTS + 20, seed=1)


@pytest.fixture(scope="module")
def correlated(world: World) -> Aligned:
    """What correlation alone finds."""
    return world.learn()


@pytest.fixture(scope="module")
def refined(world: World, correlated: Aligned) -> Aligned:
    """What contrast makes of it."""
    return contrast(correlated, world.features, world.texts)


def test_what_tells_posts_apart_is_found_better_than_by_correlation(correlated: Aligned, refined: Aligned) -> None:
    """Of posts that nobody learned from, a text finds its photo clearly more often."""
    others = World(300, seed=2)
    assert others.recall(refined) > others.recall(correlated) + 0.08


def test_every_place_has_length_1_and_its_size(refined: Aligned, world: World) -> None:
    """So that a product is a cosine, whoever asks and whoever is found."""
    few, documents = world.features[:20], world.documents[:20]
    for embeddings in (refined.of_photos(few), refined.of_texts(documents), refined.of_posts(few, documents)):
        assert embeddings.shape == (20, refined.size)
        assert np.linalg.norm(embeddings, axis=1) == pytest.approx(np.ones(20), abs=1e-5)


def test_the_same_posts_and_seed_teach_the_same(world: World, correlated: Aligned, refined: Aligned) -> None:
    """To the bit; another seed teaches something else."""
    again = contrast(correlated, world.features, world.texts)
    assert all(np.array_equal(getattr(again, of.name), getattr(refined, of.name)) for of in fields(Aligned)[1:])
    other = contrast(correlated, world.features, world.texts, seed=1)
    assert not np.array_equal(other.photo_map, refined.photo_map)


@pytest.mark.parametrize("posts", [0, 1, LEAST_POSTS - 1])
def test_few_posts_leave_it_to_correlation(posts: int, world: World, correlated: Aligned) -> None:
    """They would be learned by heart."""
    assert contrast(correlated, world.features[:posts], world.texts[:posts]) is correlated


def test_posts_that_say_nothing_known_do_not_count(world: World, correlated: Aligned) -> None:
    """Nothing can be told from them."""
    nothing = [[Saying({}), Saying({"text": {"xyzzy": 1.0}}), Saying({"tag": {}})]] * 30
    words = [*world.texts[: LEAST_POSTS - 1], *nothing]
    assert contrast(correlated, world.features[: len(words)], words[: len(world.features)]) is correlated


def test_photos_that_all_measure_the_same_break_nothing(world: World) -> None:
    """There is nothing to learn, and every number stays one."""
    same = np.ones_like(world.features)
    correlated = align(same, world.documents, VOCABULARY)
    assert correlated is not None
    refined = contrast(correlated, same, world.texts)
    assert np.isfinite(refined.of_posts(same[:5], world.documents[:5])).all()
    assert np.isfinite(refined.of_texts(world.documents[:5])).all()


def test_a_photo_finds_photos_as_by_correlation(correlated: Aligned, refined: Aligned) -> None:
    """Its cosines with others go with those of before much closer than the cosines of refined places do."""
    others = World(300, seed=3)
    silent: list[Document] = [{}] * 300
    before = (correlated.of_photos(others.features) @ correlated.of_posts(others.features, silent).T).ravel()
    stored = refined.of_posts(others.features, silent)
    question, plain = (refined.of_photos(others.features) @ stored.T).ravel(), (stored @ stored.T).ravel()
    assert np.corrcoef(before, question)[0, 1] > max(0.9, np.corrcoef(before, plain)[0, 1])


def test_the_crowd_is_of_bounded_size(refined: Aligned) -> None:
    """However many posts taught."""
    assert 0 < len(refined.crowd) <= CROWD


@pytest.fixture
def model() -> TopicModel:
    """Two topics of no interest."""
    phi = np.full((len(WORDS), 2), 1 / len(WORDS), np.float32)
    return TopicModel("m", VOCABULARY, phi, phi[:, 0], np.full(2, 0.5, np.float32), Recipe(2, 0), "none")


class TestFolder:
    def test_it_comes_back_with_its_crowd(
        self, model: TopicModel, refined: Aligned, world: World, tmp_path: Path
    ) -> None:
        """The same places, of as many numbers as the store is told."""
        back = load_model(save_model(with_aligned(model, refined), tmp_path))
        assert back.aligned is not None
        assert back.aligned_size == back.aligned.size == refined.size
        few, documents = world.features[:5], world.documents[:5]
        assert np.array_equal(back.aligned.of_posts(few, documents), refined.of_posts(few, documents))

    def test_a_folder_of_before_has_no_crowd(
        self, model: TopicModel, correlated: Aligned, world: World, tmp_path: Path
    ) -> None:
        """It is read as it was written, and its places are as long as those in the store."""
        folder = save_model(with_aligned(model, correlated), tmp_path)
        about = orjson.loads((folder / "model.json").read_bytes())
        for name in REFINED:
            (folder / f"aligned_{name}.npy").unlink()
            del about["files"][f"aligned_{name}.npy"]
        (folder / "model.json").write_bytes(orjson.dumps(sealed(about)))
        back = load_model(folder)
        assert back.aligned is not None
        assert back.aligned_size == correlated.size
        assert np.array_equal(back.aligned.of_photos(world.features[:5]), correlated.of_photos(world.features[:5]))

    def test_refined_places_weigh_more(self, model: TopicModel, correlated: Aligned, refined: Aligned) -> None:
        """Each has the weight that was found for it, and an id of its own."""
        one, other = with_aligned(model, correlated), with_aligned(model, refined)
        assert (one.ranking.aligned, other.ranking.aligned) == (ALIGNED, CONTRASTED)
        assert len({model.id, one.id, other.id}) == 3


class Guesser:
    """A text encoder that knows which detail a text tells of, in words that nobody has used before."""

    id, size, languages = "guesser-1", DETAILS, ()

    def embed(self, texts: Sequence[str]) -> np.ndarray:
        """A direction for each detail that is named as `like<number>`."""
        rows = np.zeros((len(texts), DETAILS), np.float32)
        for row, text in enumerate(texts):
            for word in text.split():
                rows[row, int(word.removeprefix("like"))] = 1
        return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1)


def _in_other_words(text: Document) -> str:
    return " ".join(word.replace("detail", "like") for word in text["text"] if word.startswith("detail"))


@pytest.fixture(scope="module")
def read(world: World, correlated: Aligned) -> Aligned:
    """What contrast makes of it where somebody reads the texts."""
    captions = [[Saying(text.words, _in_other_words(text.words)) for text in texts] for texts in world.texts]
    return contrast(correlated, world.features, captions, reader=Guesser(), width=WIDTH)


class TestReading:
    """What texts mean, beside their words."""

    def test_a_text_in_words_that_nobody_used_finds_its_photo(self, read: Aligned) -> None:
        """By its meaning alone, far more often than by chance; without who reads it, it has no place."""
        others = World(300, seed=2)
        texts = [[_in_other_words(of_post[0].words)] for of_post in others.texts]
        of_posts = read.of_posts(others.features, [{}] * 300)
        near = read.of_texts([{}] * 300, texts) @ of_posts.T
        assert (near.argmax(axis=1) == np.arange(300)).mean() > 0.1
        assert not read.with_reader(None).of_texts([{}] * 300, texts).any()

    def test_without_who_reads_words_alone_still_find(self, read: Aligned, refined: Aligned) -> None:
        """Nearly as well as where nobody has ever read."""
        others = World(300, seed=2)
        assert others.recall(read.with_reader(None)) > others.recall(refined) - 0.12

    def test_another_reader_is_not_heard(self, read: Aligned) -> None:
        """Its rows would mean something else; the one that taught is heard again."""
        stranger = Guesser()
        stranger.id = "guesser-2"
        assert read.with_reader(stranger).reader is None
        assert read.with_reader(None).with_reader(Guesser()).reader is not None

    def test_the_id_of_the_reader_is_kept_with_the_model(
        self, model: TopicModel, read: Aligned, tmp_path: Path
    ) -> None:
        """So that it is known after a start who may read; it is another model than one that nobody read for."""
        back = load_model(save_model(with_aligned(model, read), tmp_path)).aligned
        assert back is not None
        assert back.read_by == "guesser-1"
        assert back.with_reader(Guesser()).of_text({}, ["like3"]) == pytest.approx(read.of_text({}, ["like3"]))
