"""A network from outside checked, fitted to its task and measured; in a process of its own."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np

from core.data import Dataset, Inputs
from core.errors import InvalidInput, ModelUnusable
from core.importing import keras_archive, litert_file
from core.importing.matching import Match, Outputs, check_shapes, find_match
from core.importing.uploaded import kind_of
from core.importing.weights import check_weights
from core.inference.predictor import Predictor
from core.networks.formats import LITERT_FILE
from core.noise.base import Noise
from core.tasks.base import Task, get_task
from core.training.testing import measure

# Training files hold what the optimizer keeps besides: two numbers for each weight, or three.
_WITH_OPTIMIZER = 4
_SHOWN_LAYERS = 12


def fit(data: bytes, request: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Does what `core.importing.child.import_network` says."""
    task = get_task(request["task"])
    noise: Noise | None = None if request["noise"] == "none" else task.noise(request["noise"])
    most = int(request["max_parameters"])
    dataset = task.source(request["source"]).held_out(
        noise, request["noise_level"], request["seed"]
    )
    if kind_of(data) == "keras":
        match, found, files = _keras(data, task, dataset, most)
    else:
        match, found, files = _litert(data, task, dataset, most)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return {
        **measure(files[LITERT_FILE], task, dataset),
        **found,
        "findings": list(match.findings),
    }


def _keras(
    data: bytes, task: Task, dataset: Dataset, most: int
) -> tuple[Match, dict[str, Any], dict[str, bytes]]:
    data = keras_archive.checked(data)
    check_weights(keras_archive.weights_of(data), max_numbers=_WITH_OPTIMIZER * most + 1_000)
    names = keras_archive.layer_names(keras_archive.config_of(data))
    # Only now does anything of Keras see the file.
    from core.importing import network
    from core.networks.builder import parameter_count
    from core.networks.keras_files import write_network

    model = network.load(data, max_parameters=most)
    reshape = check_shapes(*network.shapes_of(model), task)

    def predict(x: Inputs) -> Outputs:
        return network.predict(model, x)

    match = find_match(predict, dataset.validation, task, reshape=reshape)
    fitted = network.adapted(model, match.adaptation, task.input_shape)
    try:
        files = write_network(fitted, logits=False)
    except Exception as error:  # whatever the converter raises
        raise InvalidInput(
            "The network cannot be converted to LiteRT, by which it would answer here."
        ) from error
    # The converter writes nothing but what can be answered with, or it is not taken.
    litert_file.read_checked(files[LITERT_FILE], max_numbers=2 * most)
    found = {
        "layers": _summary(names),
        "kind": _kind(" ".join(names)),
        "parameters": parameter_count(fitted),
    }
    return match, found, files


def _litert(
    data: bytes, task: Task, dataset: Dataset, most: int
) -> tuple[Match, dict[str, Any], dict[str, bytes]]:
    model = litert_file.read_checked(data, max_numbers=most)
    taken, given = litert_file.shapes_of(model)
    reshape = check_shapes(taken, given, task)
    names = litert_file.operation_names(model)
    found = {
        "layers": _summary(name.lower().replace("_", " ") for name in names),
        "kind": _kind(" ".join(names)),
        "parameters": litert_file.weight_count(model),
    }
    shape = tuple(size or ours for size, ours in zip(taken, task.input_shape, strict=False))
    plain = _predictor(litert_file.written(model), shape, task)

    def predict(x: Inputs) -> Outputs:
        try:
            return plain.predict(np.ascontiguousarray(x.reshape(-1, *shape)))
        except (RuntimeError, ValueError) as error:
            raise InvalidInput(
                "The network takes one example at a time only, or an operation in it fails. Convert"
                " it with a free number of examples (a first dimension of None)."
            ) from error

    match = find_match(predict, dataset.validation, task, reshape=reshape)
    return (
        match,
        found,
        {LITERT_FILE: litert_file.adapted(model, match.adaptation, task.input_shape)},
    )


def _predictor(content: bytes, shape: tuple[int, ...], task: Task) -> Predictor:
    try:
        return Predictor(content, input_shape=shape, num_classes=len(task.classes))
    except ModelUnusable as error:
        raise InvalidInput(f"LiteRT cannot open the network. {error}") from error


def _summary(names: Any) -> str:
    """Returns the parts of a network in one line, such as "2 × Conv2D, Flatten, 2 × Dense"."""
    counted = Counter(name for name in names if name != "InputLayer")
    parts = [f"{count} × {name}" if count > 1 else name for name, count in counted.items()]
    more = len(parts) - _SHOWN_LAYERS
    return ", ".join([*parts[:_SHOWN_LAYERS], *([f"{more} more"] if more > 0 else [])])


def _kind(names: str) -> str:
    names = names.lower()
    if any(word in names for word in ("lstm", "gru", "rnn")):
        return "recurrent"
    return "convolutional" if "conv" in names else "dense"
