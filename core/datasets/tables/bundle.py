"""Writes the records of the built-in tables: `python -m core.datasets.tables.bundle`."""

from __future__ import annotations

import json
from pathlib import Path

from core.datasets.tables.builtin import BUILT_IN, rows
from core.datasets.tables.description import Record
from core.datasets.tables.preparing import fit
from core.datasets.tables.reading import read_table


def made(name: str) -> Record:
    """Returns a built-in table's record, fitted anew."""
    data = rows(name)
    return fit(read_table(data, header=True), data, BUILT_IN[name].choices)


def main() -> None:
    """Writes them beside this module."""
    folder = Path(__file__).parent / "bundled"
    folder.mkdir(exist_ok=True)
    for name in BUILT_IN:
        written = json.dumps(made(name).entries, indent=1, ensure_ascii=False)
        (folder / f"{name}.json").write_text(written + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
