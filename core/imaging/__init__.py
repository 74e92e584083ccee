"""Images from outside: decoding, ink extraction, segmentation into digits, and normalization."""
