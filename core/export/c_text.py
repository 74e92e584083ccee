"""Names and numbers as C source text; whatever stands in a name, it stays a name."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
from numpy.typing import NDArray

_WIDTH = 96  # columns of a line of numbers
_MAX_STRING = 500  # characters; C99 promises 4,095 bytes to a string


def in_comment(text: str) -> str:
    """Returns text for a comment or a heading: plain characters, none that could end it."""
    return re.sub(r"[^ -~]|[*\\`]|\?(?=\?)", "_", text)[:_MAX_STRING]


def in_markdown(text: str) -> str:
    """Returns text for a Markdown file: one line, without markup."""
    plain = "".join(character if character.isprintable() else " " for character in text)
    return re.sub(r"[\\`*_<>|#\[\]&]", " ", plain)[:_MAX_STRING].strip()


def string(text: str) -> str:
    """Returns text as a C string in quotation marks, in UTF-8."""
    return '"' + "".join(_character(byte) for byte in text[:_MAX_STRING].encode()) + '"'


def _character(byte: int) -> str:
    # A question mark could begin a trigraph, and a hexadecimal escape would swallow a digit.
    if chr(byte) in '"\\?':
        return "\\" + chr(byte)
    return chr(byte) if 32 <= byte < 127 else f"\\{byte:03o}"


def folder_name(text: str) -> str:
    """Returns a name that a folder and an Arduino sketch can have."""
    return re.sub(r"[^A-Za-z0-9-]", "-", text)[:60].strip("-") or "network"


def number(value: float) -> str:
    """Returns a float32 as a C constant that is exactly the same."""
    text = str(np.float32(value))
    return f"{text}f" if re.search(r"[.e]", text) else f"{text}.0f"


def numbers(values: NDArray[Any]) -> str:
    """Returns an array's values as lines of C, in its order in memory.

    Args:
        values: float32 or integers, any shape; finite.
    """
    if np.issubdtype(values.dtype, np.floating):
        words = [number(value) for value in values.ravel().tolist()]
    else:
        words = [str(value) for value in values.ravel().tolist()]
    lines, line = [], ""
    for word in words:
        if line and len(line) + len(word) + 2 > _WIDTH:
            lines.append(line)
            line = ""
        line += f" {word}," if line else f"{word},"
    return "\n".join(f"    {each}" for each in [*lines, line])
