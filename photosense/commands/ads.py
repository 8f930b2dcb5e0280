"""`photosense ads`: what an advertisement is, learned from the site's own examples."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from ingest.steps.ads_model import save_ads
from photosense.settings import load_settings

ads = typer.Typer(help="Teach what an advertisement is.", no_args_is_help=True)
_out = Console(emoji=False)


@ads.command()
def train(
    good: Annotated[Path, typer.Argument(help="Posts to keep, one a line: text or JSON.")],
    bad: Annotated[Path, typer.Argument(help="Advertisements, one a line: text or JSON.")],
    precision: Annotated[
        float | None, typer.Option(min=0.5, max=1.0, help="Turn away only with this precision; none: the even line.")
    ] = None,
    home: Annotated[Path | None, typer.Option(help="Folder of the store and the models.")] = None,
) -> None:
    """Learn from examples; `photosense ingest` turns such posts away from then on."""
    from training.advertisements import read_examples, train_ads  # scikit-learn takes a second to load

    settings, _ = load_settings({"home": home})
    model = train_ads(read_examples(good), read_examples(bad), precision)
    save_ads(model, settings.ads_path)
    figures = model.measured
    _out.print(
        f"Learned from {figures.good} good and {figures.bad} bad examples. On examples it did not learn from: "
        f"precision {figures.precision:.1%}, recall {figures.recall:.1%}.",
        soft_wrap=True,
    )
    _out.print(escape("Most telling: " + ", ".join(model.telling(12))), soft_wrap=True)
    _out.print(f"In {escape(str(settings.ads_path))}: delete it to stop looking for them.", soft_wrap=True)
