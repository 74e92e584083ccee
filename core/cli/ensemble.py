"""`python -m core ensemble`: saved networks vote, and are measured together."""

from __future__ import annotations

import argparse

from core.cli.shared import (
    Commands,
    add_saving,
    check_free,
    save,
    show_measured,
    show_saved,
    weights,
)
from core.inference.ensemble import VOTES
from core.models.ensemble_builder import ensemble_card
from core.models.store import ModelStore
from core.training.card import TrainedModel


def add_commands(commands: Commands) -> None:
    """Adds the commands of this module."""
    command = commands.add_parser("ensemble", help="let saved networks vote, and measure them")
    command.add_argument("members", nargs="+", metavar="NAME", help="saved models of one task")
    command.add_argument("--vote", choices=VOTES, default="mean", help="default: mean")
    command.add_argument(
        "--weights",
        type=weights,
        default=(),
        metavar="2,1,...",
        help="of the weighted vote, one for each; default: what fits the validation data best",
    )
    command.add_argument("--data", metavar="SOURCE", help="data set; default: the first one's")
    command.add_argument(
        "--shifts", action="store_true", help="each looks at the picture moved by a pixel as well"
    )
    add_saving(command)
    command.set_defaults(command=_ensemble)


def _ensemble(options: argparse.Namespace) -> None:
    check_free(options)
    store = ModelStore()
    card = ensemble_card(
        [store.get(name) for name in options.members],
        vote=options.vote,
        weights=options.weights,
        test_time_augmentation=options.shifts,
        source=options.data or "",
    )
    saved = save(options, TrainedModel({}, card))
    for name, figures in card.alone.items():
        for figure in figures:
            print(f"{name} alone: {figure}")
    if card.weights:
        print(f"weights: {', '.join(f'{weight:g}' for weight in card.weights)}")
    show_measured(card)
    show_saved(saved)
