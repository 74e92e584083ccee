"""Samples of handwriting as files: writes and reads NumPy archives, and zips of PNG pictures.

Files to read come from outside. Sizes are taken from the headers before anything is unpacked, and
enforced during unpacking; nothing is ever written to disk or executed, and one invalid entry
rejects the whole file.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import DigitLabError, InvalidInput
from core.handwriting.arrays import Picture, Pictures, SampleLabels, check_samples
from core.imaging import image_files
from core.imaging.extraction import MAX_PIXELS, to_grey
from core.imaging.normalize import SIZE, normalise
from core.imaging.photograph import find_writing
from core.tasks.handwritten import to_picture

MAX_BYTES = 20_000_000  # of the file
MAX_SAMPLES = 10_000
MAX_ENTRIES = MAX_SAMPLES + 200  # with room for folders and system files
MAX_EXPANDED = 60_000_000  # bytes of all entries together, unpacked
MAX_ALL_PIXELS = 4 * MAX_PIXELS  # shrinking photographs takes time

_ENTRY_MARK = b"PK\x01\x02"  # before each entry of a zip's central directory
_DATE = (1980, 1, 1, 0, 0, 0)  # the same samples make the same file
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ENCRYPTED = 0x1
_FOLDERS = (*"0123456789", "sign-a", "sign-b")  # one for each label
_PICTURE = re.compile(
    rf"(?:[^/]+/)*({'|'.join(_FOLDERS)})/[^/]+\.(?:{'|'.join(image_files.SUFFIXES)})", re.IGNORECASE
)
_ARRAYS = {"x.npy", "y.npy"}
_MAX_HEADER = 10_000
_DAMAGED = "The file is damaged or was cut off."
_FOREIGN = (
    "This is neither an .npz file with the arrays x and y, nor a zip file with pictures in folders"
    " named 0 to 9, sign-a or sign-b."
)


def to_npz(x: Pictures, y: SampleLabels) -> bytes:
    """Writes samples as a compressed NumPy archive with the arrays `x` and `y`."""
    file = io.BytesIO()
    np.savez_compressed(file, x=x.astype(np.uint8), y=y.astype(np.uint8))
    return file.getvalue()


def to_zip(x: Pictures, y: SampleLabels) -> bytes:
    """Writes samples as a zip of PNG files.

    `3/0001.png` is the first 3, `sign-a/0001.png` the first sign A.
    """
    file = io.BytesIO()
    written = [0] * len(_FOLDERS)
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for picture, label in zip(x, y, strict=True):
            written[label] += 1
            name = f"{_FOLDERS[label]}/{written[label]:04d}.png"
            archive.writestr(zipfile.ZipInfo(name, _DATE), image_files.to_png(picture))
    return file.getvalue()


def read(data: bytes) -> tuple[Pictures, SampleLabels]:
    """Reads a file that `to_npz` or `to_zip` wrote, or one like it.

    In a zip each picture's folder names its digit or sign. Pictures of 28 x 28 pixels with dark
    edges are taken as they are; others, such as photographs, are cleaned, scaled and centred like
    drawings.

    Returns:
        uint8 pictures of shape (n, 28, 28), ink bright on black, and uint8 labels of shape (n,).

    Raises:
        InvalidInput: if it is empty, too large, damaged, something else, or holds an invalid
            sample.
    """
    if not data:
        raise InvalidInput("The file is empty.")
    if len(data) > MAX_BYTES:
        raise InvalidInput(
            f"The file has {len(data) / 1e6:.0f} MB; at most {MAX_BYTES / 1e6:.0f} MB can be read."
        )
    if not data.startswith(b"PK"):
        raise InvalidInput(_FOREIGN)
    if data.count(_ENTRY_MARK) > MAX_ENTRIES:  # counted before they are listed
        raise InvalidInput(f"The file has too many entries; at most {MAX_ENTRIES:,} are read.")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            _check_sizes(entries)
            names = {entry.filename for entry in entries}
            x, y = (_read_arrays if names & _ARRAYS else _read_pictures)(archive)
    except DigitLabError:
        raise
    except Exception as error:  # a broken file can be wrong in any way
        raise InvalidInput(_DAMAGED) from error
    check_samples(x, y)
    if not len(x):
        raise InvalidInput("There are no samples in the file.")
    return x, y.astype(np.uint8)


def _check_sizes(entries: Sequence[zipfile.ZipInfo]) -> None:
    """Rejects a file that would become too large, or that cannot be unpacked here."""
    if sum(entry.file_size for entry in entries) > MAX_EXPANDED:
        raise InvalidInput(
            f"Unpacked, the file would be larger than {MAX_EXPANDED / 1e6:.0f} MB, so it was not"
            " opened."
        )
    for entry in entries:
        if entry.flag_bits & _ENCRYPTED:
            raise InvalidInput("The file is locked with a password.")
        if entry.compress_type not in _METHODS:
            raise InvalidInput("The file is compressed in a way that cannot be read here.")


def _unpacked(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    """Returns an entry's bytes, exactly as many as its header claims."""
    with archive.open(entry) as file:
        data = file.read(entry.file_size + 1)
    if len(data) != entry.file_size:
        raise InvalidInput(_DAMAGED)
    return data


def _read_arrays(archive: zipfile.ZipFile) -> tuple[NDArray[Any], NDArray[Any]]:
    found = {entry.filename: entry for entry in archive.infolist()}
    if set(found) != _ARRAYS or len(found) != len(archive.infolist()):
        raise InvalidInput("Expected an .npz file with exactly two arrays, called x and y.")
    x, y = (_array(_unpacked(archive, found[name]), name[0]) for name in ("x.npy", "y.npy"))
    return x, y


def _array(data: bytes, name: str) -> NDArray[Any]:
    """Reads an array after checking its header: no objects, and no wrong size."""
    file = io.BytesIO(data)
    version = np.lib.format.read_magic(file)
    read_header = {
        (1, 0): np.lib.format.read_array_header_1_0,
        (2, 0): np.lib.format.read_array_header_2_0,
    }.get(version)
    if read_header is None:
        raise InvalidInput(_DAMAGED)
    shape, by_columns, dtype = read_header(file, max_header_size=_MAX_HEADER)
    if dtype.hasobject:
        raise InvalidInput(
            f"{name} holds Python objects, which are not opened: they could be code."
        )
    if dtype.kind not in "iu":
        raise InvalidInput(f"Expected whole numbers in {name}. It holds {dtype} values.")
    values = data[file.tell() :]
    count = 1
    for side in shape:
        count *= side
    if min(shape, default=0) < 0 or len(values) != count * dtype.itemsize:
        raise InvalidInput(_DAMAGED)
    if shape and shape[0] > MAX_SAMPLES:
        raise InvalidInput(
            f"The file has {shape[0]:,} samples; at most {MAX_SAMPLES:,} can be read."
        )
    array = np.frombuffer(values, dtype)
    return array.reshape(shape, order="F" if by_columns else "C")


def _read_pictures(archive: zipfile.ZipFile) -> tuple[NDArray[Any], NDArray[Any]]:
    entries = [
        (entry, label) for entry in archive.infolist() if (label := _label(entry)) is not None
    ]
    if not entries:
        raise InvalidInput(_FOREIGN)
    if len(entries) > MAX_SAMPLES:
        raise InvalidInput(
            f"The file has {len(entries):,} pictures; at most {MAX_SAMPLES:,} can be read."
        )
    pictures, pixels = [], 0
    for entry, _ in entries:
        try:
            data = _unpacked(archive, entry)
            with image_files.ONE_AT_A_TIME:
                image = image_files.decode(data)
                pixels += image.shape[0] * image.shape[1]
                if pixels > MAX_ALL_PIXELS:
                    raise InvalidInput(
                        f"The pictures have more than {MAX_ALL_PIXELS / 1e6:.0f} million pixels"
                        " together. Make them smaller, or take fewer at a time."
                    )
                pictures.append(_picture(image))
        except DigitLabError as error:
            raise InvalidInput(f"{_shown(entry.filename)}: {error}") from error
    return np.array(pictures, np.uint8), np.array([label for _, label in entries], np.uint8)


def _label(entry: zipfile.ZipInfo) -> int | None:
    """Returns the label that an entry's folder names; None for folders and system files."""
    parts = entry.filename.split("/")
    if ".." in parts or entry.filename.startswith("/") or re.search(r"[\\:\0]", entry.filename):
        raise InvalidInput(
            f"The file holds a name that leads out of its folders: {_shown(entry.filename)}"
        )
    if entry.is_dir() or parts[0] == "__MACOSX" or parts[-1].startswith("."):
        return None
    if parts[-1].lower() in ("thumbs.db", "desktop.ini"):
        return None
    found = _PICTURE.fullmatch(entry.filename)
    if found is None:
        raise InvalidInput(
            "Expected nothing but pictures, each in a folder named for its digit, such as"
            f" 3/0001.png, or for a sign: sign-a or sign-b. Found: {_shown(entry.filename)}"
        )
    return _FOLDERS.index(found[1].lower())


def _picture(image: NDArray[np.generic]) -> Picture:
    """Returns uint8 (28, 28): the picture unchanged if possible, else read as a drawing."""
    if image.shape[:2] == (SIZE, SIZE) and (image.ndim == 2 or (image[..., 3] == 255).all()):
        grey = to_grey(image)
        edges = np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])
        if np.median(edges) < 0.5:
            return to_picture(grey)
    return to_picture(normalise(find_writing(image)).network_input)


def _shown(name: str) -> str:
    """Returns a name from outside made safe for a message: short, and without markup."""
    return re.sub(r"[^\w./ -]", "?", name)[:60]
