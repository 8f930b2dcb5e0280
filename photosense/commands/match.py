"""`photosense match`: how well a text fits a photo or a post, and learning that from what people judged."""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from compliance.country import resolve
from ingest.errors import InputMissing
from ingest.photos.photo_source import FolderPhotos
from ingest.sources.open_source import folder_of, open_source
from photosense.errors import PhotosenseError
from photosense.house import House, open_house
from photosense.pages.match import describe_kind, describe_people, interval, write_match
from photosense.progress import console, progress
from photosense.settings import load_settings
from photosense.terminal import print_match
from topic_model.match.matcher import save_matcher
from topic_model.model import TopicModel
from training.match.judged_posts import captions_of, judged_posts
from training.match.judgements import Judgement, read_captions, read_judgements
from training.match.pairs import JudgedPairs, chosen, judged_pairs

match_app = typer.Typer(help="How well a text fits a photo or a post, 0 to 1.", no_args_is_help=True)
_out = Console(emoji=False)

Home = Annotated[Path | None, typer.Option(help="Folder of the store and the models.")]


@match_app.command()
def score(
    text: Annotated[str, typer.Argument(help="A text.")],
    photo: Annotated[Path | None, typer.Option(help="A photo file.")] = None,
    post: Annotated[str | None, typer.Option(help="Id of a stored post.")] = None,
    country: Annotated[
        str | None, typer.Option(help="Country of the visitor, such as RU; none is the strictest.")
    ] = None,
    home: Home = None,
) -> None:
    """Score how well a text fits a photo or a post."""
    if (photo is None) == (post is None):
        raise PhotosenseError("Give either --photo FILE or --post ID to compare the text with.")
    visitor = resolve(country, None, False)
    if country is not None and visitor.note:
        console.print(escape(visitor.note))
    try:
        picture = photo.read_bytes() if photo else None
    except OSError as error:
        raise InputMissing(f"{photo} cannot be read: {error.strerror}. Give a photo file.") from None
    with open_house(load_settings({"home": home})[0]) as house:
        print_match(_out, house.service().match(text, picture, post, visitor))


@match_app.command()
def train(
    judgements: Annotated[list[Path], typer.Argument(help="What people said: experts' scores, votes of a crowd.")],
    posts: Annotated[Path, typer.Option(help="The posts whose photos were judged; not those the topics learned from.")],
    captions: Annotated[
        Path | None, typer.Option(help="Captions by their ids; none: `photo.jpg#0` is the first of that post.")
    ] = None,
    photos: Annotated[Path | None, typer.Option(help="Folder of the photos; none: beside the posts.")] = None,
    home: Home = None,
) -> None:
    """Learn how well a text fits from what people said of pairs, and answer with it from then on."""
    from training.match.learn import agreement, learn_match  # what learns takes a while to load

    read = read_judgements(judgements)
    texts = read_captions(captions) if captions else None
    with open_house(load_settings({"home": home})[0], with_detector=False) as house:
        if house.models.topics is None:
            raise PhotosenseError("There is no topic model yet: run `photosense train` first.")
        pairs = _pairs(house, house.models.topics, chosen(read.all), posts, photos, texts, read.skipped)
        people = agreement(read.all)
        for line in (*describe_people(people), *_left_out(read.skipped)):
            _say(line)
        with progress("trials") as update:
            matcher = learn_match(pairs, people, update)
        folder = house.settings.models_path / house.models.topics.id
        save_matcher(matcher, folder)
    write_match(matcher, folder / "match.html")
    for kind in matcher.figures["kinds"]:
        _out.print(_table(kind))
    _say(f"It answers from now on, until another topic model is trained. {folder / 'match.html'} shows its curve.")


def _pairs(
    house: House,
    model: TopicModel,
    judgements: Sequence[Judgement],
    posts: Path,
    photos: Path | None,
    captions: Mapping[str, str] | None,
    skipped: Counter[str],
) -> JudgedPairs:
    source = open_source(posts)
    wanted = {judgement.photo for judgement in judgements}
    folder = FolderPhotos(photos or folder_of(source))
    with progress("photos", len(wanted)) as update:
        judged = judged_posts(
            source.lines(), wanted, folder, house.photos.open_decoder(), house.photos.encoder, skipped, update
        )
    return judged_pairs(judgements, captions_of(judged) if captions is None else captions, judged, model, skipped)


def _left_out(skipped: Counter[str]) -> list[str]:
    return [f"  {count:>6}  {reason}: not learned from" for reason, count in skipped.most_common()]


def _table(kind: Mapping[str, Any]) -> Table:
    """The trials of a kind of post, the one that was taken first."""
    names = ("learner, calibration", "tau-c", "ROC AUC", "calibration error")
    table = Table(*names, box=None, pad_edge=False, header_style="dim", title=describe_kind(kind), title_justify="left")
    for trial in kind["trials"]:
        cells = [interval(trial[name], digits) for name, digits in (("tau_c", 1), ("auc", 3), ("calibration_error", 3))]
        table.add_row(f"{trial['learner']}, {trial['calibration']}", *cells)
    return table


def _say(text: str) -> None:
    _out.print(escape(text), soft_wrap=True, highlight=False)
