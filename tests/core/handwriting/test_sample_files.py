"""Files of samples: what is written comes back, and hostile ones are refused with a sentence."""

import io
import os
import pickle
import struct
import tracemalloc
import zipfile

import cv2
import numpy as np
import pytest

from core.errors import InvalidInput
from core.handwriting import sample_files
from core.handwriting.sample_files import MAX_BYTES, MAX_ENTRIES, MAX_EXPANDED, read, to_npz, to_zip
from core.imaging.image_files import to_png


def samples(count=12):
    x = np.random.default_rng(0).integers(0, 256, (count, 28, 28), np.uint8)
    x[:, [0, -1]] = x[:, :, [0, -1]] = 0  # edges as the ink's box leaves them
    return x, (np.arange(count) % 10).astype(np.uint8)


def zipped(entries, method=zipfile.ZIP_DEFLATED):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, data in entries:
            archive.writestr(name, data)
    return file.getvalue()


def npz(**arrays):
    file = io.BytesIO()
    np.savez(file, **arrays)
    return file.getvalue()


def seven(side=200, ink=30, paper=220):
    image = np.full((side, side), paper, np.uint8)
    points = np.array([(0.3, 0.2), (0.7, 0.2), (0.45, 0.8)]) * side
    cv2.polylines(image, [points.astype(np.int32)], False, ink, side // 14)
    return to_png(image)


@pytest.mark.parametrize("write", [to_npz, to_zip])
def test_what_is_written_comes_back(write):
    x, y = samples()
    back, labels = read(write(x, y))
    order = np.argsort(y, kind="stable") if write is to_zip else np.arange(len(y))
    key = np.lexsort((labels,))
    np.testing.assert_array_equal(np.sort(labels), np.sort(y))
    np.testing.assert_array_equal(back[key], x[order] if write is to_zip else x[key])
    assert (back.dtype, labels.dtype) == (np.uint8, np.uint8)
    assert write(x, y) == write(x, y)


@pytest.mark.parametrize("write", [to_npz, to_zip])
def test_signs_come_back_as_what_they_are(write):
    x, _ = samples(4)
    y = np.array([3, 10, 11, 11], np.uint8)
    back, labels = read(write(x, y))
    np.testing.assert_array_equal(back, x)
    assert labels.tolist() == [3, 10, 11, 11]


def test_signs_have_folders_with_names_of_their_own():
    names = zipfile.ZipFile(io.BytesIO(to_zip(*samples(2)))).namelist()
    assert names == ["0/0001.png", "1/0001.png"]
    x, _ = samples(2)
    names = zipfile.ZipFile(io.BytesIO(to_zip(x, np.array([10, 11], np.uint8)))).namelist()
    assert names == ["sign-a/0001.png", "sign-b/0001.png"]
    with pytest.raises(InvalidInput, match="sign-a or sign-b"):
        read(zipped([("sign-c/a.png", seven())]))


def test_the_folder_is_the_digit():
    x, y = samples()
    with zipfile.ZipFile(io.BytesIO(to_zip(x, y))) as archive:
        assert archive.namelist()[:2] == ["0/0001.png", "1/0001.png"]
        assert archive.namelist()[-1] == "1/0002.png"


def test_numpy_opens_the_archive_without_pickle():
    x, y = samples()
    with np.load(io.BytesIO(to_npz(x, y)), allow_pickle=False) as file:
        np.testing.assert_array_equal(file["x"], x)
        np.testing.assert_array_equal(file["y"], y)


def test_other_integers_and_orders_of_an_archive_are_taken():
    x, y = samples()
    for labels in (y.astype(np.int64), y.astype(">i2")):
        back, read_labels = read(npz(x=np.asfortranarray(x), y=labels))
        np.testing.assert_array_equal(back, x)
        np.testing.assert_array_equal(read_labels, y)


def test_photographs_in_folders_are_cleaned_and_centred():
    x, y = read(zipped([("mine/7/a.png", seven()), ("mine/7/b.PNG", seven(90, 250, 10))]))
    assert y.tolist() == [7, 7]
    assert x.shape == (2, 28, 28)
    assert (x[:, 0] == 0).all()
    assert (x.max(axis=(1, 2)) > 200).all()


def test_a_small_picture_with_light_edges_is_no_ready_sample():
    x, _ = read(zipped([("7/a.png", seven(28, 0, 255))]))
    assert (x[0, 0] == 0).all()


def test_what_systems_leave_in_zips_is_passed_over():
    x, y = samples(1)
    png = to_png(x[0])
    junk = [
        ("0/", b""),
        ("__MACOSX/0/._0001.png", b"junk"),
        ("0/.DS_Store", b"junk"),
        ("0/Thumbs.db", b"junk"),
    ]
    back, labels = read(zipped([("0/0001.png", png), *junk]))
    np.testing.assert_array_equal(back, x)
    assert labels.tolist() == y.tolist()


class Harmful:
    def __reduce__(self):
        return (os.mkdir, ("/tmp/digit-lab-must-never-be-made",))


def array_header(shape, descr="|u1"):
    text = f"{{'descr': {descr!r}, 'fortran_order': False, 'shape': {shape}, }}".encode()
    text += b" " * (-(len(text) + 11) % 64) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text


def entry(array):
    file = io.BytesIO()
    np.lib.format.write_array(file, array, allow_pickle=True)
    return file.getvalue()


X, Y = samples()
PNG = to_png(X[0])
HOSTILE = {
    "empty file": (b"", "empty"),
    "too large": (b"PK" + b"\0" * MAX_BYTES, "at most 20 MB"),
    "text": (b"hello", "neither"),
    "pickle": (pickle.dumps((X, Y)), "neither"),
    "a single array": (entry(X), "neither"),
    "cut off": (to_npz(X, Y)[:-40], "damaged"),
    "cut off zip": (to_zip(X, Y)[:500], "damaged"),
    "empty zip": (zipped([]), "neither"),
    "only x": (npz(x=X), "exactly two arrays"),
    "a third array": (npz(x=X, y=Y, z=Y), "exactly two arrays"),
    "objects": (npz(x=X, y=np.array([Harmful()] * 12, object)), "Python objects"),
    "objects as pictures": (npz(x=np.array([Harmful()], object), y=Y[:1]), "Python objects"),
    "real numbers": (npz(x=X / 255, y=Y), "whole numbers in x"),
    "wide pictures": (npz(x=X.astype(np.int64), y=Y), "uint8"),
    "flat pictures": (npz(x=X.reshape(12, 784), y=Y), "12×784"),
    "fewer labels": (npz(x=X, y=Y[:3]), "12 labels"),
    "labels in a column": (npz(x=X, y=Y[:, np.newaxis]), "12×1"),
    "a single label": (npz(x=X, y=np.uint8(3)), "single value"),
    "label 12": (npz(x=X, y=Y + 3), "Received: 12"),
    "label -1": (npz(x=X, y=Y.astype(int) - 1), "Received: -1"),
    "no samples": (npz(x=X[:0], y=Y[:0]), "no samples"),
    "blank": (npz(x=X * 0, y=Y), "no ink"),
    "text labels": (npz(x=X, y=Y.astype(str)), "whole numbers in y"),
    "claims more than it has": (
        zipped([("x.npy", array_header((10**12, 28, 28)) + b"1"), ("y.npy", entry(Y))]),
        "damaged",
    ),
    "negative shape": (zipped([("x.npy", array_header((-1, 28, 28))), ("y.npy", entry(Y))]), "dam"),
    "no header": (zipped([("x.npy", b"x"), ("y.npy", b"y")]), "damaged"),
    "deep header": (
        zipped([("x.npy", b"\x93NUMPY\x01\x00\x10\x27" + b"(" * 10_000), ("y.npy", entry(Y))]),
        "damaged",
    ),
    "x twice": (zipped([("x.npy", entry(X)), ("x.npy", entry(X)), ("y.npy", entry(Y))]), "exactly"),
    "bomb": (zipped([("x.npy", b"\0" * (MAX_EXPANDED + 1)), ("y.npy", entry(Y))]), "larger than"),
    "many small bombs": (
        zipped([(f"3/{n}.png", b"\0" * 1_000_000) for n in range(61)]),
        "larger than",
    ),
    "path up": (zipped([("../3/a.png", PNG)]), "leads out"),
    "path up inside": (zipped([("3/../../3/a.png", PNG)]), "leads out"),
    "absolute path": (zipped([("/3/a.png", PNG)]), "leads out"),
    "drive": (zipped([("C:/3/a.png", PNG)]), "leads out"),
    "backslashes": (zipped([("3\\..\\a.png", PNG)]), "leads out"),
    "no folder": (zipped([("a.png", PNG)]), "nothing but pictures"),
    "folder 10": (zipped([("10/a.png", PNG)]), "nothing but pictures"),
    "Arabic digit": (zipped([("٣/a.png", PNG)]), "nothing but pictures"),
    "a program": (zipped([("3/a.png", PNG), ("3/a.exe", b"MZ")]), "Found: 3/a.exe"),
    "markup in a name": (zipped([("![x](//e.org/a.png)", PNG)]), r"Found: \?\?x\?\?//e"),
    "damaged PNG": (zipped([("3/a.png", PNG), ("3/b.png", PNG[:50])]), "3/b.png: This is not"),
    "blank photograph": (zipped([("3/a.png", to_png(np.zeros((60, 60), np.uint8)))]), "ink"),
    "blank picture": (zipped([("3/a.png", to_png(np.zeros((28, 28), np.uint8)))]), "ink"),
    "zip in zip": (zipped([("3/a.png", zipped([("3/a.png", PNG)]))]), "not a picture"),
    "other compression": (zipped([("3/a.png", PNG)], zipfile.ZIP_LZMA), "compressed in a way"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_get_a_sentence(name):
    data, said = HOSTILE[name]
    with pytest.raises(InvalidInput, match=said):
        read(data)
    assert not os.path.exists("/tmp/digit-lab-must-never-be-made")


def test_a_locked_file_is_said_to_be_locked():
    data = bytearray(zipped([("3/a.png", PNG)], zipfile.ZIP_STORED))
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(mark) + offset] |= 1
    with pytest.raises(InvalidInput, match="password"):
        read(bytes(data))


def test_an_entry_that_is_larger_than_it_says_is_damaged_and_costs_no_memory():
    data = bytearray(zipped([("3/a.png", b"\0" * 50_000_000)]))
    place = data.index(b"PK\x01\x02") + 24
    data[place : place + 4] = struct.pack("<I", 100)
    tracemalloc.start()
    with pytest.raises(InvalidInput, match=r"damaged|not a picture"):
        read(bytes(data))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 5_000_000


def test_too_many_entries_are_refused_before_they_are_listed():
    one = struct.pack("<4s6H3I5H2I", b"PK\x01\x02", 20, 20, 0, 0, 0, 33, 0, 0, 0, 1, *[0] * 6)
    listed = (one + b"a") * 200_000
    end = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, 65535, 65535, len(listed), 0, 0)
    data = b"PK" + listed + end
    tracemalloc.start()
    with pytest.raises(InvalidInput, match=f"at most {MAX_ENTRIES:,}"):
        read(data)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1_000_000


def test_photographs_are_bounded_together(monkeypatch):
    monkeypatch.setattr(sample_files, "MAX_ALL_PIXELS", 100_000)
    with pytest.raises(InvalidInput, match="million pixels together"):
        read(zipped([(f"7/{n}.png", seven()) for n in range(3)]))


def test_random_damage_is_never_more_than_a_sentence():
    generator = np.random.default_rng(1)
    for whole in (to_npz(X, Y), to_zip(X, Y)):
        for _ in range(150):
            data = bytearray(whole)
            for place in generator.integers(0, len(data), 4):
                data[place] = generator.integers(256)
            try:
                x, y = read(bytes(data))
            except InvalidInput:
                continue
            assert x.shape == (len(y), 28, 28)
