"""The command of the demo: how large its world is, where it lies, and whether it is served or tried out."""

from pathlib import Path
from typing import Annotated

import typer

from demo.plan import SIDE
from demo.run import FEWEST, run_demo
from photosense.cli import run
from photosense.settings import load_settings

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def demo(
    home: Annotated[Path | None, typer.Option(help="Folder of the store and the models.")] = None,
    once: Annotated[bool, typer.Option("--once", help="Try a dozen queries, check them and stop.")] = False,
    posts: Annotated[int, typer.Option(min=FEWEST, max=5000, help="Size of the demo world.")] = 600,
    side: Annotated[int, typer.Option(min=160, max=1600, help="Pixels of a drawn photo's longest side.")] = SIDE,
    port: Annotated[int | None, typer.Option(help="Port; the next free one is taken.")] = None,
) -> None:
    """Draw a world of photos, take it in, learn its topics and serve it on this machine."""
    settings, _ = load_settings({"home": home, "port": port})
    raise typer.Exit(run_demo(settings, posts=posts, side=side, once=once))


def main() -> None:
    """Run the command."""
    run(app)
