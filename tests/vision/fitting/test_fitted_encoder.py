"""Fitted encoders as folders of plain files: what is read is what was written, and what does not fit is refused."""

import json
import shutil
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from common.digest import sealed
from tests.support.tiny_network import photos, write_encoder
from vision.combined_encoder import Together
from vision.errors import EncoderError
from vision.fitting.artifact import ABOUT, load_encoder, save_encoder
from vision.fitting.concepts import ConceptSettings
from vision.fitting.fit import Example, fit_encoder
from vision.fitting.fitted_encoder import FittedEncoder
from vision.make_encoder import make_encoder
from vision.networks.network import Runtime

PHOTOS = photos(60)
EXAMPLES = [Example(photo, (("sea",) if n % 2 else ("hill", "sea"),)) for n, photo in enumerate(PHOTOS)]
MORE = '\nfeatures = ["map", "logits"]'


@pytest.fixture(scope="module")
def fitted(tmp_path_factory: pytest.TempPathFactory) -> FittedEncoder:
    """A network with every kind of words and `patches`, fitted with concepts; what it came from is gone afterwards."""
    folder = tmp_path_factory.mktemp("networks")
    description = write_encoder(folder, "classes", "channels", "codebook", more=MORE)
    labelled = description.read_text().replace('prefix = "class"', 'prefix = "class"\nlabels = "names.txt"')
    description.write_text(labelled)
    (folder / "names.txt").write_text("cat\ndog\nfig\nsea\nalp\n")
    return fit_encoder(make_encoder("patches", str(description)), EXAMPLES, concepts=ConceptSettings(least_photos=5))


@pytest.fixture(scope="module")
def written(fitted: FittedEncoder, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_encoder(fitted, tmp_path_factory.mktemp("home") / "encoders")


@pytest.fixture
def folder(written: Path, tmp_path: Path) -> Path:
    """A copy to spoil, under its own name."""
    return Path(shutil.copytree(written, tmp_path / written.name))


def refusal(folder: Path) -> str:
    with pytest.raises(EncoderError) as raised:
        load_encoder(folder)
    assert str(folder) in str(raised.value)
    return str(raised.value)


class TestFolder:
    def test_what_is_read_is_what_was_written(self, fitted: FittedEncoder, folder: Path) -> None:
        """Words, features, id and what words mean are the same, by folder name as well."""
        for read in (load_encoder(folder), make_encoder(str(folder))):
            assert read.id == fitted.id == folder.name
            assert (
                read.totals
                == fitted.totals
                == {"patches": 200, "class": 200, "channel": 200, "book": 200, "concept": 200}
            )
            ours, theirs = fitted.see(PHOTOS[:9]), read.see(PHOTOS[:9])
            assert ours.words == theirs.words
            assert np.array_equal(ours.features, theirs.features)
            assert {read.describe(word) for word in ours.words[0]} == {fitted.describe(word) for word in ours.words[0]}

    @pytest.mark.skipif(find_spec("openvino") is None, reason="openvino is not installed")
    def test_another_runtime_sees_the_same(self, folder: Path) -> None:
        """Who runs the network changes no id, and no word by more than a hundredth."""
        ours, theirs = load_encoder(folder), load_encoder(folder, Runtime.OPENVINO)
        assert ours.id == theirs.id
        for one, other in zip(ours.encode(PHOTOS[:9]), theirs.encode(PHOTOS[:9]), strict=True):
            for word in one.keys() | other.keys():
                assert one.get(word, 0) == pytest.approx(other.get(word, 0), abs=0.01)

    def test_it_needs_nothing_outside(self, folder: Path) -> None:
        """Network and names of classes lie in the folder; no path in it leads out."""
        about = json.loads((folder / ABOUT).read_text())
        assert {"tiny.onnx", "class.labels.txt", "book.centres.npy"} <= set(about["files"])
        assert set(about["files"]) | {ABOUT} == {file.name for file in folder.iterdir()}
        assert "/" not in json.dumps(about["parts"])

    def test_writing_again_changes_nothing(self, fitted: FittedEncoder, written: Path) -> None:
        """The same encoder is the same folder, with nothing left beside it."""
        before = {file.name: file.read_bytes() for file in written.iterdir()}
        assert save_encoder(fitted, written.parent) == written
        assert {file.name: file.read_bytes() for file in written.iterdir()} == before
        assert [file.name for file in written.parent.iterdir()] == [written.name]

    def test_totals_make_another_encoder(self, fitted: FittedEncoder, folder: Path) -> None:
        """Totals that are asked for at reading scale or silence kinds, and are in the id."""
        read = make_encoder(str(folder), totals={"concept": 50, "patches": 0})
        assert read.id != fitted.id
        words = read.encode(PHOTOS[:1])[0]
        assert sum(weight for word, weight in words.items() if word.startswith("concept:")) == pytest.approx(
            50, abs=0.01
        )
        assert not any(word.startswith("colour:") for word in words)

    @pytest.mark.parametrize("name", [ABOUT, "tiny.onnx", "axes.axes.npy", "concepts.folds.npy", "class.labels.txt"])
    def test_a_damaged_file_is_named(self, folder: Path, name: str) -> None:
        """One byte more in any file and the folder is refused."""
        (folder / name).write_bytes((folder / name).read_bytes() + b"x")
        message = refusal(folder)
        assert "damaged" in message
        assert name == ABOUT or name in message

    @pytest.mark.parametrize("name", ["tiny.onnx", "axes.mean.npy"])
    def test_a_missing_file_is_named(self, folder: Path, name: str) -> None:
        """A file that went missing is told."""
        (folder / name).unlink()
        assert name in refusal(folder)

    @pytest.mark.parametrize(
        ("changes", "says"),
        [
            ({"format": 99}, "has format 99, this version reads 1"),
            ({"id": "fitted-00000000"}, "says that it is fitted-00000000, its files make"),
            ({"parts": [{"kind": "network"}]}, "damaged"),
            ({"files": None}, "damaged"),
        ],
    )
    def test_a_foreign_folder_is_refused(self, folder: Path, changes: dict[str, object], says: str) -> None:
        """Another format, another id or nonsense is told."""
        about = json.loads((folder / ABOUT).read_text())
        (folder / ABOUT).write_text(json.dumps(sealed({**about, **changes})))
        assert says in refusal(folder)

    def test_concepts_that_do_not_fit_their_axes_are_refused(self, folder: Path) -> None:
        """Fewer words than the regression has are told with both numbers."""
        about = json.loads((folder / ABOUT).read_text())
        about["concepts"]["words"].pop()
        (folder / ABOUT).write_text(json.dumps(sealed(about)))
        assert "axes and words want" in refusal(folder)

    def test_a_folder_that_cannot_be_written_is_told(self, fitted: FittedEncoder, tmp_path: Path) -> None:
        """A file in the place of the folder is no traceback."""
        (tmp_path / "taken").write_text("")
        with pytest.raises(EncoderError, match="cannot be written"):
            save_encoder(fitted, tmp_path / "taken")


class TestFit:
    def test_channels_are_standardised_and_codebooks_learned(self, fitted: FittedEncoder) -> None:
        """A channel counts as far as it is above what it usually is; every photo has patterns of the codebook."""
        for words in fitted.encode(PHOTOS):
            book = {word for word in words if word.startswith("book:")}
            assert book
            assert all(0 <= int(word[5:]) < 12 for word in book)
        counts = [sum(word.startswith("channel:") for word in words) for words in fitted.encode(PHOTOS)]
        assert 1 < sum(counts) / len(counts) < 6

    def test_fitting_twice_gives_the_same(self, tmp_path: Path) -> None:
        """The same photos in the same order lead to the same id."""
        description = str(write_encoder(tmp_path, "channels", "codebook"))
        first, second = (fit_encoder(make_encoder(description), EXAMPLES) for _ in range(2))
        assert first.id == second.id
        assert first.concepts is None

    def test_what_was_fitted_is_not_fitted_again(self, fitted: FittedEncoder) -> None:
        """The message says what to fit instead, alone and among others."""
        with pytest.raises(EncoderError, match="was fitted already"):
            fit_encoder(fitted, EXAMPLES)
        with pytest.raises(EncoderError, match="was fitted already"):
            fit_encoder(Together([fit_encoder(make_encoder("patches"), EXAMPLES)]), EXAMPLES)

    def test_progress_counts_photos(self, tmp_path: Path) -> None:
        """Whoever waits is told how many photos were seen."""
        calls: list[int] = []
        fit_encoder(make_encoder("patches"), EXAMPLES, progress=calls.append)
        assert calls == [16, 32, 48, 60]

    def test_readable_forms_of_words_are_kept(self) -> None:
        """A stem is said as people wrote it."""
        fitted = fit_encoder(
            make_encoder("patches"),
            EXAMPLES,
            concepts=ConceptSettings(least_photos=5),
            labels=lambda: {"hill": "hills"},
        )
        assert fitted.describe("concept:hill") == "hills"
        assert fitted.describe("concept:sea") == "sea"
        assert fitted.describe("colour:red") == "red"
