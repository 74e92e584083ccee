"""Picture files from outside: opened carefully, or refused with a sentence."""

from __future__ import annotations

import io
import warnings

import numpy as np
from numpy.typing import NDArray

from core.errors import UnreadableImage
from core.imaging.extraction import MAX_PIXELS

MAX_BYTES = 20_000_000
FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "GIF", "TIFF")
# JPEG files are unpacked at a half, a quarter or an eighth of their size as long as both sides keep
# this many pixels: no network sees more, and 20 million pixels would take 200 MB.
ENOUGH_PIXELS = (1500, 1500)
# What the files of today's telephones call themselves, behind the word "ftyp".
TELEPHONE_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1", b"avif")
SUFFIXES = ("png", "jpg", "jpeg", "webp", "bmp", "gif", "tif", "tiff")


def decode(data: bytes) -> NDArray[np.uint8] | NDArray[np.uint16]:
    """Opens a picture file.

    The size is read from the header before any pixel is unpacked, so that a small file that
    claims to hold a huge picture costs nothing.

    Args:
        data: the whole file: PNG, JPEG, WebP, BMP, GIF (its first frame) or TIFF.

    Returns:
        uint8 or uint16, shape (height, width) for grey, else (height, width, 4) as RGBA; turned
        the way that the camera's note (EXIF) says. Large JPEG files come at a half, a quarter or
        an eighth of their width and height.

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
    if data[4:8] == b"ftyp" and data[8:12] in TELEPHONE_BRANDS:
        raise UnreadableImage(
            "This is a HEIC or AVIF picture, as many telephones take them, and it cannot be opened "
            "here. Save or export it as JPEG, then choose it again."
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
                picture.draft(None, ENOUGH_PIXELS)  # does nothing to other files than JPEG
                upright = ImageOps.exif_transpose(picture)
                if upright.mode.startswith(("I", "F")):  # 16 bits of grey or more, by many names
                    return _to_16_bits(np.asarray(upright))
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


def longer_side(data: bytes) -> int:
    """Returns the pixels of the longer side of a file that `decode` has opened, as it says itself.

    `decode` may return fewer: it unpacks large JPEG files at a smaller size.
    """
    from PIL import Image

    with Image.open(io.BytesIO(data), formats=FORMATS) as picture:
        return max(picture.size)


def _to_16_bits(values: NDArray[np.generic]) -> NDArray[np.uint16]:
    """Brings grey of 16 bits, 32 bits or floating point to the range of 16 bits."""
    precise = values.astype(np.float64)
    if not np.isfinite(precise).all():
        raise UnreadableImage("The picture is damaged: some of its pixels are not numbers.")
    highest = float(precise.max())
    if np.issubdtype(values.dtype, np.floating):
        precise *= 65535 / max(highest, 1.0)
    elif highest > 65535:
        precise *= 65535 / highest
    return np.asarray(np.clip(precise, 0, 65535), dtype=np.uint16)


def to_png(picture: NDArray[np.uint8]) -> bytes:
    """Writes a picture, uint8 of shape (height, width) or (height, width, 3 or 4), as a PNG."""
    from PIL import Image

    file = io.BytesIO()
    Image.fromarray(picture).save(file, "PNG")
    return file.getvalue()
