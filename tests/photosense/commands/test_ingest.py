"""`photosense ingest` and `photosense ads`: what a person sees of them."""

import csv
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from compliance.facts import Child
from moderation.desk import Decision, Desk
from moderation.takedowns import Remover
from photosense.house import open_house
from photosense.settings import Settings
from tests.support.command import Command
from tests.support.crawl import crawl, encoded, photo, post


def write(file: Path, *sent: dict[str, Any]) -> Path:
    file.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in sent), "utf-8")
    return file


def letters_file(stem: str) -> Path:
    """The letters of the one file of this name that had some."""
    (file,) = Path("photosense-data/rejected").glob(f"{stem}-*.ndjson")
    return file


def letters(stem: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in letters_file(stem).read_text("utf-8").splitlines()]


def facts_of(name: str) -> tuple[str, str]:
    """What is known of a post and children, and who said so."""
    with open_house(Settings(home=Path("photosense-data"))) as house:
        (point,) = house.store.get([name])
        assert point is not None
        return point.facts["child"], point.facts["source"]


def stored() -> set[str]:
    with open_house(Settings(home=Path("photosense-data"))) as house:
        return {point.id for point in house.store.scroll()}


class TestCheck:
    def test_it_says_line_by_line_what_is_wrong(self, photosense: Command, tmp_path: Path) -> None:
        """Place, id, reason and path of the field; nothing is stored, and the exit code tells."""
        (tmp_path / "cut.png").write_bytes(photo("sea")[:400])
        captions = [{"text": "a"}, {"text": "b"}, {"text": 3}]
        sent = [post("p1"), {"id": "p2", "captions": captions}, post("p3", photo="cut.png"), {"id": "p4"}]
        result = photosense("ingest", "--check", write(tmp_path / "posts.ndjson", *sent))
        assert result.code == 1
        lines = result.out.splitlines()
        assert lines[0].startswith("line 2 (p2): wrong_field Expected `str`, got `int` - at `$.captions[2].text`")
        assert lines[1].startswith("line 3 (p3): photo_broken ")
        assert lines[2].startswith("line 4 (p4): empty ")
        assert lines[3] == "4 lines: 3 rejected, 1 valid."
        assert not Path("photosense-data").exists()

    def test_a_good_file_is_told_to_be_good(self, photosense: Command, tmp_path: Path) -> None:
        """Exit code 0; also while another process has the store."""
        file = write(tmp_path / "posts.ndjson", *crawl(6))
        with open_house(Settings(home=tmp_path / "photosense-data")):
            result = photosense("ingest", "--check", file)
        assert (result.code, result.out) == (0, "6 lines: 6 valid.\n")

    def test_a_place_is_named_where_there_are_no_lines(self, photosense: Command, tmp_path: Path) -> None:
        """In a folder of photos the photo is named."""
        (tmp_path / "photos").mkdir()
        (tmp_path / "photos" / "a.png").write_bytes(photo("sea")[:400])
        result = photosense("ingest", "--check", "photos")
        assert result.out.startswith("a.png (a.png): photo_broken ")


class TestWordOfTheSite:
    """What the owner of photos says of all of them at once."""

    def test_three_commands_and_own_photos_are_found(self, photosense: Command, tmp_path: Path) -> None:
        """A folder with captions, said to be clear, teaches and is found under the strict rules."""
        folder = tmp_path / "photos"
        folder.mkdir()
        for number in range(24):
            scene = ("sea", "mountains", "city")[number % 3]
            (folder / f"{number:02d}.png").write_bytes(photo(scene, number))
            (folder / f"{number:02d}.txt").write_text(f"{post('', scene)['captions'][1]['text']} {number}", "utf-8")
        result = photosense("ingest", folder, "--child", "clear")
        assert (result.code, "withheld" in result.err) == (0, False), result.err
        assert photosense("train", "--topics", "4", "--passes", "3").code == 0
        found = photosense("search", "waves on the beach")
        assert "00.png" in found.out
        assert "01.png" not in found.out

    def test_it_is_the_word_of_the_site_in_facts_and_record(self, photosense: Command, tmp_path: Path) -> None:
        """Each post that it opens has its line; a later run that says nothing takes nothing back."""
        file = write(tmp_path / "posts.ndjson", post("p1", photo=encoded("sea")))
        assert photosense("ingest", file).code == 0
        assert facts_of("p1") == ("unseen", "text")
        assert photosense("ingest", file, "--child", "clear").code == 0
        assert facts_of("p1") == ("clear", "host")
        record = [json.loads(line) for line in Path("photosense-data/audit.ndjson").read_text().splitlines()]
        assert [(line["count"], line["child"]) for line in record if line["event"] == "site_opened"] == [(1, "clear")]
        assert photosense("ingest", file).code == 0
        assert facts_of("p1") == ("clear", "host")

    def test_it_opens_nothing_that_is_held_for_a_reason(self, photosense: Command, tmp_path: Path) -> None:
        """Words about a child, the site's own word about one post, and a hold that is remembered are stronger."""
        words = post("words", text="мой сын, 5 лет", photo=encoded("city", 1))
        own = post("own", "mountains", photo=encoded("mountains", 2))
        assert photosense("ingest", write(tmp_path / "a.ndjson", {**own, "child": True})).code == 0
        held = post("held", "city", photo=encoded("city", 3), child=False)
        assert photosense("ingest", write(tmp_path / "c.ndjson", held)).code == 0
        with open_house(Settings(home=Path("photosense-data"))) as house:
            Desk(house.store, house.law).decide([Decision("held", Child.CHILD)], "m1")
            Remover(house.store, house.law).delete("held")
        del held["child"]
        result = photosense("ingest", write(tmp_path / "b.ndjson", words, own, held), "--child", "clear")
        assert result.code == 0, result.err
        assert facts_of("words")[0] == "review"
        assert facts_of("own") == ("child", "host")
        assert facts_of("held")[0] in ("review", "child")
        assert "3 posts are withheld all the same" in result.err

    def test_it_may_hold_a_whole_folder(self, photosense: Command, tmp_path: Path) -> None:
        """What a single post says stands before it."""
        sent = post("p1", photo=encoded("sea")), post("p2", "city", child=False)
        assert photosense("ingest", write(tmp_path / "posts.ndjson", *sent), "--child", "child").code == 0
        assert (facts_of("p1")[0], facts_of("p2")[0]) == ("child", "clear")


class TestFormats:
    def test_every_format_fills_the_same_store(self, photosense: Command, tmp_path: Path) -> None:
        """A table with a folder of photos elsewhere, With Sense's layout, a folder, packed or not."""
        photos = tmp_path / "elsewhere"
        photos.mkdir()
        for number, scene in enumerate(("sea", "mountains", "city")):
            (photos / f"{scene}.png").write_bytes(photo(scene, number))
        with (tmp_path / "table.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([["id", "photo", "text"], ["t1", "sea.png", "закат над морем"]])
        (tmp_path / "sense.csv").write_text("image,query_id,query_text\nmountains.png,1,snow\nmountains.png,2,trail\n")
        (tmp_path / "album").mkdir()
        shutil.copy(photos / "city.png", tmp_path / "album" / "night.png")
        (tmp_path / "album" / "night.txt").write_text("огни ночного города", "utf-8")
        for arguments in (["table.csv", "--photos", photos], ["sense.csv", "--photos", photos], ["album"]):
            result = photosense("ingest", *arguments)
            assert result.code == 0, result
            assert result.out.startswith("1 lines: 1 stored.\n")
        assert stored() == {"t1", "mountains.png", "night.png"}

    def test_unknown_fields_are_kept_when_that_is_asked(self, photosense: Command, tmp_path: Path) -> None:
        """Under attrs, where filters find them; else the line is turned away."""
        file = write(tmp_path / "posts.ndjson", post("p1", likes=3))
        assert photosense("ingest", file).code == 1
        assert photosense("ingest", file, "--lenient").code == 0
        with open_house(Settings(home=Path("photosense-data"))) as house:
            (point,) = house.store.get(["p1"])
        assert point is not None
        assert point.attrs == {"likes": 3}


class TestMending:
    def test_letters_are_fed_again_where_they_lie(self, photosense: Command, tmp_path: Path) -> None:
        """Mended posts are stored with the photos that lie beside the first file; what is still wrong stays."""
        (tmp_path / "sea.png").write_bytes(photo("sea"))
        wrong = [post("p1", photo="sea.png", likes=3), post("p2", "city", likes=4), post("p3", "mountains")]
        assert "2 rejected, 1 stored" in photosense("ingest", write(tmp_path / "posts.ndjson", *wrong)).out
        kept = letters("posts")
        del kept[0]["post"]["likes"]
        file = write(letters_file("posts"), *kept)
        assert photosense("ingest", file).out.startswith("2 lines: 1 rejected, 1 stored.")
        (left,) = letters("posts")
        assert left["post"] == wrong[1]
        del left["post"]["likes"]
        assert photosense("ingest", write(file, left)).out.startswith("1 lines: 1 stored.")
        assert stored() == {"p1", "p2", "p3"}

    def test_letters_of_another_file_of_that_name_stay(self, photosense: Command, tmp_path: Path) -> None:
        """That of January had some, that of February has none: the only copy of those of January was removed."""
        for month, sent in (("jan", post("p1", likes=3)), ("feb", post("p2"))):
            (tmp_path / month).mkdir()
            photosense("ingest", write(tmp_path / month / "posts.ndjson", sent))
        assert [letter["id"] for letter in letters("posts")] == ["p1"]

    def test_only_our_own_letters_say_where_photos_lie(self, photosense: Command, tmp_path: Path) -> None:
        """An envelope in a stranger's file does not lead out of the folder of that file."""
        (tmp_path / "secret").mkdir()
        (tmp_path / "secret" / "sea.png").write_bytes(photo("sea"))
        (tmp_path / "sent").mkdir()
        letter = {"line": 1, "reason": "x", "detail": "x", "folder": str(tmp_path / "secret")}
        file = write(tmp_path / "sent" / "posts.ndjson", {**letter, "post": post("p1", photo="sea.png")})
        assert "1  photo_missing" in photosense("ingest", file).out


class TestReport:
    def test_it_tells_reasons_marks_and_seconds(self, photosense: Command, tmp_path: Path) -> None:
        """Nothing vanishes without a reason, and the stages are told apart."""
        german = {"id": "de", "text": "Ein kleiner Hund läuft durch den Schnee"}
        result = photosense("ingest", write(tmp_path / "posts.ndjson", *crawl(3), german, {"id": "empty"}))
        assert "5 lines: 1 rejected, 4 stored." in result.out
        assert "1  empty" in result.out
        assert "1  other_language (kept)" in result.out
        assert all(f"{stage} " in result.out for stage in ("read", "decode", "encode", "store"))

    def test_that_no_advertisements_are_known_is_said(self, photosense: Command, tmp_path: Path) -> None:
        """Whoever expects them to be turned away learns how to teach them."""
        result = photosense("ingest", write(tmp_path / "posts.ndjson", *crawl(3)))
        assert "Advertisements are not looked for: `photosense ads train" in result.err


class TestStopping:
    def test_ctrl_c_is_a_sentence_and_the_next_run_goes_on(self, photosense: Command, tmp_path: Path) -> None:
        """Nothing is left running, and what was acknowledged is not done again."""
        sent = [post(f"p{number}") for number in range(3000)]
        file = write(tmp_path / "posts.ndjson", *sent)
        process = subprocess.Popen(
            [sys.executable, "-c", "from photosense.cli import main; main()", "ingest", str(file)],
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[3]), "PHOTOSENSE_PROCESSES": "0"},
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # as in a terminal
        )
        deadline = time.monotonic() + 200
        while not list(Path("photosense-data").glob("journal/*.json")) and time.monotonic() < deadline:
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=200)
        assert process.returncode == 2, err
        assert "error: Stopped. What was taken is stored, and the same command goes on from there." in err
        assert "Traceback" not in err
        result = photosense("ingest", file)
        assert result.out.startswith("3000 lines: 3000 stored.\n")
        assert "Went on after line " in result.out
        assert len(stored()) == 3000


class TestAds:
    @pytest.fixture
    def examples(self, tmp_path: Path) -> list[Path]:
        scenes = ("закат над морем", "снежная тропа в горах", "огни ночного города", "туман над лесом")
        goods = ("скидка на заказ", "магазин даёт промокод", "распродажа и доставка", "купить дёшево")
        for name, texts in (("good.txt", scenes), ("bad.txt", goods)):
            lines = [f"{texts[number % 4]}, {texts[(number + 1) % 4]} слово{number}" for number in range(40)]
            (tmp_path / name).write_text("\n".join(lines), "utf-8")
        return [tmp_path / "good.txt", tmp_path / "bad.txt"]

    def test_what_was_learned_turns_posts_away(self, photosense: Command, examples: list[Path], tmp_path: Path) -> None:
        """The numbers are printed; the next run knows advertisements, and so does the check."""
        result = photosense("ads", "train", *examples)
        assert result.code == 0
        assert "40 good and 40 bad examples" in result.out
        assert "precision 100.0%, recall 100.0%" in result.out
        sent = [{"id": "ad", "text": "Распродажа, скидка, заказ и доставка"}, {"id": "p1", "text": "закат, туман, лес"}]
        file = write(tmp_path / "posts.ndjson", *sent)
        assert "line 1 (ad): advertisement " in photosense("ingest", "--check", file).out
        result = photosense("ingest", file)
        assert "1  advertisement" in result.out
        assert "not looked for" not in result.err
        assert stored() == {"p1"}

    @pytest.mark.parametrize(
        ("arguments", "says"),
        [
            (["missing.txt", "bad.txt"], "missing.txt cannot be read"),
            (["good.txt", "few.txt"], "There are 1 different bad examples, at least 20 are needed"),
            (
                ["good.txt", "good.txt", "--precision", "1"],
                "No threshold turns away advertisements with a precision of 1",
            ),
        ],
        ids=["no file", "few examples", "no such precision"],
    )
    def test_a_mistake_is_a_sentence(
        self, photosense: Command, examples: list[Path], tmp_path: Path, arguments: list[str], says: str
    ) -> None:
        """What was given, what is expected, exit code 2."""
        (tmp_path / "few.txt").write_text("скидка", "utf-8")
        result = photosense("ads", "train", *arguments)
        assert result.code == 2
        assert says in result.err
        assert "Traceback" not in result.err
