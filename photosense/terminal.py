"""How answers look in a terminal."""

import json
import re
from collections.abc import Mapping, Sequence

from pydantic import SecretStr
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from api.answers import (
    AnnotateAnswer,
    ClassifyAnswer,
    Hit,
    MatchAnswer,
    QueueAnswer,
    SearchAnswer,
    TopicsAnswer,
    Why,
    Withheld,
)
from compliance.learned.topic_net import LEAST
from ingest.bulk.report import Report
from photosense.settings import Settings
from topic_model.verdict import quality_remarks
from training.topics import TrainingResult

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


def print_report(out: Console, report: Report) -> None:
    """Say what became of the lines of a source, why, and where the time went."""
    counts = ", ".join(f"{count} {status}" for status, count in sorted(report.statuses.items()))
    out.print(f"{report.lines} lines: {counts or 'nothing in the file'}.")
    for reason, count in report.reasons.most_common():
        out.print(f"  {count:>6}  {reason}")
    for mark, count in report.marks.most_common():
        out.print(f"  {count:>6}  {mark} [dim](kept)[/]")
    if report.resumed_after:
        out.print(f"Went on after line {report.resumed_after}, where an earlier run was stopped.")
    if report.stages:
        stages = ", ".join(f"{stage} {seconds:.1f}" for stage, seconds in report.stages.items())
        out.print(f"{report.seconds:.1f} seconds; the stages, beside each other: {stages}.")
    if report.dead_letters:
        out.print(
            f"Rejected lines are kept, each with its reason, in {escape(str(report.dead_letters))}: "
            "mend them there and ingest that file.",
            soft_wrap=True,
        )


def report_as_json(report: Report) -> str:
    """Say the same for programs."""
    letters = str(report.dead_letters) if report.dead_letters else None
    about = {"lines": report.lines, **report.counts(), "seconds": round(report.seconds, 3)}
    return json.dumps({**about, "resumed_after": report.resumed_after, "rejected_lines": letters}, indent=2)


def print_trained(out: Console, trained: TrainingResult, *, held_out: bool) -> None:
    """Say what was learned and how good it is."""
    model, quality = trained.model, trained.quality
    committee = f", a committee of {len(model.members)}" if len(model.members) > 1 else ""
    topics = model.members[0].topics
    out.print(f"Model {model.id}: {quality.live_topics} of {topics} topics live{committee}, in force.")
    measured = "on posts kept out of training" if held_out else "on the posts it learned from"
    values = ", ".join(
        f"{modality} {value:.0f} (without topics {quality.usual[modality]:.0f})"
        for modality, value in quality.perplexity.items()
    )
    out.print(f"Perplexity {measured}: {values or 'nothing to measure'}.", soft_wrap=True)
    if quality.at_once is not None and model.history:
        out.print(
            f"All words at once, none of them hidden: {quality.at_once:.0f}; the passes of training ended at "
            f"{model.history[-1]:.0f}.",
            soft_wrap=True,
        )
    if quality.mean_coherence is not None:
        out.print(f"Mean coherence of topics (NPMI): {quality.mean_coherence:.2f}.")
    for remark in quality_remarks(quality, held_out=held_out):
        out.print(remark.says, soft_wrap=True)
    net = trained.net
    if net is None:
        return
    few = "" if net.holds else f"; a topic net needs {LEAST}, so there is none"
    out.print(f"Posts about children: {net.children:,} of {net.posts:,}{few}.")


def print_hits(out: Console, answer: SearchAnswer) -> None:
    """Show the hits of a search, or the sentence that stands in their place."""
    if answer.disclaimer:
        out.print(escape(answer.disclaimer))
        return
    for one in answer.query.understood if answer.query else ():
        out.print(escape(f"{one.typed} -> {', '.join(one.words)}"), style="dim")
    if answer.query and answer.query.unknown_terms:
        out.print(escape("Not known here: " + ", ".join(answer.query.unknown_terms)))
    table = Table("post", "match", "captions", "why", box=None, header_style="dim")
    for hit in answer.hits:
        if isinstance(hit, Hit):
            captions = " / ".join(caption.text for caption in hit.post.captions)
            match = "" if hit.match is None else f"{hit.match:.2f}"
            table.add_row(plain(hit.id), match, plain(captions), escape(_why(hit.why)))
        elif isinstance(hit, Withheld):
            table.add_row("", "", f"[dim]{escape(hit.disclaimer)}[/]", "")
    out.print(table if answer.hits else escape(answer.notice or ""))


def print_keywords(out: Console, answer: AnnotateAnswer) -> None:
    """Show keywords and hashtags with their lift."""
    if answer.disclaimer:
        out.print(escape(answer.disclaimer))
        return
    for name, keywords in (("keywords", answer.keywords), ("tags", answer.tags)):
        words = ", ".join(f"{keyword.word} (x{keyword.lift:.1f})" for keyword in keywords)
        if words:
            out.print(f"[bold]{name}[/] {escape(words)}")
    if answer.notice:
        out.print(escape(answer.notice))


def print_queue(out: Console, answer: QueueAnswer) -> None:
    """Show what waits for review, and why."""
    out.print(f"{answer.total} wait: in {answer.found} something was found, {answer.unseen} photos nobody looked at.")
    table = Table("post", "waits since", "captions", "why", box=None, header_style="dim")
    for post in answer.posts:
        captions = " / ".join(caption.text for caption in post.post.captions)
        why = "; ".join(reason.says for reason in post.reasons)
        table.add_row(plain(post.id), escape(post.added[:16]), plain(captions), escape(why))
    if answer.posts:
        out.print(table)


def print_classes(out: Console, answer: ClassifyAnswer) -> None:
    """Show classes with their shares."""
    for one in answer.classes:
        out.print(f"{one.share:6.1%}  {escape(one.value)}", highlight=False)
    for sentence in (answer.disclaimer, answer.notice):
        if sentence:
            out.print(escape(sentence))


def print_match(out: Console, answer: MatchAnswer) -> None:
    """Show a match, and why."""
    if answer.disclaimer:
        out.print(escape(answer.disclaimer))
        return
    if answer.match is not None:
        out.print(f"match {answer.match:.2f} ({answer.method}: {answer.fit})")
        out.print(escape(_why(answer.why)))
    if answer.notice:
        out.print(escape(answer.notice))


def print_topics(out: Console, answer: TopicsAnswer) -> None:
    """Show the topics as a table."""
    if answer.model is None:
        out.print("There is no model yet: run `photosense train`.")
        return
    table = Table("topic", "share", "words", "hashtags", box=None, header_style="dim")
    for topic in answer.topics:
        name = f"{topic.topic}{' (background)' if topic.background else ''}"
        table.add_row(name, f"{topic.share:.1%}", escape(", ".join(topic.words)), escape(" ".join(topic.tags)))
    out.print(table)


def print_settings(out: Console, settings: Settings, origins: Mapping[str, str]) -> None:
    """Show each setting, its value and where it came from; keys stay hidden."""
    table = Table("setting", "value", "from", box=None, header_style="dim")
    for name in Settings.model_fields:
        value = getattr(settings, name)
        text = "(set)" if isinstance(value, SecretStr) else ", ".join(map(str, value)) if _many(value) else str(value)
        table.add_row(name, escape(text), origins[name])
    out.print(table)


def _why(topics: Sequence[Why]) -> str:
    return "; ".join(f"{topic.share:.2f} {', '.join(topic.words[:4])}" for topic in topics)


def plain(text: str) -> str:
    """What strangers wrote, without the characters that command a terminal."""
    return escape(_CONTROL.sub(" ", text))


def _many(value: object) -> bool:
    return isinstance(value, tuple)
