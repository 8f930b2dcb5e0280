"""How posts are read: by which settings, against which advertisements, and by how many processes."""

from dataclasses import dataclass, field

from ingest.changes.withdrawal import OnReject
from ingest.settings import IngestSettings
from ingest.steps.ads_model import AdModel


@dataclass(frozen=True, slots=True)
class Intake:
    """What a pipeline knows before the first line; `lenient` keeps unknown fields, `processes` read long files.

    `child` is what the site says of all posts that say nothing of a child themselves; None says nothing. `on_reject` is
    what becomes of what refused lines of a file were to replace.
    """

    settings: IngestSettings = field(default_factory=IngestSettings)
    ads: AdModel | None = None
    lenient: bool = False
    child: bool | None = None
    processes: int = 0
    on_reject: OnReject | None = None
