"""`photosense compliance`: what the rules make of a post or a question, the photo detector, and judging by it."""

from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from rich.console import Console
from rich.markup import escape

from compliance.country import resolve
from compliance.facts import Child, Thresholds, from_payload
from compliance.gate import SAYS, Action, Gate, Verdict
from compliance.lexicon.lexicon import default_lexicon
from compliance.photo.detector import DetectorFigures, rates_at, save_detector
from compliance.photo.train import FOLDS, learn_detector
from compliance.photo.train_evidence import EvidenceSample
from compliance.policy import Rule, load_policy
from ingest.document import make_document
from ingest.photos.photo_source import FolderPhotos
from ingest.sources.open_source import folder_of, open_source
from photosense.commands.evidence import report
from photosense.commands.explain import explain
from photosense.errors import PhotosenseError
from photosense.house import open_house, telling_words_of
from photosense.pages.curve import write_curve
from photosense.progress import progress
from photosense.settings import Settings, load_settings
from photosense.work.rejudge_work import judge_again
from qdrant.edge.folder import active_in
from qdrant.filters import any_of
from qdrant.points import Fields
from training.detector_examples import Label, LabelledPhotos
from vision.decoding.pool import DecodePool
from vision.encoder import Encoder, Pixels
from vision.evidence.evidence import EvidenceRows, PhotoEvidence
from vision.look import Look

compliance_app = typer.Typer(help="What may be shown, and why.", no_args_is_help=True)
compliance_app.command()(report)
compliance_app.command()(explain)
_out = Console(emoji=False)
_AT_ONCE = 32

Home = Annotated[Path | None, typer.Option(help="Folder of the store and the models.")]


@compliance_app.command()
def check(
    country: Annotated[str, typer.Argument(help="Country of the visitor, such as RU.")],
    query: Annotated[str | None, typer.Option(help="What would become of this question.")] = None,
    post: Annotated[str | None, typer.Option(help="What would become of this stored post.")] = None,
    home: Home = None,
) -> None:
    """Explain which rule holds in a country, and what it makes of a question or a post."""
    settings = _settings(home=home)
    telling_words = telling_words_of(settings, _active(settings)) if query is not None else None
    gate = Gate(load_policy(settings.rules), default_lexicon(), telling_words=telling_words)
    visitor = resolve(country, None, False)
    if visitor.note:
        _say(visitor.note)
    rule = gate.policy.rule_for(visitor)
    _say(f"policy    version {gate.policy.version}, hash {gate.policy.hash}")
    _say_rule(rule)
    if query is not None:
        verdict = gate.query(query, rule)
        why = {finding.rule: finding.says for finding in default_lexicon().find(query)}
        if verdict.rule in SAYS:
            why[verdict.rule] = SAYS[verdict.rule]
        reason = "; ".join(f"{name}: {says}" for name, says in why.items()) or "no word about a child"
        if settings.topic_net is not None and verdict.action is Action.ALLOW:
            verdict, reason = _by_topics(settings, query, rule)
        _say(f"question  {verdict.action} ({reason})")
    if post is not None:
        with open_house(settings, with_model=False, with_detector=False) as house:
            (point,) = house.store.get([post])
        if point is None:
            raise PhotosenseError(f"There is no post {post[:80]!r}.")
        facts = from_payload(point.facts)
        counts = facts.where(rule.code, gate.now())
        fate = "shown" if gate.may_show(facts, rule) else f"withheld ({rule.treatment})"
        reason = f", rules {', '.join(facts.rules)}" if facts.rules else ""
        score = "" if facts.score is None else f", score {facts.score:.3f}"
        _say(f"post      {fate}: it counts as {counts}, by {facts.source}{score}{reason}")
        for earlier in reversed(facts.history):
            _say(
                f"          before that {earlier.child}, by {earlier.source}{f' ({earlier.by})' if earlier.by else ''}"
            )


@compliance_app.command()
def train(
    file: Annotated[Path, typer.Argument(help="Posts with photos; `child` is the label, else the captions are.")],
    clear_held: Annotated[
        float, typer.Option(min=0.001, max=0.9, help="Share of clear photos that may wait for review.")
    ] = 0.15,
    sure: Annotated[
        float, typer.Option(min=0.5, max=1, help="From where on so large a share shows a child, nobody need look.")
    ] = 0.9,
    home: Home = None,
) -> None:
    """Train the photo detector with the encoder in force."""
    settings = _settings(home=home)
    source = open_source(file)
    encoder, evidence = settings.make_encoder(), settings.make_evidence()
    with DecodePool(target=max(encoder.side, evidence.side)) as pool:
        photos = LabelledPhotos(source.lines(), FolderPhotos(folder_of(source)), default_lexicon(), pool)
        try:
            measured, labels = _measured(photos, encoder, evidence)
        finally:
            for reason, count in photos.skipped.most_common():
                _say(f"  {count:>6}  {reason}: not learned from")
    with progress("folds", FOLDS + 1) as update:
        detector = learn_detector(
            encoder.id,
            measured.features,
            np.array([label.share for label in labels]),
            [label.caption_words for label in labels],
            EvidenceSample(evidence.id, evidence.names, measured.numbers),
            clear_held=clear_held,
            sure=sure,
            progress=lambda done: update(done),
        )
    save_detector(detector, settings.detector_path)
    write_curve(detector, settings.detector_path / "curve.html")
    figures = detector.figures
    by_site = photos.labelled_by_site
    _say(f"{figures['photos']} photos, {figures['children']} of children; {by_site} labelled by the site.")
    _say(f"ROC AUC {figures['auc']:.3f}, on photos that were held out.")
    if detector.weights:
        _say(f"Beside the features, {len(detector.weights.weights)} numbers of {evidence.id} were weighed.")
    _say_rates(detector.thresholds, figures)
    if detector.caption_model:
        _say("With the words of a caption that names no child:")
        _say_rates(detector.caption_model.thresholds, figures["with_words"])
    _say(f"It lies in {settings.detector_path}; curve.html there shows the curve. Posts that come in are judged by it,")
    _say("those that are stored once you run `photosense compliance judge`.")


@compliance_app.command()
def judge(
    open_unseen: Annotated[
        bool,
        typer.Option(
            "--open-unseen",
            help="Photos that nobody looked at may become clear: only where this encoder measured all of them.",
        ),
    ] = False,
    home: Home = None,
) -> None:
    """Judge stored posts again by the detector in force: facts get stricter at once, a reviewer outranks it."""
    settings = _settings(home=home)
    with open_house(settings, with_model=False) as house:
        with progress("posts", house.store.count()) as update:
            counts = judge_again(house, lambda done: update(done), opens=open_unseen)
        waiting = house.store.count(any_of(Fields.CHILD, [Child.UNSEEN]))
    became = ", ".join(f"{count} now {child}" for child, count in sorted(counts.became.items())) or "nothing changed"
    _say(f"{counts.photos} photos were judged: {became}.")
    if counts.unmeasured:
        _say(f"{counts.unmeasured} photos were not measured by this encoder, or not kept: ingest their posts again.")
    if waiting:
        _say(f"{waiting} posts have photos that nobody looked at; --open-unseen lets those that look clear be shown.")


def _active(settings: Settings) -> str | None:
    """The model in force, also while a service has the store of this machine open."""
    if settings.qdrant_url is None:
        return active_in(settings.store_path)
    with open_house(settings, with_model=False, with_detector=False) as house:
        return house.store.active


def _by_topics(settings: Settings, query: str, rule: Rule) -> tuple[Verdict, str]:
    """What the topic net makes of a question that no rule of the lexicon stopped."""
    with open_house(settings, with_detector=False) as house:
        theta = house.models.topics.theta(make_document([query])) if house.models.topics else None
        verdict = house.law.gate.topics(theta, rule)
    return verdict, SAYS.get(verdict.rule or "", "no word about a child, nor its topics")


def _measured(labelled: LabelledPhotos, encoder: Encoder, evidence: PhotoEvidence) -> tuple[EvidenceRows, list[Label]]:
    rows: list[EvidenceRows] = []
    labels: list[Label] = []
    photos: list[Pixels] = []
    with progress("photos") as update:
        for pixels, label in labelled:
            photos.append(pixels)
            labels.append(label)
            if len(photos) == _AT_ONCE:
                rows.append(evidence.beside(encoder.features(photos), list(map(Look.at, photos))))
                photos = []
                update(len(labels))
        if photos:
            rows.append(evidence.beside(encoder.features(photos), list(map(Look.at, photos))))
    if not rows:
        raise PhotosenseError("No post has a photo and a label: give posts with `child`, or with captions.")
    return EvidenceRows(*map(np.concatenate, zip(*rows, strict=True))), labels


def _say_rates(thresholds: Thresholds, figures: DetectorFigures) -> None:
    for name, threshold, at in rates_at(thresholds, figures):
        if threshold >= 1:
            _say(f"{name:6} none: nothing is so sure that nobody need look")
            continue
        rates = ", ".join(
            f"{rate.replace('_', ' ')} {value:.1%} ({low:.1%} to {high:.1%})" for rate, (value, low, high) in at.items()
        )
        _say(f"{name:6} from {threshold:.3f}: {rates}")


def _say_rule(rule: Rule) -> None:
    withheld = ", ".join(sorted(rule.withhold)) or "nothing"
    _say(f"rule      {rule.group}: withholds {withheld}; held hits: {rule.treatment}; law: {rule.law}")
    lifts = "lifts it" if rule.consent_lifts else "does not lift it"
    detector = "required" if rule.requires_detector else "not required"
    questions = "refused" if rule.refuse_queries else "allowed"
    _say(f"          age under {rule.age}; consent {lifts}; detector {detector}; questions about children {questions}")
    _say(f"          {rule.sentence}")


def _say(text: str) -> None:
    _out.print(escape(text), soft_wrap=True, highlight=False)


def _settings(**given: Any) -> Settings:
    return load_settings(given)[0]
