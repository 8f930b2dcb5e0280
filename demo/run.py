"""The demo: makes the world once, takes it in, learns its topics, then serves it or tries it out."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from api.answers import ChoosableCountry, ExampleQuestion, Welcome
from common.files import write_file
from demo.adverts import ADS, learn_ads
from demo.checks import check_answers
from demo.plan import SIDE
from demo.tries import TRIES
from demo.world import World, make_world, query_photo
from ingest.bulk.run import Run, take_all
from ingest.steps.ads_model import save_ads
from photosense.errors import SetupError
from photosense.house import Company, House, open_house
from photosense.progress import console, progress
from photosense.server import listen, make_server
from photosense.service.served import ServedApp
from photosense.settings import Settings
from photosense.terminal import print_report
from training.topics import retrain

SEED = 7
EDITION = 2  # counted up when the same seed makes another world
TOPICS = 60
FEWEST = 400  # smaller worlds hold too few photos of a scene for every try to find five
COUNTRIES = (
    ChoosableCountry("RU", "Russia: sentence shown", {"ru": "Россия: фраза"}),
    ChoosableCountry("DE", "Germany: left out", {"ru": "Германия: опущено"}),
    ChoosableCountry("IS", "Iceland: all shown", {"ru": "Исландия: всё"}),
    ChoosableCountry(None, "Unknown: strictest", {"ru": "Неизвестно: строже всех"}),
)


def run_demo(settings: Settings, *, posts: int, once: bool, side: int = SIDE) -> int:
    """Serve the demo, or try it out once; 0 when all went well."""
    try:
        settings = prepare(settings, posts, side)
        world = _world(settings.home / "world", posts, side)
    except OSError as error:
        raise SetupError(
            f"The demo cannot be made in {settings.home}: {error.strerror}. Give a writable folder with --home."
        ) from error
    # In a process of its own, so that tasks of the desk can use it too.
    with open_house(settings, company=Company.ALONE if once else Company.APART) as house:
        return _try_out(house, world) if once else _serve(house, world)


def prepare(settings: Settings, posts: int, side: int = SIDE) -> Settings:
    """Make what is missing of world, store and model, in a folder of their own inside the home folder."""
    home = settings.home / "demo"
    # The site's own server must stay as it is, and a key would keep the page from choosing countries.
    own = {"home": home, "topics": min(TOPICS, posts // 6), "qdrant_url": None, "api_key": None}
    settings = settings.model_copy(update=own)
    ready = home / "ready.json"
    state = {"posts": posts, "seed": SEED, "edition": EDITION, "side": side, "topics": settings.topics, "ads": ADS}
    if not _holds(ready, state):
        save_ads(learn_ads(), settings.ads_path)  # before the posts come, as a site would
        # First, and alone: a demo that is served keeps its photos.
        with open_house(settings, with_model=False, company=Company.ALONE) as house:
            ready.unlink(missing_ok=True)
            _fill(house, _world(home / "world", posts, side))
        write_file(ready, json.dumps(state))
    return settings


def _world(folder: Path, posts: int, side: int) -> World:
    """Draw the world, unless this very world is there already."""
    made = folder / "made.json"
    state = {"posts": posts, "seed": SEED, "edition": EDITION, "side": side}
    if not _holds(made, state):
        with progress("drawing photos", posts) as update:
            world = make_world(folder, posts, SEED, lambda done, total: update(done, total), side)
        for attempt in TRIES:
            if attempt.photo_scene:
                (world.photos / _query_name(attempt.photo_scene)).write_bytes(
                    query_photo(attempt.photo_scene, SEED, side)
                )
        write_file(made, json.dumps(state))
    return World(folder, folder / "posts.ndjson", folder / "photos", folder / "truth.ndjson", posts)


def _holds(file: Path, state: object) -> bool:
    """Whether the file says so; one that a kill cut short says nothing."""
    try:
        return bool(json.loads(file.read_text("utf-8")) == state)
    except (FileNotFoundError, ValueError):
        return False


def _fill(house: House, world: World) -> None:
    """Take the posts in before any model exists, then learn from the store: the way of a real site."""
    settings = house.settings
    house.store.delete([point.id for point in house.store.scroll()])  # a world of another size has the same ids
    with progress("taking posts in", world.posts) as update:
        run = Run.of(world.posts_file, settings.letters_path / "posts.ndjson")
        report = take_all(run, house.pipeline(), progress=lambda report, _: update(report.lines))
    print_report(console, report)
    with progress("learning topics", settings.passes * settings.committee) as update:
        retrain(
            house.store,
            settings.models_path,
            settings.recipe(house.store.count()),
            house.photos.encoder.id,
            teaching=house.law.gate.teaching(),
            children=settings.children,
            progress=lambda state: update(state.earlier + state.passes, remark=f"perplexity {state.history[-1]:.0f}"),
        )


def _serve(house: House, world: World) -> int:
    settings = house.settings
    listener = listen(settings.host, settings.port, tries=50)
    address = f"http://{settings.host}:{listener.getsockname()[1]}"
    info = house.store.info()
    console.print(f"\n[bold]photosense[/] serves {info.posts} drawn posts on [bold underline]{address}[/]")
    console.print("Click an example, type [italic]закат над морем[/] or [italic]boats[/], drop a photo into the box,")
    console.print("and choose another country to see what its law withholds. [bold]Ctrl-C[/] stops.\n")
    with ServedApp(house, Welcome(COUNTRIES, _examples())).following() as served:
        photos = Mount("/host/photos", StaticFiles(directory=world.photos))
        app = Starlette(routes=[photos, Mount("/", served)])
        make_server(app, served.stop, settings).run(sockets=[listener])
    return 0


def _try_out(house: House, world: World) -> int:
    with _served(house, world) as address:
        wrong = check_answers(address, world, console)
    console.print(f"[bold red]{wrong} wrong[/]" if wrong else "[bold green]all as expected[/]")
    return 1 if wrong else 0


@contextmanager
def _served(house: House, world: World) -> Iterator[str]:
    """Serve in a thread on a free port for as long as the block runs."""
    listener = listen("127.0.0.1", 49200, tries=2000)
    app = make_app(house, world.photos)
    server = make_server(app, app.state.stop, house.settings)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(10)


def make_app(house: House, photos: Path) -> FastAPI:
    """The service, and beside it the photos of the pretend host site."""
    app = house.app(Welcome(COUNTRIES, _examples()))
    app.mount("/host/photos", StaticFiles(directory=photos))
    return app


def _examples() -> list[ExampleQuestion]:
    examples = [ExampleQuestion("kite: some is withheld", "kite", labels={"ru": "змей: часть скрыта"})]
    for attempt in TRIES:
        if not attempt.harmful:
            photo = f"/host/photos/{_query_name(attempt.photo_scene)}" if attempt.photo_scene else None
            examples.append(ExampleQuestion(attempt.name, attempt.text, photo, {"ru": attempt.russian}))
    return examples


def _query_name(scene: str) -> str:
    return f"query-{scene}.jpg"
