"""`python -m core export`: a saved model as a file for another program; `int8` keeps one."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from core.cli.shared import Commands
from core.errors import InvalidInput
from core.export.format import Exported
from core.export.formats import FORMATS, make
from core.export.int8 import keep, quantise, unavailable
from core.files import reason, write_file
from core.metrics.accuracy import percent
from core.models.store import ModelStore
from core.networks.formats import SCHEMES


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
    command = commands.add_parser(
        "int8", help="quantise saved models, and keep file and figures beside the card"
    )
    command.add_argument("names", nargs="+", metavar="NAME", help="a saved model")
    command.set_defaults(command=_keep_int8)


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
        path.chmod(0o666 & ~_umask())  # a draft is private, what is handed out is not
    except OSError as error:
        raise InvalidInput(f"{path} could not be written ({reason(error)}).") from error
    print(f"{path}: {len(exported.data):,} bytes")
    for note in exported.notes:
        print(note)
    _show_cost(exported)


def _umask() -> int:
    """Returns what this process takes from the permissions of new files."""
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _keep_int8(options: argparse.Namespace) -> None:
    store = ModelStore()
    for model in [store.get(name) for name in options.names]:
        if why := unavailable(model):
            raise InvalidInput(f"{model.name}: {why}")
        exported = quantise(model, _show)
        keep(store, model, exported)
        print(f"{model.name}: {len(exported.data):,} bytes")
        _show_cost(exported)


def _show_cost(exported: Exported) -> None:
    if exported.int8 is None:
        return
    print(f"    {SCHEMES[exported.int8.scheme]}")
    for before, after in zip(exported.int8.before, exported.int8.after, strict=True):
        print(f"    {after}; before {percent(before.value)}")


def _show(note: str, done: int = 0, total: int = 0) -> None:
    if not done:
        print(f"{note} …", file=sys.stderr)
