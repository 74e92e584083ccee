"""Picture files from outside: opened carefully, or refused with a sentence."""

from __future__ import annotations

import io
import warnings

import numpy as np
from numpy.typing import NDArray

from core.errors import UnreadableImage
from core.ink import MAX_PIXELS

MAX_BYTES = 20_000_000
FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "GIF", "TIFF")
SUFFIXES = ("png", "jpg", "jpeg", "webp", "bmp", "gif", "tif", "tiff")


def decode(data: bytes) -> NDArray[np.uint8] | NDArray[np.uint16]:
    """Opens a picture file.

    The size is read from the header before any pixel is unpacked, so that a small file that
    claims to hold a huge picture costs nothing.

    Args:
        data: the whole file: PNG, JPEG, WebP, BMP, GIF (its first frame) or TIFF.

    Returns:
        uint8 or uint16, shape (height, width) for grey, else (height, width, 4) as RGBA; turned
        the way that the camera's note (EXIF) says.

    Raises:
        UnreadableImage: if it is empty, too large, broken, or not a picture.
    """
    from PIL import Image, ImageOps

    if not data:
        raise UnreadableImage("The file is empty.")
    if len(data) > MAX_BYTES:
        raise UnreadableImage(
            f"The file has {len(data) / 1e6:.0f} MB; at most {MAX_BYTES / 1e6:.0f} MB can be read."
        )
    try:
        with warnings.catch_warnings():
            # Pillow only warns of a bomb of medium size; here our own limit decides.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=FORMATS) as picture:
                if picture.width * picture.height > MAX_PIXELS:
                    raise UnreadableImage(
                        f"The picture has {picture.width * picture.height / 1e6:.0f} million "
                        f"pixels; at most {MAX_PIXELS / 1e6:.0f} million can be read."
                    )
                upright = ImageOps.exif_transpose(picture)
                if upright.mode.startswith("I"):  # 16 bits of grey, by several names
                    return np.asarray(np.clip(np.asarray(upright), 0, 65535), dtype=np.uint16)
                if upright.mode == "L" and "transparency" not in upright.info:
                    return np.asarray(upright, dtype=np.uint8)
                return np.asarray(upright.convert("RGBA"), dtype=np.uint8)
    except UnreadableImage:
        raise
    except Image.DecompressionBombError as error:
        raise UnreadableImage("The picture is too large to open safely.") from error
    except Exception as error:  # Pillow's plug-ins raise many kinds on broken files
        raise UnreadableImage(
            "This is not a picture that can be opened, or it is damaged. "
            "PNG, JPEG, WebP, BMP, GIF and TIFF files can be read."
        ) from error


def to_png(picture: NDArray[np.uint8]) -> bytes:
    """Writes a grey picture, uint8 of shape (height, width), as a PNG file."""
    from PIL import Image

    file = io.BytesIO()
    Image.fromarray(picture).save(file, "PNG")
    return file.getvalue()
