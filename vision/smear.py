"""A photo smeared until nobody in it is known: what a page shows before somebody decides to look."""

from io import BytesIO
from typing import Final

from PIL import Image

SIDE: Final = 14  # pixels of the longer side: colours and where they lie, no face


def smear(rendition: bytes) -> bytes:
    """A few pixels of a JPEG of ours, as a JPEG; whoever shows it lets the browser blow it up."""
    with Image.open(BytesIO(rendition)) as photo:
        photo.draft("RGB", (SIDE * 8, SIDE * 8))
        scale = SIDE / max(photo.size)
        size = max(1, round(photo.width * scale)), max(1, round(photo.height * scale))
        few = photo.convert("RGB").resize(size, Image.Resampling.BOX)
    file = BytesIO()
    few.save(file, "JPEG", quality=80)
    return file.getvalue()
