"""A photo of which hardly a word is said speaks by what a network is sure to see in it, too."""

from typing import Final

from compliance.lexicon.lexicon import Lexicon
from ingest.document import make_document
from topic_model.document import IMAGE, TEXT, Document, own_words
from vision.encoder import Encoder

_FEW: Final = 3  # words, such as those of a folder's name; whoever says more says better what there is to see


def with_names(document: Document, encoder: Encoder, lexicon: Lexicon) -> Document:
    """The document with the names of what is seen among its words, each as often as it is sure, if it has few words.

    Of children nothing is said here, whatever a network was taught: that is for the detector, and for people.
    """
    seen = document.get(IMAGE)
    if not seen or len(own_words(document)) > _FEW:
        return document
    words = dict(document.get(TEXT, {}))
    for name, sure in encoder.names(dict(seen)).items():
        for token in make_document([name]).get(TEXT, {}) if not lexicon.find(name) else ():
            words[token] = max(words.get(token, 0.0), round(sure, 3))
    return {**document, TEXT: words} if words else document
