import io
import os
import struct
import subprocess
import sys
import threading
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image, PngImagePlugin

from core.errors import NothingDrawn, UnreadableImage
from core.imaging import image_files
from core.imaging.image_files import MAX_BYTES, MAX_DECODED, decode
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


REPOSITORY = Path(__file__).resolve().parents[3]
PEAK = """
import io, resource, sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from core.inference.reading import extract_ink

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024

*_, path, readers = sys.argv
extract_ink((Path(path).parent / "small.png").read_bytes())  # what is loaded only once
before, data = peak(), Path(path).read_bytes()
with ThreadPoolExecutor(int(readers)) as pool:
    scales = list(pool.map(lambda each: extract_ink(each).scale, [data] * int(readers)))
print(peak() - before)
"""


def sheet(width, height, mode="L"):
    """A large white sheet with a bar on it."""
    image = Image.new("L", (width, height), 255)
    image.paste(0, (width // 3, height // 4, width // 2, height * 3 // 4))
    return image.convert(mode)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="counts in kilobytes")
@pytest.mark.parametrize("readers", [1, 8])
def test_a_small_file_with_a_large_picture_takes_little_memory_also_eight_at_once(
    tmp_path, readers
):
    values = np.asarray(sheet(4400, 4400), np.uint16) * 257
    data = encoded(Image.fromarray(values))
    assert len(data) < 150_000
    (tmp_path / "large.png").write_bytes(data)
    picture().save(tmp_path / "small.png")
    command = [sys.executable, "-c", PEAK, str(tmp_path / "large.png"), str(readers)]
    told = subprocess.run(
        command, cwd=REPOSITORY, capture_output=True, text=True, check=True, env={**os.environ}
    )
    # One took 900 MB, and eight 8,400 MB.
    assert int(told.stdout) < MAX_DECODED


def test_one_picture_is_decoded_at_a_time(monkeypatch):
    busy, most, lock = 0, 0, threading.Lock()
    made_smaller = image_files._made_smaller

    def counted(image):
        nonlocal busy, most
        with lock:
            busy += 1
            most = max(most, busy)
        threading.Event().wait(0.02)  # as long as others would need to come in
        try:
            return made_smaller(image)
        finally:
            with lock:
                busy -= 1

    monkeypatch.setattr(image_files, "_made_smaller", counted)
    with ThreadPoolExecutor(8) as pool:
        shapes = [image.shape for image in pool.map(decode, [encoded(picture())] * 8)]
    assert shapes == [(40, 60)] * 8
    assert most == 1


def test_a_telephones_photograph_of_50_megapixels_is_read():
    image = decode(encoded(sheet(8160, 6120, "RGB"), "JPEG"))
    assert image.shape == (1530, 2040, 4)
    assert image[765, 850].tolist() == [0, 0, 0, 255]
    assert decode(encoded(sheet(8160, 6120, "RGB"), "JPEG", progressive=True)).shape == image.shape


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "P", "1", "LA"])
def test_a_large_picture_of_any_kind_comes_smaller_and_looks_the_same(mode):
    image = decode(encoded(sheet(4400, 3100, mode)))
    assert image.shape[:2] == (1550, 2200)
    grey = image if image.ndim == 2 else image[..., 0]
    assert (grey[10, 10], grey[775, 900]) == (255, 0)
    if image.ndim == 3:
        assert (image[..., 3] == 255).all()


def test_a_large_picture_of_16_bits_keeps_its_shades():
    values = np.asarray(sheet(3200, 3200), np.uint16) * 100 + 7
    image = decode(encoded(Image.fromarray(values)))
    assert (image.dtype, image.shape) == (np.uint16, (1600, 1600))
    assert sorted(np.unique(image)) == [7, 25507]


def test_a_large_picture_with_a_clear_colour_keeps_it():
    image = sheet(3200, 3200)
    image = decode(encoded(image, transparency=255))
    assert image.shape == (1600, 1600, 4)
    assert (image[10, 10, 3], image[800, 600, 3]) == (0, 255)


def test_a_large_turned_picture_is_set_upright():
    exif = Image.Exif()
    exif[0x0112] = 6
    image = decode(encoded(sheet(4400, 3100).rotate(90, expand=True), "PNG", exif=exif))
    assert image.shape == (1550, 2200)
    assert (image[775, 900], image[10, 10]) == (0, 255)


def test_a_long_strip_comes_smaller_too():
    assert decode(encoded(sheet(16_000, 1_500))).shape == (750, 8_000)


def jpeg_header(width, height, *, kind=0xC0, in_scan=3):
    """The start of a JPEG file of three colours in full detail."""
    frame = struct.pack(">BHHB", 8, height, width, 3) + bytes([1, 17, 0, 2, 17, 0, 3, 17, 0])
    scan = bytes([in_scan]) + bytes([1, 0] * in_scan) + bytes([0, 63, 0])
    parts = ((kind, frame), (0xDA, scan))
    return b"\xff\xd8" + b"".join(
        bytes([0xFF, mark]) + struct.pack(">H", len(part) + 2) + part for mark, part in parts
    )


@pytest.mark.parametrize(
    ("options", "needed"),
    [({}, 0), ({"kind": 0xC2}, 864_000_000), ({"in_scan": 1}, 864_000_000)],
    ids=["row by row", "progressive", "colour by colour"],
)
def test_what_a_decoder_keeps_of_a_jpeg_is_known_from_its_header(options, needed):
    assert image_files._coefficients(jpeg_header(12_000, 12_000, **options)) == needed
    data = jpeg_header(12_000, 12_000, **options) + b"\x00" * 100
    with pytest.raises(UnreadableImage, match="MB of memory" if needed else "damaged"):
        decode(data)
