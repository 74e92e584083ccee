"""Reading digits with a saved model: what the pages and the command line share."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from core.errors import DigitLabError, LimitReached, UnreadableImage
from core.images import SUFFIXES, decode
from core.inference import Prediction, Predictor
from core.ink import Ink, crop, find_ink, fit, place, thicken, to_grey
from core.number import read_number
from core.segments import to_inputs

DECIMALS = 6


def read_pattern(predictor: Predictor, pattern: str) -> Prediction:
    """Reads a seven-segment pattern such as "1111001".

    Raises:
        InvalidInput: if it is not seven characters of 0 and 1.
    """
    return predictor.predict_one(to_inputs(pattern)[0])


def read_image_file(predictor: Predictor, path: Path) -> Prediction:
    """Reads the digit in a picture file, as the drawing page does.

    Raises:
        UnreadableImage: if the file cannot be opened as a picture.
        NothingDrawn: if there is no ink in it.
    """
    return _read_digit(predictor, _ink_of(path))


def _ink_of(path: Path) -> Ink:
    if os.path.isdir(path):
        raise UnreadableImage("There is no picture in this folder that can be read.")
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UnreadableImage(f"The file cannot be read ({error.strerror}).") from error
    return find_ink(to_grey(decode(data)))


def _read_digit(predictor: Predictor, ink: Ink) -> Prediction:
    return predictor.predict_one(place(fit(thicken(crop(ink)))))


def answers_to_patterns(predictor: Predictor, patterns: Iterable[str]) -> Iterator[dict[str, Any]]:
    """Yields a JSON-ready answer, or error, for each pattern in turn."""
    for pattern in patterns:
        try:
            answer = _to_json(read_pattern(predictor, pattern))
        except DigitLabError as error:
            answer = {"error": str(error)}
        yield {"input": pattern} | answer


def answers_to_files(predictor: Predictor, paths: Iterable[Path]) -> Iterator[dict[str, Any]]:
    """Yields a JSON-ready answer, or error, for each file; a folder stands for its pictures.

    An answer reads the picture twice: as one digit, and as a number of several.
    """
    for path in _pictures(paths):
        try:
            ink = _ink_of(path)
            answer = _to_json(_read_digit(predictor, ink)) | _number_to_json(predictor, ink)
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


def _number_to_json(predictor: Predictor, ink: Ink) -> dict[str, Any]:
    try:
        number = read_number(ink, predictor)
    except LimitReached as error:  # the picture was read as one digit all the same
        return {"number": None, "digits": [], "problem": str(error)}
    digits = [
        {
            "box": [digit.box.left, digit.box.top, digit.box.width, digit.box.height],
            "digit": digit.prediction.digit,
            "confidence": round(digit.prediction.confidence, DECIMALS),
        }
        for digit in number.digits
    ]
    return {"number": number.text, "digits": digits}
