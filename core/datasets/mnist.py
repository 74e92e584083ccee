"""Finding, checking and fetching the MNIST file.

Source: Y. LeCun, C. Cortes, C. J. C. Burges, "The MNIST database of handwritten digits" (1998),
in the form in which Keras publishes it.
"""

from __future__ import annotations

import hashlib
import http.client
import os
import tempfile
import urllib.error
import urllib.request
import zipfile
import zlib
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.errors import DataUnavailable

URL = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/mnist.npz"
SHA256 = "731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1"
_SHAPES = {
    "x_train": (60_000, 28, 28),
    "y_train": (60_000,),
    "x_test": (10_000, 28, 28),
    "y_test": (10_000,),
}
# What NumPy and its zip reader raise on files that are broken or something else.
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
_NO_CONNECTION = (
    urllib.error.URLError,
    http.client.HTTPException,
    TimeoutError,
    ConnectionError,
)


def cache_path() -> Path:
    """Returns where Keras keeps its copy, whether it is there or not."""
    home = os.environ.get("KERAS_HOME") or Path.home() / ".keras"
    return Path(home) / "datasets" / "mnist.npz"


def find() -> Path:
    """Returns the file: the one named by MNIST_PATH, else the one in Keras' cache.

    Raises:
        DataUnavailable: with a sentence saying what is missing.
    """
    named = os.environ.get("MNIST_PATH")
    if named:
        if not Path(named).is_file():
            raise DataUnavailable(f"MNIST_PATH names {named}, but there is no such file.")
        return Path(named)
    if not cache_path().is_file():
        raise DataUnavailable("MNIST is not on this machine yet.")
    return cache_path()


def missing() -> str | None:
    """Returns a sentence saying why MNIST cannot be used, or None when its file can."""
    try:
        path = find()
        return _fault(path, path.stat().st_mtime_ns)
    except DataUnavailable as error:
        return str(error)
    except OSError as error:
        return f"MNIST cannot be read ({error})."


@cache
def _fault(path: Path, changed: int) -> str | None:
    """Looks into a file, once for each of its changes, and says what is wrong with it if anything.

    The labels of the test images are few, and reading them notices a file that is cut off, empty
    or something else.
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
        DataUnavailable: if there is no file, or it is damaged or something else.
    """
    path = find()
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = tuple(np.asarray(file[name]) for name in names)
    except _DAMAGE as error:
        raise DataUnavailable(f"{path} is not a readable MNIST file ({error}).") from error
    for name, array in zip(names, arrays, strict=True):
        if array.shape != _SHAPES[name] or array.dtype != np.uint8:
            raise DataUnavailable(f"{path} is not MNIST: {name} is {array.dtype} {array.shape}.")
        if name.startswith("y") and array.max() > 9:
            raise DataUnavailable(f"{path} is not MNIST: it has the label {array.max()}.")
    return arrays


def download(
    on_progress: Callable[[int, int], None] = lambda done, total: None,
    *,
    url: str = URL,
    sha256: str = SHA256,
) -> Path:
    """Fetches the file into Keras' cache, so that Keras and other programs find it too.

    It is checked before it takes its place: a broken download leaves nothing behind.

    Args:
        on_progress: called with the bytes read and the bytes expected (0 if unknown).
        url: where the file is.
        sha256: checksum that the whole file must have.

    Raises:
        DataUnavailable: offline, cut off, or not the file that was expected.
    """
    target = cache_path()
    checksum = hashlib.sha256()
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with (
            urllib.request.urlopen(url, timeout=20) as answer,
            tempfile.NamedTemporaryFile(dir=target.parent, suffix=".part", delete=False) as part,
        ):
            try:
                total = int(answer.headers.get("Content-Length") or 0)
                done = 0
                while chunk := answer.read(64 * 1024):
                    part.write(chunk)
                    checksum.update(chunk)
                    done += len(chunk)
                    on_progress(done, total)
                part.close()
                if checksum.hexdigest() != sha256:
                    raise DataUnavailable(
                        "What arrived is not the MNIST file that was expected: it was cut off or"
                        " changed on the way. Nothing was kept; please try again."
                    )
                os.replace(part.name, target)
            finally:
                Path(part.name).unlink(missing_ok=True)
    except urllib.error.HTTPError as error:
        raise DataUnavailable(
            f"MNIST could not be downloaded: the server that offers it answered {error.code}."
            " The built-in digits work without it."
        ) from error
    except _NO_CONNECTION as error:
        raise DataUnavailable(
            "MNIST could not be downloaded: this computer seems to be offline"
            f" ({getattr(error, 'reason', error)}). The built-in digits work without it."
        ) from error
    except OSError as error:
        raise DataUnavailable(f"MNIST could not be kept in {target.parent} ({error}).") from error
    return target
