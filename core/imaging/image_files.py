"""Image files from outside: decoded safely, or rejected with a clear message."""

from __future__ import annotations

import io
import warnings

import numpy as np
from numpy.typing import NDArray

from core.errors import UnreadableImage
from core.imaging.extraction import MAX_PIXELS

MAX_BYTES = 20_000_000
FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "GIF", "TIFF")
# JPEG files are decoded at a half, a quarter or an eighth of their size while both sides keep this
# many pixels: no network sees more, and 20 million pixels would take 200 MB.
ENOUGH_PIXELS = (1500, 1500)
# HEIC and AVIF brands, as phones write them after "ftyp".
TELEPHONE_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1", b"avif")
SUFFIXES = ("png", "jpg", "jpeg", "webp", "bmp", "gif", "tif", "tiff")


def decode(data: bytes) -> NDArray[np.uint8] | NDArray[np.uint16]:
    """Decodes an image file.

    The size is read from the header before any pixel is decoded, so a small file that claims to
    hold a huge image costs nothing.

    Args:
        data: the whole file: PNG, JPEG, WebP, BMP, GIF (its first frame) or TIFF.

    Returns:
        uint8 or uint16, shape (height, width) for grey, else (height, width, 4) as RGBA; rotated as
        its EXIF data says. Large JPEG files are decoded at a half, a quarter or an eighth of their
        width and height.

    Raises:
        UnreadableImage: if it is empty, too large, damaged, or not an image.
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
            # Pillow only warns about medium-sized decompression bombs; MAX_PIXELS decides here.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=FORMATS) as picture:
                if picture.width * picture.height > MAX_PIXELS:
                    raise UnreadableImage(
                        f"The picture has {picture.width * picture.height / 1e6:.0f} million "
                        f"pixels; at most {MAX_PIXELS / 1e6:.0f} million can be read."
                    )
                picture.draft(None, ENOUGH_PIXELS)  # only affects JPEG files
                upright = ImageOps.exif_transpose(picture)
                if upright.mode.startswith(("I", "F")):  # 16-bit grey or deeper, under many names
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
    """Returns the longer side, in pixels, from the header of a file that `decode` accepts.

    `decode` may return fewer: it decodes large JPEG files at a smaller size.
    """
    from PIL import Image

    with Image.open(io.BytesIO(data), formats=FORMATS) as picture:
        return max(picture.size)


def _to_16_bits(values: NDArray[np.generic]) -> NDArray[np.uint16]:
    """Converts 16-bit, 32-bit or floating-point grey to 16 bits."""
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
    """Encodes an image, uint8 of shape (height, width) or (height, width, 3 or 4), as PNG."""
    from PIL import Image

    file = io.BytesIO()
    Image.fromarray(picture).save(file, "PNG")
    return file.getvalue()
