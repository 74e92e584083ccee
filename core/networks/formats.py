"""The files that hold a network: their names, and the checksum that detects a damaged one."""

from __future__ import annotations

import hashlib

KERAS_FILE = "model.keras"  # for further training
LITERT_FILE = "model.tflite"  # for fast inference


def checksum(data: bytes) -> str:
    """Returns the SHA-256 of the bytes in hexadecimal."""
    return hashlib.sha256(data).hexdigest()
