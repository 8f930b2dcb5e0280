"""Encoders are chosen by name, description or folder, work together, and their ids hold all that makes their words."""

from pathlib import Path

import numpy as np
import pytest

from tests.support.tiny_network import by_hand, photos, write_encoder, write_network
from vision.errors import EncoderError, VisionError
from vision.make_encoder import make_encoder
from vision.networks.spec import read_spec

ALL = ("classes", "channels")


def refusal(*names: str, **given: object) -> str:
    with pytest.raises(EncoderError) as raised:
        make_encoder(*names, **given)
    return str(raised.value)


class TestChoosing:
    def test_an_unknown_name_is_answered_with_what_there_is(self) -> None:
        """A misspelt name is answered with the names and what else may stand there."""
        message = refusal("pathces")
        assert message.startswith("the photo encoder is 'pathces', expected one of: patches, inception-v3")
        assert issubclass(EncoderError, VisionError)

    def test_none_is_no_encoder(self) -> None:
        """Somebody has to see."""
        assert "No encoder" in refusal()

    def test_a_folder_without_an_encoder_is_refused(self, tmp_path: Path) -> None:
        """A folder must be one that fitting wrote."""
        assert "it has no encoder.json" in refusal(str(tmp_path))

    @pytest.mark.parametrize(
        ("before", "after", "says"),
        [
            pytest.param('network = "tiny.onnx"', "", "name either `network`", id="no network"),
            pytest.param('name = "tiny"', 'name = "tiny"\nkeras = "VGG16"', "name either `network`", id="two networks"),
            pytest.param("height = 16", "hight = 16", "unknown field `hight` - at `$.input`", id="misspelt"),
            pytest.param("height = 16", 'height = "16"', "Expected `int`, got `str` - at `$.input.height`", id="kind"),
            pytest.param('words = "channels"', 'words = "colours"', "Invalid value 'colours'", id="no such words"),
            pytest.param("scale = [64.0, 64.0, 64.0]", "scale = [1, 0, 1]", "nothing is divided by 0", id="scale 0"),
            pytest.param('name = "tiny"', 'name = "Tiny Network"', "$.name", id="a name with blanks"),
            pytest.param("[input]", "[input", "is wrong: ", id="no toml"),
            pytest.param('prefix = "channel"', 'prefix = "class"', "have the prefix 'class'", id="prefix twice"),
            pytest.param('tensor = "pooled"', 'tensor = "pooled"\ntotal = -1', ">= 0", id="negative total"),
            pytest.param('name = "tiny"', 'name = "tiny"\nweights = "w.h5"', "`weights` belong to", id="weights"),
        ],
    )
    def test_a_wrong_description_says_where(self, tmp_path: Path, before: str, after: str, says: str) -> None:
        """Each slip in a description is told with its place."""
        description = write_encoder(tmp_path, *ALL)
        text = description.read_text()
        assert before in text
        description.write_text(text.replace(before, after))
        message = refusal(str(description))
        assert says in message
        assert str(description) in message

    def test_a_missing_description_is_named(self, tmp_path: Path) -> None:
        """A path that is not there is said."""
        assert "No such file" in refusal(str(tmp_path / "gone.toml"))


class TestNetwork:
    def test_words_are_those_of_the_tensors(self, tmp_path: Path) -> None:
        """Channels share their total as their activations do; each kind sums to its own total."""
        encoder = make_encoder(str(write_encoder(tmp_path, *ALL)))
        encoding = encoder.see(photos(4))
        assert encoding.features.shape == (4, CHANNELS + CLASSES)
        for words, features in zip(encoding.words, encoding.features, strict=True):
            channels = {word: weight for word, weight in words.items() if word.startswith("channel:")}
            pooled = features[CLASSES:]
            assert sum(channels.values()) == pytest.approx(200, abs=0.01)
            for word, weight in channels.items():
                assert weight == pytest.approx(200 * pooled[int(word[8:])] / pooled.sum(), abs=0.01)
            assert sum(words.values()) - sum(channels.values()) == pytest.approx(200, abs=0.01)

    def test_a_photo_has_the_same_words_alone_and_in_a_batch(self, tmp_path: Path) -> None:
        """Whatever a photo is seen with, and however many, its words are its own."""
        encoder = make_encoder(str(write_encoder(tmp_path, *ALL)))
        taken = photos(20)
        together = encoder.encode(taken)
        for photo, words in zip(taken, together, strict=True):
            assert encoder.encode([photo])[0] == pytest.approx(words, abs=1e-3)

    def test_no_photos_have_no_words(self, tmp_path: Path) -> None:
        """An empty batch is no mistake."""
        for name in ("patches", str(write_encoder(tmp_path, *ALL))):
            assert make_encoder(name).encode([]) == []

    def test_labels_name_classes(self, tmp_path: Path) -> None:
        """Names of classes are words without blanks, and said with them; those of Keras's index as well."""
        description = write_encoder(tmp_path, "classes", more='\nfeatures = ["pooled"]')
        named = description.read_text() + 'labels = "labels.txt"\n'
        (tmp_path / "labels.txt").write_text("tabby cat\ngreat white\nfig\nsea\nalp\n")
        description.write_text(named)
        encoder = make_encoder(str(description))
        words = encoder.encode(photos(1))[0]
        assert set(words) == {"class:tabby_cat", "class:great_white", "class:fig", "class:sea", "class:alp"}
        assert encoder.describe("class:great_white") == "great white"
        both = make_encoder("patches", str(description))
        assert both.names({"class:sea": 3.0, "class:fig": 1.0, "colour:blue": 5.0}) == {"sea": 0.75}
        assert both.names({"colour:blue": 5.0}) == {}
        (tmp_path / "labels.json").write_text(
            '{"0": ["n1", "tabby_cat"], "1": ["n2", "great_white"], "2": ["n3", "fig"],'
            '"3": ["n4", "sea"], "4": ["n5", "alp"]}'
        )
        description.write_text(named.replace("labels.txt", "labels.json"))
        assert make_encoder(str(description)).encode(photos(1))[0] == words

    @pytest.mark.parametrize(
        ("name", "text", "says"),
        [
            ("labels.txt", "one\ntwo\n", "names 2 classes, the tensor probabilities has 5"),
            ("labels.json", "[1, 2", "holds no names of classes"),
            ("gone.txt", None, "cannot be read"),
        ],
    )
    def test_labels_that_do_not_fit_are_refused(self, tmp_path: Path, name: str, text: str | None, says: str) -> None:
        """Too few names, or no names, are told."""
        description = write_encoder(tmp_path, "classes")
        description.write_text(description.read_text() + f'labels = "{name}"\n')
        if text is not None:
            (tmp_path / name).write_text(text)
        with pytest.raises(EncoderError, match=says):
            make_encoder(str(description)).encode(photos(1))

    def test_a_codebook_must_be_learned_first(self, tmp_path: Path) -> None:
        """Without one the message says how to get it."""
        encoder = make_encoder(str(write_encoder(tmp_path, "codebook")))
        with pytest.raises(EncoderError, match="photosense encoder fit"):
            encoder.encode(photos(1))

    def test_features_may_be_named(self, tmp_path: Path) -> None:
        """Tensors named as features are pooled over their places, in the order given."""
        description = write_encoder(tmp_path, "classes", more='\nfeatures = ["map", "logits"]')
        encoder = make_encoder(str(description))
        taken = photos(3)
        from vision.networks.network import prepare_batch

        known = by_hand(prepare_batch(taken, read_spec(description).input))
        expected = np.concatenate([known["pooled"], known["logits"]], axis=1)
        assert np.allclose(encoder.features(taken), expected, atol=1e-5)

    def test_nan_is_refused(self, tmp_path: Path) -> None:
        """A normalisation that leads to NaN is noticed, not learned from."""
        description = write_encoder(tmp_path, "channels")
        description.write_text(description.read_text().replace("mean = [128.0", "mean = [nan"))
        with pytest.raises(EncoderError, match="holds NaN or infinity"):
            make_encoder(str(description)).encode(photos(1))


class TestId:
    def test_all_that_makes_other_words_makes_another_id(self, tmp_path: Path) -> None:
        """Weights, sizes, totals and labels are in the id; where the files lie is not."""
        here, there = tmp_path / "here", tmp_path / "there"
        here.mkdir()
        there.mkdir()
        first = make_encoder(str(write_encoder(here, *ALL)))
        assert first.id.startswith("tiny-")
        assert make_encoder(str(write_encoder(there, *ALL))).id == first.id
        ids = {first.id, first.with_totals({"class": 50}).id}
        text = (there / "tiny.toml").read_text()
        for before, after in (
            ("scale = [64.0", "scale = [65.0"),
            ('words = "channels"', 'words = "channels"\nkeep = 3'),
        ):
            (there / "tiny.toml").write_text(text.replace(before, after))
            ids.add(make_encoder(str(there / "tiny.toml")).id)
        (there / "tiny.toml").write_text(text)
        write_network(there, seed=6)
        ids.add(make_encoder(str(there / "tiny.toml")).id)
        assert len(ids) == 5

    def test_patches_have_theirs(self) -> None:
        """The id of the words that need no network is what it was, unless they weigh something else."""
        assert make_encoder("patches").id == "patches-2"
        assert make_encoder("patches", totals={"patches": 100}).id == "patches-2*100"


class TestTogether:
    def test_words_stand_side_by_side(self, tmp_path: Path) -> None:
        """Each encoder's words are those that it has alone, scaled to the totals that are asked for."""
        description = str(write_encoder(tmp_path, *ALL))
        both = make_encoder("patches", description, totals={"patches": 50, "channel": 0})
        assert both.totals == {"patches": 50, "class": 200, "channel": 0}
        taken = photos(3)
        words = both.encode(taken)
        alone = make_encoder("patches").encode(taken), make_encoder(description).encode(taken)
        for words_of_photo, patches, network in zip(words, *alone, strict=True):
            expected = {word: weight / 4 for word, weight in patches.items()}
            expected |= {word: weight for word, weight in network.items() if word.startswith("class:")}
            assert words_of_photo == pytest.approx(expected, abs=1e-3)
        assert both.features(taken).shape[1] > 100
        assert both.id == f"patches-2*50+{make_encoder(description, totals={'channel': 0}).id}"
        assert both.side == 299

    def test_each_says_its_own_words(self, tmp_path: Path) -> None:
        """A word is said by the encoder that it comes from."""
        both = make_encoder(str(write_encoder(tmp_path, *ALL)), "patches")
        assert both.describe("channel:3") == "channel channel 3"
        assert both.describe("class:3") == "class 3"
        assert both.describe("colour:sky-blue@top") == "sky blue at the top"

    def test_two_of_a_kind_are_refused(self, tmp_path: Path) -> None:
        """Words of two encoders must not get mixed up."""
        assert "both have words under 'patches'" in refusal("patches", "patches")
        description = str(write_encoder(tmp_path, *ALL))
        assert "give one of them another `prefix`" in refusal(description, description)

    def test_a_total_of_nobody_is_refused(self) -> None:
        """A misspelt kind is answered with those that there are."""
        message = refusal("patches", totals={"patch": 3})
        assert message == "A total weight is given for patch, the kinds of words here are: patches."

    def test_a_total_of_nothing_leaves_a_kind_out(self) -> None:
        """With 0 an encoder still has features, and no words."""
        silent = make_encoder("patches", totals={"patches": 0})
        assert silent.encode(photos(2)) == [{}, {}]
        assert silent.features(photos(2)).any()


CLASSES, CHANNELS = 5, 8
