"""`photosense compliance explain`: the whole life of a post, for a lawyer."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from compliance.facts import from_payload
from compliance.records.audit import Audit
from compliance.records.life import (
    events_of_record,
    events_of_register,
    events_of_tombstones,
    sentence_of,
    sentences_of_facts,
)
from compliance.records.takedown_register import Takedowns
from compliance.records.tombstones import Tombstones
from photosense.house import open_house
from photosense.settings import Settings, load_settings
from qdrant.errors import StoreBusy
from qdrant.points import StoredPoint

_out = Console(emoji=False)


def explain(
    post: Annotated[str, typer.Argument(help="The site's id of the post.")],
    home: Annotated[Path | None, typer.Option(help="Folder of the store and the models.")] = None,
) -> None:
    """Tell a post's whole life in sentences: what is known of it, what was done to it, what is remembered."""
    settings = load_settings({"home": home})[0]
    try:
        point = _stored(settings, post)
    except StoreBusy as busy:
        _say(f"What is stored of it cannot be told now: {busy}")
    else:
        if point is None:
            _say("It is not stored.")
        else:
            version = "" if point.version is None else f", in version {point.version}"
            _say(f"It is stored since {point.added.isoformat()}{version}.")
            for sentence in sentences_of_facts(from_payload(point.facts)):
                _say(sentence)
    audit, takedowns = Audit(settings.audit_path), Takedowns(settings.takedowns_path)
    tombstones = Tombstones(settings.tombstones_path)
    events = [
        *events_of_record(post, audit),
        *events_of_register(post, takedowns),
        *events_of_tombstones(post, tombstones),
    ]
    for event in events:
        _say(sentence_of(event))
    if not events:
        _say("The record says nothing of it, and no takedown names it.")
    for soundness in (audit.soundness(), takedowns.soundness(), tombstones.soundness()):
        if soundness is not None and soundness.breaks:
            _say(str(soundness))


def _stored(settings: Settings, post: str) -> StoredPoint | None:
    with open_house(settings, with_model=False, with_detector=False) as house:
        return house.store.get([post])[0]


def _say(text: str) -> None:
    _out.print(escape(text), soft_wrap=True, highlight=False)
