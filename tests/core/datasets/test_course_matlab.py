import io
import struct
import subprocess
import sys
import zlib

import numpy as np
import pytest
from scipy.io import savemat
from scipy.sparse import csc_array

from core.datasets.course_matlab import (
    MAX_BYTES,
    MAX_EXPANDED,
    MAX_PARTS,
    MAX_ROWS,
    MIN_ROWS,
    read_course_file,
    to_course_size,
)
from core.errors import InvalidInput

DOUBLE, SINGLE, UINT8 = 6, 7, 9  # classes of arrays
AS_UINT8, AS_DOUBLE = 2, 9  # types that values are stored as
HEADER = b"MATLAB 5.0 MAT-file".ljust(124) + struct.pack("<H", 0x0100) + b"IM"


def saved(compressed=True, **arrays):
    buffer = io.BytesIO()
    savemat(buffer, arrays, do_compression=compressed, oned_as="row")
    return buffer.getvalue()


def pictures(n=MIN_ROWS):
    return np.random.default_rng(0).uniform(-0.1, 1.1, (n, 400))


def labels(n=MIN_ROWS):
    return np.arange(n).reshape(-1, 1) % 10 + 1


def field(kind, data):
    return struct.pack("<II", kind, len(data)) + data + b"\0" * (-len(data) % 8)


def part(name, shape, values, *, array_class=DOUBLE, stored_as=AS_DOUBLE, claims=None):
    """A matrix as MATLAB writes it, or one whose values claim to have another length."""
    flags = field(6, struct.pack("<II", array_class, 0))
    last = field(stored_as, values)
    if claims is not None:
        last = struct.pack("<II", stored_as, claims) + last[8:]
    body = flags + field(5, struct.pack("<2i", *shape)) + field(1, name.encode()) + last
    return struct.pack("<II", 14, len(body)) + body


def without_values(name):
    whole = part(name, (MIN_ROWS, 400), b"")
    return struct.pack("<II", 14, len(whole) - 16) + whole[8:-8]


def packed(data):
    small = zlib.compress(data)
    return struct.pack("<II", 15, len(small)) + small


GOOD_Y = part("y", (MIN_ROWS, 1), labels().astype("<f8").tobytes())
GOOD = saved(X=pictures(), y=labels())


def test_pictures_stand_upright():
    image = np.zeros((20, 20))
    image[2, :5] = 1  # a short bar at the upper left
    image[3:18, 0] = 0.5  # and a longer one down from it
    X = np.tile(image.ravel(order="F"), (MIN_ROWS, 1))
    split = read_course_file(saved(X=X, y=labels()))
    np.testing.assert_array_equal(split.x[7, :, :, 0], image)


def test_ten_means_zero():
    split = read_course_file(GOOD)
    assert split.y[:10].tolist() == [1, 2, 3, 4, 5, 6, 7, 8, 9, 0]
    assert split.y.dtype == np.int64
    assert (split.x.shape, split.x.dtype) == ((MIN_ROWS, 20, 20, 1), np.float32)


def test_the_overshoot_is_clipped_and_nothing_else_changes():
    X = pictures()
    x = read_course_file(saved(X=X, y=labels())).x
    expected = np.clip(X, 0, 1).reshape(-1, 20, 20).transpose(0, 2, 1)
    np.testing.assert_allclose(x[..., 0], expected, atol=1e-7)


def test_an_overshoot_of_a_half_is_read():
    X = pictures()
    X[0, :2] = -0.49, 1.49
    assert read_course_file(saved(X=X, y=labels())).x[0, :2, 0, 0].tolist() == [0, 1]


@pytest.mark.parametrize("compressed", [True, False])
@pytest.mark.parametrize(
    "y",
    [labels(), labels().T, labels().ravel(), labels().astype(np.uint8), labels().astype(float)],
    ids=["column", "row", "flat", "bytes", "doubles"],
)
def test_labels_may_lie_any_way(y, compressed):
    split = read_course_file(saved(compressed, X=pictures(), y=y, another="text"))
    assert split.y.tolist() == [label % 10 for label in labels().ravel()]


def test_bytes_are_brought_to_0_to_1():
    X = np.round(pictures().clip(0, 1) * 255)
    from_bytes = read_course_file(saved(X=X.astype(np.uint8), y=labels()))
    from_singles = read_course_file(saved(X=(X / 255).astype(np.float32), y=labels()))
    np.testing.assert_allclose(from_bytes.x, from_singles.x, atol=1e-7)


@pytest.mark.parametrize("array_class", [DOUBLE, UINT8])
def test_black_and_white_stays_so(array_class):
    # MATLAB stores doubles that are whole numbers as bytes; they are not pixels up to 255.
    X = np.round(pictures().clip(0, 1)).astype(np.uint8)
    stored = part(
        "X",
        X.shape,
        X.tobytes(order="F"),
        array_class=array_class,
        stored_as=AS_UINT8,
    )
    x = read_course_file(HEADER + stored + GOOD_Y).x
    np.testing.assert_array_equal(x[:, 3, 0, 0], X[:, 3])
    assert x.max() == 1


@pytest.mark.parametrize("n", [MIN_ROWS, 5000, MAX_ROWS])
def test_many_sizes_are_read(n):
    X = np.zeros((n, 400), np.float32)
    assert len(read_course_file(saved(X=X, y=labels(n)))) == n


def test_files_of_the_other_byte_order_are_read():
    def big(kind, data):
        return struct.pack(">II", kind, len(data)) + data + b"\0" * (-len(data) % 8)

    def matrix(name, array):
        flags = big(6, struct.pack(">II", DOUBLE, 0))
        shape = big(5, struct.pack(">2i", *array.shape))
        values = big(AS_DOUBLE, array.astype(">f8").tobytes(order="F"))
        return big(14, flags + shape + big(1, name) + values)

    header = HEADER[:124] + struct.pack(">H", 0x0100) + b"MI"
    split = read_course_file(header + matrix(b"X", pictures()) + matrix(b"y", labels()))
    expected = read_course_file(GOOD)
    np.testing.assert_array_equal(split.x, expected.x)
    np.testing.assert_array_equal(split.y, expected.y)


def with_value(array, value):
    array = array.astype(np.result_type(array, type(value)))
    array[5, 0] = value
    return array


PNG = b"\x89PNG\r\n\x1a\n" + b"\0\0\0\rIHDR" + bytes(300)
REFUSED = {
    "empty": (b"", "is empty"),
    "too many bytes": (GOOD + bytes(MAX_BYTES), "20 MB"),
    "picture": (PNG, "not a MATLAB file"),
    "text": (b"# Created by Octave 9\n# name: X\n# type: matrix\n" * 9, "not a MATLAB file"),
    "short text": (b"hello", "not a MATLAB file"),
    "zeros": (bytes(5000), "not a MATLAB file"),
    "version 7.3": (HEADER[:124] + struct.pack("<H", 0x0200) + b"IM" + bytes(400), "7.3"),
    "HDF5": (b"\x89HDF\r\n\x1a\n" + bytes(400), "7.3"),
    "header cut": (GOOD[:100], "damaged"),
    "tag cut": (GOOD[:131], "damaged"),
    "X cut": (GOOD[:5000], "damaged"),
    "y cut": (GOOD[:-5], "damaged"),
    "nothing but a header": (HEADER, "damaged"),
    "no parts to speak of": (HEADER + bytes(64), "damaged"),
    "no X": (saved(y=labels()), "named X"),
    "no y": (saved(X=pictures()), "named y"),
    "y twice": (GOOD + GOOD_Y, "named y"),
    "small x": (saved(x=pictures(), y=labels()), "named X"),
    "too few columns": (saved(X=pictures()[:, 1:], y=labels()), "100 × 399"),
    "turned": (saved(X=pictures(300).T, y=labels(400)), "400 × 300"),
    "three dimensions": (saved(X=pictures().reshape(-1, 20, 20), y=labels()), "100 × 20 × 20"),
    "too few": (saved(X=pictures(MIN_ROWS - 1), y=labels(MIN_ROWS - 1)), "99 rows"),
    "too many": (
        saved(X=np.zeros((MAX_ROWS + 1, 400), np.float32), y=labels(MAX_ROWS + 1)),
        "20,001 rows",
    ),
    "one label short": (saved(X=pictures(), y=labels(MIN_ROWS - 1)), "100 pictures.*99 labels"),
    "labels in two columns": (saved(X=pictures(), y=labels().reshape(-1, 2)), "50 × 2"),
    "one-hot labels": (saved(X=pictures(), y=np.eye(MIN_ROWS, 10)), "one column"),
    "complex X": (saved(X=pictures() + 1j, y=labels()), "complex"),
    "complex y": (saved(X=pictures(), y=labels() + 1j), "complex"),
    "sparse": (saved(X=csc_array(pictures()), y=labels()), "class sparse"),
    "letters": (saved(X=np.full((MIN_ROWS, 400), "a"), y=labels()), "class char|shape"),
    "cells": (saved(X=pictures().astype(object), y=labels()), "class cell"),
    "struct": (saved(X=pictures(), y={"a": labels()}), "class struct"),
    "long integers": (saved(X=pictures().astype(np.int64), y=labels()), "class int64"),
    "NaN in X": (saved(X=with_value(pictures(), np.nan), y=labels()), "X.*NaN"),
    "infinity in X": (saved(X=with_value(pictures(), -np.inf), y=labels()), "X.*infinite"),
    "NaN in y": (saved(X=pictures(), y=with_value(labels(), np.nan)), "y.*NaN"),
    "doubles up to 255": (saved(X=pictures() * 255, y=labels()), "about 0 to 1"),
    "far below 0": (saved(X=with_value(pictures(), -0.51), y=labels()), "from -0.51"),
    "far above 1": (saved(X=with_value(pictures(), 1.51), y=labels()), "to 1.51"),
    "enormous": (saved(X=with_value(pictures(), 1e300), y=labels()), "1e[+]300"),
    "label 0": (saved(X=pictures(), y=with_value(labels(), 0)), "Received: 0"),
    "label 11": (saved(X=pictures(), y=with_value(labels(), 11)), "Received: 11"),
    "label -1": (saved(X=pictures(), y=with_value(labels(), -1)), "Received: -1"),
    "half a label": (saved(X=pictures(), y=with_value(labels(), 2.5)), "Received: 2.5"),
    "huge claim": (HEADER + part("X", (2**30, 400), b"") + GOOD_Y, "1,073,741,824 rows"),
    "negative claim": (HEADER + part("X", (-1, 400), b"") + GOOD_Y, "-1 rows"),
    "right shape, no values": (HEADER + part("X", (100, 400), b"") + GOOD_Y, "damaged"),
    "values claim 4 GB": (
        HEADER + part("X", (100, 400), b"12345678", claims=2**32 - 1) + GOOD_Y,
        "damaged",
    ),
    "packed values claim 4 GB": (
        HEADER + packed(part("X", (100, 400), b"12345678", claims=2**32 - 1)) + GOOD_Y,
        "damaged",
    ),
    # On each of these three SciPy by itself crashes the process.
    "values of an unknown kind": (
        HEADER + part("X", (100, 400), bytes(40_000), stored_as=187) + GOOD_Y,
        "damaged",
    ),
    "values missing": (HEADER + without_values("X") + GOOD_Y, "damaged"),
    "imaginary values missing": (
        HEADER + part("X", (100, 400), bytes(320_000), array_class=DOUBLE | 0x0800) + GOOD_Y,
        "damaged",
    ),
    "bomb": (HEADER + packed(bytes(MAX_EXPANDED + 1)), "100 MB"),
    "bomb in pieces": (HEADER + packed(part("a", (1, 1), bytes(40_000_000))) * 3, "100 MB"),
    "packed twice": (HEADER + packed(packed(GOOD_Y)), "damaged"),
    "not packed after all": (HEADER + struct.pack("<II", 15, 8) + b"nonsense", "damaged"),
    "very many parts": (HEADER + GOOD_Y * (MAX_PARTS + 1), "100 arrays"),
}


@pytest.mark.parametrize(("data", "reason"), REFUSED.values(), ids=REFUSED.keys())
def test_what_does_not_fit_gets_a_sentence(data, reason):
    with pytest.raises(InvalidInput, match=reason) as refusal:
        read_course_file(data)
    assert len(str(refusal.value)) < 200


@pytest.mark.parametrize("compressed", [True, False])
def test_damage_anywhere_never_does_worse_than_a_sentence(compressed):
    good = saved(compressed, X=np.zeros((MIN_ROWS, 400), np.uint8), y=labels())
    random = np.random.default_rng(3)
    heads = [at for at in range(len(good)) if at < 400 or at > len(good) - 300]
    for _ in range(400):
        damaged = bytearray(good)
        for at in random.choice(heads, 2):
            damaged[at] = random.integers(256)
        try:
            split = read_course_file(bytes(damaged))
        except InvalidInput:
            continue
        assert split.x.shape == (MIN_ROWS, 20, 20, 1)  # the damage was where nothing depends on it


def test_neither_scipy_nor_opencv_is_loaded_before_it_is_needed():
    program = (
        "import sys, core.datasets.course_matlab;"
        " sys.exit('scipy' in sys.modules or 'cv2' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_mnist_is_made_smaller_as_a_whole():
    images = np.zeros((2, 28, 28, 1), np.float32)
    images[1, :14, :7] = 1  # the left quarter of the upper half
    small = to_course_size(images)
    assert (small.shape, small.dtype) == ((2, 20, 20, 1), np.float32)
    assert not small[0].any()
    expected = np.zeros((20, 20))
    expected[:10, :5] = 1
    np.testing.assert_allclose(small[1, ..., 0], expected, atol=1e-6)


def test_all_ink_is_kept():
    images = np.random.default_rng(0).random((5, 28, 28, 1), np.float32)
    means = to_course_size(images).mean(axis=(1, 2, 3))
    np.testing.assert_allclose(means, images.mean(axis=(1, 2, 3)), atol=1e-4)


def test_no_pictures_make_no_pictures():
    assert to_course_size(np.zeros((0, 28, 28, 1), np.float32)).shape == (0, 20, 20, 1)


@pytest.mark.parametrize("shape", [(3, 28, 28), (3, 20, 20, 1), (28, 28)])
def test_other_shapes_are_refused(shape):
    with pytest.raises(ValueError, match=r"\(n, 28, 28, 1\)"):
        to_course_size(np.zeros(shape, np.float32))
