"""Everything that looks at photos, of posts and of questions, side by side."""

from dataclasses import dataclass, field

from compliance.photo.detector import PhotoDetector
from ingest.photos.photo_stage import Decoder, ThreadDecoder
from ingest.photos.rendition_folder import RenditionFolder
from vision.dual.dual_encoder import DualEncoder
from vision.evidence.evidence import NO_EVIDENCE, PhotoEvidence
from vision.make_encoder import Encoder, make_encoder


@dataclass(frozen=True)
class PhotoParts:
    """The encoder of visual words, and what stands beside it where the site wants it.

    `decoder` turns bytes into pixels; none given, threads of this process do, which a photo may bring down.
    `renditions` are where small copies are kept; none given, none are.
    """

    encoder: Encoder = field(default_factory=lambda: make_encoder("patches"))
    dual: DualEncoder | None = None
    evidence: PhotoEvidence = NO_EVIDENCE
    detector: PhotoDetector | None = None
    decoder: Decoder | None = None
    renditions: RenditionFolder | None = None

    @property
    def side(self) -> int:
        """How long the short side of a decoded photo has to be for all that look at it."""
        return max(self.encoder.side, self.evidence.side, self.dual.side if self.dual else 0)

    def open_decoder(self) -> Decoder:
        """The decoder that was given, or threads."""
        return self.decoder or ThreadDecoder(self.side)
