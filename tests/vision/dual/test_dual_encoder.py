"""A dual encoder places photos and texts in one space, and says what is wrong with one that does not fit together."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx import TensorProto

from tests.support.tiny_dual import DESCRIPTION, plain, write_dual
from vision.dual.dual_encoder import DualEncoder, make_dual_encoder
from vision.errors import EncoderError
from vision.make_encoder import make_encoder
from vision.networks.network import Runtime

RED, GREEN = plain(255, 0, 0), plain(0, 255, 0)


@pytest.fixture(scope="module")
def dual(tmp_path_factory: pytest.TempPathFactory) -> DualEncoder:
    return make_dual_encoder(write_dual(tmp_path_factory.mktemp("dual")))


class TestPlacing:
    def test_photos_lie_where_the_network_says(self, dual: DualEncoder) -> None:
        """A row of length 1 each, worked out by hand: the mean colour."""
        embeddings = dual.embed_photos([RED, plain(255, 255, 255)])
        assert embeddings == pytest.approx(np.array([[1, -1, -1], [1, 1, 1]]) / 3**0.5, abs=1e-5)
        assert dual.size == 3
        assert dual.embed_photos([]).shape == (0, 3)

    def test_a_text_lies_beside_what_it_names(self, dual: DualEncoder) -> None:
        """In either language, in any case, whatever stands around; what fills the text up does not count."""
        for text in ("red", "a photo of Red", "КРАСНЫЙ"):
            embedding = dual.embed_text(text)
            assert embedding is not None
            assert dual.embed_photos([RED, GREEN]) @ embedding == pytest.approx([1, -1 / 3], abs=1e-5)

    @pytest.mark.parametrize("text", ["", " \n\t", "zebra"], ids=["empty", "blank", "nothing that it knows"])
    def test_a_text_that_names_nothing_has_no_place(self, dual: DualEncoder, text: str) -> None:
        """It finds nothing, which is no error."""
        assert dual.embed_text(text) is None

    def test_a_long_text_is_cut(self, dual: DualEncoder) -> None:
        """Eight tokens are read, two of them the ends: what comes later is not."""
        assert dual.embed_text("red " * 6 + "green " * 5000) == pytest.approx(dual.embed_text("red"))

    @given(text=st.text(st.characters(codec=None), max_size=200) | st.from_regex(r"(red|\ud800|\u0301|​|👨‍👩‍👧){1,90}"))
    def test_any_text_has_a_place_or_none(self, dual: DualEncoder, text: str) -> None:
        """Half of a surrogate pair, marks without a letter, control characters: never an error."""
        embedding = dual.embed_text(text)
        assert embedding is None or float(np.linalg.norm(embedding)) == pytest.approx(1, abs=1e-5)

    def test_alone_equals_in_a_batch(self, dual: DualEncoder) -> None:
        """Where a photo lies does not depend on the others."""
        photos = [plain(shade, 255 - shade, 7 * shade % 255) for shade in range(0, 250, 10)]
        alone = np.concatenate([dual.embed_photos([photo]) for photo in photos])
        assert dual.embed_photos(photos) == pytest.approx(alone, abs=1e-6)

    @pytest.mark.parametrize("numbers", [TensorProto.INT32, TensorProto.INT64])
    def test_numbers_of_either_width_are_taken(self, tmp_path: Path, numbers: int) -> None:
        """Exporters differ in that."""
        embedding = make_dual_encoder(write_dual(tmp_path, numbers)).embed_text("blue")
        assert embedding == pytest.approx(np.array([-1, -1, 1]) / 3**0.5)

    def test_openvino_may_see(self, tmp_path: Path, dual: DualEncoder) -> None:
        """Who runs the network that sees changes neither places nor the id."""
        other = make_dual_encoder(write_dual(tmp_path), Runtime.OPENVINO)
        assert other.id == dual.id
        assert other.embed_photos([RED]) == pytest.approx(dual.embed_photos([RED]), abs=1e-5)


class TestIdentity:
    def test_it_does_not_depend_on_the_folder(self, tmp_path: Path, dual: DualEncoder) -> None:
        """The same files make the same id, which names the vectors."""
        assert make_dual_encoder(write_dual(tmp_path / "other")).id == dual.id
        assert dual.id.startswith("tiny-clip-")

    @pytest.mark.parametrize(
        ("before", "after"),
        [
            ("length = 8", "length = 8\npad = 1"),
            ("lower_case = true", ""),
            ("height = 16\n", 'height = 16\nfit = "crop"\n'),
        ],
        ids=["pad", "lower_case", "input"],
    )
    def test_whatever_moves_a_place_changes_it(
        self, tmp_path: Path, dual: DualEncoder, before: str, after: str
    ) -> None:
        """Vectors that mean different things never have one name."""
        file = write_dual(tmp_path)
        file.write_text(DESCRIPTION.replace(before, after), "utf-8")
        assert make_dual_encoder(file).id != dual.id

    def test_the_least_match_does_not(self, tmp_path: Path, dual: DualEncoder) -> None:
        """What counts as a match may be tuned without the photos."""
        file = write_dual(tmp_path)
        file.write_text(DESCRIPTION.replace("least = 0.2", "least = 0.9"), "utf-8")
        other = make_dual_encoder(file)
        assert (other.id, other.least) == (dual.id, 0.9)


class TestRefusals:
    @pytest.mark.parametrize(
        ("before", "after", "says"),
        [
            ('name = "tiny-clip"', "", "required field `name`"),
            ('tensor = "colour"', "", r"required field `tensor` - at `\$.photo`"),
            ("length = 8", "length = 1", r">= 4 - at `\$.text.length`"),
            ("lower_case", "lowercase", "unknown field `lowercase`"),
            ("least = 0.2", "least = 2", r"<= 1.0 - at `\$.least`"),
            ("127.5]\n\n", "0]\n\n", "nothing is divided by 0"),
            ("sees.onnx", "gone.onnx", "`?photo.network`? in .*gone.onnx, which is not there"),
            ("reads.onnx", "gone.onnx", "`?text.network`? in .*gone.onnx, which is not there"),
            ("tokenizer.json", "gone.json", "`?text.tokenizer`? in .*gone.json, which is not there"),
            ("tokenizer.json", "reads.onnx", "is no tokenizer.json"),
            ("reads.onnx", "tokenizer.json", "cannot be opened with the tensors named"),
            ("reads.onnx", "sees.onnx", "cannot be opened with the tensors named"),
            ('"colour"', '"color"', "cannot be opened with the tensors color"),
            ('"named"', '"colours"', r"has the shape \(8, 3\) for a text"),
            ("height = 16", "height = 32", "correct height, width or layout"),
            ("length = 8", "length = 9", "does not read 9 tokens"),
            ("length = 8", "length = 8\npad = 99", "knows 14 tokens"),
            ('mask = "mask"', "", "has the inputs ids, mask"),
            ('"ids"', '"input_ids"', "name input_ids, mask"),
            ("name =", "name ==", "is wrong"),
        ],
    )
    def test_a_wrong_description_names_the_slip(self, tmp_path: Path, before: str, after: str, says: str) -> None:
        """Field, file or tensor: found when the service starts, not when somebody asks."""
        file = write_dual(tmp_path)
        file.write_text(DESCRIPTION.replace(before, after), "utf-8")
        with pytest.raises(EncoderError, match=says):
            make_dual_encoder(file)

    def test_sides_of_two_spaces_are_refused(self, tmp_path: Path) -> None:
        """Both lengths are in the message."""
        file = write_dual(tmp_path)
        file.write_text(DESCRIPTION.replace('"named"', '"twice"'), "utf-8")
        with pytest.raises(EncoderError, match=r"photos by 3 numbers \(colour\) and texts by 6"):
            make_dual_encoder(file)

    @pytest.mark.parametrize(("missing", "extra"), [("tokenizers", "dual"), ("onnxruntime", "onnx")])
    def test_what_is_not_installed_is_said(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, missing: str, extra: str
    ) -> None:
        """With the line that installs it."""
        monkeypatch.setattr("vision.networks.open_network.find_spec", lambda name: None if name == missing else name)
        with pytest.raises(EncoderError, match=rf"needs {missing}, .* pip install 'photosense\[{extra}\]'"):
            make_dual_encoder(write_dual(tmp_path))

    def test_there_has_to_be_a_description(self, tmp_path: Path) -> None:
        """The file is named."""
        with pytest.raises(EncoderError, match=r"none.toml cannot be read"):
            make_dual_encoder(tmp_path / "none.toml")

    def test_it_is_no_encoder_of_visual_words(self, tmp_path: Path) -> None:
        """Whoever names it among those is told where it belongs."""
        with pytest.raises(EncoderError, match="name it as `dual_encoder`"):
            make_encoder(str(write_dual(tmp_path)))
