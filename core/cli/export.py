"""`python -m core export`: a saved model as a file for another program."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from core.cli.shared import Commands
from core.errors import InvalidInput
from core.export.formats import FORMATS, make
from core.files import reason, write_file
from core.models.store import ModelStore


def add_commands(commands: Commands) -> None:
    """Adds the commands of this module."""
    command = commands.add_parser("export", help="write a saved model as a file for other programs")
    command.add_argument("name", metavar="NAME", help="a saved model")
    command.add_argument(
        "--format", required=True, choices=list(FORMATS), help="what the file shall be"
    )
    command.add_argument(
        "--to", type=Path, metavar="FILE", help="default: named for the model, in this folder"
    )
    command.add_argument("--replace", action="store_true", help="over a file of that name")
    command.set_defaults(command=_export)


def _export(options: argparse.Namespace) -> None:
    model, chosen = ModelStore().get(options.name), FORMATS[options.format]
    path: Path = options.to or Path(chosen.file_name(model))
    if path.is_dir():
        raise InvalidInput(f"{path} is a folder. Received no name for the file in it.")
    if path.exists() and not options.replace:
        raise InvalidInput(f"There is a file {path}; --replace writes over it.")
    exported = make(model, chosen, _show)
    try:
        write_file(path, exported.data)
    except OSError as error:
        raise InvalidInput(f"{path} could not be written ({reason(error)}).") from error
    print(f"{path}: {len(exported.data):,} bytes")
    for note in exported.notes:
        print(note)


def _show(note: str, done: int = 0, total: int = 0) -> None:
    if not done:
        print(f"{note} …", file=sys.stderr)
