"""Requests made up from what an app says of its addresses: a new one is asked for as well, or fails by name.

Values come from pools by the name of a field, so that they mean something; what is between limits, of a list of values
or a schema inside a schema is drawn from the schema. A field that nothing here knows how to fill is an error.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import quote, unquote_plus, urlencode

import numpy as np
from fastapi import FastAPI

from tests.support.http_client import PROXY, STRANGER
from tests.support.routes import addresses
from tests.support.small_world import as_base64, photo_file

PROXY_6, STRANGER_6 = "fd00::5", "2001:db8::9"
_BROKEN = 0.2  # of the requests
_OFTEN = {
    "text": 0.8,
    "sort": 0.1,
    "cursor": 0.03,
    "like": 0.08,
    "unlike": 0.05,
    "fields": 0.1,
    "facets": 0.25,
    "group_by": 0.15,
}  # how often a field is filled that need not be
_METHODS = ("GET", "POST", "PUT", "DELETE", "PATCH")
_JSON, _FORM, _LINES = "application/json", "multipart/form-data", "application/x-ndjson"


class Asked(NamedTuple):
    """A request as somebody sends it, and the address of the app that it is made for."""

    route: str
    method: str
    url: str
    client: str
    headers: Sequence[tuple[str, str]]
    content: bytes = b""
    claims: str = ""  # what the site says of the visitor, as the body of POST /v1/tokens; nothing: he has no token

    @property
    def wording(self) -> str:
        """All that is in it, for people and for whoever looks for a word in it."""
        headers = " ".join(f"{name}: {value}" for name, value in self.headers)
        return f"{self.method} {unquote_plus(self.url)} {headers} {self.claims} {self.content.decode(errors='replace')}"


class Pools(NamedTuple):
    """What may stand in a request: words of texts, ids of posts, names of fields, and words of anything else."""

    words: Sequence[str]
    ids: Sequence[str]
    fields: Sequence[str]
    others: Sequence[str]


class RequestMaker:
    """Makes requests for each address of an app, the same ones from the same seed."""

    def __init__(self, app: FastAPI, pools: Pools, seed: int) -> None:
        self._routes = sorted(addresses(app.routes))
        document = app.openapi()
        self._paths, self._kinds = document["paths"], document["components"]["schemas"]
        self._pools = pools
        self._rng = np.random.default_rng(seed)
        self._photos = [photo_file(subject, 99) for subject in ("sea", "mountains")]

    @property
    def routes(self) -> list[str]:
        """The addresses that there are, as `METHOD /path`."""
        return self._routes

    def requests(self, count: int) -> Iterator[Asked]:
        """So many requests; questions are asked more often than what takes nothing."""
        weights = np.array([self._weight(route) for route in self._routes], float)
        for route in self._routes:
            yield self.request(route)
        for place in self._rng.choice(len(self._routes), count - len(self._routes), p=weights / weights.sum()):
            yield self.request(self._routes[place])

    def request(self, route: str) -> Asked:
        """A request for one address: most are as they should be, some are broken."""
        method, _, path = route.partition(" ")
        described = self._paths.get(path, {}).get(method.lower(), {})
        url, query = path, {}
        for parameter in described.get("parameters", ()):
            name, schema = parameter["name"], parameter["schema"]
            if parameter["in"] == "header":  # of keys, which have tests of their own
                continue
            if parameter["in"] == "path":
                url = url.replace(f"{{{name}}}", quote(self._value(name, schema), safe=""))
            elif parameter.get("required") or self._chance(0.5):
                query[name] = _in_address(self._value(name, schema))
        content, media = self._body(described.get("requestBody"))
        if self._chance(_BROKEN):
            method, url, query, content, media = self._broken(method, url, query, content, media)
        headers, client = self._visitor()
        if media:
            headers.append(("content-type", media))
        whole = f"{url}?{urlencode(query, doseq=True)}" if query else url
        has_key = any(name == "authorization" for name, _ in headers)
        claims = self._claims() if not has_key and self._chance(0.2) else ""
        if claims and self._chance(0.8):  # then no proxy is needed, nor contradicts
            headers = [(name, value) for name, value in headers if name != "x-country"]
        return Asked(route, method, whole, client, headers, content, claims)

    def _weight(self, route: str) -> float:
        """What anybody may ask is asked more often, and the more often the more there is to be said of it."""
        method, _, path = route.partition(" ")
        described = self._paths.get(path, {}).get(method.lower(), {})
        bodies = described.get("requestBody", {}).get("content", {}).values()
        fields = sum(len(body["schema"].get("properties", ())) for body in bodies)
        weight = 1 + 3 * len(described.get("parameters", ())) + fields**1.5
        return weight if {} in described.get("security", ()) else weight / 8 + 1

    def _visitor(self) -> tuple[list[tuple[str, str]], str]:
        """Where a request comes from, and what its headers say: one country, several, none, or nonsense."""
        client = self._pick((PROXY, PROXY, PROXY, PROXY_6, STRANGER, STRANGER_6))
        countries = self._pick(
            (("RU",), ("RU",), ("RU",), ("KZ",), ("DE",), ("XX",), ("RU", "IS"), ("IS, IS",), (), ("ru",), ("Ы",))
        )
        headers = [("x-country", country) for country in countries if country.isascii()]
        if self._chance(0.2):
            headers.append(("accept-language", self._pick(("ru", "en-GB,en", "*", "zz"))))
        if self._chance(0.2):
            headers.append(("authorization", self._pick(("Bearer wrong", "Basic d3Jvbmc6", "Bearer"))))
        if self._chance(0.1):
            headers.append(("origin", self._pick(("https://site.example", "https://evil.example"))))
        if self._chance(0.1):
            headers.append(
                self._pick((("range", "bytes=0-9"), ("if-none-match", '"x"'), ("x-forwarded-for", "127.0.0.1")))
            )
        return headers, client

    def _claims(self) -> str:
        """What the site says of a visitor: his country or none, and often a fence."""
        fence = self._filter(2) if self._chance(0.7) else None
        claims = {"country": self._pick(("RU", "KZ", "DE", None)), "filter": fence}
        return json.dumps(claims, ensure_ascii=False)

    def _body(self, described: Mapping[str, Any] | None) -> tuple[bytes, str | None]:
        if described is None:
            return b"", None
        media = self._pick(tuple(described["content"]))
        schema = described["content"][media]["schema"]
        if media == _LINES or schema.get("type") == "array":
            posts = [self._post() for _ in range(int(self._rng.integers(1, 4)))]
            lines = [json.dumps(post, ensure_ascii=False).encode() for post in posts]
            return b"\n".join(lines) if media == _LINES else b"[" + b",".join(lines) + b"]", media
        fields = self._fields(schema)
        return _form(fields) if media == _FORM else (_json(fields), media)

    def _fields(self, schema: Mapping[str, Any]) -> dict[str, Any]:
        required = schema.get("required", ())
        properties = dict(schema["properties"])
        if {"photo", "post_id"} <= properties.keys():  # where both may be named, one is wanted
            required = [*required, self._pick(("photo", "post_id"))]
            del properties[{"photo": "post_id", "post_id": "photo"}[required[-1]]]
        fields = {
            name: self._value(name, of)
            for name, of in properties.items()
            if name in required or self._chance(_OFTEN.get(name, 0.3))
        }
        return {name: value for name, value in fields.items() if value is not None}

    def _post(self) -> dict[str, Any]:
        return {"id": self._id(), "text": self._text(), "tags": [self._word()], "attrs": {self._field(): self._word()}}

    def _value(self, name: str, schema: Mapping[str, Any]) -> Any:
        """A value of a field: by what the name means, else by what the schema lets it be."""
        match name:
            case "q" if self._chance(0.5):
                return self._text()[: -int(self._rng.integers(1, 4))]
            case "text" | "reason" | "q":
                return self._text()
            case "photo":
                return self._pick(self._photos) if self._chance(0.4) else None
            case "post_id" | "id" | "undo":
                return self._id()
            case "modality":
                return self._pick(("album", "album", "album", "text", "genre"))
            case "country":
                return self._pick(("RU", "DE", "IS", "XX", "nowhere", ""))
            case "filter":
                return self._filter(3)
            case "sort":
                field = self._pick(("added", "changed", "tags", *(f"attrs.{self._field()}" for _ in range(4))))
                return field + self._pick(("", ":asc", ":desc", ":up"))
            case "searches":
                texts = {name: of for name, of in schema["items"]["properties"].items() if name != "photo"}
                return [self._fields({"properties": texts}) for _ in range(int(self._rng.integers(1, 3)))]
            case "facets":
                names = ("tags", "authors", "attrs.price:10", "attrs.taken:month", "text", f"attrs.{self._field()}")
                return [self._pick(names) for _ in range(int(self._rng.integers(1, 4)))]
            case "group_by":
                return self._pick(("tags", "authors", "added:year", "text", *(f"attrs.{self._field()}" for _ in "abc")))
            case "facet_query":
                return {self._pick(("tags", "authors", f"attrs.{self._field()}")): self._word()[:2]}
            case "fields":
                return [self._pick(("captions", "tags", f"attrs.{self._field()}", "facts")) for _ in range(2)]
            case "like" | "unlike":
                return [self._id()]
            case "weights":
                return {self._pick(("text", "image", "tag", "aligned", "sound")): float(self._rng.integers(0, 4))}
            case "by" | "record" | "link" | "thumb":
                return self._pick(self._pools.others)
            case "ids":
                return [self._id(), self._id()]
            case "attrs":
                return {self._field(): self._pick((self._word(), 7, None))}
            case "captions":
                return [{"text": self._text(), "author": self._word()}]
        return self._drawn(name, schema)

    def _drawn(self, name: str, schema: Mapping[str, Any]) -> Any:
        match schema:
            case {"$ref": str(ref)}:
                return self._value(name, self._kinds[ref.rpartition("/")[2]])
            case {"anyOf": list(kinds)}:
                return self._value(name, self._pick([kind for kind in kinds if kind.get("type") != "null"]))
            case {"enum": list(values)}:
                return self._pick(values)
            case {"pattern": str(pattern)} if "|" in pattern:
                return self._pick(pattern.strip("^$()").split("|"))
            case {"type": "integer" | "number" as kind}:
                low, high = schema.get("minimum", 0), schema.get("maximum", 100)
                drawn = low + (high - low) * float(self._rng.random()) ** 3
                return int(drawn) if kind == "integer" else round(drawn, 2)
            case {"type": "boolean"}:
                return self._chance(0.5)
            case {"type": "null"}:
                return None
            case {"type": "array", "items": dict(items)}:
                return [self._value(name, items) for _ in range(int(self._rng.integers(0, 3)))]
            case {"type": "object", "properties": dict()}:
                return self._fields(schema)
            case {"type": "string"}:
                return self._pick(self._pools.others)
        raise AssertionError(f"Nothing here knows how to fill the field {name!r} ({schema}): say so in {__name__}.")

    def _filter(self, depth: int) -> dict[str, Any]:
        if depth and self._chance(0.3):
            group = self._pick(("and", "or", "not"))
            part = self._filter(depth - 1)
            return {"not": part} if group == "not" else {group: [part, self._filter(depth - 1)]}
        field = self._pick(("tags", "authors", "text", "added", f"attrs.{self._field()}", f"attrs.{self._field()}"))
        number, time = float(self._rng.integers(0, 60)), self._pick(("2000-01-01", "2024-06-10", "2100-01-01"))
        tests: Sequence[dict[str, Any]] = (
            {"equals": self._word()},
            {"any_of": [self._word(), self._word()]},
            {"none_of": [self._word()]},
            {"above": number},
            {"from": time},
            {"to": time},
            {"near": {"lat": 61.0, "lon": 30.0, "km": 200}},
        )
        if field == "text":
            return {"field": field, "contains": self._word()}
        return {"field": field, **self._pick([tests[5], tests[4]] if field == "added" else tests)}

    def _broken(
        self, method: str, url: str, query: dict[str, Any], content: bytes, media: str | None
    ) -> tuple[str, str, dict[str, Any], bytes, str | None]:
        match int(self._rng.integers(0, 8)):
            case 0:
                method = self._pick(_METHODS)
            case 1:
                url += self._pick(("/", "//", "/nothing", "%00", f"/{self._word()}"))
            case 2:
                query = {
                    **query,
                    self._pick(("limit", "offset", "country", "q", "cursor")): self._pick(("-1", "9" * 30, "", "x")),
                }
            case 3:
                content = content[: len(content) // 2]
            case 4:
                content = self._pick((b"[]", b"null", b"{", b"\xff\xfe", b'{"text": 1}', b'{"text": ""}', b""))
            case 5:
                media = self._pick((_JSON, _FORM, "text/plain", "application/json; charset=utf-16", _LINES))
            case 6 if media == _JSON and not content.startswith(b"["):
                content = _json({**json.loads(content), self._word(): self._word()})
            case 7 if media == _JSON and not content.startswith(b"["):
                fields = json.loads(content)
                strange: Sequence[Any] = (None, -1, 10**30, [], {}, "x" * 3000, True, 0.5)
                content = _json({**fields, self._pick((*fields, "limit", "text")): self._pick(strange)})
        return method, url, query, content, media

    def _text(self) -> str:
        return " ".join(self._word() for _ in range(int(self._rng.integers(1, 5))))

    def _word(self) -> str:
        return self._pick(self._pools.words)

    def _id(self) -> str:
        return self._pick(self._pools.ids)

    def _field(self) -> str:
        return self._pick(self._pools.fields)

    def _chance(self, share: float) -> bool:
        return bool(self._rng.random() < share)

    def _pick(self, values: Sequence[Any]) -> Any:
        return values[int(self._rng.integers(len(values)))]


def _in_address(value: Any) -> Any:
    """A value as an address has it: an object as JSON."""
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else value


def _json(fields: Mapping[str, Any]) -> bytes:
    plain = {name: as_base64(value) if isinstance(value, bytes) else value for name, value in fields.items()}
    return json.dumps(plain, ensure_ascii=False).encode()


def _form(fields: Mapping[str, Any]) -> tuple[bytes, str]:
    """A form as browsers send it, with a boundary that is always the same."""
    parts = []
    pairs = [(name, one) for name, value in fields.items() for one in (value if isinstance(value, list) else [value])]
    for name, value in pairs:
        file = '; filename="photo.png"\r\ncontent-type: image/png' if isinstance(value, bytes) else ""
        plain = json.dumps(value) if isinstance(value, dict) else str(value)
        content = value if isinstance(value, bytes) else plain.encode()
        parts.append(f'--edge\r\ncontent-disposition: form-data; name="{name}"{file}\r\n\r\n'.encode() + content)
    return b"\r\n".join([*parts, b"--edge--\r\n"]), f"{_FORM}; boundary=edge"
