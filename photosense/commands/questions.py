"""Commands that ask a home, or a service that runs somewhere: search, annotate, topics, review, status."""

import sys
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer
from pydantic import SecretStr
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from api.answers import StatusAnswer
from api.search.question import Mode, Question
from compliance.country import Country, resolve
from ingest.errors import InputMissing
from moderation.review_queue import ReviewQueue, Waiting
from photosense.commands.store import dual_rows, read_option, renditions_row
from photosense.commands.topics import write_topics
from photosense.errors import OtherRules, PhotosenseError
from photosense.house import House, open_house
from photosense.progress import console
from photosense.remote_service import RemoteService
from photosense.settings import Settings, load_settings
from photosense.soundness.note import last_check
from photosense.terminal import print_classes, print_hits, print_keywords, print_queue, print_settings, print_topics
from qdrant.errors import StoreBusy

Home = Annotated[Path | None, typer.Option(help="Folder of the store and the models.")]
CountryOption = Annotated[str | None, typer.Option(help="Country of the visitor, such as RU; none is the strictest.")]
PhotoOption = Annotated[Path | None, typer.Option(help="A photo file.")]
Limit = Annotated[int, typer.Option(min=1, max=100, help="How many at most.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print the answer as JSON, for programs.")]
Server = Annotated[
    str | None, typer.Option(help="Ask a service that runs, by its address, and no home: http://127.0.0.1:8000.")
]
Key = Annotated[str | None, typer.Option(envvar="PHOTOSENSE_KEY", help="A key of that service, where it wants one.")]
out = Console(emoji=False)  # captions hold `:words:` that mean just that


def add_question_commands(app: typer.Typer) -> None:
    """Add the commands to the app."""
    for command in (search, annotate, classify, topics, review, status):
        app.command()(command)


def search(
    text: Annotated[str | None, typer.Argument(help="What to look for.")] = None,
    photo: PhotoOption = None,
    country: CountryOption = None,
    limit: Limit = 10,
    mode: Annotated[Mode | None, typer.Option(help="Which arms find.")] = None,
    only: Annotated[str | None, typer.Option("--filter", help="What hits must be like, as JSON.")] = None,
    home: Home = None,
    server: Server = None,
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """Find posts by text, by photo or by both."""
    question = Question(text, _photo(photo), mode=mode, limit=limit, filter=read_option(only))
    _something(text, photo)
    if server is not None:
        wanted = None if only is None else msgspec.json.decode(only)
        answer = RemoteService(server, key).search(
            text=text, photo=question.photo, country=country, limit=limit, mode=mode, filter=wanted
        )
    else:
        with open_house(_settings(home)) as house:
            answer = house.service().search(question, _country(country))
    _print_json(answer) if as_json else print_hits(out, answer)


def annotate(
    photo: PhotoOption = None,
    text: Annotated[str | None, typer.Option(help="What is known already.")] = None,
    country: CountryOption = None,
    limit: Limit = 10,
    home: Home = None,
    server: Server = None,
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """Propose keywords and hashtags for a photo, a text or both."""
    _something(text, photo)
    question = Question(text, _photo(photo), limit=limit)
    if server is not None:
        asked = RemoteService(server, key)
        answer = asked.annotate(text=text, photo=question.photo, country=country, limit=limit)
    else:
        with open_house(_settings(home)) as house:
            _need_model(house)
            answer = house.service().annotate(question, _country(country))
    _print_json(answer) if as_json else print_keywords(out, answer)


def classify(
    modality: Annotated[str, typer.Argument(help="Into which modality of yours, such as album.")],
    text: Annotated[str | None, typer.Option(help="What is known of it in words.")] = None,
    photo: PhotoOption = None,
    country: CountryOption = None,
    limit: Annotated[int, typer.Option(min=1, max=50, help="How many at most.")] = 5,
    home: Home = None,
    server: Server = None,
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """Say how likely a text, a photo or both are of each album, genre or other class that posts of yours have."""
    _something(text, photo)
    question = Question(text, _photo(photo), limit=limit)
    if server is not None:
        asked = RemoteService(server, key)
        answer = asked.classify(modality, text=text, photo=question.photo, country=country, limit=limit)
    else:
        with open_house(_settings(home)) as house:
            _need_model(house)
            answer = house.service().classify(question, modality, house.settings.modalities, _country(country))
    _print_json(answer) if as_json else print_classes(out, answer)


def topics(
    country: CountryOption = None,
    html: Annotated[Path | None, typer.Option("--html", help="Write them as a page, to look at.")] = None,
    home: Home = None,
    server: Server = None,
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """List the topics of the model, largest first."""
    if server is not None:
        if html is not None:
            raise PhotosenseError("A page of topics is written from a home: leave --server or --html out.")
        answer = RemoteService(server, key).topics(country)
        if answer.model is None:
            raise PhotosenseError("The service has no model yet: run `photosense train` where it runs.")
    else:
        with open_house(_settings(home)) as house:
            _need_model(house)
            if html is not None:
                write_topics(house, _country(country), html)
                out.print(f"The topics are in {escape(str(html))}: open it in a browser.", soft_wrap=True)
                return
            answer = house.service().topics(_country(country))
    _print_json(answer) if as_json else print_topics(out, answer)


def review(
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many at most.")] = 20,
    home: Home = None,
    server: Server = None,
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """List what waits for a moderator, the most urgent first; the desk decides."""
    if server is not None:
        answer = RemoteService(server, key).review(limit)
    else:
        from api.routes.review import QueueReader  # with FastAPI, which takes a while to load

        with open_house(_settings(home)) as house:
            queue = ReviewQueue(house.store, house.law)
            reader = QueueReader(queue, house.service().addresses, house.photos.evidence.names)
            answer = reader.read(limit, 0, Waiting())
    _print_json(answer) if as_json else print_queue(out, answer)


def status(home: Home = None, server: Server = None, key: Key = None, as_json: AsJson = False) -> None:
    """Print the settings in force, where each came from, and what the store holds; or what a service says of itself."""
    if server is not None:
        answer = RemoteService(server, key).status()
        _print_json(answer) if as_json else _print_status(answer)
        return
    settings, origins = load_settings({"home": home})
    if as_json:
        _print_json({"settings": _plain_settings(settings, origins), "home": _home_in_short(settings)})
        return
    print_settings(out, settings, origins)
    if not _is_there(settings):
        out.print(escape(f"store  none yet in {settings.home}"))
        return
    try:
        with open_house(settings) as house:
            out.print(_home_table(house))
    except (StoreBusy, OtherRules) as refused:
        out.print(escape(f"store  {refused}"))


def _home_table(house: House) -> Table:
    info = house.store.info()
    table = Table.grid(padding=(0, 2))
    table.add_row("store", escape(f"{info.posts} posts, {info.engine}"))
    table.add_row("filters", escape(", ".join(f"attrs.{name}" for name in info.attrs)) or "no attrs yet")
    for part in info.parts:
        table.add_row("", escape(part))
    if (kept := renditions_row(house.photos.renditions)) is not None:
        table.add_row("renditions", kept)
    learned, matcher, dual = house.models.topics, house.models.matcher, house.photos.dual
    table.add_row("model", learned.id if learned else "none yet: run `photosense train`")
    judged = "; of photos that are no posts, trained by people" if matcher else ""
    table.add_row("match", f"calibrated on captions held aside{judged}")
    for record in (house.law.audit, house.law.takedowns, house.law.tombstones):
        table.add_row("record", escape(str(record.soundness())))
    table.add_row("check", str(last_check(house.settings) or "nobody looked yet: `photosense verify`"))
    for row in dual_rows(house.store, dual.id if dual else None):
        table.add_row("dual encoder", escape(row))
    return table


def _home_in_short(settings: Settings) -> dict[str, Any] | None:
    """What the home holds, for programs; none where there is no home yet."""
    if not _is_there(settings):
        return None
    with open_house(settings) as house:
        info, learned = house.store.info(), house.models.topics
        return {"posts": info.posts, "engine": info.engine, "model": learned.id if learned else None}


def _plain_settings(settings: Settings, origins: dict[str, str]) -> dict[str, Any]:
    """Settings as JSON holds them, each with where it came from; keys stay hidden."""
    values = settings.model_dump(mode="json")
    hidden = {name for name in values if isinstance(getattr(settings, name), SecretStr)}
    return {
        name: {"value": "(set)" if name in hidden else value, "from": origins[name]} for name, value in values.items()
    }


def _print_status(answer: StatusAnswer) -> None:
    model = answer.model
    table = Table.grid(padding=(0, 2))
    table.add_row("photosense", escape(answer.version))
    table.add_row("store", escape(f"{answer.posts} posts, {answer.store.engine}"))
    table.add_row("model", escape(f"{model.id}, {model.topics} topics") if model else "none yet")
    table.add_row("encoder", escape(answer.encoder))
    table.add_row("rules", escape(answer.policy.notice or f"version {answer.policy.version}, {answer.policy.hash}"))
    out.print(table)


def _print_json(answer: Any) -> None:
    sys.stdout.write(msgspec.json.format(msgspec.json.encode(answer), indent=2).decode() + "\n")


def _settings(home: Path | None) -> Settings:
    """The settings, for who asks a home that has to be there: a mistyped one is not made."""
    settings = load_settings({"home": home})[0]
    if not _is_there(settings):
        raise PhotosenseError(
            f"There is no home at {settings.home}: correct --home, or take posts in first, `photosense ingest FILE`."
        )
    return settings


def _is_there(settings: Settings) -> bool:
    return settings.qdrant_url is not None or settings.home.exists()


def _need_model(house: House) -> None:
    if house.models.topics is None:
        raise PhotosenseError("There is no model yet: run `photosense train`.")


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
