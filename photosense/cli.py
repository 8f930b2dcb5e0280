"""The command `photosense`: every subcommand reads settings, opens the house and says what happened."""

import gc
import os
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from api.search.question import Mode, Question
from api.telemetry.traces import traced
from compliance.country import Country, resolve
from ingest.changes.withdrawal import OnReject
from ingest.draft import REJECTED
from ingest.errors import InputMissing
from photosense.commands.ads import ads
from photosense.commands.compliance import compliance_app
from photosense.commands.encoder import encoder_app
from photosense.commands.evaluate import evaluate_app
from photosense.commands.ingest import SiteWord, check_posts, take_posts
from photosense.commands.keys import keys_app
from photosense.commands.match import match_app
from photosense.commands.model import model_app
from photosense.commands.store import add_store_commands, dual_rows, read_option, renditions_row
from photosense.commands.topics import write_topics
from photosense.commands.upkeep.doctor import doctor
from photosense.commands.upkeep.export import export, import_
from photosense.commands.upkeep.verify import verify
from photosense.errors import OtherRules, PhotosenseError
from photosense.house import Company, open_house
from photosense.progress import console, progress
from photosense.remarks.eyes import say_other_eyes
from photosense.remarks.unseen_photos import check_teaching
from photosense.sentence import in_a_sentence
from photosense.server import check_exposure, listen, make_server, until_told
from photosense.service.logs import write_logs
from photosense.service.served import ServedApp
from photosense.service.workers import Workers
from photosense.settings import Settings, load_settings
from photosense.terminal import print_hits, print_keywords, print_report, print_settings, print_topics, print_trained
from photosense.work.training_work import learn_model, one_training
from qdrant.errors import StoreBusy
from topic_model.training.train import TrainingEngine

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(ads, name="ads")
app.add_typer(encoder_app, name="encoder")
app.add_typer(compliance_app, name="compliance")
app.add_typer(evaluate_app, name="evaluate")
app.add_typer(keys_app, name="keys")
app.add_typer(match_app, name="match")
app.add_typer(model_app, name="model")
add_store_commands(app)
app.command()(verify)
app.command()(doctor)
app.command()(export)
app.command("import")(import_)
out = Console(emoji=False)  # captions hold `:words:` that mean just that

Home = Annotated[Path | None, typer.Option(help="Folder of the store and the models.")]
CountryOption = Annotated[str | None, typer.Option(help="Country of the visitor, such as RU; none is the strictest.")]
PhotoOption = Annotated[Path | None, typer.Option(help="A photo file.")]
Limit = Annotated[int, typer.Option(min=1, max=100, help="How many at most.")]


def _version(wanted: bool) -> None:
    if wanted:
        out.print(f"photosense {version('photosense')}", highlight=False)
        raise typer.Exit


@app.callback()
def photosense(
    _: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and stop.")
    ] = False,
) -> None:
    """Search that a photo site plugs in: topics of photos and captions, with the law applied."""


@app.command()
def ingest(
    file: Annotated[Path, typer.Argument(help="Posts: NDJSON, CSV, TSV, Parquet, or a folder of photos.")],
    home: Home = None,
    check: Annotated[bool, typer.Option("--check", help="Say what is wrong, line by line; store nothing.")] = False,
    lenient: Annotated[bool, typer.Option("--lenient", help="Keep unknown fields under attrs.")] = False,
    photos: Annotated[Path | None, typer.Option(help="Folder of the photos; none: beside the posts.")] = None,
    child: Annotated[
        SiteWord | None,
        typer.Option(help="Your word for all posts that say nothing of a child: clear, no photo shows one; or child."),
    ] = None,
    on_reject: Annotated[
        OnReject | None,
        typer.Option(
            help="What becomes of the stored post that a refused line was to replace; none: it goes where its captions "
            "were emptied."
        ),
    ] = None,
    anew: Annotated[bool, typer.Option("--anew", help="Begin anew where an earlier run was stopped.")] = False,
) -> None:
    """Take posts into the store, or check them."""
    settings = _settings(home=home)
    if check:
        raise typer.Exit(check_posts(settings, file, photos, lenient=lenient, out=out))
    with open_house(settings, encoder_may_differ=True) as house:
        report = take_posts(house, file, photos, lenient=lenient, word=child, on_reject=on_reject, anew=anew)
    print_report(out, report)
    if report.lines and report.statuses[REJECTED] == report.lines:
        raise typer.Exit(1)  # a script must not go on as if there were posts


@app.command()
def train(
    file: Annotated[Path | None, typer.Argument(help="Posts to take in first, one JSON object a line.")] = None,
    home: Home = None,
    topics: Annotated[int | None, typer.Option(help="Number of topics.")] = None,
    background: Annotated[int | None, typer.Option(help="How many of them are for what every post has.")] = None,
    committee: Annotated[int | None, typer.Option(help="How many models judge together.")] = None,
    passes: Annotated[int | None, typer.Option(help="Passes over all posts.")] = None,
    seed: Annotated[int | None, typer.Option(help="Seed.")] = None,
    held_out: Annotated[int | None, typer.Option(help="Keep every n-th post out, to measure the model on.")] = None,
    online: Annotated[bool | None, typer.Option("--online", help="Learn after every shard, not every pass.")] = None,
    engine: Annotated[
        TrainingEngine | None, typer.Option(help="Who learns; bigartm needs the extra of that name.")
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on from the last checkpoint.")] = False,
    anew: Annotated[bool, typer.Option("--anew", help="Do not look at the model that is in force.")] = False,
) -> None:
    """Learn a topic model from the posts in the store and switch to it."""
    settings = _settings(
        home=home,
        topics=topics,
        background=background,
        committee=committee,
        passes=passes,
        seed=seed,
        held_out=held_out,
        online=online,
        engine=engine,
    )
    with one_training(settings), open_house(settings, with_model=not anew, encoder_may_differ=True) as house:
        if file is not None:
            print_report(out, take_posts(house, file))
        check_teaching(house)
        recipe = settings.recipe(house.store.count())
        say_other_eyes(house)
        try:
            with progress("passes", recipe.passes * recipe.committee) as update:
                trained = learn_model(
                    house,
                    recipe,
                    lambda state: update(state.earlier + state.passes, remark=f"perplexity {state.history[-1]:.1f}"),
                    resume=resume,
                )
        except KeyboardInterrupt:
            raise PhotosenseError(
                "Training was stopped; the model in force is as it was. `photosense train --resume` goes on."
            ) from None
    print_trained(out, trained, held_out=settings.held_out > 0)


@app.command()
def serve(
    home: Home = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.")] = None,
    workers: Annotated[int | None, typer.Option(help="Processes that answer.")] = None,
) -> None:
    """Serve searches over HTTP until Ctrl-C or SIGTERM."""
    given = {"home": home, "host": host, "port": port, "workers": workers}
    settings = _settings(**given)
    check_exposure(settings)
    if settings.workers > 1:
        with listen(settings.host, settings.port) as listener:
            address = f"http://{settings.host}:{settings.port}"
            console.print(f"photosense on {address} - {settings.workers} workers. Ctrl-C stops.")
            Workers(listener, settings.workers, given).run()
        return
    write_logs()
    with (
        until_told(),
        traced(settings.traces, settings.trace_share),
        open_house(settings, company=Company.APART) as house,
    ):
        listener = listen(settings.host, settings.port)
        info = house.store.info()
        says = f"model {info.active}" if info.active else "no model yet: found by words only"
        console.print(
            f"photosense on http://{settings.host}:{settings.port} - {info.posts} posts, {says}. Ctrl-C stops."
        )
        with ServedApp(house).following() as served:
            make_server(served, served.stop, settings).run(sockets=[listener])


@app.command()
def search(
    text: Annotated[str | None, typer.Argument(help="What to look for.")] = None,
    photo: PhotoOption = None,
    country: CountryOption = None,
    limit: Limit = 10,
    mode: Annotated[Mode | None, typer.Option(help="Which arms find.")] = None,
    only: Annotated[str | None, typer.Option("--filter", help="What hits must be like, as JSON.")] = None,
    home: Home = None,
) -> None:
    """Find posts by text, by photo or by both."""
    question = Question(text, _photo(photo), mode=mode, limit=limit, filter=read_option(only))
    _something(text, photo)
    with open_house(_settings(home=home)) as house:
        print_hits(out, house.service().search(question, _country(country)))


@app.command()
def annotate(
    photo: PhotoOption = None,
    text: Annotated[str | None, typer.Option(help="What is known already.")] = None,
    country: CountryOption = None,
    limit: Limit = 10,
    home: Home = None,
) -> None:
    """Propose keywords and hashtags for a photo, a text or both."""
    _something(text, photo)
    question = Question(text, _photo(photo), limit=limit)
    with open_house(_settings(home=home)) as house:
        print_keywords(out, house.service().annotate(question, _country(country)))


@app.command()
def topics(
    country: CountryOption = None,
    html: Annotated[Path | None, typer.Option("--html", help="Write them as a page, to look at.")] = None,
    home: Home = None,
) -> None:
    """List the topics of the model, largest first."""
    with open_house(_settings(home=home)) as house:
        if html is None:
            print_topics(out, house.service().topics(_country(country)))
        else:
            write_topics(house, _country(country), html)
            out.print(f"The topics are in {escape(str(html))}: open it in a browser.", soft_wrap=True)


@app.command()
def status(home: Home = None) -> None:
    """Print the settings in force, where each came from, and what the store holds."""
    settings, origins = _loaded(home=home)
    print_settings(out, settings, origins)
    try:
        with open_house(settings) as house:
            info = house.store.info()
            table = Table.grid(padding=(0, 2))
            table.add_row("store", escape(f"{info.posts} posts, {info.engine}"))
            table.add_row("filters", escape(", ".join(f"attrs.{name}" for name in info.attrs)) or "no attrs yet")
            for part in info.parts:
                table.add_row("", escape(part))
            if (kept := renditions_row(house.photos.renditions)) is not None:
                table.add_row("renditions", kept)
            topics, matcher, dual = house.models.topics, house.models.matcher, house.photos.dual
            table.add_row("model", topics.id if topics else "none yet: run `photosense train`")
            judged = "; of photos that are no posts, trained by people" if matcher else ""
            table.add_row("match", f"calibrated on captions held aside{judged}")
            for record in (house.law.audit, house.law.takedowns, house.law.tombstones):
                table.add_row("record", escape(str(record.soundness())))
            for row in dual_rows(house.store, dual.id if dual else None):
                table.add_row("dual encoder", escape(row))
            out.print(table)
    except (StoreBusy, OtherRules) as refused:
        out.print(escape(f"store  {refused}"))


def _loaded(**given: Any) -> tuple[Settings, dict[str, str]]:
    return load_settings(given)


def _settings(**given: Any) -> Settings:
    return _loaded(**given)[0]


def _country(given: str | None) -> Country:
    country = resolve(given, None, False)
    if given is not None and country.note:
        console.print(escape(country.note))
    return country


def _photo(file: Path | None) -> bytes | None:
    try:
        return file.read_bytes() if file else None
    except OSError as error:
        raise InputMissing(f"{file} cannot be read: {error.strerror}. Give a photo file.") from None


def _something(text: str | None, photo: Path | None) -> None:
    if not (text and text.strip()) and photo is None:
        raise PhotosenseError("The query is empty: give a text, --photo FILE, or both.")


def main() -> None:
    """Run the command."""
    run(app)


def run(command: typer.Typer) -> None:
    """Run a command; what went wrong is one sentence on stderr and exit code 2. What it makes is its owner's alone."""
    os.umask(os.umask(0o077) | 0o077)
    gc.set_threshold(10_000, 20, 20)  # a million things stay: to look through them again took a fifth of a start
    with in_a_sentence():
        command()
