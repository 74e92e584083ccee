import io
import struct
import zlib

import cv2
import numpy as np
import pytest
from PIL import Image, PngImagePlugin

from core.errors import NothingDrawn, UnreadableImage
from core.imaging.image_files import MAX_BYTES, decode
from core.imaging.normalize import to_network_input


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


HEIC = b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + b"\x00" * 100


def with_text(length):
    """A PNG whose compressed comment unpacks to so many bytes."""
    comment = PngImagePlugin.PngInfo()
    comment.add_text("Comment", "x" * length, zip=True)
    return encoded(picture(), pnginfo=comment)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "BMP", "GIF", "TIFF"])
def test_a_cut_file_gets_a_sentence(kind):
    noise = np.random.default_rng(0).integers(0, 256, (40, 60), dtype=np.uint8)
    data = encoded(Image.fromarray(noise), kind)
    for share in (0.1, 0.5, 0.8):
        with pytest.raises(UnreadableImage, match=r"\w+ .*\."):
            decode(data[: int(len(data) * share)])


@pytest.mark.parametrize(
    "data",
    [
        b"%PDF-1.7\n1 0 obj\n",
        b"<!doctype html><title>digit</title>",
        b"PK\x03\x04" + b"\x00" * 50,
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9999 9999\n",
        b"\x89PNG\r\n\x1a\n",
        b"\xff\xd8\xff",
        b"GIF89a\xff\xff\xff\xff",
        bomb(0),
        bomb(100_000),
        with_text(80_000_000),
    ],
    ids=["PDF", "HTML", "ZIP", "EPS", "bare PNG", "bare JPEG", "bare GIF", "0 x 0", "huge", "text"],
)
def test_other_and_poisoned_files_get_a_sentence(data):
    with pytest.raises(UnreadableImage, match=r"\w+ .*\."):
        decode(data)


def test_a_telephones_heic_file_is_to_be_saved_as_jpeg():
    with pytest.raises(UnreadableImage, match="Save or export it as JPEG"):
        decode(HEIC)


@pytest.mark.parametrize("kind", ["GIF", "TIFF", "WEBP", "PNG"])
def test_of_many_frames_only_the_first_is_unpacked(kind):
    later = [Image.new("L", (60, 40), shade) for shade in range(1, 200)]
    data = encoded(picture(), kind, save_all=True, append_images=later)
    expected = to_network_input(np.asarray(picture()))
    assert np.abs(to_network_input(decode(data)) - expected).mean() < 0.03


def test_a_damaged_colour_profile_and_camera_note_do_no_harm():
    exif = b"Exif\x00\x00" + b"\xff" * 60_000
    data = encoded(picture(), "JPEG", icc_profile=b"\x00" * 1_000_000, exif=exif)
    assert decode(data).shape == (40, 60)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_way_of_holding_the_camera_ends_upright(orientation):
    undo = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    held = picture().transpose(undo[orientation]) if orientation in undo else picture()
    exif = Image.Exif()
    exif[0x0112] = orientation
    upright = decode(encoded(held, "PNG", exif=exif))
    np.testing.assert_array_equal(upright, np.asarray(picture()))


def test_sixteen_bits_of_colour_are_read():
    colours = np.full((40, 60, 3), 65535, np.uint16)
    colours[5:35, 10:16] = (300, 200, 100)
    expected = to_network_input(np.asarray(picture()))
    image = decode(cv2.imencode(".png", colours)[1].tobytes())
    assert np.abs(to_network_input(image) - expected).mean() < 0.03


@pytest.mark.parametrize("kind", [np.float32, np.int32])
def test_measurements_of_32_bits_keep_their_contrast(kind):
    grey = np.asarray(picture()) / 255
    values = grey.astype(kind) if kind is np.float32 else (grey * 2**30).astype(kind)
    image = decode(encoded(Image.fromarray(values), "TIFF"))
    assert (image.min(), image.max()) == (0, 65535)


def test_pixels_that_are_no_numbers_get_a_sentence():
    values = np.full((9, 9), np.nan, np.float32)
    with pytest.raises(UnreadableImage, match="not numbers"):
        decode(encoded(Image.fromarray(values), "TIFF"))


def test_a_palette_may_have_a_clear_colour():
    marks = np.zeros((40, 60), np.uint8)
    marks[5:35, 10:16] = 1
    image = Image.fromarray(marks).convert("P")
    image.putpalette([255, 0, 0, 0, 0, 0])
    read = decode(encoded(image, transparency=0))
    np.testing.assert_array_equal(read[..., 3] > 0, marks > 0)


def test_a_clear_picture_has_nothing_in_it():
    with pytest.raises(NothingDrawn):
        to_network_input(decode(encoded(Image.new("RGBA", (40, 40), (9, 9, 9, 0)))))


@pytest.mark.parametrize("size", [(1, 1), (1, 500), (500, 1)])
def test_the_smallest_pictures_are_opened(size):
    assert decode(encoded(Image.new("L", size))).shape == size[::-1]


def test_a_large_jpeg_comes_smaller_but_large_enough():
    image = decode(encoded(Image.new("RGB", (5472, 3648), "white"), "JPEG"))
    assert image.shape == (1824, 2736, 4)
    assert (image == 255).all()
