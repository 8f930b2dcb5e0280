"""Figures tell of requests, stages, refusals, queues, store and model; only to those who run the service."""

import json
import re
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from prometheus_client.mmap_dict import MmapedDict, mmap_key

from api.telemetry.metrics import SHARED


def figures(site: TestClient) -> dict[str, float]:
    """What /metrics says, by name and labels."""
    answer = site.get("/metrics")
    assert answer.status_code == 200
    lines = (line for line in answer.text.splitlines() if line and not line.startswith("#"))
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines)}


def test_a_search_is_counted_with_its_stages(site: TestClient) -> None:
    """By address and answer; each stage of it takes its time."""
    before = figures(site)
    assert site.post("/v1/search", json={"text": "море", "country": "IS"}).status_code == 200
    assert site.get("/v1/posts/nobody%20has%20it").status_code == 404
    after = figures(site)
    grown = {name for name in after if after[name] > before.get(name, 0.0)}
    assert 'photosense_requests_total{method="POST",route="/v1/search",status="200"}' in grown
    assert 'photosense_requests_total{method="GET",route="/v1/posts/{post_id}",status="404"}' in grown
    for stage in ("admit", "find", "order", "page"):
        assert f'photosense_search_stage_seconds_count{{stage="{stage}"}}' in grown
    assert after["photosense_posts"] == site.get("/v1/status").json()["posts"]
    assert after[f'photosense_model{{model="{site.get("/v1/status").json()["model"]["id"]}"}}'] == 1
    assert after['photosense_running{lane="searches"}'] == 1  # who asks for the figures


def test_a_refused_question_is_counted_by_its_law(site: TestClient) -> None:
    """By the group of countries, and by nothing of the question."""
    before = figures(site)
    assert site.post("/v1/search", json={"text": "девочка 7 лет", "country": "RU"}).json()["disclaimer"]
    after = figures(site)
    (name,) = (
        name
        for name in after
        if name.startswith("photosense_questions_refused_total") and after[name] > before.get(name, 0)
    )
    assert re.search(r'group="[^"]+"', name)


def test_a_worker_killed_as_it_begins_a_file_takes_no_figures_along(
    site: TestClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its file stays empty for ever; what the others left is told."""
    (tmp_path / "counter_1.db").touch()
    left = MmapedDict(str(tmp_path / "counter_2.db"))
    left.write_value(mmap_key("a", "a_total", (), (), "Something."), 7.0, 0.0)
    left.close()
    monkeypatch.setenv(SHARED, str(tmp_path))
    assert figures(site) == {"a_total": 7.0}


def test_visitors_see_no_figures(stranger: TestClient) -> None:
    """How much is withheld, and how many posts there are, is nobody's business."""
    assert stranger.get("/metrics").status_code in (401, 403)


def test_the_dashboard_shows_figures_that_there_are(site: TestClient) -> None:
    """Each name and each label of `docs/grafana.json` is one of a figure."""
    site.post("/v1/search", json={"text": "море", "country": "IS"})
    site.post("/v1/search", json={"text": "девочка 7 лет", "country": "RU"})
    dashboard = json.loads((Path(__file__).parents[3] / "docs" / "grafana.json").read_text("utf-8"))
    queries = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
    shown = {name for query in queries for name in re.findall(r"photosense_\w+", query)}
    there: dict[str, set[str]] = {}
    for name in figures(site):
        there.setdefault(name.split("{")[0], set()).update(re.findall(r"(\w+)=\"", name))
    assert len(shown) >= 8
    assert shown <= set(there)
    for query in queries:
        wanted = set(re.findall(r"(\w+)=~?\"", query)) | {
            label for labels in re.findall(r"by \(([\w, ]+)\)", query) for label in labels.split(", ")
        }
        assert wanted <= {label for name in re.findall(r"photosense_\w+", query) for label in there[name]}, query
