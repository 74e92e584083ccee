"""The files that hold a network: their names, and the checksum that detects a damaged one."""

from __future__ import annotations

import hashlib

KERAS_FILE = "model.keras"  # for further training
LITERT_FILE = "model.tflite"  # for fast inference
INT8_FILE = "model-int8.tflite"  # the same in whole numbers, where somebody has made it


def checksum(data: bytes) -> str:
    """Returns the SHA-256 of the bytes in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


# How a network is quantised: the numbers that it computes with.
SCHEMES = {
    "int8": "weights and activations in 8 bits",
    "int16": "weights in 8 bits, activations in 16",
    "dynamic": "weights in 8 bits, activations as they were (float32)",
}
