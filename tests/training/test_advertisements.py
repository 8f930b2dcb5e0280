"""What an advertisement is, is learned from examples, measured on examples that were not learned from, kept as JSON."""

import json
import random
from pathlib import Path

import pytest

from ingest.document import make_document
from ingest.errors import ExamplesWrong, InputBroken, InputMissing
from ingest.steps.ads_model import AdFigures, AdModel, load_ads, save_ads
from ingest.steps.ads_signs import signs_of
from training.advertisements import FEWEST, read_examples, train_ads

SELLING = "скидка акция цена заказ доставка магазин распродажа купить товар подписка промокод sale shop buy"
LIVING = "закат море лодка горы снег тропа лес утро город мост туман берег sunset beach trail forest"


def examples(words: str, count: int, seed: int, tail: str = "") -> list[str]:
    draw = random.Random(seed)
    shared = ["сегодня", "вечер", "фото", "друзья"]
    return [" ".join(draw.sample(words.split(), 4) + draw.sample(shared, 2)) + f" {tail}" for _ in range(count)]


def write(file: Path, texts: list[str]) -> Path:
    file.write_text("\n".join(texts), "utf-8")
    return file


def signs(text: str) -> list[str]:
    return list(signs_of([text], make_document([text])))


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> AdModel:
    folder = tmp_path_factory.mktemp("examples")
    good = read_examples(write(folder / "good.txt", examples(LIVING, 80, 1)))
    bad = read_examples(write(folder / "bad.txt", examples(SELLING, 60, 2, "990 руб")))
    return train_ads(good, bad)


class TestSigns:
    @pytest.mark.parametrize(
        ("text", "sign"),
        [
            ("Пишите на https://shop.example/x", "<link>"),
            ("Звоните: +7 (900) 123-45-67", "<phone>"),
            ("всего 1990 ₽", "<price>"),
            ("$5 only", "<price>"),
            ("скидка 30%", "<price>"),
            ("пишите @shop_admin", "<mention>"),
            ("УСПЕЙ КУПИТЬ", "<shouting>"),
            ("Только сегодня!!!", "<shouting>"),
        ],
    )
    def test_who_sells_shows_it(self, text: str, sign: str) -> None:
        """Links, phones, prices, mentions and shouting are signs beside the words."""
        assert sign in signs(text)

    @pytest.mark.parametrize("text", ["В 2023 году в горах", "море, 12 метров", "NASA и небо", "a@b", "10 из 10!"])
    def test_who_tells_does_not(self, text: str) -> None:
        """Years, measures and a capital word are none."""
        assert not [sign for sign in signs(text) if sign.startswith("<")]


class TestTraining:
    def test_it_learns_what_the_examples_differ_in(self, model: AdModel) -> None:
        """Posts it has not seen are told apart, and the numbers say so."""
        assert model.score(signs("Распродажа! Товар и доставка, 500 руб")) > model.threshold
        assert model.score(signs("Туман над лодкой, утро, горы")) < model.threshold
        assert model.measured.precision >= 0.95
        assert model.measured.recall >= 0.95
        assert (model.measured.good, model.measured.bad) == (80, 60)
        assert "<price>" in model.telling(5)

    def test_the_numbers_are_honest(self) -> None:
        """Where good and bad do not differ, neither does the model: about half of what it says is right."""
        texts = [text.split() for text in examples(LIVING, 200, 3)]
        measured = train_ads(texts[:100], texts[100:]).measured
        assert 0.3 < measured.precision < 0.7

    def test_a_wanted_precision_raises_the_threshold(self) -> None:
        """Fewer advertisements are found, and fewer posts lost."""
        good = [text.split() for text in examples(f"{LIVING} {SELLING[:50]}", 150, 4)]
        bad = [text.split() for text in examples(f"{SELLING} {LIVING[:40]}", 150, 5)]
        even, careful = train_ads(good, bad), train_ads(good, bad, precision=0.97)
        assert careful.threshold > even.threshold
        assert careful.measured.precision >= 0.97 > even.measured.precision
        assert careful.measured.recall <= even.measured.recall

    def test_the_same_examples_give_the_same_model(self, model: AdModel, tmp_path: Path) -> None:
        """Nothing is left to chance."""
        good = read_examples(write(tmp_path / "good.txt", examples(LIVING, 80, 1)))
        bad = read_examples(write(tmp_path / "bad.txt", examples(SELLING, 60, 2, "990 руб")))
        assert train_ads(good, bad) == model

    def test_examples_are_texts_or_posts(self, tmp_path: Path) -> None:
        """A line of JSON counts by its captions and tags, another by its words; the same one counts once."""
        lines = ['{"id": "1", "text": "море, закат", "likes": 3}', "море, закат", "", "лодка"]
        assert read_examples(write(tmp_path / "good.txt", lines)) == [["море", "закат"], ["лодка"]]

    def test_too_few_examples_are_refused(self) -> None:
        """The message tells how many there are and how many are wanted."""
        texts = [[f"w{number}", "a"] for number in range(30)]
        with pytest.raises(ExamplesWrong, match=f"3 different bad examples, at least {FEWEST}"):
            train_ads(texts, texts[:3])

    def test_examples_without_a_common_word_are_refused(self) -> None:
        """There is nothing to learn from words that stand in one example only."""
        texts = [[f"w{number}"] for number in range(60)]
        with pytest.raises(ExamplesWrong, match="Nothing can be learned"):
            train_ads(texts[:30], texts[30:])


class TestFile:
    MODEL = AdModel({"скидка": 1.25, "<price>": -0.5}, -0.25, 0.5, AdFigures(30, 20, 0.9, 0.8))

    def test_it_comes_back_as_it_was(self, tmp_path: Path) -> None:
        """The file is JSON that a person can read."""
        save_ads(self.MODEL, tmp_path / "new" / "ads.json")
        assert load_ads(tmp_path / "new" / "ads.json") == self.MODEL
        assert json.loads((tmp_path / "new" / "ads.json").read_text("utf-8"))["weights"]["скидка"] == 1.25

    def test_there_may_be_none(self, tmp_path: Path) -> None:
        """It ships with none."""
        assert load_ads(tmp_path / "ads.json") is None

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "{",
            "[]",
            "{}",
            '{"format": 2}',
            '{"format": 1, "weights": {"a": "b"}, "bias": 0, "threshold": 0}',
            '{"format": 1, "weights": {"a": NaN}, "bias": 0, "threshold": 0, "measured": {}}',
        ],
    )
    def test_a_damaged_one_is_refused(self, tmp_path: Path, text: str) -> None:
        """It names the file and the way out."""
        (tmp_path / "ads.json").write_text(text)
        with pytest.raises(InputBroken, match=r"ads\.json is no model of advertisements"):
            load_ads(tmp_path / "ads.json")

    def test_a_place_that_takes_none_is_told(self, tmp_path: Path) -> None:
        """The error names the file."""
        (tmp_path / "taken").write_text("a file")
        with pytest.raises(InputMissing, match=r"ads\.json cannot be written"):
            save_ads(self.MODEL, tmp_path / "taken" / "ads.json")
