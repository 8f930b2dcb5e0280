"""What strangers' bytes are read by, each as a function of bytes that raises where something is wrong with us.

A refusal is part of the contract: it is caught, and has a sentence. What is accepted is held against what it promises.
"""

import json
import math
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import numpy as np
import orjson

from api.access.key_file import KeyFile
from api.access.known_keys import KnownKeys
from api.access.signer import Signer
from api.access.visitor_tokens import VisitorToken, VisitorTokens
from api.errors import ApiError
from compliance.country import country_codes, resolve, signed
from compliance.lexicon.folding import fold, fold_letters
from compliance.lexicon.lexicon import default_lexicon
from ingest.intake import Intake
from ingest.reading.lines import InputLine
from ingest.reading.reader import Reader
from qdrant.errors import FilterRefused
from qdrant.grammar import read_facet, read_filter, read_sort
from topic_model.tokens import tokenize
from vision.decoding.header import format_of, webp_canvas
from vision.decoding.weight import weight
from vision.errors import EncoderError
from vision.lite.state_dict import read_state_dict
from vision.notes.notes import read_notes

Target = Callable[[bytes], None]
_NOW: Final = datetime(2026, 5, 1, 12, tzinfo=UTC)
_TOKEN: Final = VisitorToken("DE", '{"equals":"sea","field":"attrs.album"}', "de")


def post_line(data: bytes) -> None:
    """A line of a bulk: a post, or one reason with a sentence; what passed can be stored as JSON."""
    for reader in _readers():
        (draft,) = reader.read([InputLine(1, data)])
        if draft.result is not None:
            assert (draft.result.reason or "").isidentifier(), draft.result
            _is_sentence(draft.result.detail or "")
            continue
        for tokens in draft.document.values():
            assert all(math.isfinite(count) and count >= 0 for count in tokens.values())
        json.dumps(draft.document).encode()
        draft.sent.id.encode()


def filter_json(data: bytes) -> None:
    """A filter, a facet or an order of the site: read, or refused with a sentence."""
    text = data.decode("utf-8", "replace")
    for read in (read_facet, read_sort):
        try:
            read(text)
        except FilterRefused as refused:
            _is_sentence(str(refused))
    try:
        node = orjson.loads(data)  # as the service reads a body
    except orjson.JSONDecodeError:
        return
    try:
        hash(read_filter(node))
    except FilterRefused as refused:
        _is_sentence(str(refused))


def token(data: bytes) -> None:
    """A token: what was signed, or nothing; and signed claims that are none are refused as well."""
    tokens = _tokens()
    try:
        assert tokens.read(data.decode("latin-1")) == _TOKEN, "a forged token was taken"
    except ApiError as refused:
        _is_sentence(str(refused))
    try:
        claims = orjson.loads(data)
    except orjson.JSONDecodeError:
        return
    if not isinstance(claims, dict):
        return
    try:
        sent = _signer().sign("photosense visitor", claims, 60)
    except (TypeError, ValueError, OverflowError, RecursionError):
        return  # JSON that is no claims
    try:
        read = tokens.read(sent)
    except ApiError as refused:
        _is_sentence(str(refused))
    else:
        assert read.country is None or read.country in country_codes()


def country(data: bytes) -> None:
    """A country header: a country there is, or none with a sentence; and never another one than was named."""
    text = data.decode("utf-8", "surrogateescape")
    for answer in (resolve(text, None, False), resolve(None, text, True), signed("DE", text, True)):
        assert answer.code is None or answer.code in country_codes()
        if answer.code is None:
            _is_sentence(answer.note or "")
    said = resolve(None, text, True).code
    assert said is None or text.strip().upper() == said
    assert resolve(None, text, False).code is None


def photo_header(data: bytes) -> None:
    """The head of a photo: its format, what it will take unpacked, and what it says of itself, or nothing."""
    format_of(data)
    webp_canvas(data)
    for longest in (0, 1600):
        heavy = weight(data, 299, longest)
        assert heavy is None or (math.isfinite(heavy) and heavy >= 0)
    notes = read_notes(data)
    json.dumps([*notes.captions, *notes.keywords]).encode()


def state_dict(data: bytes) -> None:
    """A file of weights: arrays of finite size, or a sentence; nothing of it is run."""
    try:
        arrays: Mapping[str, Any] = read_state_dict(data, "The file")
    except EncoderError as refused:
        _is_sentence(str(refused))
    else:
        assert all(isinstance(array, np.ndarray) and array.nbytes <= 1 << 30 for array in arrays.values())


def text_folding(data: bytes) -> None:
    """A caption: words, hashtags and what speaks of a child, whatever letters it is written in."""
    text = data.decode("utf-8", "replace")
    folded = fold(text)
    assert all(0 <= word.start < word.end <= len(text) for word in folded.words)
    fold_letters(text)
    tokens = tokenize(text)
    assert all(word and count > 0 for word, count in tokens.text.items())
    assert all(tag and not tag.startswith("#") for tag in tokens.tag)
    for finding in default_lexicon().find(text):
        assert finding.rule


TARGETS: Final[Mapping[str, Target]] = MappingProxyType(
    {
        target.__name__: target
        for target in (post_line, filter_json, token, country, photo_header, state_dict, text_folding)
    }
)


def _is_sentence(text: str) -> None:
    assert len(text) > 10, text
    assert "Traceback" not in text
    text.encode()  # a lone surrogate in it could not be answered


@cache
def _readers() -> tuple[Reader, ...]:
    lexicon = default_lexicon()
    return tuple(Reader.of(Intake(lenient=lenient), lexicon) for lenient in (False, True))


@cache
def _signer() -> Signer:
    return Signer(None, lambda: _NOW)


@cache
def _tokens() -> VisitorTokens:
    return VisitorTokens(KnownKeys(KeyFile(Path("/nonexistent/keys.json")), None, lambda: _NOW), _signer())


def genuine_token() -> bytes:
    """A token that is taken: nothing made of it by chance may be."""
    return _tokens().sign(_TOKEN, None, 3600).encode()
