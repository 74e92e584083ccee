"""Networks converted to ONNX. Imports TensorFlow: for worker processes only."""

from __future__ import annotations

import json
import logging
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import keras
import numpy as np

from core.errors import ModelUnusable
from core.inference.calibration import SMALLEST
from core.models.saved_model import SavedModel
from core.networks.keras_files import read_network

if TYPE_CHECKING:
    import onnx

BATCH, OUTPUT = "batch", "probabilities"
OPSET = 17  # of the operations: every runtime since 2022 knows it


def to_onnx(network: bytes, model: SavedModel) -> bytes:
    """Returns a network as an ONNX file that answers as Digit Lab does.

    Its one input is called "image", "pattern" or whatever an example is, float32 of shape
    (batch, *input_shape); its one output is "probabilities", float32 of shape (batch, classes). The
    calibration's temperature is part of the network. What the classes are, and below which
    confidence an answer is refused, is in the file's metadata.

    Args:
        network: the Keras file.
        model: whose it is.

    Raises:
        ModelUnusable: if the network has a layer that cannot be converted.
    """
    import onnx

    answering = _answering(read_network(network), model)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "network.onnx"
        logging.getLogger("tf2onnx").setLevel(logging.ERROR)
        try:
            answering.export(path, format="onnx", verbose=False, opset_version=OPSET)
        except Exception as error:  # the converter knows many ways to fail
            raise ModelUnusable(f"{model.name} could not be converted ({error}).") from error
        converted = onnx.load(path)
    _name_ends(converted, input_name(model))
    _describe(converted, model)
    onnx.checker.check_model(converted, full_check=True)
    data: bytes = converted.SerializeToString()
    return data


def input_name(model: SavedModel) -> str:
    """Returns the name of the input: what an example is."""
    return "image" if len(model.task.input_shape) == 3 else model.task.example


def _answering(network: keras.Model, model: SavedModel) -> keras.Model:
    """Returns the network followed by what makes its answer of its outputs."""
    temperature = model.calibration.temperature
    x = keras.Input(model.task.input_shape)
    y = network(x)
    logits = model.architecture.output == "linear"
    if not logits and temperature != 1:
        y, logits = keras.ops.log(keras.ops.maximum(y, SMALLEST)), True
    if logits:
        y = keras.ops.softmax(y / temperature)
    answering = keras.Model(x, y)
    answering(np.zeros((1, *model.task.input_shape), np.float32))  # Keras wants it called once
    return answering


def _name_ends(converted: onnx.ModelProto, name: str) -> None:
    """Gives input, output and the free dimension names that say what they are."""
    graph = converted.graph
    names = {graph.input[0].name: name, graph.output[0].name: OUTPUT}
    for node in graph.node:
        node.input[:] = [names.get(each, each) for each in node.input]
        node.output[:] = [names.get(each, each) for each in node.output]
    for end in (graph.input[0], graph.output[0]):
        end.name = names[end.name]
        end.type.tensor_type.shape.dim[0].dim_param = BATCH
    del graph.value_info[:]  # what was noted of the tensors between, under the old names


def _describe(converted: onnx.ModelProto, model: SavedModel) -> None:
    """Writes what a stranger has to know into the file."""
    from onnx import helper

    task, calibration = model.task, model.calibration
    converted.producer_name, converted.producer_version = "Digit Lab", ""
    converted.graph.name = model.name
    converted.doc_string = (
        f"{task.title}: {task.description} Input “{input_name(model)}”: float32,"
        f" shape (batch, {', '.join(map(str, task.input_shape))}). Output “{OUTPUT}”: of each"
        " class; they sum to 1, and the calibration's temperature is applied already."
    )
    helper.set_model_props(
        converted,
        {
            "model": model.name,
            "task": task.name,
            "classes": json.dumps(task.classes),
            "temperature": repr(calibration.temperature),
            "refused_below": repr(calibration.threshold),
            "network": model.architecture.summary,
            "command": model.card.command,
        },
    )
