"""Finds, checks and downloads the MNIST file.

Source: Y. LeCun, C. Cortes, C. J. C. Burges, "The MNIST database of handwritten digits" (1998),
as published by Keras.
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.errors import DataUnavailable
from core.files import reason
from core.settings import settings

URL = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/mnist.npz"
SHA256 = "731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1"
_SHAPES = {
    "x_train": (60_000, 28, 28),
    "y_train": (60_000,),
    "x_test": (10_000, 28, 28),
    "y_test": (10_000,),
}
# What NumPy and its zip reader raise on damaged or foreign files.
_DAMAGE = (
    OSError,
    ValueError,
    TypeError,
    KeyError,
    EOFError,
    RuntimeError,
    zipfile.BadZipFile,
    zlib.error,
)
PATIENCE_SECONDS = 20  # without receiving a byte
CHUNK_BYTES = 64 * 1024


def cache_path() -> Path:
    """Returns the path of Keras' cached copy, whether or not it exists."""
    return settings().keras_home / "datasets" / "mnist.npz"


def find() -> Path:
    """Returns the file: the one named by MNIST_PATH, else the one in Keras' cache.

    Raises:
        DataUnavailable: if it is missing; the message says what is.
    """
    named = settings().mnist_path
    if named:
        if not named.is_file():
            raise DataUnavailable(f"MNIST_PATH names {named.name}, but there is no such file.")
        return named
    if not cache_path().is_file():
        raise DataUnavailable("MNIST is not on this machine yet.")
    return cache_path()


def missing() -> str | None:
    """Returns a sentence saying why MNIST cannot be used, or None if it can."""
    try:
        path = find()
        return _fault(path, path.stat().st_mtime_ns)
    except DataUnavailable as error:
        return str(error)
    except OSError as error:
        return f"MNIST cannot be read ({reason(error)})."


@cache
def _fault(path: Path, changed: int) -> str | None:
    """Returns what is wrong with a file, or None; cached until the file changes.

    Reading the test labels is quick, and detects a file that is truncated, empty or something else.
    """
    try:
        read("y_test")
    except DataUnavailable as error:
        return str(error)
    return None


def read(*names: str) -> tuple[NDArray[np.uint8], ...]:
    """Reads arrays of the file: `x_train`, `y_train`, `x_test` or `y_test`.

    Returns:
        uint8 arrays, images of shape (n, 28, 28) and labels of shape (n,).

    Raises:
        DataUnavailable: if the file is missing, damaged or something else.
    """
    path = find()
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = tuple(np.asarray(file[name]) for name in names)
    except _DAMAGE as error:
        why = reason(error) if isinstance(error, OSError) else str(error)
        raise DataUnavailable(f"{path.name} is not a readable MNIST file ({why}).") from error
    for name, array in zip(names, arrays, strict=True):
        if array.shape != _SHAPES[name] or array.dtype != np.uint8:
            raise DataUnavailable(
                f"{path.name} is not MNIST: {name} is {array.dtype} {array.shape}."
            )
        if name.startswith("y") and array.max() > 9:
            raise DataUnavailable(f"{path.name} is not MNIST: it has the label {array.max()}.")
    return arrays


def download(
    on_progress: Callable[[int, int], None] = lambda done, total: None,
    *,
    url: str = URL,
    sha256: str = SHA256,
) -> Path:
    """Downloads the file into Keras' cache, where Keras and other programs find it too.

    The checksum is verified before the file is put in place: a failed download leaves nothing
    behind.

    Args:
        on_progress: called with the bytes read and the bytes expected (0 if unknown).
        url: where the file is.
        sha256: checksum that the whole file must have.

    Raises:
        DataUnavailable: if offline, cut off, or not the expected file, or if it cannot be saved.
    """
    import pooch
    from requests import HTTPError, RequestException

    pooch.get_logger().setLevel("WARNING")
    target = cache_path()
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        pooch.retrieve(
            url,
            f"sha256:{sha256}",
            fname=target.name,
            path=target.parent,
            downloader=pooch.HTTPDownloader(
                progressbar=_Progress(on_progress), timeout=PATIENCE_SECONDS, chunk_size=CHUNK_BYTES
            ),
        )
    except HTTPError as error:
        code = error.response.status_code if error.response is not None else "with an error"
        raise DataUnavailable(
            f"MNIST could not be downloaded: the server that offers it answered {code}. The"
            " built-in digits work without it."
        ) from error
    except RequestException as error:
        raise DataUnavailable(
            "MNIST could not be downloaded: this computer seems to be offline"
            f" ({type(error).__name__}). The built-in digits work without it."
        ) from error
    except ValueError as error:  # the checksum does not match
        raise DataUnavailable(
            "What arrived is not the MNIST file that was expected: it was cut off or changed on the"
            " way. Nothing was kept; please try again."
        ) from error
    except OSError as error:
        raise DataUnavailable(f"MNIST could not be kept ({reason(error)}).") from error
    return target


class _Progress:
    """A progress bar for pooch.

    Args:
        on_progress: called with the bytes read and the bytes expected (0 if unknown).
    """

    def __init__(self, on_progress: Callable[[int, int], None]) -> None:
        self.total = 0
        self._done = 0
        self._on_progress = on_progress

    def update(self, count: int) -> None:
        """Adds bytes, up to the total: pooch counts the last chunk as a full one."""
        self._done += count
        self._on_progress(min(self._done, self.total or self._done), self.total)

    def reset(self) -> None:
        """Starts over: at the end pooch resets the bar, then adds the total."""
        self._done = 0

    def close(self) -> None:
        """Does nothing; pooch calls it at the end."""
