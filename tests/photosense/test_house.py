"""A house opens only when its store, model, encoder and rules fit each other."""

import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from api.search.admission import Admission, Admitted
from api.search.query import make_query
from api.search.question import Question
from api.search.service import Service
from compliance.consent import Consent
from compliance.country import Country
from compliance.errors import ComplianceError, RulesError
from compliance.facts import Child
from compliance.gate import Action, Gate
from compliance.learned.telling_words import FILE as TELLING
from compliance.learned.telling_words import save_telling
from compliance.learned.topic_net import FILE as NET
from compliance.learned.topic_net import TopicNet, save_net
from compliance.lexicon.lexicon import Lexicon, default_lexicon
from compliance.records.audit import Audit
from compliance.records.takedown_register import post_mark
from ingest.photos.photo_source import InlinePhotos
from moderation.desk import Decision, Desk
from moderation.review_queue import ReviewQueue
from moderation.takedowns import Remover
from photosense.errors import SetupError
from photosense.house import Company, open_house
from photosense.settings import Settings
from qdrant.errors import StoreBusy, StoreDamaged
from qdrant.store import Search, Standing
from tests.support.crawl import ENCODER, RECIPE, crawl, lines
from tests.support.folders import copy_home
from tests.support.tiny_text import write_text_encoder
from topic_model.alignment.aligned import Aligned
from topic_model.artifact import load_model, save_model
from topic_model.document import TAG, TEXT
from topic_model.errors import ArtifactError
from training.topics import retrain
from vision.errors import EncoderError
from vision.text.text_encoder import make_text_encoder


@pytest.fixture(scope="module")
def taught(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home folder with posts and a model, to be copied."""
    settings = Settings(home=tmp_path_factory.mktemp("taught") / "home")
    with open_house(settings) as house:
        house.pipeline().take(lines(*crawl()), InlinePhotos())
        retrain(house.store, settings.models_path, RECIPE, ENCODER.id)
    return settings.home


@pytest.fixture
def settings(taught: Path, tmp_path: Path) -> Settings:
    copy_home(taught, tmp_path / "home")
    return Settings(home=tmp_path / "home")


@pytest.fixture
def folder(settings: Settings) -> Path:
    """The folder of the model in force."""
    (folder,) = settings.models_path.iterdir()
    return folder


class TestReader:
    """The text encoder that the settings name, and the one that taught."""

    @pytest.fixture
    def reader(self, settings: Settings, folder: Path, tmp_path: Path) -> Path:
        """A text encoder that taught the model in force where photos lie among its texts."""
        description = write_text_encoder(tmp_path / "text")
        model, by = load_model(folder), make_text_encoder(description)
        known = model.vocabulary.only(TEXT, TAG)
        features, meanings = np.eye(64, 3, dtype=np.float32), np.eye(by.size, 3, dtype=np.float32)
        words, ones, zeros = np.ones((known.size, 3), np.float32), np.ones(known.size, np.float32), np.zeros
        aligned = Aligned(known, ones, zeros(64), features, zeros(3), words, read_by=by.id)
        aligned = replace(aligned, meaning_map=meanings, meaning_mean=zeros(by.size, np.float32))
        shutil.rmtree(folder)
        save_model(replace(model, aligned=aligned), folder.parent)
        return description

    def test_it_reads_questions_where_it_taught(self, settings: Settings, reader: Path) -> None:
        """A word that no post has lies somewhere; in the other language too."""
        for text, known in (("a puppy", True), ("xyzzy", False)):
            assert self.place(settings.model_copy(update={"text_encoder": reader}), text).any() == known

    def test_nobody_else_is_heard(self, settings: Settings, reader: Path, tmp_path: Path) -> None:
        """None, or one that taught nothing: questions lie by their words alone, and the service starts."""
        stranger = write_text_encoder(tmp_path / "stranger", more='prefix = "query: "\n')
        for named in (None, stranger):
            assert not self.place(settings.model_copy(update={"text_encoder": named}), "a puppy").any()

    @staticmethod
    def place(settings: Settings, text: str) -> np.ndarray:
        """Where a question lies among the photos."""
        with open_house(settings) as house:
            admission = Admission(house.models, house.photos, house.law)
            admitted = admission.ask(Question(text=text), admission.visit(Country("IS", "site")))
            assert isinstance(admitted, Admitted)
            embedding = make_query(admitted, house.models.topics).aligned
        return np.zeros(3) if embedding is None else embedding


def refusal(settings: Settings, error: type[Exception] = SetupError) -> str:
    with pytest.raises(error) as raised, open_house(settings):
        pass
    return str(raised.value)


class TestOpening:
    def test_what_the_register_names_is_gone_at_every_start(self, settings: Settings) -> None:
        """A takedown that was recorded, and a crash before its post went."""
        with open_house(settings) as house:
            first, posts = next(house.store.scroll()).id, house.store.count()
            house.law.takedowns.begin("m1", "order\u20287", {post_mark(first)}, 1)
        with open_house(settings) as house:
            assert house.store.get([first]) == [None]
            assert house.store.count() == posts - 1
            assert house.law.takedowns.unfinished() == []

    def test_an_older_store_that_is_put_back_is_held_against_the_register(self, settings: Settings) -> None:
        """Also when the register was held against another store before."""
        shutil.copytree(settings.store_path, settings.home / "older")
        with open_house(settings) as house:
            first = next(house.store.scroll()).id
            Remover(house.store, house.law).take_down("m1", "order 7", post=first)
        for _ in range(2):
            with open_house(settings) as house:
                assert house.store.get([first]) == [None]
        shutil.rmtree(settings.store_path)
        (settings.home / "older").rename(settings.store_path)
        with open_house(settings) as house:
            assert house.store.get([first]) == [None]
            removed = [entry["count"] for entry in house.law.audit.entries() if entry["event"] == "taken_down"]
        assert removed == [1, 1]

    def test_an_older_store_that_is_put_back_is_held_as_it_was_held_since(self, settings: Settings) -> None:
        """A reviewer held the one and the site deleted it, he cleared the other: both are open in the older store."""
        shutil.copytree(settings.store_path, settings.home / "older")
        with open_house(settings) as house:
            held, cleared, other = [next(posts).id for posts in [house.store.scroll()] for _ in range(3)]
            desk = Desk(house.store, house.law)
            desk.decide([Decision(held, Child.CHILD), Decision(cleared, Child.CHILD)], "m1")
            desk.decide([Decision(cleared, Child.CLEAR)], "m1")
            Remover(house.store, house.law).delete(held)
        shutil.rmtree(settings.store_path)
        (settings.home / "older").rename(settings.store_path)
        for _ in range(2):
            with open_house(settings) as house:
                desk = Desk(house.store, house.law)
                kinds = [facts.child for post in (held, cleared, other) if (facts := desk.facts(post)) is not None]
                assert kinds == [Child.CHILD, Child.CLEAR, Child.CLEAR]

    def test_a_store_of_before_is_open_by_no_consent_without_a_record(self, settings: Settings) -> None:
        """Such a post was open worldwide; it waits for review, and is found by its words no more."""
        with open_house(settings) as house:
            first = next(house.store.scroll()).id
            bare = {"child": "consented", "source": "host", "rules": []}
            house.store.set_facts({first: Standing("open", "consented", bare, {"sea": 1.0})})
        with open_house(settings) as house:
            queue = ReviewQueue(house.store, house.law).page(10)
            (post,), total = queue.posts, queue.total
            assert (post.point.id, total) == (first, 1)
            assert post.facts.rules == ("consent-without-record",)
            assert house.store.candidates(Search(5, words={"sea": 1.0})).words == []

    def test_what_ended_while_the_clock_ran_ahead_stands_again_at_the_next_start(self, settings: Settings) -> None:
        """The audit has lines of a time that is still to come: that is said, and the consent is not over yet."""
        now = datetime.now(UTC)
        with open_house(settings) as house:
            first = next(house.store.scroll()).id
            consent = Consent("form-1", now, until=now + timedelta(days=30))
            Desk(house.store, house.law).decide([Decision(first, Child.CONSENTED, consent)], "m1")
            gate = Gate(house.law.gate.policy, house.law.lexicon, now=lambda: now + timedelta(days=400))
            law = replace(house.law, gate=gate, audit=Audit(settings.audit_path, now=gate.now))
            Desk(house.store, law).end_consents()
            facts = Desk(house.store, house.law).facts(first)
            assert facts is not None
            assert facts.child is Child.CHILD
        with open_house(settings) as house:
            facts = Desk(house.store, house.law).facts(first)
            assert facts is not None
            assert facts.child is Child.CONSENTED

    def test_a_new_home_has_no_model(self, tmp_path: Path) -> None:
        """A folder that does not exist yet becomes an empty store without a model."""
        with open_house(Settings(home=tmp_path / "new" / "home")) as house:
            assert (house.store.count(), house.models.topics) == (0, None)

    def test_the_model_in_force_is_loaded(self, settings: Settings, folder: Path) -> None:
        """The house has the model whose thetas the store holds, and can be opened again."""
        for _ in range(2):
            with open_house(settings) as house:
                assert house.models.topics is not None
                assert house.models.topics.id == house.store.active == folder.name

    def test_training_anew_needs_no_model(self, settings: Settings, folder: Path) -> None:
        """Without looking at the model the house opens even when its folder is gone."""
        shutil.rmtree(folder)
        with open_house(settings, with_model=False) as house:
            assert house.models.topics is None
            assert house.store.count() == 30

    @pytest.mark.parametrize(
        ("share", "children", "expected"),
        [(None, 60, Action.ALLOW), (0.6, 3, Action.ALLOW), (0.6, 60, Action.REFUSE)],
        ids=["not set", "of too few posts", "set"],
    )
    def test_the_topic_net_is_cast_where_it_is_set_and_holds(
        self, settings: Settings, folder: Path, share: float | None, children: int, expected: Action
    ) -> None:
        """Off unless a site asks for it, and while too few posts about children are in it."""
        topics = load_model(folder).topics
        save_net(TopicNet(folder.name, np.ones(topics), 100, children), folder)
        with open_house(settings.model_copy(update={"topic_net": share})) as house:
            strictest = house.law.gate.policy.strictest
            assert house.law.gate.topics(np.full(topics, 1 / topics), strictest).action is expected

    @pytest.mark.parametrize(
        ("share", "expected"), [(None, Action.ALLOW), (0.95, Action.ALLOW), (0.9, Action.REFUSE)], ids=str
    )
    def test_telling_words_are_heard_from_the_share_on_that_is_set(
        self, settings: Settings, folder: Path, share: float | None, expected: Action
    ) -> None:
        """In every form of the word; off where a site wants none."""
        save_telling({"куличик": 0.92}, folder.name, folder)
        with open_house(settings.model_copy(update={"telling_words": share})) as house:
            assert house.law.gate.query("Два куличика у моря", house.law.gate.policy.strictest).action is expected

    def test_a_home_is_shared_unless_somebody_needs_it_alone(self, settings: Settings) -> None:
        """A second opener sees what the first wrote; who needs it alone is told who has it."""
        with open_house(settings) as first, open_house(settings) as second:
            assert first.store.count() == second.store.count()
            with pytest.raises(StoreBusy, match="is in use by process"), open_house(settings, company=Company.ALONE):
                pass


class TestRefusals:
    def test_a_damaged_topic_net_is_named(self, settings: Settings, folder: Path) -> None:
        """Where a site wants the net, it does not open without."""
        (folder / NET).write_text("{}")
        message = refusal(settings.model_copy(update={"topic_net": 0.5}), ComplianceError)
        assert NET in message
        assert "photosense train" in message

    def test_damaged_telling_words_are_named(self, settings: Settings, folder: Path) -> None:
        """They are never taken for none."""
        (folder / TELLING).write_text("{}")
        message = refusal(settings, ComplianceError)
        assert TELLING in message
        assert "photosense train" in message

    def test_a_missing_model_folder_is_named(self, settings: Settings, folder: Path) -> None:
        """The sentence names the model, the folder and both ways out; the store is let go."""
        shutil.rmtree(folder)
        for _ in range(2):
            message = refusal(settings)
            assert f"thetas of model {folder.name}, but {folder} is missing" in message
            assert "photosense train --anew" in message

    def test_a_foreign_model_is_refused(self, settings: Settings, folder: Path, tmp_path: Path) -> None:
        """A folder that holds another model than its name says does not serve."""
        other = save_model(replace(load_model(folder), id="0123456789ab"), tmp_path / "elsewhere")
        shutil.rmtree(folder)
        shutil.copytree(other, folder)
        message = refusal(settings)
        assert f"holds model 0123456789ab with 6 topics; the store wants {folder.name} with 6" in message

    def test_a_model_of_another_encoder_is_refused(self, settings: Settings, folder: Path) -> None:
        """Visual words of two encoders do not mix."""
        save_model(replace(load_model(folder), encoder="network-1"), settings.models_path)
        message = refusal(settings)
        assert f"trained on visual words of 'network-1', the settings name {ENCODER.id!r}" in message

    @pytest.mark.parametrize("name", ["phi.npy", "vocabulary.json", "model.json"])
    @pytest.mark.parametrize("damage", ["gone", "cut", "other bytes"])
    def test_a_damaged_model_is_refused(self, settings: Settings, folder: Path, name: str, damage: str) -> None:
        """Whatever file of the model is damaged, the sentence names its folder and what to do."""
        file = folder / name
        if damage == "gone":
            file.unlink()
        else:
            file.write_bytes(file.read_bytes()[:100] if damage == "cut" else b"\x00" * 100)
        message = refusal(settings, ArtifactError)
        assert str(folder) in message
        assert "rain" in message

    @pytest.mark.parametrize("damage", ["no record", "broken record", "other format", "no shard", "no segments"])
    def test_a_damaged_store_is_refused(self, settings: Settings, damage: str) -> None:
        """A store that lost something is not opened as if it were empty."""
        store = settings.store_path
        match damage:
            case "no record":
                (store / "store.json").unlink()
            case "broken record":
                (store / "store.json").write_text('{"format": 1, "mod')
            case "other format":
                (store / "store.json").write_text('{"format": 99}')
            case "no shard":
                shutil.rmtree(store / "shard-1")
            case _:
                shutil.rmtree(store / "shard-1" / "segments")
        message = refusal(settings, StoreDamaged)
        assert str(store) in message
        assert "ingest" in message or "move the folder away" in message

    def test_an_unknown_encoder_is_refused(self, tmp_path: Path) -> None:
        """A misspelt encoder is answered with those that there are."""
        settings = Settings(home=tmp_path / "home", encoder="pitches")
        assert "'pitches', expected one of: patches" in refusal(settings, EncoderError)

    def test_damaged_rules_stop_everything(self, tmp_path: Path) -> None:
        """Without whole rules nothing opens, and nothing is made."""
        rules = tmp_path / "rules.yaml"
        rules.write_text("version: 1\ngroups: {}\n")
        settings = Settings(home=tmp_path / "home", rules=rules)
        assert str(rules) in refusal(settings, RulesError)
        assert not settings.home.exists()


def test_words_about_children_are_read_where_a_text_is_judged(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They take a second, which no command waits for that judges none; whoever serves has them from the start."""
    read: list[Lexicon] = []

    def asked() -> Lexicon:
        read.append(default_lexicon())
        return read[-1]

    monkeypatch.setattr("compliance.gate.default_lexicon", asked)
    with open_house(settings) as house:
        assert (house.store.count(), read) == (30, [])
        house.app()
    assert read


def test_the_service_that_was_warmed_is_the_one_that_answers(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it works out for the first time it remembers: the first visitor does not wait for it again."""
    warmed: list[Service] = []
    monkeypatch.setattr(Service, "warm_up", lambda service: warmed.append(service))
    with open_house(settings) as house:
        assert warmed == [house.app().state.service]


def test_who_answers_nobody_and_learns_nothing_reads_no_ideas(settings: Settings) -> None:
    """A backup or an export starts without them; training anew, which wants no model either, has them."""
    with open_house(settings, with_model=False, with_detector=False) as house:
        assert house.models.ideas is None
    with open_house(settings, with_model=False) as house:
        assert house.models.ideas is not None
