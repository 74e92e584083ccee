"""Image files from outside: decoded safely, or rejected with a clear message."""

from __future__ import annotations

import io
import math
import threading
import warnings
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.errors import UnreadableImage
from core.imaging.extraction import MAX_PIXELS

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

MAX_BYTES = 20_000_000
# Of memory for the pixels of one picture while its file is decoded.
MAX_DECODED = 400_000_000
FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "GIF", "TIFF")
# Pictures are made smaller while both sides keep this many pixels: no network sees more, and what
# follows takes 30 bytes a pixel. JPEG files are decoded at a half, a quarter or an eighth at once.
ENOUGH_PIXELS = (1500, 1500)
# One whose shorter side is shorter has no more than this.
MAX_KEPT = 9_000_000
# Pixel rows that are made smaller at a time, times the number that become one.
_ROWS = 64
_ORIENTATION = 0x0112  # of EXIF
# Bytes that Pillow keeps of a pixel, and how often its decoders do; where not named, 4 and once.
_STORED = {"1": 1, "L": 1, "P": 1, "I;16": 2, "I;16B": 2, "I;16L": 2, "I;16N": 2}
_COPIES = {"WEBP": 4, "TIFF": 2, "GIF": 2}
# HEIC and AVIF brands, as phones write them after "ftyp".
TELEPHONE_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1", b"avif")
# A picture takes much memory while it is decoded and cleaned, so nobody does it beside others.
ONE_AT_A_TIME = threading.RLock()
LARGE = 4_000_000  # pixels, from which its memory is worth giving back
SUFFIXES = ("png", "jpg", "jpeg", "webp", "bmp", "gif", "tif", "tiff")


def decode(data: bytes) -> NDArray[np.uint8] | NDArray[np.uint16]:
    """Decodes an image file.

    Size and depth are read from the header before any pixel is decoded, so a small file that claims
    to hold a huge image costs nothing. One file is decoded at a time in a process.

    Args:
        data: the whole file: PNG, JPEG, WebP, BMP, GIF (its first frame) or TIFF.

    Returns:
        uint8 or uint16, shape (height, width) for grey, else (height, width, 4) as RGBA; rotated as
        its EXIF data says. Large pictures come smaller, see ENOUGH_PIXELS.

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
                coefficients = _coefficients(data) if picture.format == "JPEG" else 0
                picture.draft(None, ENOUGH_PIXELS)  # only affects JPEG files
                _check_memory(picture, coefficients)
                whole = picture.mode.startswith("I")  # else grey of these depths is floating
                with ONE_AT_A_TIME:
                    upright = ImageOps.exif_transpose(_made_smaller(picture))
                    if upright.mode.startswith(("I", "F")):  # 16-bit grey or deeper
                        values = np.asarray(upright)
                        return _to_16_bits(np.rint(values).astype(np.int64) if whole else values)
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

    `decode` may return fewer: it makes large pictures smaller.
    """
    from PIL import Image

    with Image.open(io.BytesIO(data), formats=FORMATS) as picture:
        return max(picture.size)


def _check_memory(picture: Picture, coefficients: int) -> None:
    """Raises UnreadableImage if too much memory would be needed to decode a picture."""
    pixels = picture.width * picture.height
    if pixels > MAX_PIXELS:
        raise UnreadableImage(
            f"The picture has {pixels / 1e6:.0f} million pixels; at most {MAX_PIXELS / 1e6:.0f}"
            " million can be read. Make it smaller, then choose it again."
        )
    copies = _COPIES.get(picture.format or "", 1)
    needed = pixels * _STORED.get(picture.mode, 4) * copies + coefficients
    if needed > MAX_DECODED:
        raise UnreadableImage(
            f"To open this picture would take {needed / 1e6:.0f} MB of memory; at most"
            f" {MAX_DECODED / 1e6:.0f} MB are allowed. Make it smaller, then choose it again."
        )


def _coefficients(data: bytes) -> int:
    """Returns how many bytes a decoder keeps of a JPEG file beside the pixels.

    A file whose colours or details come one after the other ("progressive") is kept whole, at its
    full size; of another a few rows are.
    """
    place, size, components, several = 2, 0, 0, False
    while place + 10 <= len(data):
        marker = data[place + 1]
        if data[place] != 0xFF or marker in (0xFF, 0x00):
            place += 1
            continue
        if marker == 0x01 or 0xD0 <= marker <= 0xD8:  # those without a length
            place += 2
            continue
        if marker == 0xDA:  # the first scan
            return size if several or data[place + 4] < components else 0
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            several = marker not in (0xC0, 0xC1, 0xC3)
            height, width = (int.from_bytes(data[place + n : place + n + 2]) for n in (5, 7))
            components = data[place + 9]
            factors = list(data[place + 11 : place + 10 + 3 * components : 3])
            areas = [(each >> 4) * (each & 15) for each in factors]
            size = math.ceil(2 * width * height * sum(areas) / max([*areas, 1]))
        place += 2 + int.from_bytes(data[place + 2 : place + 4])
    return size


def _made_smaller(picture: Picture) -> Picture:
    """Returns a picture with as few pixels as are enough: averages of square blocks.

    A band at a time, for in full size a second copy of it would take as much memory again.
    """
    from PIL import Image

    width, height = picture.size
    by = max(
        min(width // ENOUGH_PIXELS[0], height // ENOUGH_PIXELS[1]),
        math.ceil(math.sqrt(width * height / MAX_KEPT)),
    )
    if by <= 1:
        return picture
    picture.load()
    small: Picture | None = None
    for top in range(0, height, by * _ROWS):
        band = picture.crop((0, top, width, min(height, top + by * _ROWS)))
        if band.mode.startswith("I"):
            band = band.convert("I").convert("F")
        elif band.mode not in ("F", "L") or "transparency" in band.info:
            band = band.convert("RGBA")
        band = band.reduce(by)
        if small is None:
            small = Image.new(band.mode, (band.width, math.ceil(height / by)))
        small.paste(band, (0, top // by))
    assert small is not None
    small.getexif()[_ORIENTATION] = picture.getexif().get(_ORIENTATION, 1)
    return small


def _to_16_bits(values: NDArray[np.generic]) -> NDArray[np.uint16]:
    """Converts 16-bit, 32-bit or floating-point grey to 16 bits."""
    if np.issubdtype(values.dtype, np.integer) and values.min() >= 0 and values.max() <= 65535:
        return values.astype(np.uint16)
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
