import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from core.errors import UnreadableImage
from core.images import MAX_BYTES, decode
from core.ink import to_network_input


def encoded(image, kind="PNG", **options):
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def picture(mode="L"):
    image = np.full((40, 60), 255, np.uint8)
    image[5:35, 10:16] = 0
    return Image.fromarray(image).convert(mode)


def bomb(side):
    """A PNG of a few bytes whose header claims a picture of so many pixels a side."""

    def chunk(kind, data):
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    header = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    start = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header)
    return start + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "P", "1", "LA", "CMYK"])
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "BMP", "GIF", "TIFF"])
def test_every_common_format_gives_the_same_input(kind, mode):
    try:
        data = encoded(picture(mode), kind)
    except (OSError, ValueError):
        pytest.skip(f"{kind} has no {mode}")
    expected = to_network_input(np.asarray(picture()))
    assert np.abs(to_network_input(decode(data)) - expected).mean() < 0.03


def test_sixteen_bits_of_grey_are_kept():
    image = Image.fromarray(np.asarray(picture(), dtype=np.uint16) * 257)
    assert decode(encoded(image)).dtype == np.uint16


def test_a_turned_photograph_is_set_upright():
    turned = picture().rotate(90, expand=True)
    exif = Image.Exif()
    exif[0x0112] = 6  # "turn me clockwise"
    assert decode(encoded(turned, "JPEG", exif=exif)).shape[:2] == (40, 60)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"not a picture",
        encoded(picture())[:60],
        encoded(picture(), "JPEG")[:100],
        bomb(60_000),
        bomb(6_000),
        b"\x00" * (MAX_BYTES + 1),
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
    ],
    ids=["empty", "text", "cut PNG", "cut JPEG", "bomb", "small bomb", "too many bytes", "SVG"],
)
def test_hostile_files_get_a_sentence(data):
    with pytest.raises(UnreadableImage, match=r"\w+ .*\."):
        decode(data)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (bomb(60_000), "too large to open safely"),
        (bomb(6_000), "36 million pixels"),
        (encoded(picture()) + b"\x00" * MAX_BYTES, "20 MB"),
        (b"", "empty"),
    ],
    ids=["bomb", "small bomb", "too many bytes", "empty"],
)
def test_the_reason_is_the_right_one(data, reason):
    with pytest.raises(UnreadableImage, match=reason):
        decode(data)


def test_of_a_moving_picture_the_first_frame_is_read():
    data = encoded(picture(), "GIF", save_all=True, append_images=[Image.new("L", (60, 40), 255)])
    expected = to_network_input(np.asarray(picture()))
    assert np.abs(to_network_input(decode(data)) - expected).mean() < 0.03
