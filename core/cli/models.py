"""`python -m core models`: the saved models and their figures."""

from __future__ import annotations

import argparse

from core.cli.shared import Commands
from core.models.store import ModelStore


def add_commands(commands: Commands) -> None:
    """Adds the commands of this module."""
    command = commands.add_parser("models", help="list the saved models and their figures")
    command.set_defaults(command=_models)


def _models(options: argparse.Namespace) -> None:
    store = ModelStore()
    store.check()
    found = store.survey()
    for model in found.models:
        print(f"{model.name}: {model.task.title.lower()}, {model.summary}")
        for figure in model.figures:
            print(f"    {figure}")
        print(f"    {model.card.command}")
    for folder in found.unusable:
        print(f"{folder.name}: cannot be used. {folder.reason}")
