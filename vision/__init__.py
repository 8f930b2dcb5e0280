"""From the bytes of a photo to pixels, visual words and fingerprints."""
