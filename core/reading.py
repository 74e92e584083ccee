"""Reading digits with a saved model: what the pages and the command line share."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from core.errors import DigitLabError, UnreadableImage
from core.images import SUFFIXES, decode
from core.inference import Prediction, Reader
from core.ink import to_network_input
from core.segments import to_inputs

DECIMALS = 6


def read_pattern(predictor: Reader, pattern: str) -> Prediction:
    """Reads a seven-segment pattern such as "1111001".

    Raises:
        InvalidInput: if it is not seven characters of 0 and 1.
    """
    return predictor.predict_one(to_inputs(pattern)[0])


def read_image_file(predictor: Reader, path: Path) -> Prediction:
    """Reads the digit in a picture file, as the drawing page does.

    Raises:
        UnreadableImage: if the file cannot be opened as a picture.
        NothingDrawn: if there is no ink in it.
    """
    if os.path.isdir(path):
        raise UnreadableImage("There is no picture in this folder that can be read.")
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UnreadableImage(f"The file cannot be read ({error.strerror}).") from error
    return predictor.predict_one(to_network_input(decode(data)))


def answers_to_patterns(predictor: Reader, patterns: Iterable[str]) -> Iterator[dict[str, Any]]:
    """Yields a JSON-ready answer, or error, for each pattern in turn."""
    for pattern in patterns:
        try:
            answer = _to_json(read_pattern(predictor, pattern))
        except DigitLabError as error:
            answer = {"error": str(error)}
        yield {"input": pattern} | answer


def answers_to_files(predictor: Reader, paths: Iterable[Path]) -> Iterator[dict[str, Any]]:
    """Yields a JSON-ready answer, or error, for each file; a folder stands for its pictures."""
    for path in _pictures(paths):
        try:
            answer = _to_json(read_image_file(predictor, path))
        except DigitLabError as error:
            answer = {"error": str(error)}
        yield {"file": str(path)} | answer


def _pictures(paths: Iterable[Path]) -> Iterator[Path]:
    for path in paths:
        if not os.path.isdir(path):  # unlike Path.is_dir, quiet about impossible names
            yield path
            continue
        try:
            inside = sorted(f for f in path.iterdir() if f.suffix.lower().lstrip(".") in SUFFIXES)
        except OSError:
            inside = []
        yield from inside or [path]


def _to_json(prediction: Prediction) -> dict[str, Any]:
    return {
        "digit": prediction.digit,
        "confidence": round(prediction.confidence, DECIMALS),
        "probabilities": [round(float(p), DECIMALS) for p in prediction.probabilities],
    }
