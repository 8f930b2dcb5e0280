"""`photosense evaluate`: how good the search is, on questions or a corpus, and whether one run beats another."""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Annotated, TypeVar

import msgspec
import typer
from rich.console import Console
from rich.markup import escape

from api.feedback.feedback_folder import FeedbackFolder
from api.search.question import Mode
from common.files import write_file
from compliance.country import Country, resolve
from compliance.lexicon.lexicon import default_lexicon
from ingest.photos.photo_source import FolderPhotos
from ingest.photos.web_photos import WebPhotos
from ingest.sources.open_source import folder_of, open_source
from photosense.errors import PhotosenseError
from photosense.evaluation.compare_runs import compare_modes, compare_runs
from photosense.evaluation.corpus import Split, every, named, read_corpus, read_ids
from photosense.evaluation.evaluate import EvaluationResult, evaluate_posts, evaluate_queries
from photosense.evaluation.feedback import judgements_of, visible_to
from photosense.evaluation.page import write_evaluation_page
from photosense.evaluation.questions import read_questions
from photosense.evaluation.run_file import read_run, write_run
from photosense.evaluation.tasks import Task
from photosense.evaluation.terminal import print_comparisons, print_run
from photosense.house import open_house
from photosense.progress import console
from photosense.settings import load_settings
from topic_model.match.alike import ALIKE

evaluate_app = typer.Typer(help="How good the search is, and whether a change made it better.", no_args_is_help=True)
_out = Console(emoji=False)
_E = TypeVar("_E", bound=StrEnum)
_ENDINGS = ("", ".jpg", ".jpeg", ".png", ".webp")

Home = Annotated[Path | None, typer.Option(help="Folder of the store and the models.")]
CountryOption = Annotated[str | None, typer.Option(help="Country of the visitors, such as RU; none is the strictest.")]
Modes = Annotated[
    str | None, typer.Option(help="Some of hybrid, topics, words, side by side; none: what the service does by itself.")
]
Photos = Annotated[Path | None, typer.Option(help="Folder of the photos; none: beside the file.")]
JsonFile = Annotated[Path | None, typer.Option("--json", help="Write every question's rank, to compare runs.")]
HtmlFile = Annotated[Path | None, typer.Option("--html", help="Write a page, to look at.")]


@evaluate_app.command()
def queries(
    file: Annotated[Path, typer.Argument(help='Questions: {"query": ..., "photo": ..., "relevant": [ids]} a line.')],
    modes: Modes = None,
    country: CountryOption = None,
    photos: Photos = None,
    json: JsonFile = None,
    html: HtmlFile = None,
    home: Home = None,
) -> None:
    """Ask the store as it is, with questions whose answers you know."""
    _writable(json, html)
    settings = load_settings({"home": home})[0]
    wanted, questions = _modes(modes), read_questions(file)
    folder = photos or file.parent
    source = FolderPhotos(folder, WebPhotos(settings.photo_hosts))
    with _stoppable(), open_house(settings) as house:
        where = _beside(folder) if html else None
        measured = evaluate_queries(house, questions, _country(country), wanted, source, source=file.name, where=where)
    _show(measured, json, html)


@evaluate_app.command()
def posts(
    file: Annotated[Path, typer.Argument(help="Posts with photos and captions, as `ingest` takes them.")],
    tasks: Annotated[str | None, typer.Option(help=f"{', '.join(Task)}; none: all that the posts allow.")] = None,
    modes: Modes = None,
    ids: Annotated[Path | None, typer.Option(help="Measure on these posts: a file with one id a line.")] = None,
    every_nth: Annotated[int, typer.Option("--every", min=1, help="Measure on every n-th post.")] = 1,
    most: Annotated[int | None, typer.Option(min=2, help="Measure on so many posts at most.")] = None,
    alike: Annotated[
        float, typer.Option(min=0.01, max=1, help="Photos whose captions have this cosine are alike.")
    ] = ALIKE,
    country: CountryOption = None,
    photos: Photos = None,
    json: JsonFile = None,
    html: HtmlFile = None,
    home: Home = None,
) -> None:
    """Make tasks of posts that the model has not learned from, indexed for a while beside the home."""
    _writable(json, html)
    settings = load_settings({"home": home})[0]
    wanted = _modes(modes)
    sought = None if tasks is None else _several(Task, tasks, "--tasks")
    source = open_source(file)
    split, listed = _split(ids, every_nth)
    corpus = read_corpus(source, split, default_lexicon(), most)
    absent = len(set(listed) - {post.id for post in corpus.posts})
    if absent and most is None:
        corpus.skipped["named, without a photo here"] += absent
    folder = FolderPhotos(photos or folder_of(source), WebPhotos(settings.photo_hosts))
    with _stoppable(), open_house(settings) as house:
        measured = evaluate_posts(
            house,
            corpus,
            _country(country),
            sought,
            wanted,
            folder,
            source=file.name,
            least_alike=alike,
            with_examples=html is not None,
        )
    _show(measured, json, html)


@evaluate_app.command()
def feedback(
    file: Annotated[Path, typer.Argument(help="Questions to write, for `photosense evaluate queries`.")],
    texts: Annotated[
        Path | None,
        typer.Option("--questions", help="Questions as they were asked, one a line, where no words are kept."),
    ] = None,
    least: Annotated[
        int, typer.Option(min=1, help="So many more votes for a post than against it make it an answer.")
    ] = 1,
    clicks: Annotated[bool, typer.Option("--clicks", help="A click is a vote for a post.")] = False,
    country: CountryOption = None,
    home: Home = None,
) -> None:
    """Make questions with known answers of what visitors thought of hits."""
    _writable(file)
    settings = load_settings({"home": home})[0]
    folder = FeedbackFolder(settings.feedback_path, 0)
    with open_house(settings) as house:
        judged = judgements_of(
            folder.read(),
            _questions_in(texts, folder),
            visible_to(house, _country(country)),
            least=least,
            clicks=clicks,
        )
    for reason, count in judged.skipped.most_common():
        console.print(f"  {count:>6}  questions {reason}: left out")
    if not judged.questions:
        raise PhotosenseError(
            f"Of {judged.reactions} reactions no question with an answer was left: wait for more, keep their words "
            "(feedback_text = true), or give those that were asked with --questions."
        )
    write_file(file, b"".join(msgspec.json.encode(question) + b"\n" for question in judged.questions))
    _out.print(
        f"{len(judged.questions)} questions of {judged.reactions} reactions are in {escape(str(file))}: "
        f"photosense evaluate queries {escape(str(file))} asks them.",
        soft_wrap=True,
        highlight=False,
    )


def _questions_in(texts: Path | None, folder: FeedbackFolder) -> dict[str, str]:
    """Questions of a file by what feedback calls them."""
    if texts is None:
        return {}
    try:
        lines = texts.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise PhotosenseError(f"{texts} cannot be read ({error}): give a text file, a question a line.") from None
    return {folder.key(line): line.strip() for line in lines if line.strip()}


@evaluate_app.command()
def compare(
    before: Annotated[Path, typer.Argument(help="What --json wrote.")],
    after: Annotated[Path, typer.Argument(help="The same of the later run.")],
    tasks: Annotated[str | None, typer.Option(help="Compare these tasks; none: all that both runs have.")] = None,
) -> None:
    """Say of each figure whether the later run is better, worse, or whether no difference is shown."""
    wanted = None if tasks is None else _several(Task, tasks, "--tasks")
    print_comparisons(_out, compare_runs(read_run(before), read_run(after), wanted))


def _show(measured: EvaluationResult, json: Path | None, html: Path | None) -> None:
    run = measured.run
    print_run(_out, run)
    comparisons = compare_modes(run)
    if comparisons:
        _out.print()
        print_comparisons(_out, comparisons)
    if json:
        write_run(run, json)
        _out.print(f"The run is in {escape(str(json))}: compare it with another one.", soft_wrap=True)
    if html:
        write_evaluation_page(run, measured.examples, comparisons, html)
        _out.print(f"The page is in {escape(str(html))}: open it in a browser.", soft_wrap=True)


@contextmanager
def _stoppable() -> Iterator[None]:
    try:
        yield
    except KeyboardInterrupt:
        raise PhotosenseError("Measuring was stopped; nothing was written and nothing is left of it.") from None


def _writable(*files: Path | None) -> None:
    """Refuse now what could not be written when all is measured."""
    for file in filter(None, files):
        if file.is_dir() or not os.access(file if file.exists() else file.parent, os.W_OK):
            raise PhotosenseError(f"{file} cannot be written: give a file in a writable folder.")


def _modes(given: str | None) -> list[Mode | None]:
    return [None] if given is None else list(_several(Mode, given, "--modes"))


def _several(kind: type[_E], given: str, option: str) -> list[_E]:
    """Read names between commas."""
    known = {each.value: each for each in kind}
    names = list(dict.fromkeys(name.strip() for name in given.split(",") if name.strip()))
    wrong = [name for name in names if name not in known]
    if wrong or not names:
        raise PhotosenseError(f"{option} is {given!r}: give some of {', '.join(known)}, with commas between them.")
    return [known[name] for name in names]


def _split(ids: Path | None, every_nth: int) -> tuple[Split, Sequence[str]]:
    if ids is None:
        return every(every_nth), ()
    if every_nth != 1:
        raise PhotosenseError("Give either --ids or --every: both choose the posts to measure on.")
    listed = read_ids(ids)
    return named(listed), listed


def _beside(folder: Path) -> Callable[[str], str | None]:
    """Find the photo of a post by its id in a folder."""

    def where(post: str) -> str | None:
        try:
            return next((post + ending for ending in _ENDINGS if (folder / (post + ending)).is_file()), None)
        except (OSError, ValueError):  # an id may be anything, also what no file can be named
            return None

    return where


def _country(given: str | None) -> Country:
    country = resolve(given, None, False)
    if given is not None and country.note:
        console.print(escape(country.note))
    return country
