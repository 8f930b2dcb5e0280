"""What went wrong, as a process says it: a sentence on stderr, and exit code 2."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from rich.markup import escape

from api.errors import ApiError
from compliance.errors import ComplianceError
from ingest.errors import IngestError
from photosense.errors import PhotosenseError
from photosense.progress import console
from qdrant.errors import StoreError
from topic_model.errors import TopicModelError
from vision.errors import PhotoError, VisionError

OURS = (PhotosenseError, ApiError, ComplianceError, IngestError, PhotoError, StoreError, TopicModelError, VisionError)


@contextmanager
def in_a_sentence() -> Iterator[None]:
    """End the process, when one of our own errors leaves the block."""
    try:
        yield
    except OURS as error:
        console.print(f"[bold red]error:[/] {escape(str(error))}", highlight=False, soft_wrap=True)
        sys.exit(2)
    except OSError as error:
        about = f"{error.filename}: " if error.filename else ""
        says = f"{about}{error.strerror or error}. Look at the disk's room, its health and the folder's rights."
        console.print(f"[bold red]error:[/] {escape(says)}", highlight=False, soft_wrap=True)
        sys.exit(2)
