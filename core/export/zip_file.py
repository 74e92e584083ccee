"""Files as one zip file: the same files give the same bytes."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

_DATE = (2026, 1, 1, 0, 0, 0)  # of every file, so that no two exports differ by their time
_MODE = 0o644 << 16  # readable by all, where Unix unpacks it


def zipped(files: Mapping[str, bytes]) -> bytes:
    """Returns a zip file.

    Args:
        files: their bytes by their paths in it, with "/" between folders.
    """
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for path in sorted(files):
            entry = zipfile.ZipInfo(path, _DATE)
            entry.create_system = 3  # Unix, whatever this is
            entry.external_attr = _MODE
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, files[path])
    return stream.getvalue()
