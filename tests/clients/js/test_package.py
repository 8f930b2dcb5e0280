"""The module for browsers as a package: types that follow the service, files that are packed, answers that are read."""

import json
import re
import shutil
import subprocess
import tarfile
from pathlib import Path

import pytest

from photosense_client import Client
from tests.support.live_service import SITE_KEY, live_service

ROOT = Path(__file__).parents[3]
WEB = ROOT / "api" / "web"
PACKAGE = ROOT / "clients" / "js"
NODE, NPM = shutil.which("node"), shutil.which("npm")


def test_every_method_has_its_type() -> None:
    """What the module gives is declared, by the same names, and nothing else is."""

    def names(text: str, pattern: str) -> set[str]:
        return set(re.findall(pattern, text, re.MULTILINE)) - {"constructor"}

    module, types = (WEB / "photosense.js").read_text("utf-8"), (WEB / "photosense.d.ts").read_text("utf-8")
    methods = names(module[module.index("class Photosense {") :], r"^  (?:async )?\*?(?:get )?(\w+)\(.*\) {$")
    declared = names(types[types.index("class Photosense {") :], r"^  (?:readonly )?(\w+)[(:]")
    assert len(methods) > 8
    assert methods == declared
    assert names(module, r"^export (?:class|function) (\w+)") == names(types, r"^export (?:class|function) (\w+)")


@pytest.mark.skipif(NPM is None, reason="NO NPM: how the module for browsers is packed is untested")
def test_what_is_packed_is_what_is_served(tmp_path: Path) -> None:
    """The package holds the module of the service and its types, byte for byte."""
    tree = tmp_path / "tree"
    shutil.copytree(PACKAGE, tree / "clients" / "js")
    (tree / "api" / "web").mkdir(parents=True)
    for file in WEB.glob("photosense*"):
        shutil.copy(file, tree / "api" / "web")
    assert NPM is not None
    command = [NPM, "pack", "--offline", "--silent", "--pack-destination", tmp_path]
    subprocess.run(command, cwd=tree / "clients" / "js", check=True, capture_output=True)
    [packed] = tmp_path.glob("*.tgz")
    with tarfile.open(packed) as archive:
        modules = [name for name in archive.getnames() if "photosense" in name]
        for name in modules:
            member = archive.extractfile(name)
            assert member is not None
            assert member.read() == (WEB / Path(name).name).read_bytes()
    assert {Path(name).name for name in modules} == {file.name for file in WEB.glob("photosense*")}


SCRIPT = """
import { Photosense, PhotosenseError } from "MODULE";
const [url, ...tokens] = process.argv.slice(2);
let fetched = 0;
const service = new Photosense(url.slice(0, -1), { token: async () => tokens[Math.min(fetched++, tokens.length - 1)] });
const told = async (promise) => promise.then(() => "no error", (error) =>
  [error instanceof PhotosenseError, error.status, error.code]);
const said = {};
const together = await Promise.all(["boats", "harbour"].map((text) => service.search({ text })));
said.together = together.map((answer) => answer.hits.length);
said.fetched = fetched;
said.pages = [];
const atSea = { filter: { field: "tags", equals: "sea" } };
for await (const page of service.pages({ ...atSea, limit: 2 })) said.pages.push(page.hits.length);
said.several = (await service.multiSearch([{ text: "boats" }, { sort: "x" }])).map((one) => Object.keys(one));
said.suggested = (await service.suggest("se")).length;
said.classified = (await service.classify({ modality: "album", text: "boats" })).classes;
said.post = (await service.post("a/..")).id;
said.dots = await told(service.post(".."));
said.feedback = await told(service.feedback({ text: "boats", post_id: "noon", reaction: "click", rank: 1 }));
said.elsewhere = await told(service.post("nobody"));
said.wrong = await told(service.search({ limit: 0 }));
said.status = (await service.status()).posts;
const photo = new Blob([Buffer.from(tokens.at(-1))], { type: "image/png" });
said.photo = await told(service.search({ photo, ...atSea, facets: ["tags"] }));
const aborted = new AbortController();
aborted.abort();
said.aborted = await service.search({}, aborted).catch((error) => error.name);
said.silent = await told(new Photosense("http://127.0.0.1:9").topics());
said.refused = await told(new Photosense(url, { token: tokens[0] }).topics());
said.tokenless = await told(new Photosense(url, { token: () => null }).topics());
console.log(JSON.stringify(said));
"""


@pytest.mark.skipif(NODE is None, reason="NO NODE: the module for browsers is tested in the page alone")
def test_it_asks_a_live_service(tmp_path: Path) -> None:
    """Questions that are asked together share one token, which is renewed when refused; problems are told apart."""
    posts = [
        {"id": name, "text": f"boats in the harbour at {name}", "tags": ["sea"]} for name in ("dawn", "noon", "a/..")
    ]
    with (
        live_service(tmp_path / "home", posts, modalities={"album": "attrs.album"}) as url,
        Client(url, SITE_KEY) as site,
    ):
        script = tmp_path / "script.mjs"
        script.write_text(SCRIPT.replace("MODULE", (WEB / "photosense.js").as_uri()))
        assert NODE is not None
        command = [NODE, script, url, "over.over.over", site.visitor_token(country="DE").token]
        ran = subprocess.run(command, capture_output=True, text=True, check=False)
        assert ran.returncode == 0, ran.stderr
    assert json.loads(ran.stdout) == {
        "together": [3, 3],
        "fetched": 2,
        "pages": [2, 1],
        "several": [["answer"], ["problem"]],
        "suggested": 1,
        "classified": [],
        "post": "a/..",
        "dots": [True, 404, "not_found"],
        "feedback": "no error",
        "elsewhere": [True, 404, "not_found"],
        "wrong": [True, 422, "wrong_field"],
        "status": 3,
        "photo": [True, 415, "photo_unsupported"],
        "aborted": "AbortError",
        "silent": [True, 0, "silent"],
        "refused": [True, 401, "token_refused"],
        "tokenless": [True, 0, "no_token"],
    }
