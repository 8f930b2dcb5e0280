"""What experts said of captions and photos against the trained match, held out by photo; shared mass beside it."""

from collections import Counter

from rich.console import Console
from rich.table import Table

from benchmarks.flickr.corpus import Corpus, Sight
from topic_model.errors import JudgementsWrong
from topic_model.model import TopicModel
from training.match.judged_posts import JudgedPost, captions_of
from training.match.judgements import read_judgements
from training.match.learn import agreement, learn_match
from training.match.pairs import chosen, judged_pairs

MEASURES = {"tau_c": (100, 1), "auc": (1, 3), "calibration_error": (1, 3)}
NAMED = {"tau_c": "match_tau_c", "auc": "match_auc", "calibration_error": "match_ece"}


def measure_match(corpus: Corpus, sight: Sight, model: TopicModel, console: Console) -> dict[str, float]:
    """Learn from the experts' pairs of judged photos; the figures are those of a photo alone."""
    read = read_judgements([corpus.folder / "expert.tsv", corpus.folder / "crowd.tsv"])
    posts = {
        name: JudgedPost(name, tuple(corpus.captions[name]), (), sight.words[name], sight.features[name])
        for name in corpus.splits["judged"]
        if name in sight.words
    }
    pairs = judged_pairs(chosen(read.all), captions_of(posts), posts, model, Counter())
    try:
        matcher = learn_match(pairs, agreement(read.all))
    except JudgementsWrong as few:
        console.print(f"The match was not measured: {few}")
        return {}
    table = Table(title="Match, on experts' pairs that are not a photo's own caption")
    for heading in ("", "learner", "tau-c", "ROC AUC", "calibration error"):
        table.add_column(heading, justify="right" if heading not in ("", "learner") else "left")
    for kind in matcher.figures["kinds"]:
        known = "photo and captions" if "own" in kind["cues"] else "photo"
        name = f"{known}, {'all cues' if 'aligned' in kind['cues'] else 'topics and words'}"
        for trial in (kind["trials"][0], kind["trials"][-1]):
            cells = []
            for measure, (times, digits) in MEASURES.items():
                value, low, high = (f"{times * part:.{digits}f}" for part in trial[measure])
                cells.append(f"{value} ({low}-{high})")
            table.add_row(name, trial["learner"], *cells)
    console.print(table)
    alone = next(kind for kind in matcher.figures["kinds"] if "own" not in kind["cues"])
    return {name: alone["trials"][0][measure][0] for measure, name in NAMED.items()}
