"""What fuzzing starts from: for each target some bytes as they should be, and pieces that mean something in them."""

import gzip
import json
from collections.abc import Mapping

from tests.fuzz.targets import genuine_cursor, genuine_token
from tests.support.noted_photo import exif, iptc, xmp
from tests.support.small_world import photo_file
from tests.support.tiny_lite import saved, tiny_weights


def _jpeg() -> bytes:
    """A photo with EXIF, IPTC and XMP."""
    packet = b"http://ns.adobe.com/xap/1.0/\0" + xmp("A bay", ("sea", "boat"), city="Rome")
    plain = photo_file("sea", 1, "JPEG")
    notes = b"\xff\xe1" + (len(packet) + 2).to_bytes(2) + packet + iptc((120, b"A bay"), (25, b"sea"))
    camera = exif().tobytes()
    return plain[:2] + b"\xff\xe1" + (len(camera) + 2).to_bytes(2) + camera + notes + plain[2:]


def seeds() -> Mapping[str, list[bytes]]:
    """By target."""
    post = {
        "id": "p1",
        "version": 3,
        "captions": [{"text": "Закат над морем #sunset", "author": "u1"}],
        "tags": ["sea"],
        "link": "https://photos.example/p1",
        "attrs": {
            "place": "Karelia",
            "taken": "2024-06-10T20:15:00Z",
            "price": 4.5,
            "where": {"lat": 61.0, "lon": 30.0},
            "flags": ["a", "b"],
        },
        "child": False,
        "consent": {"record": "form-1", "countries": ["DE"], "until": "2030-01-01"},
    }
    within = {"and": [{"field": "attrs.price", "from": 1, "below": 9}, {"not": {"field": "tags", "any_of": ["sea"]}}]}
    near = {
        "or": [{"field": "attrs.where", "near": {"lat": 61, "lon": 30, "km": 5}}, {"field": "text", "contains": "sea"}]
    }
    weights = tiny_weights()
    return {
        "post_line": [
            json.dumps(post, ensure_ascii=False).encode(),
            b'{"id":"a","text":"boats in the harbour at dusk","photo":"aGk="}',
        ],
        "filter_json": [
            json.dumps(within).encode(),
            json.dumps(near).encode(),
            b"attrs.taken:year",
            b"attrs.price:desc",
        ],
        "token": [genuine_token(), b'{"key":"","country":"DE","within":"{}","lang":"de"}'],
        "country": [b"RU", b" de ", "ß".encode(), b"T1", b"GB,RU"],
        "photo_header": [_jpeg(), *(photo_file("sea", 2, kind) for kind in ("PNG", "WEBP", "GIF", "JPEG"))],
        "state_dict": [saved(weights)[:6000], saved(weights), saved(weights, zipped=True)],
        "cursor": [
            b'[20,"2026-05-01T12:00:00.000000Z",null,["p1","p2"]]',
            b'[0,null,[4.5,"p1"],[]]',
            b'[0,null,["2026-05-01T12:00:00Z","p1"],[]]',
            genuine_cursor(),
        ],
        "post_array": [
            json.dumps([post, post]).encode(),
            b'[{"id":"a","text":"a [b] \\"c\\" {d"},[1,[2]],"e",3.5,null]',
        ],
        "packed_body": [gzip.compress(json.dumps(post).encode()), gzip.compress(b"a" * 5000)[3:]],
        "table": [
            b'id,text,tags,child\r\np1,"boats, at dusk",sea boats,false\r\n',
            'id;text;attrs\np1;"закат\nнад морем";"{""price"": 4.5}"\n'.encode(),
            b"id\ttext\np1\tboats\n",
        ],
        "safetensors": [_tensors(), _tensors()[:60]],
        "text_folding": [
            "Маленькая девочка, 7 лет, на пляже #детство".encode(),
            "т0ddler s-u-n d​o​g ℌ𝔬𝔯𝔰𝔢 ﬁre ①② \N{RIGHT-TO-LEFT OVERRIDE}dlihc".encode(),
        ],
    }


def _tensors() -> bytes:
    """Two tensors, as a file of them holds them."""
    table = {
        "a": {"dtype": "F32", "shape": [2, 2], "data_offsets": [0, 16]},
        "b": {"dtype": "I64", "shape": [1], "data_offsets": [16, 24]},
    }
    head = json.dumps({"__metadata__": {"format": "pt"}, **table}).encode()
    return len(head).to_bytes(8, "little") + head + bytes(range(24))


PIECES: Mapping[str, list[bytes]] = {
    "cursor": [b"null", b'"2026-05-01"', b"-1", b"1e999", b"99999999999999999999", b"[", b"]", b",", b'"p1"', b"true"],
    "post_array": [b"[", b"]", b"{", b"}", b",", b'"', b"\\", b"\xef\xbb\xbf", b"null", b"[[[["],
    "packed_body": [b"\x1f\x8b\x08", b"\0" * 8, b"\xff" * 4, b"\x03\x00"],
    "table": [b'"', b'""', b"\r\n", b"\n", b"\r", b",", b";", b"\t", b"\xff", b"id"],
    "safetensors": [
        b'"dtype":',
        b'"F32"',
        b'"shape":',
        b"[0,-1]",
        b"[99999999999,9999999999]",
        b"1e9",
        b"null",
        b"\0" * 7,
    ],
    "post_line": [
        b'"id":',
        b'"attrs":{',
        b'"captions":[',
        b"null",
        b"1e999",
        b"\\ud800",
        b"\\u0000",
        b"[[[[",
        b"true",
        b"-0",
    ],
    "filter_json": [
        b'"field":',
        b'"not":',
        b'"and":[',
        b'"near":{',
        b"1e999",
        b"NaN",
        b"null",
        b"\\ud800",
        b"attrs.",
        b":",
    ],
    "token": [b".", b"eyJ", b'"exp":', b'"aud":', b"NaN", b"1e999", b"null", b'"kid":', b"{}", b"\\ud800"],
    "country": [b"RU", b",", b"\x00", "İ".encode(), "ı".encode(), b" ", b"\xff"],
    "photo_header": [
        b"\xff\xd8",
        b"\xff\xc2",
        b"\xff\xe1",
        b"Exif\0\0",
        b"IHDR",
        b"RIFF",
        b"VP8X",
        b"ftypavif",
        b"\xff" * 4,
        b"\0" * 4,
    ],
    "state_dict": [
        b"PK\x03\x04",
        b"\x80\x02",
        b"ctorch\n",
        b"R",
        b"q\x01",
        b"h\x01",
        b"K\xff",
        b"\x8a\xff",
        b".",
        b"u",
        b"\x85",
    ],
    "text_folding": [
        "девочка".encode(),
        "​".encode(),
        "\N{COMBINING ACUTE ACCENT}".encode(),
        b"#",
        b"7",
        "ﷺ".encode(),
        "İ".encode(),
        "𝕜𝕚𝕕".encode(),
    ],
}
