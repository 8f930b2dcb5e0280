"""`photosense compliance`: rules are explained, a detector is trained, and what it sees holds."""

import json
from pathlib import Path

import pytest

from api.search.question import Question
from common.digest import sealed
from compliance.country import Country
from photosense.house import open_house
from photosense.settings import Settings
from tests.support.command import Command
from tests.support.small_world import as_base64, photo_file

GERMANY = Country("DE", "site")


def encoded(photo: bytes) -> str:
    return f"data:image/png;base64,{as_base64(photo)}"


@pytest.fixture
def labels(tmp_path: Path) -> Path:
    """The sea shows a child, the city does not; mountains are labelled by nobody, their captions are silent."""
    posts = [
        {"id": f"{subject}{n}", "photo": encoded(photo_file(subject, n)), "child": subject == "sea"}
        for n in range(25)
        for subject in ("sea", "city")
    ]
    posts += [
        {"id": f"m{n}", "photo": encoded(photo_file("mountains", n)), "text": "snow on a ridge"} for n in range(10)
    ]
    file = tmp_path / "labels.ndjson"
    file.write_text("".join(json.dumps(post) + "\n" for post in [*posts, {"id": "none", "photo": posts[0]["photo"]}]))
    return file


def test_trained_detector_holds_posts_and_questions(photosense: Command, labels: Path, tmp_path: Path) -> None:
    """A photo without a word is held by what it shows; the same photo is no question; others are shown and found."""
    result = photosense("compliance", "train", labels, "--clear-held", "0.02")
    assert result.code == 0, result.err
    assert "60 photos, 25 of children; 50 labelled by the site." in result.out
    assert "1  no_label: not learned from" in result.out
    assert "recall" in result.out
    assert "<polyline" in (tmp_path / "photosense-data" / "detector" / "curve.html").read_text()
    posts = [
        {"id": "pier", "photo": encoded(photo_file("sea", 90)), "text": "waves on the beach"},
        {"id": "town", "photo": encoded(photo_file("city", 92)), "text": "street with lanterns"},
        {
            "id": "agreed",
            "photo": encoded(photo_file("sea", 91)),
            "text": "surf",
            "child": True,
            "consent": {"record": "form-1"},
        },
    ]
    file = tmp_path / "posts.ndjson"
    file.write_text("".join(json.dumps(post) + "\n" for post in posts))
    assert photosense("ingest", file).code == 0
    with open_house(Settings(home=tmp_path / "photosense-data")) as house:
        kinds = {point.id: point.payload["child"] for point in house.store.scroll()}
        assert kinds["pier"] in ("child", "review")
        assert (kinds["town"], kinds["agreed"]) == ("clear", "consented")
        service = house.service()
        refused = service.search(Question(photo=photo_file("sea", 95)), GERMANY)
        assert (refused.hits, refused.disclaimer) == ((), house.law.gate.policy.sentence)
        assert service.annotate(Question(photo=photo_file("sea", 95)), GERMANY).disclaimer
        assert service.match("a street", photo_file("sea", 95), None, GERMANY).disclaimer
        assert service.search(Question(photo=photo_file("city", 95)), GERMANY).disclaimer is None
        assert service.search(Question(photo=photo_file("sea", 95)), Country("IS", "site")).disclaimer is None


def test_stored_posts_are_judged_by_a_detector_that_was_trained_later(
    photosense: Command, labels: Path, tmp_path: Path
) -> None:
    """It says what changed, on record stands one line without a word of a post."""
    posts = [
        {"id": "shore", "photo": encoded(photo_file("sea", 90)), "text": "waves on the beach"},
        {"id": "town", "photo": encoded(photo_file("city", 90)), "text": "street with lanterns"},
    ]
    file = tmp_path / "posts.ndjson"
    file.write_text("".join(json.dumps(post) + "\n" for post in posts))
    assert photosense("ingest", file).code == 0
    refused = photosense("compliance", "judge")
    assert (refused.code, "There is no detector: train one" in refused.err) == (2, True)
    assert photosense("compliance", "train", labels, "--clear-held", "0.02").code == 0
    result = photosense("compliance", "judge")
    assert result.code == 0, result.err
    assert "2 photos were judged: 1 now " in result.out
    assert "1 posts have photos that nobody looked at" in result.out
    assert "1 now clear" in photosense("compliance", "judge", "--open-unseen").out
    assert "it counts as clear" in photosense("compliance", "check", "IS", "--post", "town").out
    record = (tmp_path / "photosense-data" / "audit.ndjson").read_text().splitlines()
    first, second = (line for line in map(json.loads, record) if line["event"] == "judged")
    assert (first["photos"], first["count"], second["became"]) == (2, 1, {"clear": 1})


def test_check_explains_a_country_a_question_and_a_post(photosense: Command, tmp_path: Path) -> None:
    """Which rule, what it withholds, and why."""
    file = tmp_path / "posts.ndjson"
    posts = [{"id": "p1", "text": "a boy on the beach with waves"}, {"id": "p2", "text": "waves on the quiet beach"}]
    file.write_text("".join(json.dumps(post) + "\n" for post in posts))
    assert photosense("ingest", file).code == 0
    result = photosense("compliance", "check", "RU", "--query", "two little boys", "--post", "p1")
    assert result.code == 0
    for words in ("rule      disclaimer", "question  refuse (boy-girl", "post      withheld (disclaimer)", "by text"):
        assert words in result.out
    result = photosense("compliance", "check", "IS", "--query", "two little boys", "--post", "p2")
    assert "question  allow" in result.out
    assert "post      shown: it counts as clear" in result.out
    assert "the strictest rule applies" in photosense("compliance", "check", "Mars").out


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        pytest.param(("check", "RU", "--post", "nobody"), "There is no post 'nobody'", id="no such post"),
        pytest.param(("train", "silent.ndjson"), "No post has a photo and a label", id="nothing to learn from"),
        pytest.param(("train", "few.ndjson"), "at least 20 of each", id="too few"),
    ],
)
def test_what_cannot_be_done_is_said(
    photosense: Command, tmp_path: Path, arguments: tuple[str, ...], says: str
) -> None:
    """A sentence and exit code 2."""
    (tmp_path / "silent.ndjson").write_text('{"id": "p1", "text": "waves"}\n')
    few = {"id": "p1", "photo": encoded(photo_file("sea", 1)), "child": True}
    (tmp_path / "few.ndjson").write_text(json.dumps(few) + "\n")
    result = photosense("compliance", *arguments)
    assert result.code == 2
    assert says in result.err


def test_detector_of_another_encoder_stops_the_start(photosense: Command, labels: Path, tmp_path: Path) -> None:
    """It is not silently left out: photos would pass that nobody looked at."""
    assert photosense("compliance", "train", labels).code == 0
    about = tmp_path / "photosense-data" / "detector" / "detector.json"
    said = json.loads(about.read_text().replace("patches-2", "patches-1"))
    about.write_text(json.dumps(sealed(said)))
    result = photosense("search", "waves")
    assert result.code == 2
    assert "was trained with the encoder 'patches-1'" in result.err


def test_photos_that_nobody_looked_at_are_withheld_and_it_is_said(
    photosense: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the rules that ship; a site's own may say that words are enough."""
    posts = [{"id": f"p{n}", "photo": encoded(photo_file("sea", n)), "text": f"waves on beach {n}"} for n in range(3)]
    file = tmp_path / "posts.ndjson"
    file.write_text("".join(json.dumps(post) + "\n" for post in posts))
    taken = photosense("ingest", file)
    assert taken.code == 0
    assert "3 posts are withheld: nobody said whether their photos show a child." in taken.err
    refused = photosense("train")
    assert refused.code == 2
    assert "None of the 3 posts may teach" in refused.err
    assert "If they are yours, and no photo shows a child, say so: `photosense ingest ... --child clear`" in refused.err
    assert (
        "post      withheld (omit): it counts as unseen" in photosense("compliance", "check", "DE", "--post", "p1").out
    )
    rules = tmp_path / "rules.yaml"
    rules.write_text(
        'version: 1\ngroups:\n  "*": {withhold: [child, review], action: omit, refuse_queries: true, '
        "require_detector: false}\n"
    )
    monkeypatch.setenv("PHOTOSENSE_RULES", str(rules))
    assert "withheld" not in photosense("ingest", file).err
    assert "post      shown" in photosense("compliance", "check", "DE", "--post", "p1").out


def test_check_explains_topic_net_and_telling_words(
    photosense: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That of topics where a site wants it; telling words also while a service runs."""
    posts = [
        {"id": f"p{n}", "text": f"{what} {n}"}
        for n in range(40)
        for what in ("waves on the sandy beach", "street lights of a night city")
    ]
    posts = [{**post, "id": f"p{n}"} for n, post in enumerate(posts)]
    sandcastle = "sandcastle, waves on the sandy beach"
    posts += [
        {"id": f"k{n}", "captions": [{"text": f"{sandcastle} {n}", "author": f"u{n}"}], "child": True}
        for n in range(60)
    ]
    file = tmp_path / "posts.ndjson"
    file.write_text("".join(json.dumps(post) + "\n" for post in posts))
    result = photosense("train", file, "--topics", "4")
    assert "Posts about children: 60 of" in result.out
    monkeypatch.setenv("PHOTOSENSE_TOPIC_NET", "0.4")
    result = photosense("compliance", "check", "RU", "--query", "waves beach")
    assert "question  refuse (The topics of the question are those of posts about children.)" in result.out
    result = photosense("compliance", "check", "RU", "--query", "street lights")
    assert "question  allow (no word about a child, nor its topics)" in result.out
    monkeypatch.delenv("PHOTOSENSE_TOPIC_NET")
    with open_house(Settings()):  # as a service has it
        result = photosense("compliance", "check", "RU", "--query", "sandcastles at sea")
    assert "question  refuse (telling-word: Hardly any posts have a word of the question but those about" in result.out
