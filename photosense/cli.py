"""The command `photosense`: every subcommand reads settings, opens the house and says what happened."""

import gc
import os
import sys
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from api.telemetry.traces import traced
from ingest.changes.withdrawal import OnReject
from ingest.draft import REJECTED
from photosense.commands.ads import ads
from photosense.commands.compliance import compliance_app
from photosense.commands.encoder import encoder_app
from photosense.commands.evaluate import evaluate_app
from photosense.commands.ingest import SiteWord, check_posts, take_posts
from photosense.commands.keys import keys_app
from photosense.commands.match import match_app
from photosense.commands.model import model_app
from photosense.commands.questions import add_question_commands
from photosense.commands.store import add_store_commands
from photosense.commands.upkeep.doctor import doctor
from photosense.commands.upkeep.export import export, import_
from photosense.commands.upkeep.move import move
from photosense.commands.upkeep.upgrade import upgrade
from photosense.commands.upkeep.verify import verify
from photosense.errors import PhotosenseError
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
from photosense.terminal import print_report, print_trained, report_as_json
from photosense.work.training_work import learn_model, one_training
from topic_model.training.train import TrainingEngine

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
app.add_typer(ads, name="ads")
app.add_typer(encoder_app, name="encoder")
app.add_typer(compliance_app, name="compliance")
app.add_typer(evaluate_app, name="evaluate")
app.add_typer(keys_app, name="keys")
app.add_typer(match_app, name="match")
app.add_typer(model_app, name="model")
add_question_commands(app)
add_store_commands(app)
app.command()(verify)
app.command()(doctor)
app.command()(upgrade)
app.command()(move)
app.command()(export)
app.command("import")(import_)
out = Console(emoji=False)  # captions hold `:words:` that mean just that

Home = Annotated[Path | None, typer.Option(help="Folder of the store and the models.")]


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
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON, for programs.")] = False,
) -> None:
    """Take posts into the store, or check them."""
    settings = _settings(home=home)
    if check:
        if as_json:
            raise PhotosenseError("--check speaks to people, line by line: leave --json out.")
        raise typer.Exit(check_posts(settings, file, photos, lenient=lenient, out=out))
    with open_house(settings, encoder_may_differ=True) as house:
        report = take_posts(house, file, photos, lenient=lenient, word=child, on_reject=on_reject, anew=anew)
    if as_json:
        sys.stdout.write(report_as_json(report) + "\n")
    else:
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
    held_out: Annotated[int | None, typer.Option(help="Keep one post in so many out, to measure the model on.")] = None,
    online: Annotated[bool | None, typer.Option("--online", help="Learn after every shard, not every pass.")] = None,
    weights: Annotated[
        list[str] | None, typer.Option(help="How much a modality counts, such as image=2; once for each.")
    ] = None,
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
        weights=_weights(weights) if weights else None,
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


def _settings(**given: Any) -> Settings:
    return load_settings(given)[0]


def _weights(given: Sequence[str]) -> dict[str, str]:
    """Read `image=2` and the like; whether it is a modality and a number the settings say."""
    pairs = [one.partition("=") for one in given]
    if not all(name and value for name, _, value in pairs):
        raise PhotosenseError("--weights wants a modality and a number, such as --weights image=2.")
    return {name.strip(): value.strip() for name, _, value in pairs}


def main() -> None:
    """Run the command."""
    run(app)


def run(command: typer.Typer) -> None:
    """Run a command; what went wrong is one sentence on stderr and exit code 2. What it makes is its owner's alone."""
    os.umask(os.umask(0o077) | 0o077)
    gc.set_threshold(10_000, 20, 20)  # a million things stay: to look through them again took a fifth of a start
    with in_a_sentence():
        command()
