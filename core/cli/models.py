"""`python -m core models`, `rename`, `delete`, `refresh`: the saved models and their files.

Whoever runs commands on this machine may change every model but the bundled ones, whoever saved it.
"""

from __future__ import annotations

import argparse

from core.cli.shared import Commands, model_name
from core.models.refresh import refresh
from core.models.store import ModelStore


def add_commands(commands: Commands) -> None:
    """Adds the commands of this module."""
    command = commands.add_parser("models", help="list the saved models and their figures")
    command.set_defaults(command=_models)
    command = commands.add_parser(
        "refresh",
        help="write saved models' Keras files as this version does; no weight, no answer changes",
    )
    command.add_argument("names", nargs="*", metavar="NAME", help="default: all saved models")
    command.set_defaults(command=_refresh)
    command = commands.add_parser("rename", help="give a saved model another name")
    command.add_argument("name", metavar="NAME", help="a saved model")
    command.add_argument("new_name", type=model_name, metavar="NEW", help="what to call it")
    command.set_defaults(command=_rename)
    command = commands.add_parser("delete", help="delete a saved model for good")
    command.add_argument(
        "name", metavar="NAME", help="a saved model, or a folder that cannot be used"
    )
    command.set_defaults(command=_delete)


def _models(options: argparse.Namespace) -> None:
    store = ModelStore()
    store.check()
    found = store.survey()
    for model in found.models:
        print(f"{model.name}: {model.task.title.lower()}, {model.summary}")
        for figure in model.figures:
            print(f"    {figure}")
        if model.card.int8:
            for figure in model.card.int8.after:
                print(f"    in whole numbers (int8): {figure}")
        print(f"    {model.card.command}")
    for folder in found.unusable:
        print(f"{folder.name}: cannot be used. {folder.reason}")


def _refresh(options: argparse.Namespace) -> None:
    store = ModelStore()
    store.check()
    for model in [store.get(name) for name in options.names] or store.models():
        print(f"{model.name}: {'written anew' if refresh(store, model) else 'as it should be'}")


def _rename(options: argparse.Namespace) -> None:
    renamed = ModelStore().rename(options.name, options.new_name, by=None)
    print(f"{options.name} is now called {renamed.name}")


def _delete(options: argparse.Namespace) -> None:
    ModelStore().delete(options.name, by=None)
    print(f"{options.name} is deleted")
