"""Entries: whatever found a post, what is stored of it when it is shown decides."""

from pathlib import Path

from api.photo_addresses import PhotoAddresses
from api.search.admission import Admission, Admitted
from api.search.candidates import find
from api.search.entries import read
from api.search.explain import Explainer
from api.search.match import MatchMeasure
from api.search.page import PageMaker
from api.search.query import make_query
from api.search.question import Question
from compliance.country import resolve
from compliance.law import Law
from ingest.photos.photo_parts import PhotoParts
from qdrant.store import Standing
from tests.support.small_world import World, small_world
from topic_model.models import Models


def test_stale_candidates_show_nothing_that_is_withheld_by_now(tmp_path: Path) -> None:
    """Found while they were open, held or deleted before the page is made: gone are their ids, words and topics."""
    world = small_world(tmp_path)
    law, models = Law(), Models(world.model)
    admission = Admission(models, PhotoParts(), law)
    admitted = admission.ask(Question(text="море волна"), admission.visit(resolve("DE", None, True)))
    assert isinstance(admitted, Admitted)
    query = make_query(admitted, world.model)
    candidates = find(query, world.store, law.gate).first
    held, deleted, *others = [candidate.point.id for candidate in candidates]
    pages = PageMaker(
        world.store, law.gate, MatchMeasure(models), _explainer(world, law), PhotoAddresses(None, law.gate.now)
    )
    assert {getattr(hit, "id", None) for hit in pages.page(query, candidates).hits} == {held, deleted, *others}
    world.store.set_facts({held: Standing("held", "child", {"child": "child", "source": "text"})})
    world.store.delete([deleted])
    hits = pages.page(query, candidates).hits
    assert [getattr(hit, "id", None) for hit in hits] == [None, *others]
    assert repr(hits[0]) == f"Withheld(disclaimer={admitted.visit.rule.sentence!r})"
    assert [entry.point.id for entry in read(candidates, world.store)] == [held, *others]


def _explainer(world: World, law: Law) -> Explainer:
    assert world.model is not None
    return Explainer(world.model, law.gate)
