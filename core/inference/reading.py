"""Reading digits with a saved model: what the pages and the command line share."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import DigitLabError, LimitReached, UnreadableImage
from core.imaging.extraction import Ink
from core.imaging.image_files import SUFFIXES, decode, longer_side
from core.imaging.normalize import normalise
from core.imaging.photograph import find_writing
from core.inference.number import read_number
from core.inference.predictor import Classifier, Prediction
from core.segments.patterns import to_inputs

DECIMALS = 6
THUMBNAIL = 320  # pixels of the longer side of a picture that is kept to be shown


def read_pattern(predictor: Classifier, pattern: str) -> Prediction:
    """Reads a seven-segment pattern such as "1111001".

    Raises:
        InvalidInput: if it is not seven characters of 0 and 1.
    """
    return predictor.predict_one(to_inputs(pattern)[0])


@dataclass(frozen=True)
class InkExtraction:
    """What is written in a picture.

    Args:
        ink: float32, shape (height, width), 0 for paper to 1 for ink.
        scale: how many of the picture's pixels one of the ink's stands for.
        picture: uint8, as it was before, to be shown; a file's is made smaller.
    """

    ink: Ink
    scale: float
    picture: NDArray[np.uint8]


def extract_ink(data: bytes) -> InkExtraction:
    """Finds what is written in a picture file: a drawing, a scan or a photograph.

    Args:
        data: the whole file.

    Raises:
        UnreadableImage: if it cannot be opened as a picture.
        NothingDrawn: if there is no ink in it.
    """
    image = decode(data)
    ink = find_writing(image)
    return InkExtraction(ink, longer_side(data) / max(ink.shape), thumbnail(image, THUMBNAIL))


def thumbnail(picture: NDArray[np.uint8] | NDArray[np.uint16], side: int) -> NDArray[np.uint8]:
    """Makes a picture small enough to be shown.

    Args:
        picture: uint8 or uint16, shape (height, width) or (height, width, channels).
        side: pixels that the longer side may have.

    Returns:
        uint8, of as many channels.
    """
    import cv2

    divisor = 257 if picture.dtype == np.uint16 else 1
    small = np.asarray(picture // np.asarray(divisor, picture.dtype), np.uint8)
    scale = side / max(small.shape[:2])
    if scale >= 1:
        return small
    size = [max(1, round(length * scale)) for length in small.shape[1::-1]]
    return np.asarray(cv2.resize(small, size, interpolation=cv2.INTER_AREA), np.uint8)


def _content(path: Path) -> bytes:
    if os.path.isdir(path):
        raise UnreadableImage("There is no picture in this folder that can be read.")
    try:
        return path.read_bytes()
    except OSError as error:
        raise UnreadableImage(f"The file cannot be read ({error.strerror}).") from error


def answers_to_patterns(predictor: Classifier, patterns: Iterable[str]) -> Iterator[dict[str, Any]]:
    """Yields a JSON-ready answer, or error, for each pattern in turn."""
    for pattern in patterns:
        try:
            answer = _to_json(read_pattern(predictor, pattern))
        except DigitLabError as error:
            answer = {"error": str(error)}
        yield {"input": pattern} | answer


def answers_to_files(predictor: Classifier, paths: Iterable[Path]) -> Iterator[dict[str, Any]]:
    """Yields a JSON-ready answer, or error, for each file; a folder stands for its pictures.

    Each picture is read twice: as one digit, and as a number of several.
    """
    for path in _pictures(paths):
        try:
            written = extract_ink(_content(path))
            prediction = predictor.predict_one(normalise(written.ink).network_input)
            answer = _to_json(prediction) | {"recognised": prediction.recognised}
            answer |= _number_to_json(predictor, written)
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


def _number_to_json(predictor: Classifier, written: InkExtraction) -> dict[str, Any]:
    try:
        number = read_number(written.ink, predictor, scale=written.scale)
    except LimitReached as error:  # the picture was read as one digit all the same
        return {"number": None, "digits": [], "problem": str(error)}
    digits = [
        {
            "box": [read.box.left, read.box.top, read.box.width, read.box.height],
            "digit": read.prediction.digit,
            "confidence": round(read.prediction.confidence, DECIMALS),
        }
        for read in number.digits
    ]
    return {"number": number.text, "digits": digits}
