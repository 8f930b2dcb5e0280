"""What strangers' bytes are read by, each as a function of bytes that raises where something is wrong with us.

A refusal is part of the contract: it is caught, and has a sentence. What is accepted is held against what it promises.
"""

import gzip
import json
import math
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import cache
from hashlib import blake2b
from pathlib import Path
from tempfile import NamedTemporaryFile
from types import MappingProxyType
from typing import Any, Final

import numpy as np
import orjson

from api.access.key_file import KeyFile
from api.access.known_keys import KnownKeys
from api.access.signer import Signer
from api.access.visitor_tokens import VisitorToken, VisitorTokens
from api.browse.cursor import Cursors, PageStart
from api.errors import ApiError
from api.load.unpack import Unpacker
from api.search.admission import Visit
from api.search.question import Question
from compliance.country import Country, country_codes, resolve, signed
from compliance.lexicon.folding import fold, fold_letters
from compliance.lexicon.lexicon import default_lexicon
from compliance.policy import Rule, load_policy
from ingest.errors import IngestError, PostRejected
from ingest.intake import Intake
from ingest.reading.array import ArraySplitter
from ingest.reading.lines import InputLine
from ingest.reading.reader import Reader
from ingest.sources.table import TableSource
from qdrant.errors import FilterRefused
from qdrant.grammar import read_facet, read_filter, read_sort
from topic_model.tokens import tokenize
from vision.decoding.header import format_of, webp_canvas
from vision.decoding.weight import weight
from vision.errors import EncoderError
from vision.lite.state_dict import read_state_dict
from vision.notes.notes import read_notes
from vision.text.safetensors import read_safetensors

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


def cursor(data: bytes) -> None:
    """A cursor that somebody wrote himself: nothing in it is secret, so all of it may be made up."""
    cursors, visit = Cursors("m", "r"), Visit(Country("DE", "site"), _rule())
    text = data.decode("latin-1")
    _refused_or_read(cursors, Question("sea", cursor=text), visit)
    try:
        made_up = orjson.loads(data)
    except orjson.JSONDecodeError:
        return
    genuine = cursors.write(PageStart(offset=20, moment=_NOW), Question("sea"), visit)
    bonds = orjson.loads(b64decode(genuine + "==", b"-_")[8:])[:3]
    content = orjson.dumps([*bonds, *(made_up if isinstance(made_up, list) else [made_up])])
    checked = blake2b(content, digest_size=8, person=b"photosense").digest() + content
    _refused_or_read(cursors, Question("sea", cursor=urlsafe_b64encode(checked).decode()), visit)


def _refused_or_read(cursors: Cursors, question: Question, visit: Visit) -> None:
    try:
        start = cursors.read(question, visit)
    except ApiError as refused:
        _is_sentence(str(refused))
        return
    assert start is not None
    assert start.offset >= 0
    assert start.moment is None or start.moment.tzinfo is not None
    value = start.behind and start.behind.value
    assert not isinstance(value, float) or math.isfinite(value)
    assert not isinstance(value, datetime) or value.tzinfo is not None


def post_array(data: bytes) -> None:
    """A JSON array of posts: cut into the same elements however it comes in, and into those that JSON sees in it."""
    whole, pieces = _elements([data]), _elements([data[:7], *(data[at : at + 5] for at in range(7, len(data), 5))])
    assert whole == pieces
    try:
        seen = orjson.loads(data)
    except orjson.JSONDecodeError:
        return
    if isinstance(seen, list):
        assert [orjson.loads(line.data or b"") for line in whole or ()] == seen


def _elements(chunks: list[bytes]) -> list[InputLine] | None:
    splitter = ArraySplitter()
    try:
        return [*(line for chunk in chunks for line in splitter.feed(chunk)), *splitter.end()]
    except PostRejected as refused:
        _is_sentence(str(refused))
        return None


def packed_body(data: bytes) -> None:
    """A body in gzip: unpacked in pieces, or refused; what is packed comes out as it was."""
    for packed in (data, b"\x1f\x8b\x08" + data):
        unpacker = Unpacker()
        try:
            assert sum(len(piece) for piece in unpacker.feed(packed)) < 1 << 28
            unpacker.end()
        except ApiError as refused:
            _is_sentence(str(refused))
    unpacker = Unpacker()
    assert b"".join(unpacker.feed(gzip.compress(data, 1))) == data
    unpacker.end()


def table(data: bytes) -> None:
    """A table of posts: each row is a line, or has a reason; nothing of it hangs."""
    with NamedTemporaryFile() as file:
        file.write(data)
        file.flush()
        try:
            for line in TableSource(Path(file.name)).lines():
                _is_sentence(line.fault.detail if line.fault else "it is a line")
        except IngestError as refused:
            _is_sentence(str(refused))


def safetensors(data: bytes) -> None:
    """A file of weights in the other format: arrays within the file, or a sentence."""
    try:
        arrays = read_safetensors(data, "The file")
    except EncoderError as refused:
        _is_sentence(str(refused))
    else:
        assert sum(array.nbytes for array in arrays.values()) <= len(data) * max(len(arrays), 1)


TARGETS: Final[Mapping[str, Target]] = MappingProxyType(
    {
        target.__name__: target
        for target in (
            *(post_line, filter_json, token, country, photo_header, state_dict, text_folding),
            *(cursor, post_array, packed_body, table, safetensors),
        )
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
def _rule() -> Rule:
    return load_policy().rule_for(Country("DE", "site"))


@cache
def _signer() -> Signer:
    return Signer(None, lambda: _NOW)


@cache
def _tokens() -> VisitorTokens:
    return VisitorTokens(KnownKeys(KeyFile(Path("/nonexistent/keys.json")), None, lambda: _NOW), _signer())


def genuine_cursor() -> bytes:
    """A cursor that is taken."""
    visit = Visit(Country("DE", "site"), _rule())
    return Cursors("m", "r").write(PageStart(offset=20, moment=_NOW), Question("sea"), visit).encode()


def genuine_token() -> bytes:
    """A token that is taken: nothing made of it by chance may be."""
    return _tokens().sign(_TOKEN, None, 3600).encode()
