"""Reading digits with a saved model: what the pages and the command line share."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from core.errors import DigitLabError, LimitReached, UnreadableImage
from core.images import SUFFIXES, decode
from core.inference import Prediction, Reader
from core.ink import Ink, ink_of, normalise
from core.number import read_number
from core.photograph import clean, looks_like_photograph
from core.segments import to_inputs

DECIMALS = 6


def read_pattern(predictor: Reader, pattern: str) -> Prediction:
    """Reads a seven-segment pattern such as "1111001".

    Raises:
        InvalidInput: if it is not seven characters of 0 and 1.
    """
    return predictor.predict_one(to_inputs(pattern)[0])


def read_image_file(predictor: Reader, path: Path) -> Prediction:
    """Reads the one digit in a picture file, as the drawing page does.

    Raises:
        UnreadableImage: if the file cannot be opened as a picture.
        NothingDrawn: if there is no ink in it.
    """
    ink, _ = ink_of_file(_content(path))
    return predictor.predict_one(normalise(ink).network_input)


def ink_of_file(data: bytes) -> tuple[Ink, float]:
    """Finds what is written in a picture file: a drawing, a scan or a photograph.

    Args:
        data: the whole file.

    Returns:
        The ink, float32, shape (height, width), and how many of the picture's pixels one of its
        pixels stands for; photographs are looked at in a smaller size.

    Raises:
        UnreadableImage: if it cannot be opened as a picture.
        NothingDrawn: if there is no ink in it.
    """
    image = decode(data)
    ink = clean(image) if looks_like_photograph(image) else ink_of(image)
    return ink, image.shape[1] / ink.shape[1]


def _content(path: Path) -> bytes:
    if os.path.isdir(path):
        raise UnreadableImage("There is no picture in this folder that can be read.")
    try:
        return path.read_bytes()
    except OSError as error:
        raise UnreadableImage(f"The file cannot be read ({error.strerror}).") from error


def answers_to_patterns(predictor: Reader, patterns: Iterable[str]) -> Iterator[dict[str, Any]]:
    """Yields a JSON-ready answer, or error, for each pattern in turn."""
    for pattern in patterns:
        try:
            answer = _to_json(read_pattern(predictor, pattern))
        except DigitLabError as error:
            answer = {"error": str(error)}
        yield {"input": pattern} | answer


def answers_to_files(predictor: Reader, paths: Iterable[Path]) -> Iterator[dict[str, Any]]:
    """Yields a JSON-ready answer, or error, for each file; a folder stands for its pictures.

    Each picture is read twice: as one digit, and as a number of several.
    """
    for path in _pictures(paths):
        try:
            ink, scale = ink_of_file(_content(path))
            answer = _to_json(predictor.predict_one(normalise(ink).network_input))
            answer |= _number_to_json(predictor, ink, scale)
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
        "recognised": prediction.recognised,
        "probabilities": [round(float(p), DECIMALS) for p in prediction.probabilities],
    }


def _number_to_json(predictor: Reader, ink: Ink, scale: float) -> dict[str, Any]:
    try:
        number = read_number(ink, predictor, scale=scale)
    except LimitReached as error:  # the picture was read as one digit all the same
        return {"number": None, "digits": [], "problem": str(error)}
    digits = [
        {
            "box": [read.box.left, read.box.top, read.box.width, read.box.height],
            "digit": read.prediction.digit,
            "confidence": round(read.prediction.confidence, DECIMALS),
            "recognised": read.prediction.recognised,
        }
        for read in number.digits
    ]
    return {"number": number.text, "digits": digits}
