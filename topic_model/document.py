"""Document: what a post or a query is to the model, `{modality: {token: count}}`."""

from collections.abc import Mapping

TEXT = "text"
TAG = "tag"
IMAGE = "image"
MODALITIES = (TEXT, TAG, IMAGE)

Tokens = Mapping[str, float]
Document = Mapping[str, Tokens]
