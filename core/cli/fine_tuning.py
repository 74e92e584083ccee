"""`python -m core fine-tune`: a saved model learns one person's handwriting."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from core.cli.shared import (
    Commands,
    add_numbers,
    add_saving,
    check_free,
    given,
    save,
    show_event,
    show_saved,
)
from core.errors import InvalidInput
from core.files import read_file, reason
from core.handwriting import config as transfer
from core.handwriting import sample_files
from core.handwriting.config import BaseNetwork, Outcome, TransferConfig
from core.models.store import ModelStore


def add_commands(commands: Commands) -> None:
    """Adds the commands of this module."""
    command = commands.add_parser(
        "fine-tune", help="teach a saved model a person's handwriting, and save the new one"
    )
    command.add_argument("base", metavar="NAME", help="a saved handwritten-digit model")
    command.add_argument(
        "--samples",
        type=Path,
        required=True,
        metavar="FILE",
        help="the person's samples: an .npz or .zip file as the page “Your handwriting” offers it",
    )
    add_saving(command)
    command.add_argument(
        "--data", metavar="SOURCE", help="data set mixed in; default: the best there is"
    )
    add_numbers(command, transfer.BOUNDS)
    command.add_argument(
        "--signs",
        action="store_true",
        help="teach the person's signs A and B as well: the network gets an output for each,"
        f" and learns at a rate of {transfer.usual_rate(signs=True):g} by default",
    )
    command.set_defaults(command=_fine_tune)


def _fine_tune(options: argparse.Namespace) -> None:
    check_free(options)
    base = BaseNetwork.of(ModelStore().get(options.base), signs=options.signs)
    usual = {"learning_rate": transfer.usual_rate(signs=options.signs)}
    config = TransferConfig(
        source=options.data or "",
        signs=options.signs,
        **usual | given(options, transfer.BOUNDS),
    )
    try:
        data = read_file(options.samples)
    except OSError as error:
        raise InvalidInput(f"{options.samples} cannot be read ({reason(error)}).") from error
    x, y = sample_files.read(data)
    transfer.prepare(x, y, base.card.fine_tuned, signs=config.signs)
    print(config.command(base.name), file=sys.stderr)
    from core.handwriting.fine_tuning import (
        fine_tune,  # TensorFlow: not before all is known to be right
    )

    tuned = fine_tune(base, x, y, config, on_event=show_event)
    saved = save(options, tuned)
    for before, after in Outcome.of(tuned.card.fine_tuned).rows:
        print(f"before: {before}")
        print(f"after:  {after}")
    show_saved(saved)
