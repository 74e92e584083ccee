"""A network's picture as a short text, for a link."""

from __future__ import annotations

import base64
import binascii
import zlib

import numpy as np

from core.data import Inputs
from core.errors import InvalidInput
from core.imaging.normalize import SIZE

MAX_TEXT = 2_000  # characters; a picture of noise has 1,060


def to_text(picture: Inputs) -> str:
    """Returns a picture as letters, digits, "-" and "_".

    Args:
        picture: float32, shape (28, 28, 1), values in 0..1; kept in 256 shades.
    """
    shades = np.rint(np.clip(picture, 0, 1) * 255).astype(np.uint8)
    return base64.urlsafe_b64encode(zlib.compress(shades.tobytes(), 9)).decode().rstrip("=")


def from_text(text: str) -> Inputs:
    """Returns the picture that `to_text` wrote: float32, shape (28, 28, 1), values in 0..1.

    Raises:
        InvalidInput: if it is no such text.
    """
    problem = InvalidInput("It is not a drawing, or only a part of one.")
    if len(text) > MAX_TEXT or not text.isascii():
        raise problem
    try:
        packed = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        unpacking = zlib.decompressobj()
        shades = unpacking.decompress(packed, SIZE * SIZE + 1)
    except (binascii.Error, ValueError, zlib.error) as error:
        raise problem from error
    if len(shades) != SIZE * SIZE or not unpacking.eof:
        raise problem
    return np.frombuffer(shades, np.uint8).reshape(SIZE, SIZE, 1).astype(np.float32) / np.float32(
        255
    )
