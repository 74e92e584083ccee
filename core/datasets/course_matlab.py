"""The digits of a well-known machine-learning course, from the file `ex3data1.mat`.

The file comes from outside, and SciPy trusts the sizes that a file claims. So every part is checked
before SciPy reads any of it.
"""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.data import Inputs, Labels, Split
from core.errors import InvalidInput

MAX_BYTES = 20_000_000
MAX_EXPANDED = 100_000_000  # 20,000 pictures as doubles take 64 MB
MAX_PARTS = 100  # the course's file has two
MIN_ROWS = 100
MAX_ROWS = 20_000
SIDE = 20
MNIST_SIDE = 28
# The course's values slightly overshoot 0..1, as sharpened edges do; more means another scale.
MAX_OVERSHOOT = 0.5

_HEADER_BYTES = 128
_MATRIX, _COMPRESSED = 14, 15  # kinds of a MATLAB file's parts
_MAX_FIELDS = 5  # of numbers: flags, shape, name, real and imaginary parts
_START = [6, 5, 1]  # types of the first three: uint32, int32, int8
_NUMERIC_KINDS = {1, 2, 3, 4, 5, 6, 7, 9, 12, 13}  # types of values: int8 to uint64, floats
_NUMERIC_CLASSES = range(6, 16)  # double, single, int8 to uint64
_COMPLEX = 0x0800  # in the flags
_HDF5 = b"\x89HDF\r\n\x1a\n"
_PICTURE_CLASSES = ("double", "single", "uint8")
_LABEL_CLASSES = (
    *_PICTURE_CLASSES,
    *("int8", "int16", "uint16", "int32", "uint32", "int64", "uint64"),
)

_SAVE_AGAIN = "In MATLAB or Octave, this writes one: save ex3data1.mat X y -v7"
_FOREIGN = f"This is not a MATLAB file of the kind that can be read here. {_SAVE_AGAIN}"
_DAMAGED = "The file is damaged or was cut off. Please download it again."


def read_course_file(data: bytes) -> Split:
    """Reads the course's pictures and labels.

    The file holds `X`, numbers of shape (n, 400), each row a picture of 20 x 20 pixels in
    column-major order, and `y`, the labels in 1..10, where 10 stands for the digit 0. Nothing in it
    is ever executed.

    Args:
        data: the whole file, MATLAB version 5 to 7.2.

    Returns:
        x float32, shape (n, 20, 20, 1), upright, values in 0..1 (the course's overshoot is
        clipped; bytes up to 255 are divided by 255); y int64, shape (n,), in 0..9.

    Raises:
        InvalidInput: if it is empty, too large, damaged, in another format, or lacks these arrays.
    """
    from scipy.io import loadmat, whosmat

    file = _expanded(data)
    try:
        listed = whosmat(io.BytesIO(file))
    except Exception as error:  # SciPy raises many kinds on broken files
        raise InvalidInput(_DAMAGED) from error
    rows, picture_class = _check_listed(listed)
    try:
        arrays = loadmat(io.BytesIO(file), variable_names=["X", "y"])
        X, y = arrays["X"], arrays["y"]
    except Exception as error:
        raise InvalidInput(_DAMAGED) from error
    for name, array in (("X", X), ("y", y)):
        if not isinstance(array, np.ndarray):
            raise InvalidInput(_DAMAGED)  # SciPy returns a message for an array that it cannot read
        if array.dtype.kind not in "fiu":
            raise InvalidInput(f"Expected real numbers in {name}. It holds {array.dtype} values.")
        if not np.isfinite(array).all():
            raise InvalidInput(f"{name} holds values that are not numbers (NaN or infinite).")
    if X.shape != (rows, SIDE * SIDE) or y.size != rows:
        raise InvalidInput(_DAMAGED)
    return Split(_pictures(X, picture_class), _digits(y))


def to_course_size(images: Inputs) -> Inputs:
    """Shrinks whole MNIST pictures to the course's 20 x 20 pixels.

    The course did the same: its first picture is MNIST's training picture 1, shrunk, to within
    0.00005 (root mean square, bicubic) or 0.02 (by area, as here, which never overshoots). A digit
    fills about 14 of the 20 pixels and keeps all of its ink.

    Cropping to the middle 20 x 20 pixels would not match the course: a 25-15 network trained on
    crops classified 49.5 % of test digits made the course's way correctly, and one trained on these
    94.8 %. Crops keep 96.5 % of a digit's ink on average, and less than 90 % in one of 28, since
    MNIST centres digits by mass.

    Args:
        images: float32, shape (n, 28, 28, 1), values in 0..1.

    Returns:
        float32, shape (n, 20, 20, 1), values in 0..1.

    Raises:
        ValueError: if the images have another shape.
    """
    import cv2

    if images.shape[1:] != (MNIST_SIDE, MNIST_SIDE, 1):
        raise ValueError(f"Expected shape (n, 28, 28, 1). Received: {images.shape}")
    small = np.empty((len(images), SIDE, SIDE, 1), np.float32)
    for target, image in zip(small, images, strict=True):
        target[..., 0] = cv2.resize(image[..., 0], (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    return np.clip(small, 0, 1, out=small)


def _expanded(data: bytes) -> bytes:
    """Returns the file with only X and y, decompressed, their claimed sizes checked."""
    order = _byte_order(data)
    parts, room = [data[:_HEADER_BYTES]], MAX_EXPANDED
    count, position = 0, _HEADER_BYTES
    while position < len(data):
        count += 1
        if count > MAX_PARTS:
            raise InvalidInput(f"Expected at most {MAX_PARTS} arrays in the file. It has more.")
        kind, size = _tag(order, data, position)
        part = data[position : position + 8 + size]
        if len(part) < 8 + size:
            raise InvalidInput(_DAMAGED)
        position += 8 + size
        if kind == _COMPRESSED:
            part = _unpacked(part[8:], room)
            kind, size = _tag(order, part, 0)
        if kind != _MATRIX or len(part) < 8 + size:
            raise InvalidInput(_DAMAGED)
        part = part[: 8 + size]
        if _is_wanted(order, part):
            parts.append(part)
        room -= len(part)
    return b"".join(parts)


def _byte_order(data: bytes) -> str:
    """Checks that this is a MATLAB file and returns its byte order for `struct`: "<" or ">"."""
    if not data:
        raise InvalidInput("The file is empty.")
    if len(data) > MAX_BYTES:
        raise InvalidInput(
            f"The file has {len(data) / 1e6:.0f} MB; at most {MAX_BYTES / 1e6:.0f} MB can be read."
        )
    order = {b"IM": "<", b"MI": ">"}.get(data[126:128])
    version = struct.unpack_from(f"{order}H", data, 124)[0] >> 8 if order else None
    if data.startswith(_HDF5) or version == 2:
        raise InvalidInput(
            "This file is in MATLAB's form 7.3 (HDF5), which cannot be read here. Please save it"
            " in form 7. " + _SAVE_AGAIN
        )
    if data.startswith(b"MATLAB 5.0") and len(data) <= _HEADER_BYTES:
        raise InvalidInput(_DAMAGED)
    if order is None or version != 1:
        raise InvalidInput(_FOREIGN)
    return order


def _tag(order: str, data: bytes, position: int) -> tuple[int, int]:
    """Reads a part's kind and the number of bytes that it claims."""
    if len(data) < position + 8:
        raise InvalidInput(_DAMAGED)
    kind, size = struct.unpack_from(f"{order}II", data, position)
    return kind, size


def _unpacked(packed: bytes, room: int) -> bytes:
    inflater = zlib.decompressobj()
    try:
        part = inflater.decompress(packed, room + 1)
    except zlib.error as error:
        raise InvalidInput(_DAMAGED) from error
    if len(part) > room:
        raise InvalidInput(
            f"Unpacked, the file has more than {MAX_EXPANDED / 1e6:.0f} MB. The course's has 16 MB."
        )
    if not inflater.eof:
        raise InvalidInput(_DAMAGED)
    return part


def _is_wanted(order: str, matrix: bytes) -> bool:
    """Returns whether this is X or y; if so, checks that SciPy can read it safely.

    SciPy would allocate up to 4 GB for a field that claims them, and would crash the server on a
    field that is missing or of an unknown kind.
    """
    fields = _fields(order, matrix)
    kinds = [kind for kind, _ in fields]
    if kinds[:3] != _START or bytes(fields[2][1]) not in (b"X", b"y"):
        return False
    flags = bytes(fields[0][1])
    if len(flags) != 8:
        raise InvalidInput(_DAMAGED)
    word = struct.unpack_from(f"{order}I", flags)[0]
    if word & 0xFF in _NUMERIC_CLASSES:
        values = kinds[3:]
        if len(values) != (2 if word & _COMPLEX else 1) or not _NUMERIC_KINDS.issuperset(values):
            raise InvalidInput(_DAMAGED)
    return True


def _fields(order: str, matrix: bytes) -> list[tuple[int, memoryview]]:
    """Returns the kinds and the bytes of a matrix's first fields."""
    fields: list[tuple[int, memoryview]] = []
    view, position = memoryview(matrix), 8
    while position < len(matrix) and len(fields) < _MAX_FIELDS:
        kind, size = _tag(order, matrix, position)
        if kind >> 16:  # a short field: size, kind and value in eight bytes
            kind, size, start, end = kind & 0xFFFF, kind >> 16, position + 4, position + 8
        else:
            start = position + 8
            end = start + size + -size % 8  # fields begin at multiples of eight bytes
        if start + size > min(end, len(matrix)):
            raise InvalidInput(_DAMAGED)
        fields.append((kind, view[start : start + size]))
        position = end
    return fields


def _check_listed(listed: list[tuple[str, tuple[int, ...], str]]) -> tuple[int, str]:
    """Checks names, shapes and classes before any value is read; returns rows and class of X."""
    shapes, kinds = {}, {}
    numbers = ", ".join(_PICTURE_CLASSES)
    for name, classes in (("X", _PICTURE_CLASSES), ("y", _LABEL_CLASSES)):
        same = [(shape, kind) for listed_name, shape, kind in listed if listed_name == name]
        if len(same) != 1:
            count = len(same) or "none"
            raise InvalidInput(f"Expected one array named {name} in the file. It has {count}.")
        shapes[name], kinds[name] = same[0]
        if kinds[name] not in classes:
            raise InvalidInput(
                f"Expected numbers in {name} ({numbers}). It is of class {kinds[name]}."
            )
    X, y = shapes["X"], shapes["y"]
    if len(X) != 2 or X[1] != SIDE * SIDE:
        raise InvalidInput(
            f"Expected X with {SIDE * SIDE} columns, one for each pixel. Its shape is {_size(X)}."
        )
    if not MIN_ROWS <= X[0] <= MAX_ROWS:
        raise InvalidInput(f"Expected {MIN_ROWS} to {MAX_ROWS:,} pictures. X has {X[0]:,} rows.")
    if len(y) != 2 or min(y) != 1:
        raise InvalidInput(f"Expected y with one column. Its shape is {_size(y)}.")
    if max(y) != X[0]:
        raise InvalidInput(f"X has {X[0]:,} pictures, but y has {max(y):,} labels.")
    return X[0], kinds["X"]


def _size(shape: tuple[int, ...]) -> str:
    return " × ".join(map(str, shape))


def _pictures(X: NDArray[Any], array_class: str) -> Inputs:
    # The class decides, not the type: MATLAB stores doubles that are whole numbers as bytes.
    low, high = float(X.min()), float(X.max())
    if array_class == "uint8":
        values = X.astype(np.float32) / (255 if high > 1 else 1)
    elif low < -MAX_OVERSHOOT or high > 1 + MAX_OVERSHOOT:
        raise InvalidInput(
            f"Expected values of about 0 to 1 in X. They go from {low:.4g} to {high:.4g}."
        )
    else:
        values = X.astype(np.float32)
    columns = np.clip(values, 0, 1).reshape(-1, SIDE, SIDE)  # (n, column, row)
    return np.ascontiguousarray(columns.transpose(0, 2, 1)[..., np.newaxis])  # (n, row, column, 1)


def _digits(y: NDArray[Any]) -> Labels:
    labels = y.ravel()
    wrong = labels[(labels < 1) | (labels > 10) | (labels % 1 != 0)]
    if len(wrong):
        raise InvalidInput(
            f"Expected whole numbers from 1 to 10 in y (10 for the digit 0). Received: {wrong[0]:g}"
        )
    return labels.astype(np.int64) % 10
