"""Keras files that older versions of Keras open, too.

A newer version writes every setting into the file, also those that it has added since, and an older
one refuses a file with settings that it does not know. Those that are at their defaults change
nothing, so they can be left out. A network that really uses one keeps it: it would else answer
differently in an older version.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Collection, Mapping
from typing import Any

OLDEST = "3.8.0"  # the oldest version of Keras that opens what this module has passed
_CONFIG = "config.json"
# Settings that came after OLDEST, with the values that do what was done before there was a choice.
_NEWER: Mapping[str, Collection[object]] = {
    "quantization_config": (None,),
    "lora_alpha": (None,),
    "renorm": (False,),
    "renorm_clipping": (None,),
    "input_axes": (None,),
    "output_axes": (None,),
    "ragged": (None, False),
    "output_padding": (None,),
    "antialias": (False,),
    "sliding_window": (None,),
    "use_gate": (False,),
}
_ONLY_WITH = {"renorm_momentum": "renorm"}  # without the other, it is not looked at


def opens_in_older(data: bytes) -> bytes:
    """Returns a Keras file as OLDEST and all versions since then open it.

    Weights stay as they are, byte by byte; a file that needs no change is returned as it is.

    Args:
        data: the file.

    Raises:
        ValueError: if it is no Keras file.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = [(info, archive.read(info)) for info in archive.infolist()]
        config = json.loads({info.filename: part for info, part in parts}[_CONFIG])
    except (zipfile.BadZipFile, KeyError, ValueError) as error:
        raise ValueError(f"this is no Keras file ({error})") from error
    older = _without_newer(config)
    if older == config:
        return data
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        for info, part in parts:
            archive.writestr(info, json.dumps(older).encode() if info.filename == _CONFIG else part)
    return written.getvalue()


def _without_newer(entry: Any) -> Any:
    """Returns a part of a configuration without what came after OLDEST and is at its default."""
    if isinstance(entry, list):
        return [_without_newer(each) for each in entry]
    if not isinstance(entry, dict):
        return entry
    kept = {key: _without_newer(value) for key, value in entry.items()}
    if _is_from_keras(entry):
        settings = kept["config"]
        kept["config"] = {
            key: value for key, value in settings.items() if not _changes_nothing(key, settings)
        }
    return kept


def _is_from_keras(entry: Mapping[str, Any]) -> bool:
    """Returns whether an entry describes an object of Keras' own: a layer, an initialiser."""
    module = entry.get("module")
    return (
        isinstance(module, str)
        and module.partition(".")[0] == "keras"
        and isinstance(entry.get("config"), dict)
    )


def _changes_nothing(key: str, settings: Mapping[str, Any]) -> bool:
    if key in _ONLY_WITH:
        return not settings.get(_ONLY_WITH[key])
    return key in _NEWER and any(settings[key] is value for value in _NEWER[key])
