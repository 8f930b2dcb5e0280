"""Retraining learns from open posts, fills in every theta, and switches only when all is done."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from compliance.learned.telling_words import load_telling
from compliance.learned.topic_net import load_net
from ingest.document import make_document
from ingest.photos.photo_source import InlinePhotos
from qdrant.open_store import open_folder
from qdrant.store import Search, Store, Target
from qdrant.vector_kind import THETA, NamedVector
from tests.support.crawl import ENCODER, RECIPE, crawl, lines, make_pipeline, post
from tests.support.reference_store import ReferenceStore
from topic_model.artifact import include, included, load_hierarchy, load_model, load_quality
from topic_model.errors import CorpusError
from topic_model.model import TopicModel
from topic_model.training.em import State
from training.publish import PublishedModels, catch_up
from training.topics import TeachingPosts, retrain

HELD = [
    {"id": f"held{n}", "text": f"ребёнок и единорог, unicorns {n}", "tags": ["единорог", "unicorn"]} for n in range(4)
] + [{"id": f"host{n}", "text": f"карусель и фонтаны во дворе {n}", "child": True} for n in range(4)]
ONLY_HELD = {"единорог", "unicorn", "карусель", "фонтан", "ребенок"}


class Killed(Exception):
    """Stands for the end of the process in the middle of training."""


@pytest.fixture(params=["edge", "reference"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """A store of the crawl, of posts about children, and of one whose words nobody else uses."""
    opened = open_folder(tmp_path / "store") if request.param == "edge" else ReferenceStore()
    strange = {"id": "strange", "text": "квантовый бозон спина"}
    results = make_pipeline(opened).take(lines(*crawl(), *HELD, strange), InlinePhotos())
    assert {result.status for result in results} == {"stored"}
    yield opened
    opened.close()


@pytest.fixture
def models(tmp_path: Path) -> Path:
    return tmp_path / "models"


def learn(store: Store, models: Path, seed: int = 0) -> TopicModel:
    return retrain(store, models, replace(RECIPE, seed=seed), ENCODER.id).model


class TestRetrain:
    def test_held_posts_teach_nothing(self, store: Store, models: Path) -> None:
        """No token that only posts about children have gets into the vocabulary or the labels."""
        model = learn(store, models)
        known = {token for tokens in model.vocabulary.tokens.values() for token in tokens}
        assert "волна" in known
        assert not known & ONLY_HELD
        assert not set(model.labels.values()) & ONLY_HELD

    def test_what_another_process_writes_meanwhile_gets_its_theta_too(
        self, store: Store, models: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A post that comes in, or is replaced, while thetas are filled in is found by topics after the switch."""
        learn(store, models)
        fill, late = store.put_vectors, [post("late", text="волна и берег моря"), post("late2", text="sea wave shore")]

        def meanwhile(vector: NamedVector, thetas: Iterator) -> None:
            fill(vector, thetas)
            monkeypatch.setattr(store, "put_vectors", fill)
            make_pipeline(store).take(lines(*late), InlinePhotos())

        monkeypatch.setattr(store, "put_vectors", meanwhile)
        model = learn(store, models, seed=1)
        assert store.active == model.id
        assert [point is not None and point.theta is not None for point in store.get(["late", "late2"])] == [True] * 2

    def test_what_a_killed_process_left_gets_its_theta_once(self, store: Store, models: Path) -> None:
        """It wrote by the model of before, and was killed before it followed; what was looked through is noted."""
        model = learn(store, models)
        make_pipeline(store).take(lines(post("late", text="волна и берег моря")), InlinePhotos())
        catch_up(store, models, model)
        PublishedModels(models).note_filled(datetime.now(UTC) + timedelta(hours=1))
        make_pipeline(store).take(lines(post("later", text="sea wave shore")), InlinePhotos())
        catch_up(store, models, model)
        assert [point is not None and point.theta is not None for point in store.get(["late", "later"])] == [
            True,
            False,
        ]

    def test_every_post_with_a_known_token_gets_its_theta(self, store: Store, models: Path) -> None:
        """Thetas are the model's for the stored Documents; who says nothing known has none."""
        model = learn(store, models)
        points = {point.id: point for point in store.scroll()}
        for name, point in points.items():
            (expected,) = model.thetas([point.document()])
            if expected is None:
                assert point.theta is None, name
            else:
                np.testing.assert_allclose(point.theta, expected, atol=1e-6, err_msg=name)
        assert all(points[sent["id"]].theta is not None for sent in crawl())
        assert points["strange"].theta is None
        assert points["host0"].theta is None

    def test_the_model_is_saved_and_in_force(self, store: Store, models: Path) -> None:
        """The folder of the model holds what was learned, and the store searches by it."""
        model = learn(store, models)
        read = load_model(models / model.id)
        assert (read.id, read.encoder, read.topics) == (model.id, ENCODER.id, RECIPE.topics)
        np.testing.assert_array_equal(read.phi, model.phi)
        assert store.info().sizes(THETA) == {model.id: RECIPE.topics}
        assert store.active == model.id
        theta = model.theta({"text": {"волна": 1.0}})
        hits = store.candidates(Search(limit=5, near={THETA: Target(theta)})).hits[THETA]
        points = store.get([hit.point.id for hit in hits])
        assert {point.post["tags"][0] for point in points if point} == {"море"}

    def test_labels_are_words_that_people_wrote(self, store: Store, models: Path) -> None:
        """Stems are shown in the form in which captions have them."""
        model = learn(store, models)
        assert model.label("text", "citi") == "city"
        assert model.label("text", "snowi") == "snowy"
        assert model.label("tag", "море") == "#море"

    def test_what_places_photos_reads_each_caption_by_itself(self, store: Store) -> None:
        """And the hashtags together, beside the Document of all words and what was measured."""
        document, captions, features = next(TeachingPosts(store).with_photos(1))
        first, second, tags = captions
        assert document["text"].keys() >= first.words["text"].keys() | second.words["text"].keys()
        assert not first.words["text"].keys() & second.words["text"].keys()
        assert make_document([first.text]) == first.words
        assert tags.words == {"tag": document["tag"]}
        assert len(features) > 0

    def test_the_same_posts_and_seed_give_the_same_model(self, store: Store, models: Path) -> None:
        """Training again changes neither the id nor the thetas."""
        model = learn(store, models)
        before = {point.id: point.theta for point in store.scroll()}
        assert learn(store, models).id == model.id
        for point in store.scroll():
            np.testing.assert_array_equal(point.theta, before[point.id])

    def test_the_same_model_learned_again_keeps_what_was_added_to_it(self, store: Store, models: Path) -> None:
        """What its gate learned, and its match: a training that does not publish took it from the model in force."""
        model = learn(store, models)
        include(models / model.id, "match-1.json", b"{}", instead_of="match-*.json")
        before = {file.name for file in (models / model.id).iterdir()}
        again = retrain(store, models, RECIPE, ENCODER.id, publishes=False).model
        assert (again.id, store.active) == (model.id, model.id)
        assert {file.name for file in (models / model.id).iterdir()} == before
        assert included(models / model.id, "match-*.json") is not None
        assert load_model(models / model.id).id == model.id

    def test_a_new_model_replaces_the_old_one(self, store: Store, models: Path) -> None:
        """After training with another seed the new one is in force, the one before is kept, and no older one."""
        oldest, old, new = learn(store, models, seed=2), learn(store, models), learn(store, models, seed=1)
        assert len({oldest.id, old.id, new.id}) == 3
        assert (store.active, store.info().sizes(THETA)) == (new.id, dict.fromkeys((old.id, new.id), RECIPE.topics))
        assert {one.name for one in models.iterdir() if one.is_dir()} == {old.id, new.id}
        assert PublishedModels(models).before(new.id) == old.id
        (point,) = store.get(["p00"])
        assert point is not None
        np.testing.assert_allclose(point.theta, new.thetas([point.document()])[0], atol=1e-6)

    def test_the_new_model_takes_posts(self, store: Store, models: Path) -> None:
        """Posts that come later get thetas of the model in force, and held ones are still held."""
        pipeline = make_pipeline(store, learn(store, models))
        pipeline.take(lines(post("new"), post("kid", "city", text="мальчик")), InlinePhotos())
        new, kid = store.get(["new", "kid"])
        assert new is not None
        assert kid is not None
        assert new.theta is not None
        assert (new.payload["vis"], kid.payload["vis"]) == ("open", "held")

    @pytest.mark.parametrize("at", [1, RECIPE.passes])
    def test_a_kill_leaves_the_old_model_in_force(self, store: Store, models: Path, at: int) -> None:
        """Training that ends in the middle changes nothing that is searched, and can be run again."""
        old = learn(store, models)
        before = {point.id: point.theta for point in store.scroll()}

        def die(state: State) -> None:
            if state.passes == at:
                raise Killed

        with pytest.raises(Killed):
            retrain(store, models, replace(RECIPE, seed=1), ENCODER.id, progress=die)
        assert store.active == old.id
        assert [folder.name for folder in models.iterdir()] == [old.id]
        for point in store.scroll():
            np.testing.assert_array_equal(point.theta, before[point.id])
        assert learn(store, models, seed=1).id == store.active != old.id

    def test_progress_is_told_pass_by_pass(self, store: Store, models: Path) -> None:
        """Each pass is told with its perplexity, which falls."""
        states: list[State] = []
        model = retrain(store, models, RECIPE, ENCODER.id, progress=states.append).model
        assert [state.passes for state in states] == list(range(1, RECIPE.passes + 1))
        assert [state.history[-1] for state in states] == list(model.history)
        assert model.history[-1] < model.history[0]


class TestTooLittle:
    @pytest.mark.parametrize("sent", [[], HELD, [post("p1")]], ids=["no posts", "held posts only", "one post"])
    def test_too_little_to_learn_from_is_said(self, tmp_path: Path, sent: list) -> None:
        """Without tokens that posts share there is no model, and nothing is left half-made."""
        store = ReferenceStore()
        make_pipeline(store).take(lines(*sent), InlinePhotos())
        with pytest.raises(CorpusError, match="Train on more posts"):
            retrain(store, tmp_path / "models", RECIPE, ENCODER.id)
        assert (store.active, dict(store.info().sizes(THETA))) == (None, {})
        assert not (tmp_path / "models").exists()


class TestWhatIsLeft:
    def test_the_folder_holds_measures_and_children(self, store: Store, models: Path) -> None:
        """What was measured and the child topics are read back from the model folder as they were."""
        trained = retrain(store, models, RECIPE, ENCODER.id, children=2)
        folder = models / trained.model.id
        assert load_quality(folder) == trained.quality
        again = load_hierarchy(folder)
        assert again is not None
        assert trained.hierarchy is not None
        np.testing.assert_array_equal(again.psi, trained.hierarchy.psi)
        assert load_model(folder).id == trained.model.id

    def test_posts_kept_out_are_measured_and_not_learned(self, store: Store, models: Path) -> None:
        """One open post in three is kept out: the measure counts those, the teaching counts the others."""
        posts, everything = TeachingPosts(store, held_out=3), len(list(TeachingPosts(store)))
        kept = len(list(posts.kept_out()))
        assert everything / 6 < kept < everything / 2
        assert len(list(posts)) == everything - kept
        assert retrain(store, models, RECIPE, ENCODER.id, held_out=3).quality.documents <= kept

    def test_who_comes_meanwhile_changes_nothing_of_who_is_kept_out(self, store: Store) -> None:
        """The store is gone through again and again: by their places, one more post made all behind it others."""
        posts = TeachingPosts(store, held_out=3)
        before = set(posts.untaught())
        make_pipeline(store).take(lines(*(post(f"later{n}", "city") for n in range(5))), InlinePhotos())
        assert {one for one in posts.untaught() if not one.startswith("later")} == before

    def test_a_sample_is_spread_evenly(self, store: Store) -> None:
        """However many posts there are, no more than asked for are looked at."""
        posts = TeachingPosts(store)
        assert 0 < len(list(posts.sample(5))) <= 5
        assert len(list(posts.sample(10**6))) == len(list(posts))


def test_telling_words_are_those_of_posts_that_do_not_teach(store: Store, models: Path) -> None:
    """Of their captions and of their hashtags, which may be several words; they lie beside the model."""
    about_children = [
        {"id": f"kid{n}", "captions": [{"text": f"наш кадр {n}", "author": f"u{n}"}], "child": True}
        | {"tags": ["#песочный_куличик"]}
        for n in range(26)
    ]
    others = [post(f"other{n}", "city", child=False) for n in range(10)]
    make_pipeline(store).take(lines(*about_children, *others), InlinePhotos())
    model = retrain(store, models, RECIPE, ENCODER.id).model
    shares = load_telling(models / model.id, model.id)
    assert {"песочный", "куличик"} <= shares.keys()
    assert shares["куличик"] >= 0.9
    assert "город" not in shares


def test_thirty_posts_about_one_child_close_no_word(store: Store, models: Path) -> None:
    """Neither the child's name nor what its parent says of the year: they are the words of one author."""
    family = [
        {"id": f"kid{n}", "captions": [{"text": f"наша Кворлина, осень, кадр {n}", "author": "mum"}], "child": True}
        for n in range(30)
    ]
    others = [post(f"other{n}", "city", child=False) for n in range(10)]
    make_pipeline(store).take(lines(*family, *others), InlinePhotos())
    model = retrain(store, models, RECIPE, ENCODER.id).model
    assert load_telling(models / model.id, model.id) == {}


def test_topic_net_counts_posts_that_do_not_teach(store: Store, models: Path) -> None:
    """The net lies beside the model, and knows the posts about children by their topics."""
    about_children = [post(f"kid{n}", "sea", child=True) for n in range(5)]
    make_pipeline(store).take(lines(*about_children), InlinePhotos())
    trained = retrain(store, models, RECIPE, ENCODER.id)
    net = load_net(models / trained.model.id, trained.model.id, trained.model.topics)
    assert net is not None
    assert (net.posts, net.children) == (trained.net.posts, trained.net.children)
    assert net.children == 5  # of those whose words the model knows
    assert net.posts == 35
    assert net.share(trained.model.theta({"text": {"море": 1.0}})) > net.share(
        trained.model.theta({"text": {"город": 1.0}})
    )
    assert not net.holds
    load_model(models / trained.model.id)
