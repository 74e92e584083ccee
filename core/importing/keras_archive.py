"""A `.keras` file from outside, looked at before Keras sees it.

It is a zip file with a description of the layers (JSON) and their weights (HDF5). What is handed on
is an archive written anew, of nothing but the parts that were looked at: no optimizer, no losses,
no assets. Nothing here imports Keras.
"""

from __future__ import annotations

import io
import json
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from typing import Any

from core.errors import InvalidInput
from core.importing.keras_layers import ACTIVATIONS, ALLOWED, NETWORKS, TENSOR, TUPLE
from core.importing.uploaded import refused_parts

CONFIG, METADATA, WEIGHTS = "config.json", "metadata.json", "model.weights.h5"
MAX_UNPACKED = {CONFIG: 2_000_000, METADATA: 100_000, WEIGHTS: 64_000_000}  # bytes
MAX_DEPTH, MAX_OBJECTS = 60, 20_000  # of the description
MAX_NUMBER = 1_000_000  # units, filters, sizes: none is larger in any network for these tasks
_ANY_NUMBER = {"seed", "shared_object_id"}


def checked(data: bytes) -> bytes:
    """Returns a `.keras` file of the harmless parts of another.

    Args:
        data: the file as it was uploaded.

    Raises:
        InvalidInput: if it is damaged, has parts that are not known to be harmless, or is larger
            inside than a network for these tasks can be.
    """
    parts = _unpacked(data)
    config = _parsed(parts[CONFIG])
    check_config(config)
    # What is only needed for training is left out, and with it whatever it names.
    cleaned = {key: value for key, value in config.items() if key != "compile_config"}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(METADATA, parts[METADATA])
        archive.writestr(CONFIG, json.dumps(cleaned))
        archive.writestr(WEIGHTS, parts[WEIGHTS])
    return out.getvalue()


def weights_of(data: bytes) -> bytes:
    """Returns the HDF5 file in a checked archive."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return archive.read(WEIGHTS)


def _unpacked(data: bytes) -> dict[str, bytes]:
    """Returns the three parts of the archive, none larger than it may be."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = [entry.filename for entry in archive.infolist()]
            if foreign := [name for name in names if name not in MAX_UNPACKED]:
                raise refused_parts(foreign, "files inside the file")
            if sorted(names) != sorted(MAX_UNPACKED):
                raise InvalidInput(
                    "This zip file is no Keras network: one holds exactly"
                    f" {', '.join(MAX_UNPACKED)}, each once."
                )
            return {name: _read(archive, name) for name in names}
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, RuntimeError, ValueError) as error:
        raise InvalidInput(
            "The Keras file is damaged or cut off: it cannot be unpacked. Save it once more."
        ) from error
    except NotImplementedError as error:
        raise InvalidInput("The Keras file is packed in a way that is not read here.") from error


def _read(archive: zipfile.ZipFile, name: str) -> bytes:
    """Unpacks no more than is allowed, whatever size the archive claims."""
    most = MAX_UNPACKED[name]
    with archive.open(name) as file:
        content = file.read(most + 1)
    if len(content) > most:
        raise InvalidInput(
            f"{name} in the Keras file is larger than {most / 1e6:g} MB when it is unpacked. No"
            " network for these tasks is."
        )
    return content


def _parsed(text: bytes) -> dict[str, Any]:
    try:
        config = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InvalidInput("The Keras file's description of its layers is damaged.") from error
    if not isinstance(config, dict):
        raise InvalidInput("The Keras file's description of its layers is damaged.")
    return config


def check_config(config: Mapping[str, Any]) -> None:
    """Looks at every part of a network's description.

    Args:
        config: what `config.json` holds.

    Raises:
        InvalidInput: if a part is not known to be harmless, or too large.
    """
    if str(config.get("class_name")) not in NETWORKS:
        raise refused_parts([str(config.get("class_name"))], "a class of its own, or a function,")
    network = {key: value for key, value in config.items() if key != "compile_config"}
    wrong: list[str] = []
    for key, value in _walk(network):
        if isinstance(value, Mapping):
            wrong += _wrong_object(value)
        elif isinstance(value, str) and key.endswith("activation"):
            if value not in ACTIVATIONS:
                wrong.append(value)
        elif isinstance(value, str) and key == "dtype":
            _check_precision(value)
        elif isinstance(value, int | float) and key not in _ANY_NUMBER:
            _check_number(key, value)
    if wrong:
        raise refused_parts(wrong, "layers or functions")


def layer_names(config: Mapping[str, Any]) -> list[str]:
    """Returns the classes of a checked network's layers, in order."""
    return [
        str(value["class_name"])
        for _, value in _walk(config)
        if isinstance(value, Mapping) and value.get("module") == "keras.layers"
    ]


def config_of(data: bytes) -> dict[str, Any]:
    """Returns the description in a checked archive."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return _parsed(archive.read(CONFIG))


def _wrong_object(value: Mapping[str, Any]) -> list[str]:
    """Returns the name of what is not allowed in one object of the description."""
    if "class_name" not in value:
        return [str(value["module"])] if "module" in value else []
    kind, module = value["class_name"], value.get("module")
    if kind in (TENSOR, TUPLE) and module is None:
        return []
    named = isinstance(kind, str) and isinstance(module, str)
    known = named and kind in ALLOWED.get(str(module), frozenset())
    # A class of one's own is registered under another name than that of the class it replaces.
    if known and value.get("registered_name") in (None, kind):
        return _wrong_precision(value)
    return [f"{kind} ({value.get('registered_name') or module or 'from nowhere'})"]


def _wrong_precision(value: Mapping[str, Any]) -> list[str]:
    settings = value.get("config")
    if value["class_name"] == "DTypePolicy":
        _check_precision(settings.get("name") if isinstance(settings, Mapping) else settings)
    return []


def _check_precision(name: object) -> None:
    if name != "float32":
        raise InvalidInput(
            "The network computes in another precision than float32. Save it with float32 layers:"
            " keras.config.set_dtype_policy('float32')."
        )


def _check_number(key: str, value: float) -> None:
    if not -MAX_NUMBER <= value <= MAX_NUMBER:  # NaN as well
        raise InvalidInput(
            f"The network's description says {key or 'a size'} = {value:.6g}, more than any network"
            " for these tasks has."
        )


def _walk(config: Any) -> Iterator[tuple[str, Any]]:
    """Yields every value with the key that it has, or that the list around it has."""
    left = [("", config, 0)]
    seen = 0
    while left:
        key, value, depth = left.pop()
        seen += 1
        if depth > MAX_DEPTH or seen > MAX_OBJECTS * 10:
            raise InvalidInput(
                "The network's description is nested deeper, or longer, than that of any network"
                " for these tasks."
            )
        yield key, value
        if isinstance(value, Mapping):
            left += [(str(name), inner, depth + 1) for name, inner in reversed([*value.items()])]
        elif isinstance(value, list):
            left += [(key, inner, depth + 1) for inner in reversed(value)]
