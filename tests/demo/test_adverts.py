"""What the demo knows of advertisements."""

import numpy as np

from demo.adverts import learn_ads
from demo.captions import DrawnWords, advert_words, ordinary_words
from ingest.document import make_document
from ingest.steps.ads_signs import signs_of


def test_the_demo_tells_advertisements_from_what_people_write() -> None:
    """Of texts that it never saw every advertisement is told, and next to nothing else is taken for one."""
    model, rng = learn_ads(), np.random.default_rng(99)

    def is_ad(words: DrawnWords) -> bool:
        texts = [caption.text for caption in words.captions]
        return model.score(signs_of(texts, make_document(texts, words.tags))) >= model.threshold

    assert all(is_ad(advert_words(rng, "bridge")) for _ in range(40))
    assert sum(is_ad(ordinary_words(rng, "waterfall")) for _ in range(200)) <= 2
