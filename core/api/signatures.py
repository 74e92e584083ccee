"""What a model takes and gives over HTTP: names, types and shapes, the same for both protocols.

Every model has the input `input` and four outputs. TensorFlow Serving groups them as signatures:
the usual one gives the probabilities alone, `answer` all four, and `picture` takes picture files.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.api.problems import Refused, shown
from core.api.served import Served
from core.imaging.normalize import SIZE, normalise
from core.inference.reading import extract_ink
from core.models.saved_model import SavedModel

INPUT = "input"
PICTURE_INPUT = "picture_bytes"  # TensorFlow Serving takes names that end so for binary
DEFAULT = "serving_default"
ANSWER = "answer"
PICTURE = "picture"
PROBABILITIES = "probabilities"


@dataclass(frozen=True)
class Output:
    """A named output.

    Args:
        name: as requests and answers have it.
        tensorflow: TensorFlow's name of its type.
        protocol: the Open Inference Protocol's.
        dtype: NumPy's.
        meaning: what it says, for the documentation.
    """

    name: str
    tensorflow: str
    protocol: str
    dtype: type[np.generic]
    meaning: str

    def shape(self, model: SavedModel, rows: int = -1) -> list[int]:
        """Returns its shape; -1 rows stand for any number."""
        return [rows, len(model.task.classes)] if self.name == PROBABILITIES else [rows]


OUTPUTS = (
    Output(PROBABILITIES, "DT_FLOAT", "FP32", np.float32, "of each class, calibrated, sum 1"),
    Output("class", "DT_INT64", "INT64", np.int64, "index of the most probable class"),
    Output("confidence", "DT_FLOAT", "FP32", np.float32, "its probability"),
    Output("recognised", "DT_BOOL", "BOOL", np.bool_, "false: it looks like none of the classes"),
)
BY_NAME: Mapping[str, Output] = {output.name: output for output in OUTPUTS}


@dataclass(frozen=True)
class Signature:
    """What a request of TensorFlow Serving's form may ask for.

    Args:
        name: of the signature.
        takes: the name of its input.
        gives: its outputs.
    """

    name: str
    takes: str
    gives: tuple[Output, ...]


_SIGNATURES = (
    Signature(DEFAULT, INPUT, OUTPUTS[:1]),
    Signature(ANSWER, INPUT, OUTPUTS),
    Signature(PICTURE, PICTURE_INPUT, OUTPUTS),
)


def reads_pictures(model: SavedModel) -> bool:
    """Returns whether a model's input comes from a picture file, cleaned as on the Draw page."""
    return model.task.name.startswith("handwritten") and model.task.input_shape == (SIZE, SIZE, 1)


def signatures(model: SavedModel) -> Sequence[Signature]:
    """Returns the signatures of a model; `picture` only for handwritten digits."""
    return _SIGNATURES if reads_pictures(model) else _SIGNATURES[:2]


def signature_of(model: SavedModel, name: str) -> Signature:
    """Returns a signature by name; an empty one means the usual.

    Raises:
        Refused: if there is none.
    """
    for signature in signatures(model):
        if signature.name == (name or DEFAULT):
            return signature
    known = ", ".join(each.name for each in signatures(model))
    raise Refused(
        400,
        f"Serving signature name: {shown(name)} not found in signature def. There is: {known}.",
    )


def picture_input(data: bytes) -> NDArray[np.float32]:
    """Turns a picture file into a network's input: float32, shape (28, 28, 1).

    Raises:
        UnreadableImage: if it cannot be opened.
        NothingDrawn: if there is no ink in it.
    """
    return normalise(extract_ink(data).ink).network_input


def outputs_of(
    served: Served, x: NDArray[np.float32], wanted: Sequence[Output]
) -> dict[str, NDArray[Any]]:
    """Answers.

    Args:
        served: the model.
        x: float32, shape (n, *input_shape).
        wanted: the outputs to return.

    Returns:
        The arrays by name, each with n rows.
    """
    if len(x):
        probabilities = served.predict(x)
    else:
        probabilities = np.empty((0, len(served.model.task.classes)), np.float32)
    given: dict[str, NDArray[Any]] = {}
    for output in wanted:
        match output.name:
            case "probabilities":
                given[output.name] = probabilities
            case "class":
                given[output.name] = probabilities.argmax(axis=1).astype(np.int64)
            case "confidence":
                given[output.name] = probabilities.max(axis=1)
            case "recognised":
                threshold = served.classifier.threshold
                given[output.name] = probabilities.max(axis=1) >= threshold
    return given
