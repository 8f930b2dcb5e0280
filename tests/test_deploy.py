"""What is copied to put the service on a machine names what there is: commands, settings, paths, probes, volumes."""

import json
import os
import re
import shlex
import shutil
import subprocess
import threading
import tomllib
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml

from api.app import Parts, create_app
from photosense.cli import app
from photosense.settings import Settings
from tests.support.reference_store import ReferenceStore
from tests.test_architecture import PACKAGES

ROOT = Path(__file__).parent.parent
DEPLOY = ROOT / "docs" / "deploy"
UNITS = sorted((DEPLOY / "systemd").iterdir())
COMPOSE = {"default": (), "server": ("server",), "cluster": ("cluster",)}
COMMAND = typer.main.get_command(app)
SETTINGS = {f"PHOTOSENSE_{name.upper()}" for name in Settings.model_fields}
OURS = ("photosense", "job")


def accepts(*words: str) -> None:
    """Read the words as the command would, down to its options, and run nothing."""
    command, context, rest = COMMAND, None, list(words)
    while isinstance(command, typer.core.TyperGroup):
        name, *rest = rest
        assert name in command.commands, f"photosense {' '.join(words)}"
        command = command.commands[name]
    context = command.make_context(words[-1], rest)
    assert context.params is not None


def named_commands(text: str, before: str) -> set[str]:
    """What follows a word to the end of the line, a comment or a quote."""
    return {words.strip() for words in re.findall(rf"{before} ([a-z][^`#\n|&;)\"]*)", text)}


def instructions() -> list[tuple[str, str]]:
    """The Dockerfile as its builder reads it: a word, and what it is given."""
    text = re.sub(r"^\s*#.*\n", "", (ROOT / "Dockerfile").read_text("utf-8"), flags=re.MULTILINE)
    lines = re.sub(r"\\\n\s*", "", text).splitlines()
    return [(line.split(None, 1)[0], line.split(None, 1)[1]) for line in lines if line.strip()]


def documents(kind: str) -> list[dict[str, Any]]:
    """The objects of a kind in the Kubernetes example."""
    every = yaml.safe_load_all((DEPLOY / "kubernetes.yaml").read_text("utf-8"))
    return [one for one in every if one["kind"] == kind]


def pods() -> list[dict[str, Any]]:
    """The pods of the Kubernetes example."""
    return [one["spec"]["template"]["spec"] for one in documents("StatefulSet")] + [
        one["spec"]["jobTemplate"]["spec"]["template"]["spec"] for one in documents("CronJob")
    ]


def composed(*files: str) -> dict[str, Any]:
    """The services of compose files laid over each other."""
    services: dict[str, Any] = {}
    for name in ("docker-compose.yml", *(f"docker-compose.{file}.yml" for file in files)):
        for service, fields in yaml.safe_load((ROOT / name).read_text("utf-8"))["services"].items():
            services[service] = services.get(service, {}) | fields
    return services


def addresses() -> set[str]:
    return set(create_app(Settings(), Parts(ReferenceStore())).openapi()["paths"])


class TestImage:
    def test_what_runs_is_a_command_and_what_is_set_a_setting(self) -> None:
        """The container serves; its health is a real address on the port that it is given."""
        steps = instructions()
        given = dict(steps[max(place for place, (word, _) in enumerate(steps) if word == "FROM") :])
        assert json.loads(given["ENTRYPOINT"]) == ["photosense"]
        accepts(*json.loads(given["CMD"]))
        assert set(re.findall(r"PHOTOSENSE_\w+", given["ENV"])) <= SETTINGS
        assert set(re.findall(r"'(/[a-z]+)'", given["HEALTHCHECK"])) <= addresses()
        assert given["USER"].split(":")[0] != "0"
        compile(json.loads(given["HEALTHCHECK"].split("CMD ", 1)[1])[2], "HEALTHCHECK", "exec")

    def test_all_that_is_built_comes_along_and_nothing_else(self) -> None:
        """The context has the rooms of the product and what its build reads, and none that a test alone wants."""
        kept = set(re.findall(r"^!(\S+)$", (ROOT / ".dockerignore").read_text("utf-8"), re.MULTILINE))
        files = {"pyproject.toml", "README.md", "LICENSE", "NOTICE", "requirements"}
        assert kept == files | (set(PACKAGES) - {"demo"})
        copied = [given.split()[0] for word, given in instructions() if word == "COPY" and "--from" not in given]
        assert all(source == "." or source.rstrip("/") in kept for source in copied)

    def test_every_image_is_pinned(self) -> None:
        """What is not ours is named by its digest."""
        [base] = [given for word, given in instructions() if word == "ARG" and given.startswith("BASE=")]
        others = [service["image"] for name, service in composed("server", "cluster").items() if name not in OURS]
        assert len(others) == 4
        assert [image for image in (base, *others) if not re.search(r":[\w.-]+@sha256:[0-9a-f]{64}$", image)] == []


@pytest.mark.parametrize("files", COMPOSE.values(), ids=COMPOSE)
class TestCompose:
    def test_services_are_sealed_and_bounded(self, files: tuple[str, ...]) -> None:
        """No capability, no more memory than they are given; ours write nothing but volumes and what is in memory."""
        for name, service in composed(*files).items():
            assert service["cap_drop"] == ["ALL"], name
            assert service["mem_limit"], name
            assert name not in OURS or (service["read_only"] and service["init"]), name

    def test_who_waits_waits_for_health_that_somebody_looks_at(self, files: tuple[str, ...]) -> None:
        """A service that another waits for has a health check."""
        services = composed(*files)
        for service in services.values():
            for name, condition in service.get("depends_on", {}).items():
                assert condition == {"condition": "service_healthy"}
                assert services[name]["healthcheck"]["test"]

    def test_variables_of_ours_are_settings(self, files: tuple[str, ...]) -> None:
        """What is set for photosense is a setting, and the stop is waited for longer than it takes."""
        services = composed(*files)
        names = {name for service in services.values() for name in service.get("environment", {})}
        assert {name for name in names if name.startswith("PHOTOSENSE_")} <= SETTINGS
        assert int(services["photosense"]["stop_grace_period"].rstrip("s")) > Settings().stop_seconds + 5
        accepts(*services["job"]["command"])

    def test_compose_reads_them(self, files: tuple[str, ...]) -> None:
        """The client lays the files over each other without a complaint."""
        if (
            shutil.which("docker")
            and subprocess.run(["docker", "compose", "version"], capture_output=True).returncode == 0
        ):
            client = ["docker", "compose"]
        elif shutil.which("docker-compose"):
            client = ["docker-compose"]
        else:
            pytest.skip("no Docker Compose")
        names = [word for file in files for word in ("-f", f"docker-compose.{file}.yml")]
        done = subprocess.run(
            [*client, "-f", "docker-compose.yml", *names, "--profile", "jobs", "config", "--quiet"],
            cwd=ROOT,
            env={**os.environ, "QDRANT_API_KEY": "a-key"},
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr


class Readiness(HTTPServer):
    """Answers at /readyz with the status that it is told."""

    status = 200


class Answers(BaseHTTPRequestHandler):
    """What it answers by."""

    server: Readiness

    def do_GET(self) -> None:
        self.send_response(self.server.status if self.path == "/readyz" else 404)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Readiness]:
    """Listens as a Qdrant server does."""
    with Readiness(("127.0.0.1", 0), Answers) as here:
        threading.Thread(target=here.serve_forever, daemon=True).start()
        yield here
        here.shutdown()


@pytest.mark.parametrize("name", ["qdrant", "qdrant-2"])
def test_the_health_of_a_qdrant_server_is_what_it_says(server: Readiness, name: str) -> None:
    """Healthy when it is ready; neither while it is not, nor when nobody listens."""
    service = composed("server", "cluster")[name]
    word, *check = service["healthcheck"]["test"]
    check[-1] = check[-1].replace("6333", str(server.server_port))
    results = []
    for server.status in (200, 503):
        results.append(subprocess.run(check, capture_output=True).returncode == 0)
    server.shutdown()
    server.server_close()
    assert (word, *results) == ("CMD", True, False)
    assert subprocess.run(check, capture_output=True).returncode != 0


class TestKubernetes:
    def test_containers_run_what_there_is(self) -> None:
        """Their arguments are commands, their variables settings, their settings file one that is read."""
        for pod in pods():
            for container in pod["containers"]:
                accepts(*container["args"])
                assert {variable["name"] for variable in container.get("env", ())} <= SETTINGS
                context = container["securityContext"]
                assert context["readOnlyRootFilesystem"]
                assert context["capabilities"]["drop"] == ["ALL"]
                assert pod["securityContext"]["runAsNonRoot"]
        [settings] = documents("ConfigMap")
        Settings(**tomllib.loads(settings["data"]["photosense.toml"]))

    def test_probes_ask_addresses_and_readiness_alone_waits_for_the_store(self) -> None:
        """A store that is slow to open takes no traffic, and nobody is killed for it."""
        [container] = pods()[0]["containers"]
        paths = {name: container[f"{name}Probe"]["httpGet"]["path"] for name in ("startup", "readiness", "liveness")}
        assert paths == {"startup": "/readyz", "readiness": "/readyz", "liveness": "/healthz"}
        assert set(paths.values()) <= addresses()
        [port] = container["ports"]
        assert f"PHOTOSENSE_PORT={port['containerPort']}" in (ROOT / "Dockerfile").read_text("utf-8")
        pause = int(container["lifecycle"]["preStop"]["exec"]["command"][1])
        assert pods()[0]["terminationGracePeriodSeconds"] > pause + Settings().stop_seconds + 5

    def test_mounts_have_volumes_and_claims(self) -> None:
        """What is mounted is a volume of the pod, and what a volume claims is claimed; users are that of the image."""
        [state] = documents("StatefulSet")
        claim = state["spec"]["volumeClaimTemplates"][0]["metadata"]["name"]
        claims = {f"{claim}-{state['metadata']['name']}-0"} | {
            one["metadata"]["name"] for one in documents("PersistentVolumeClaim")
        }
        [user] = [given for word, given in instructions() if word == "USER"]
        for pod in pods():
            volumes = {volume["name"]: volume for volume in pod["volumes"]}
            for container in pod["containers"]:
                assert {mount["name"] for mount in container["volumeMounts"]} <= {claim, *volumes}
            wanted = {
                volume["persistentVolumeClaim"]["claimName"]
                for volume in volumes.values()
                if len(volume) > 1 and "persistentVolumeClaim" in volume
            }
            assert wanted <= claims
            assert f"{pod['securityContext']['runAsUser']}:{pod['securityContext']['runAsGroup']}" == user


class TestUnits:
    @pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
    def test_a_unit_runs_what_there_is(self, unit: Path) -> None:
        """Its command is one, its variables are settings, and its timer or alarm is among the units."""
        text = unit.read_text("utf-8")
        for line in re.findall(r"^ExecStart=\S+/photosense (.+)$", text, re.MULTILINE):
            accepts(*shlex.split(line))
        assert set(re.findall(r"PHOTOSENSE_\w+", text)) <= SETTINGS
        names = {one.name for one in UNITS}
        assert {f"{name}@.service" for name in re.findall(r"^OnFailure=([\w-]+)@", text, re.MULTILINE)} <= names
        assert unit.suffix != ".timer" or f"{unit.stem}.service" in names
        assert f"/etc/systemd/system/{unit.name}" in text

    def test_the_stop_is_waited_for(self) -> None:
        """A kill comes later than the service takes to stop by itself."""
        text = (DEPLOY / "systemd" / "photosense.service").read_text("utf-8")
        assert int(re.search(r"^TimeoutStopSec=(\d+)$", text, re.MULTILINE)[1]) > Settings().stop_seconds + 5

    @pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="no systemd-analyze")
    def test_systemd_reads_them(self, tmp_path: Path) -> None:
        """No line that it does not know, with a program that is there in the place of ours."""
        for unit in UNITS:
            text = re.sub(r"=/\S+/(photosense|logger) ", "=/bin/true ", unit.read_text("utf-8"))
            (tmp_path / unit.name).write_text(text.replace("/etc/photosense", "/"), "utf-8")
        files = [str(tmp_path / unit.name) for unit in UNITS if "@" not in unit.name]
        done = subprocess.run(["systemd-analyze", "verify", "--man=no", *files], capture_output=True, text=True)
        assert [
            line for line in done.stderr.splitlines() if str(tmp_path) in line or line.startswith("photosense")
        ] == []


def test_every_command_that_is_told_is_one() -> None:
    """What the pages and the heads of the files say to type is accepted by the product, options and all."""
    files = [*DEPLOY.rglob("*.*"), *ROOT.glob("docker-compose*.yml"), ROOT / "Dockerfile"]
    text = "\n".join(file.read_text("utf-8") for file in files)
    told = named_commands(text, "run --rm job") | named_commands(text, "-- photosense")
    told |= {words for words in named_commands(text, "`photosense") if not words.startswith("run ")}
    assert len(told) >= 5
    for words in told:
        accepts(*shlex.split(words))
