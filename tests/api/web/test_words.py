"""The words of the desk: whatever a task may fail by is told in each language."""

import re
from pathlib import Path

from api.problems import TABLE

HOUSE = Path(__file__).parents[3]
OF_REQUESTS = {"wrong_filter", "point_refused"}  # no task asks anything that could be refused so


def test_each_reason_why_a_task_fails_is_told_in_russian() -> None:
    """The service gives a code, and the desk a sentence for it; English pages show the service's own."""
    source = "".join(
        file.read_text("utf-8")
        for folder in ("photosense/work", "photosense/backup", "photosense/remarks")
        for file in (HOUSE / folder).glob("*.py")
    )
    raised = set(re.findall(r'PhotosenseError\([^"]*?f?"(?:[^"]|"\s*f?")*",\s*"(\w+)"', source))
    assert {"training_under_way", "too_few_to_compare", "no_backup_folder", "store_damaged"} <= raised
    codes = raised | {code for _, _, code in TABLE} - OF_REQUESTS | {"interrupted", "ended", "other"}
    russian = (HOUSE / "api/web/desk/words/russian.js").read_text("utf-8")
    failures = russian[russian.index("failures: {") : russian.index("eyesTitle")]
    told = dict(re.findall(r'^\s*(\w+): "([^"]+)"', failures, re.MULTILINE))
    assert codes - told.keys() == set()
    assert all(re.search("[а-яё]", sentence) for sentence in told.values())
