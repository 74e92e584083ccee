"""The text in a table's file: its encoding and delimiter, found by its content."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterator

from core.errors import InvalidInput

MAX_BYTES = 20_000_000
DELIMITERS = {"\t": "tab", ";": "semicolon", ",": "comma"}  # of equals, the first wins
SHOWN = 60  # characters of a name or value
# Records and fields that are looked at to find the delimiter.
_LOOKED_AT, _FIELDS_LOOKED_AT = 200, 200_000
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f]")
_MOST_CONTROL = 0.01  # of the characters of a text
_KNOWN = {
    b"PK\x03\x04": "an Excel file or another zip archive",
    b"\xd0\xcf\x11\xe0": "an old Excel file",
    b"%PDF": "a PDF file",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"\x1f\x8b": "a compressed file",
}
_SAVE_AS = "Save the table as “CSV UTF-8” and upload that file."
# What Markdown or a chart would take for its own, and what is shown in its place.
_LOOKALIKES = str.maketrans("<>[]{}`*$#|~\\", "‹›()()'∗＄♯¦∼/")
_FORMULA = {"=", "+", "-", "@"}  # at the beginning of a cell
_SIGNED = re.compile(r"[+-]?[\d.,]*(?:[eE][+-]?\d+)?")
_DECIMAL_COMMA = re.compile(r"[+-]?[\d.]*,\d+(?:[eE][+-]?\d+)?")


def decode(data: bytes) -> str:
    """Returns the text of a file in UTF-8, or in the code of Western Windows (Latin-1).

    Raises:
        InvalidInput: if it is empty, too large, or no text.
    """
    if len(data) > MAX_BYTES:
        raise InvalidInput(
            f"The file has {len(data) / 1e6:.0f} MB. A table may have {MAX_BYTES / 1e6:.0f} MB."
        )
    for start, what in _KNOWN.items():
        if data.startswith(start):
            raise InvalidInput(f"This is {what}, not a table in text form (CSV). {_SAVE_AS}")
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise InvalidInput(f"The file is in UTF-16. {_SAVE_AS}")
    if (at := data.find(b"\0")) >= 0:
        if _like_utf_16(data):
            raise InvalidInput(f"The file is in UTF-16. {_SAVE_AS}")
        line = data.count(b"\n", 0, at) + 1
        raise InvalidInput(f"Line {line:,} holds a zero byte, so this is not a text file (CSV).")
    text = _decoded(data)
    if not text.strip("\r\n\t ;,"):
        raise InvalidInput("The file is empty.")
    if len(_CONTROL.findall(text)) > _MOST_CONTROL * len(text):
        raise InvalidInput(f"This is not a text file (CSV). {_SAVE_AS}")
    return text


def _decoded(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    try:
        return data.decode("cp1252")  # Latin-1 with “€” and curved quotation marks
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _like_utf_16(data: bytes) -> bool:
    start = data[:1000]
    even, odd = start[::2].count(0), start[1::2].count(0)
    return max(even, odd) > 0.4 * len(start) / 2 and min(even, odd) < 0.1 * len(start) / 2


def find_delimiter(text: str) -> str:
    """Returns the delimiter that gives the most records the same number of fields.

    Raises:
        InvalidInput: if there is none, so that the table has a single column.
    """
    scores = {delimiter: _evenness(text, delimiter) for delimiter in DELIMITERS}
    best = max(scores, key=scores.__getitem__)
    if scores[best] == 0:
        raise InvalidInput(
            "The table has a single column: no comma, semicolon or tab parts its lines. It needs"
            " the column to predict, and at least one to predict it from."
        )
    if best == ";" and scores[","] == scores[";"] and not _commas_are_decimal(text):
        return ","
    return best


def _evenness(text: str, delimiter: str) -> float:
    sizes = [len(record) for record in _first(text, delimiter)]
    several = Counter(size for size in sizes if size > 1)
    return max(several.values()) / len(sizes) if several else 0.0


def _first(text: str, delimiter: str) -> list[list[str]]:
    """Returns the first records that are not empty."""
    found: list[list[str]] = []
    fields = 0
    try:
        for record in csv.reader((line[:100_000] for line in lines(text)), delimiter=delimiter):
            if record:
                found.append(record)
            fields += len(record)
            if len(found) == _LOOKED_AT or fields > _FIELDS_LOOKED_AT:
                break
    except csv.Error:  # it is reported when all of it is read
        pass
    return found


def _commas_are_decimal(text: str) -> bool:
    cells = (cell.strip() for record in _first(text, ";") for cell in record if "," in cell)
    return all(map(_DECIMAL_COMMA.fullmatch, cells))


def lines(text: str) -> Iterator[str]:
    """Yields the lines of a text with their ends, as `csv` counts them, one by one."""
    start = 0
    for end in re.finditer(r"\r\n|\n|\r|\Z", text):
        if line := text[start : end.end()]:
            yield line
        start = end.end()


def one_line(text: str) -> str:
    """Returns text without control characters, as one line, without spaces around it."""
    if text.isprintable():
        return " ".join(text.split())
    # Format characters turn the writing direction; half a character (surrogate) cannot be written.
    kept = "".join(c if c.isprintable() or c == " " else " " for c in text)
    return " ".join(kept.split())


def shortened(text: str, limit: int = SHOWN) -> str:
    """Returns text as one line of at most `limit` characters."""
    line = one_line(text[: 20 * limit])
    return line if len(line) <= limit else line[: limit - 1] + "…"


def shown(text: str) -> str:
    """Returns a name or value as pages may show it anywhere, and a spreadsheet may open it.

    Nothing in it is markup, and nothing a formula.
    """
    safe = shortened(text).translate(_LOOKALIKES)
    return f"'{safe}" if safe[:1] in _FORMULA and not _SIGNED.fullmatch(safe) else safe
