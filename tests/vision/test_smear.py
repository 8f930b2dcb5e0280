"""A photo smeared until nobody in it is known."""

from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from vision.smear import SIDE, smear


@pytest.mark.parametrize("size", [(320, 213), (1600, 2000), (9, 320)])
def test_a_few_pixels_are_left_in_the_shape_of_the_photo(size: tuple[int, int]) -> None:
    """No more than a face could be known by, and colours where they were."""
    photo = Image.new("RGB", size, (20, 40, 200))
    photo.paste((250, 240, 230), (0, 0, size[0], size[1] // 2))
    file = BytesIO()
    photo.save(file, "JPEG")
    left = Image.open(BytesIO(smear(file.getvalue())))
    assert left.format == "JPEG"
    assert max(left.size) == SIDE
    assert left.width / left.height == pytest.approx(size[0] / size[1], rel=0.3, abs=0.1)
    pixels = np.asarray(left).astype(int)
    assert pixels[0, 0, 0] > 200
    assert pixels[-1, -1, 2] > pixels[-1, -1, 0] + 100
