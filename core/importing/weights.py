"""The weights in a `.keras` file from outside, looked at before Keras reads them.

An HDF5 file can point at other files and claim arrays far larger than itself. Even looking at one
is work for a process that may die: HDF5 is a large library in C.
"""

from __future__ import annotations

import io
from typing import Any

from core.errors import InvalidInput

MAX_ENTRIES, MAX_DEPTH = 5_000, 20


def check_weights(data: bytes, *, max_numbers: int) -> None:
    """Looks at every array of an HDF5 file without reading one.

    Args:
        data: the file.
        max_numbers: as many numbers as all arrays may hold together.

    Raises:
        InvalidInput: if it is damaged, points at other files, or holds something else than numbers,
            or too many of them.
    """
    import h5py

    try:
        with h5py.File(io.BytesIO(data), "r") as file:
            _check(file, h5py, max_numbers)
    except InvalidInput:
        raise
    except Exception as error:  # a foreign file can be wrong in any way
        raise InvalidInput("The Keras file's weights are damaged: they cannot be read.") from error


def _check(file: Any, h5py: Any, max_numbers: int) -> None:
    left = [(file, 0)]
    entries = numbers = 0
    while left:
        group, depth = left.pop()
        for name in group:
            entries += 1
            if entries > MAX_ENTRIES or depth > MAX_DEPTH:
                raise InvalidInput("The Keras file's weights have more parts than any network.")
            if not isinstance(group.get(name, getlink=True), h5py.HardLink):
                raise InvalidInput(
                    "The Keras file's weights point at another place or file. That is refused."
                )
            found = group[name]
            if isinstance(found, h5py.Group):
                left.append((found, depth + 1))
                continue
            if not isinstance(found, h5py.Dataset) or found.dtype.kind not in "fiu":
                raise InvalidInput("The Keras file's weights hold something else than numbers.")
            if found.is_virtual or found.external:
                raise InvalidInput("The Keras file's weights lie in another file. That is refused.")
            numbers += found.size or 0
            if numbers > max_numbers:
                raise InvalidInput(
                    f"The network has more than {max_numbers:,} weights, which is the most that"
                    " this server takes."
                )
