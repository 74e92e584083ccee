"""A network's file as somebody uploaded it: what it is, and what it may be called."""

from __future__ import annotations

import re
from typing import Literal

from core.errors import InvalidInput
from core.text import listed

MAX_BYTES = 20_000_000  # as much as a page takes
MAX_NAME = 60  # characters
Kind = Literal["keras", "litert"]
_HDF5 = b"\x89HDF\r\n\x1a\n"


def kind_of(data: bytes) -> Kind:
    """Returns what a file is, by its content: its name may say anything.

    Raises:
        InvalidInput: if it is neither of the two kinds; says what to do where it is known.
    """
    if len(data) > MAX_BYTES:
        raise InvalidInput(
            f"The file has {len(data) / 1e6:.1f} MB. A network may have {MAX_BYTES / 1e6:.0f} MB."
        )
    if data[:4] == b"PK\x03\x04":
        return "keras"
    if data[4:8] == b"TFL3":
        return "litert"
    if data.startswith(_HDF5):
        raise InvalidInput(
            "This is an HDF5 file (.h5), Keras' format of old. Load it where it was made and save"
            " it as .keras: model.save('mine.keras')."
        )
    raise InvalidInput(
        "This is no network that can be read here: neither a Keras file (.keras) nor a LiteRT file"
        " (.tflite). The file's name does not matter, its content does."
    )


def clean_name(name: str) -> str:
    """Returns a file's name as it may stand on a card: no path, no control characters."""
    last = re.split(r"[/\\]", name)[-1]
    kept = re.sub(r"[^\w. ()+-]+", "_", last).strip()
    return kept[:MAX_NAME] or "unnamed"


def shape_words(shape: tuple[int | None, ...]) -> str:
    """Writes a shape as people do: 28 × 28 × 1; "?" where a size is left open."""
    return " × ".join("?" if size is None else str(size) for size in shape) or "a single number"


def refused_parts(parts: list[str], what: str) -> InvalidInput:
    """Returns the error about parts that are not known to be harmless.

    Args:
        parts: their names.
        what: what they are, such as "layers".
    """
    shown = listed(sorted({part[:60] for part in parts})[:5])
    return InvalidInput(
        f"It uses {what} that could run code of its own or fetch files: {shown}. Only the usual"
        " ones are read here, so the file was not opened any further."
    )
