"""Training as a job: regularisers on schedule, shards on disk, online passes, stopping and going on."""

import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.support.planted import Planted, plant
from topic_model.corpus import encode, write_shards
from topic_model.document import Document
from topic_model.errors import ArtifactError, RecipeError
from topic_model.training.em import State, first_state, learn
from topic_model.training.recipe import Recipe
from topic_model.training.regularisers import Group, Regulariser, RegulariserKind, add_to_phi, final_prior, theta_terms
from topic_model.training.train import train
from topic_model.vocabulary import TokenBounds, Vocabulary, build_vocabulary

EVEN = {"text": 1.0, "tag": 1.0, "image": 1.0}


@pytest.fixture(scope="module")
def planted() -> Planted:
    return plant(topics=4, documents=240)


class TestRegularisers:
    @pytest.mark.parametrize(
        ("start", "grow", "strengths"),
        [
            pytest.param(0, 0, [2, 2, 2, 2], id="at once"),
            pytest.param(2, 0, [0, 0, 2, 2], id="later"),
            pytest.param(1, 3, [0, 0.5, 1, 1.5, 2, 2], id="growing"),
        ],
    )
    def test_a_schedule_is_kept(self, start: int, grow: int, strengths: list[float]) -> None:
        """A regulariser begins at its pass and grows to its full strength."""
        wish = Regulariser(RegulariserKind.PHI, 2.0, start=start, grow=grow)
        assert [wish.strength(number) for number in range(len(strengths))] == strengths

    def test_smoothing_reaches_its_modality_and_group_only(self) -> None:
        """The term lands on the rows of the modality and the columns of the group, and nowhere else."""
        vocabulary = Vocabulary({"text": ("a", "b"), "tag": ("c",)})
        n_wt = np.zeros((3, 3), np.float32)
        add_to_phi(
            n_wt, n_wt, [Regulariser(RegulariserKind.PHI, 1.5, Group.BACKGROUND, "tag")], 0, vocabulary, background=1
        )
        assert n_wt.tolist() == [[0, 0, 0], [0, 0, 0], [0, 0, 1.5]]

    def test_decorrelation_is_the_formula(self) -> None:
        """The term is -tau phi_wt sum over other topics of phi_ws."""
        phi = np.array([[0.5, 0.2, 0.1]], np.float32)
        n_wt = np.zeros_like(phi)
        add_to_phi(
            n_wt, phi, [Regulariser(RegulariserKind.DECORRELATE, 10.0)], 0, Vocabulary({"text": ("a",)}), background=0
        )
        np.testing.assert_allclose(n_wt, [[-1.5, -1.2, -0.7]], atol=1e-6)

    def test_selection_weakens_the_weak(self) -> None:
        """A topic of average size loses the share tau, a smaller one more, one of nothing is left alone."""
        keep, prior = theta_terms(
            [Regulariser(RegulariserKind.SELECT, 0.2)], 0, np.array([10.0, 20.0, 0.0]), background=0
        )
        np.testing.assert_allclose(keep, [1 - 0.2 * 30 / (10 * 3), 1 - 0.2 * 30 / (20 * 3), 1], atol=1e-6)
        assert not prior.any()

    def test_after_training_only_theta_wishes_last(self) -> None:
        """Inference keeps what was wished of theta at full strength."""
        regularisers = [
            Regulariser(RegulariserKind.THETA, 0.5, Group.BACKGROUND, start=3, grow=9),
            Regulariser(RegulariserKind.SELECT, 1.0),
        ]
        assert final_prior(regularisers, 3, 1).tolist() == [0, 0, 0.5]

    def test_selection_lets_surplus_topics_die(self, planted: Planted) -> None:
        """Of many topics too many, some are gone in the end; without selection all live."""

        def living(*regularisers: Regulariser) -> int:
            recipe = Recipe(topics=20, background=0, passes=40, weights=EVEN, regularisers=regularisers)
            return int((train(planted.documents, recipe).phi.sum(axis=0) > 0).sum())

        assert living() == 20
        assert 4 <= living(Regulariser(RegulariserKind.SELECT, 0.3, start=5)) < 20

    def test_decorrelation_drives_topics_apart(self, planted: Planted) -> None:
        """The mean overlap of two topics' words falls."""

        def overlap(*regularisers: Regulariser) -> float:
            phi = train(planted.documents, Recipe(topics=8, background=0, passes=20, regularisers=regularisers)).phi
            return float((phi.T @ phi)[np.triu_indices(8, 1)].mean())

        assert overlap(Regulariser(RegulariserKind.DECORRELATE, 2e4)) < 0.9 * overlap()

    def test_sparsing_everything_away_is_no_success(self, planted: Planted) -> None:
        """Perplexity rises, not falls, with words that no topic explains; a model without any word is refused."""

        def last(tau: float) -> float:
            wish = (Regulariser(RegulariserKind.PHI, tau),) if tau else ()
            return train(planted.documents, Recipe(topics=4, background=0, passes=10, regularisers=wish)).history[-1]

        assert last(-20.0) > last(0.0)
        with pytest.raises(RecipeError, match="no topic has a word left"):
            last(-1e6)

    @pytest.mark.parametrize(
        "wrong",
        [
            pytest.param({"kind": "decorrelate", "tau": -1.0}, id="negative decorrelation"),
            pytest.param({"kind": "phi", "tau": math.nan}, id="tau that is no number"),
            pytest.param({"kind": "theta", "tau": 1.0, "modality": "text"}, id="theta of a modality"),
            pytest.param({"kind": "phi", "tau": 1.0, "start": -1}, id="start before the first pass"),
        ],
    )
    def test_a_wish_that_cannot_be_is_refused(self, wrong: dict) -> None:
        """The sentence names the regulariser and what is expected."""
        with pytest.raises(RecipeError, match=wrong["kind"]):
            Regulariser(**wrong)


class TestShards:
    def test_shards_on_disk_teach_the_same(self, planted: Planted, tmp_path: Path) -> None:
        """However the corpus is cut, an offline pass learns the same, but for rounding."""
        recipe = Recipe(topics=4, background=0, passes=5, weights=EVEN, regularisers=())
        vocabulary = build_vocabulary(planted.documents, recipe.modalities)
        shards = write_shards(planted.documents, vocabulary, recipe.weights, tmp_path, tokens_in_shard=2000)
        assert len(shards) > 5
        assert sum(shard.documents for shard in shards) == len(planted.documents)
        *_, on_disk = learn(shards, vocabulary, recipe, first_state(vocabulary, recipe))
        whole = [encode(planted.documents, vocabulary, recipe.weights)]
        *_, in_memory = learn(whole, vocabulary, recipe, first_state(vocabulary, recipe))
        np.testing.assert_allclose(on_disk.phi, in_memory.phi, atol=1e-4)
        assert on_disk.history == pytest.approx(in_memory.history, rel=1e-4)

    def test_documents_are_read_one_by_one(self, planted: Planted, tmp_path: Path) -> None:
        """A shard is on disk before the documents of the next one are asked for: memory holds one at most."""
        vocabulary = build_vocabulary(planted.documents, tuple(EVEN))
        written: list[int] = []

        def watched() -> Iterator[Document]:
            for document in planted.documents:
                written.append(len(list(tmp_path.glob("*.npz"))))
                yield document

        shards = write_shards(watched(), vocabulary, EVEN, tmp_path, tokens_in_shard=2000)
        firsts = np.cumsum([0, *(shard.documents for shard in shards)])[:-1]
        assert [written[first] for first in firsts] == list(range(len(shards)))

    def test_online_passes_learn_in_fewer(self, planted: Planted, tmp_path: Path) -> None:
        """Three online passes over shards get below the perplexity of three offline ones."""
        offline = Recipe(topics=4, background=0, passes=3, weights=EVEN, regularisers=())
        online = Recipe(topics=4, background=0, passes=3, weights=EVEN, regularisers=(), online=True)
        vocabulary = build_vocabulary(planted.documents, offline.modalities)
        shards = write_shards(planted.documents, vocabulary, offline.weights, tmp_path, tokens_in_shard=2000)
        last = [
            list(learn(shards, vocabulary, recipe, first_state(vocabulary, recipe)))[-1] for recipe in (offline, online)
        ]
        assert last[1].history[-1] < last[0].history[-1]
        assert last[1].phi.sum(axis=0) == pytest.approx(len(vocabulary.tokens), abs=1e-3)


class TestGoingOn:
    RECIPE = Recipe(topics=4, background=1, passes=8, seed=3)

    def interrupted(self, planted: Planted, folder: Path, after: int) -> None:
        def stop(state: State) -> None:
            if state.passes == after:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            train(planted.documents, self.RECIPE, workspace=folder, progress=stop)

    def test_a_stopped_training_goes_on_where_it_was(self, planted: Planted, tmp_path: Path) -> None:
        """Stopped after three passes and resumed, the model is the same to the byte as one that was not stopped."""
        self.interrupted(planted, tmp_path / "work", after=3)
        passes: list[int] = []
        resumed = train(
            planted.documents,
            self.RECIPE,
            workspace=tmp_path / "work",
            resume=True,
            progress=lambda state: passes.append(state.passes),
        )
        assert passes == [4, 5, 6, 7, 8]
        unbroken = train(planted.documents, self.RECIPE, workspace=tmp_path / "other")
        assert resumed.id == unbroken.id
        assert not (tmp_path / "work").exists()

    def test_without_resume_it_starts_again(self, planted: Planted, tmp_path: Path) -> None:
        """A checkpoint that nobody asks for is not used."""
        self.interrupted(planted, tmp_path / "work", after=3)
        passes: list[int] = []
        train(
            planted.documents,
            self.RECIPE,
            workspace=tmp_path / "work",
            progress=lambda state: passes.append(state.passes),
        )
        assert passes[0] == 1

    def test_a_checkpoint_of_other_posts_is_refused(self, planted: Planted, tmp_path: Path) -> None:
        """Going on with another corpus would give a model of neither."""
        self.interrupted(planted, tmp_path / "work", after=1)
        with pytest.raises(ArtifactError, match="other posts or settings"):
            train(plant(seed=9).documents, self.RECIPE, workspace=tmp_path / "work", resume=True)

    def test_a_damaged_checkpoint_is_refused(self, planted: Planted, tmp_path: Path) -> None:
        """The sentence names the file and the way out."""
        self.interrupted(planted, tmp_path / "work", after=1)
        file = tmp_path / "work" / "member-0" / "checkpoint.npz"
        file.write_bytes(file.read_bytes()[:500])
        with pytest.raises(ArtifactError, match=r"checkpoint\.npz is damaged"):
            train(planted.documents, self.RECIPE, workspace=tmp_path / "work", resume=True)

    def test_a_place_that_cannot_be_written_is_a_sentence(self, planted: Planted, tmp_path: Path) -> None:
        """A file where the folder should be is said."""
        (tmp_path / "work").write_text("in the way")
        with pytest.raises(ArtifactError, match="writable"):
            train(planted.documents, self.RECIPE, workspace=tmp_path / "work")


class TestVocabulary:
    def test_bounds_hold_for_each_modality(self) -> None:
        """Too rare, too common and too many tokens are left out, modality by modality."""
        documents = [{"text": {"all": 1, f"pair{n // 2}": 1, f"once{n}": 1}, "tag": {f"once{n}": 1}} for n in range(8)]
        bounds = {"text": TokenBounds(min_documents=2, max_share=0.5, limit=3), "tag": TokenBounds(min_documents=1)}
        vocabulary = build_vocabulary(documents, ("text", "tag"), bounds)
        assert vocabulary.tokens["text"] == ("pair0", "pair1", "pair2")
        assert len(vocabulary.tokens["tag"]) == 8
        assert vocabulary.slices["tag"] == slice(3, 11)
