"""Reading a picture or a pattern: from pixels to digits, boxes, confidence and refusal."""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from core.data import Inputs
from core.errors import DigitLabError, LimitReached, NothingDrawn, UnreadableImage
from core.files import read_file, reason
from core.imaging.extraction import Ink, ink_of
from core.imaging.image_files import LARGE, ONE_AT_A_TIME, SUFFIXES, decode, longer_side
from core.imaging.normalize import Stages, normalise, shrink_plainly
from core.imaging.photograph import find_writing
from core.inference.number import Number, read_number
from core.inference.predictor import Classifier, Prediction
from core.memory import return_free_memory
from core.segments.patterns import to_inputs

DECIMALS = 6
# Letters cut into parts that look like digits stay far below this; real numbers are above.
SURE_OF_A_NUMBER = 0.9
THUMBNAIL = 320  # longer side, in pixels, of a picture kept for display


def read_pattern(classifier: Classifier, pattern: str) -> Prediction:
    """Reads a seven-segment pattern such as "1111001".

    Raises:
        InvalidInput: if it is not seven characters of 0 and 1.
    """
    return classifier.predict_one(to_inputs(pattern)[0])


@dataclass(frozen=True)
class InkExtraction:
    """The ink extracted from a picture.

    Args:
        ink: float32, shape (height, width), 0 for paper to 1 for ink.
        scale: pixels of the picture per pixel of the ink.
        picture: uint8, the original, for display; shrunk if it is from a file.
    """

    ink: Ink
    scale: float
    picture: NDArray[np.uint8]


@dataclass(frozen=True)
class Part:
    """A rectangle in a picture, in shares of its width and height: 0 is left or top.

    Raises:
        ValueError: unless left < right and top < bottom, all in 0..1.
    """

    left: float
    top: float
    right: float
    bottom: float

    def __post_init__(self) -> None:
        if not (0 <= self.left < self.right <= 1 and 0 <= self.top < self.bottom <= 1):
            raise ValueError(f"Expected a rectangle inside the picture. Received: {self}")


WHOLE = Part(0, 0, 1, 1)


def extract_ink(data: bytes, part: Part = WHOLE) -> InkExtraction:
    """Extracts the ink from a picture file: a drawing, a scan or a photograph.

    Args:
        data: the whole file.
        part: the rectangle to look at; of a boundary pixel all is seen. Defaults to all of it.

    Raises:
        UnreadableImage: if it cannot be opened as a picture.
        NothingDrawn: if there is no ink in it.
    """
    with ONE_AT_A_TIME:
        image = decode(data)
        height, width = image.shape[:2]
        reduction = longer_side(data) / max(height, width)
        rows = slice(math.floor(part.top * height), math.ceil(part.bottom * height))
        columns = slice(math.floor(part.left * width), math.ceil(part.right * width))
        image = image[rows, columns]
        try:
            ink = find_writing(image)
        finally:
            if height * width > LARGE:
                return_free_memory()
        scale = reduction * max(image.shape[:2]) / max(ink.shape)
        return InkExtraction(ink, scale, thumbnail(image, THUMBNAIL))


def extract_drawn_ink(drawing: NDArray[np.uint8], *, paper: float) -> InkExtraction:
    """Extracts the ink from a drawing whose paper is known.

    Args:
        drawing: uint8, shape (height, width) or (height, width, channels).
        paper: its grey, 0..1.

    Raises:
        NothingDrawn: if there is no ink in it.
    """
    return InkExtraction(ink_of(drawing, background=paper), 1.0, drawing)


@dataclass(frozen=True)
class PlainReading:
    """The network's answer to the whole picture, shrunk without any clean-up.

    Args:
        network_input: float32, shape (28, 28, 1).
        prediction: the answer.
    """

    network_input: Inputs
    prediction: Prediction


@dataclass(frozen=True)
class Reading:
    """How a picture was read: as one digit, and possibly as a number.

    Args:
        extraction: the ink, and the picture that it was found in.
        stages: the digit's preprocessing; the last is the network's input.
        prediction: the answer for one digit; `prediction.recognised` says whether it is refused.
        plain: the same without clean-up, if requested. Defaults to None.
        number: its digits with their boxes, if it was read as a number. Defaults to None.
        refusal: why it could not be read as a number, in a sentence. Defaults to empty.
    """

    extraction: InkExtraction
    stages: Stages
    prediction: Prediction
    plain: PlainReading | None = None
    number: Number | None = None
    refusal: str = ""

    @property
    def likely_number(self) -> Number | None:
        """The number that a picture refused as a digit probably shows, if there is one."""
        number = self.number
        if self.prediction.recognised or number is None or len(number.digits) < 2:
            return None
        return number if number.confidence >= SURE_OF_A_NUMBER else None

    def to_json(self) -> dict[str, Any]:
        """Returns plain values: digit, confidence, probabilities, number, boxes."""
        answer = _to_json(self.prediction) | {"recognised": self.prediction.recognised}
        if self.number is None:
            return answer | {"number": None, "digits": [], "problem": self.refusal}
        digits = [
            {
                "box": [read.box.left, read.box.top, read.box.width, read.box.height],
                "digit": read.prediction.digit,
                "confidence": round(read.prediction.confidence, DECIMALS),
            }
            for read in self.number.digits
        ]
        return answer | {"number": self.number.text, "digits": digits}


def read(
    extraction: InkExtraction,
    classifier: Classifier,
    *,
    number: Literal["always", "if refused"] = "if refused",
    plain: bool = False,
) -> Reading:
    """Reads a picture, for the pages and the command line alike.

    Args:
        extraction: the ink, as `extract_ink` or `extract_drawn_ink` finds it.
        classifier: reads one digit.
        number: when to read it as a number of several digits as well. Defaults to "if refused": if
            it does not look like one digit.
        plain: whether to read it without clean-up as well. Defaults to False.
    """
    stages = normalise(extraction.ink)
    prediction = classifier.predict_one(stages.network_input)
    shrunk = shrink_plainly(extraction.ink) if plain else None
    found, refusal = None, ""
    if number == "always" or not prediction.recognised:
        try:
            found = read_number(extraction.ink, classifier, scale=extraction.scale)
        except (LimitReached, NothingDrawn) as error:  # it was read as one digit all the same
            refusal = str(error)
    return Reading(
        extraction,
        stages,
        prediction,
        None if shrunk is None else PlainReading(shrunk, classifier.predict_one(shrunk)),
        found,
        refusal,
    )


def thumbnail(picture: NDArray[np.uint8] | NDArray[np.uint16], side: int) -> NDArray[np.uint8]:
    """Shrinks a picture for display.

    Args:
        picture: uint8 or uint16, shape (height, width) or (height, width, channels).
        side: maximum length of the longer side, in pixels.

    Returns:
        uint8, with the same channels.
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
    try:
        if os.path.isdir(path):
            os.listdir(path)  # which says why, if it cannot be read
            raise UnreadableImage("There is no picture in this folder that can be read.")
        return read_file(path)
    except OSError as error:
        what = "folder" if os.path.isdir(path) else "file"
        raise UnreadableImage(f"The {what} cannot be read ({reason(error)}).") from error


def answers_to_patterns(
    classifier: Classifier, patterns: Iterable[str]
) -> Iterator[dict[str, Any]]:
    """Yields a JSON-ready answer, or error, for each pattern in turn."""
    for pattern in patterns:
        try:
            answer = _to_json(read_pattern(classifier, pattern))
        except DigitLabError as error:
            answer = {"error": str(error)}
        yield {"input": pattern} | answer


def answers_to_files(classifier: Classifier, paths: Iterable[Path]) -> Iterator[dict[str, Any]]:
    """Yields a JSON-ready answer, or error, for each file; a folder stands for its pictures.

    Each picture is read twice: as one digit, and as a number of several.
    """
    for path in _pictures(paths):
        try:
            answer = read(extract_ink(_content(path)), classifier, number="always").to_json()
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
