"""`python -m core import`: a network from outside, checked, measured and saved."""

from __future__ import annotations

import argparse
from pathlib import Path

from core.cli.shared import (
    Commands,
    TaskNames,
    add_saving,
    check_free,
    save,
    show_measured,
    show_saved,
)
from core.errors import InvalidInput
from core.files import read_file, reason
from core.importing.bounded import Upload, import_network
from core.models.saved_model import check_not_bundled
from core.tasks.base import get_task, tasks
from core.training.card import ImportedCard


def add_commands(commands: Commands) -> None:
    """Adds the commands of this module."""
    command = commands.add_parser(
        "import", help="check a Keras or LiteRT file from outside, measure it, and save it"
    )
    command.add_argument("file", type=Path, metavar="FILE", help="a .keras or .tflite file")
    command.add_argument("--task", required=True, choices=TaskNames(tasks()))
    command.add_argument("--data", metavar="SOURCE", help="data set; default: the best there is")
    add_saving(command)
    command.set_defaults(command=_import)


def _import(options: argparse.Namespace) -> None:
    check_free(options)
    check_not_bundled(options.name)
    task = get_task(options.task)
    source = task.source(options.data) if options.data else task.available_source()
    try:
        data = read_file(options.file)
    except OSError as error:
        raise InvalidInput(f"{options.file} cannot be read ({reason(error)}).") from error
    imported = import_network(Upload(data, options.file.name, task.name, source.name), task)
    saved = save(options, imported)
    assert isinstance(imported.card, ImportedCard)
    print(f"{imported.card.imported.layers}; {imported.card.parameters:,} weights")
    for finding in imported.card.imported.findings:
        print(finding)
    show_measured(imported.card)
    print("Nobody here knows what it has learned from: it may have seen these test examples.")
    show_saved(saved)
