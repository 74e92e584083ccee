"""A saved network's layers with their weights, read as a file: without Keras, and in an instant.

The server cannot load a network as Keras does, and need not: its `.keras` file is a zip file with a
description of the layers and their weights in the order of the layers.
"""

from __future__ import annotations

import io
import json
import re
import zipfile
import zlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import ModelUnusable
from core.networks.formats import KERAS_FILE

_CONFIG_FILE = "config.json"
_WEIGHTS_FILE = "model.weights.h5"
_NETWORKS = ("Sequential", "Functional")
RECURRENT = ("SimpleRNN", "GRU", "LSTM")


@dataclass(frozen=True)
class SavedLayer:
    """One layer of a saved network.

    Args:
        name: unique in the network.
        kind: the name of its Keras class, such as "Conv2D".
        settings: what Keras saved of it, such as its activation.
        weights: float32 arrays in Keras' order: kernel and bias, say; none for a layer without.
    """

    name: str
    kind: str
    settings: Mapping[str, Any]
    weights: tuple[NDArray[np.float32], ...] = ()


def parse_layers(data: bytes, *, name: str) -> tuple[SavedLayer, ...]:
    """Returns a network's layers without its input, each after those that it takes from.

    Args:
        data: the bytes of a KERAS_FILE.
        name: of the model, for messages.

    Raises:
        ModelUnusable: if it cannot be read, holds a network within the network, or a layer that is
            used several times.
    """
    import h5py  # takes a third of a second, and few ask for it

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            config = json.loads(archive.read(_CONFIG_FILE))
            weights = archive.read(_WEIGHTS_FILE)
        if config["class_name"] not in _NETWORKS:
            raise ValueError("a network of a kind of its own")
        with h5py.File(io.BytesIO(weights), "r") as file:
            return _layers(config["config"]["layers"], file)
    except (OSError, KeyError, TypeError, ValueError, zipfile.BadZipFile, zlib.error) as error:
        raise ModelUnusable(
            f"{name}: its layers cannot be read from {KERAS_FILE} ({type(error).__name__})."
        ) from error


def _layers(entries: list[Mapping[str, Any]], file: Any) -> tuple[SavedLayer, ...]:
    found = []
    seen: Counter[str] = Counter()
    for entry in entries:
        kind = str(entry["class_name"])
        if kind == "InputLayer":
            continue
        # In the file layers are named by their kind and number, whatever the model calls them.
        place = _snake_case(kind)
        number = seen[place]
        seen[place] += 1
        # What is computed by an operator, such as a sum, has no entry there.
        group = file.get(f"layers/{place}" + (f"_{number}" if number else ""), {})
        if "layers" in group or kind in _NETWORKS:
            raise ValueError("a network inside the network")
        if len(entry.get("inbound_nodes", ())) > 1:
            raise ValueError("a layer that is used several times")
        values = group.get("cell/vars" if kind in RECURRENT else "vars", {})
        arrays = tuple(np.asarray(values[str(n)][()], np.float32) for n in range(len(values)))
        called = str(entry["config"].get("name") or entry["name"])
        found.append(SavedLayer(called, kind, entry["config"], arrays))
    return tuple(found)


def _snake_case(kind: str) -> str:
    """Writes a class's name as Keras does: "MaxPooling2D" becomes "max_pooling2d"."""
    text = re.sub(r"\W+", "", kind)
    text = re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", text)
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", text).lower()
