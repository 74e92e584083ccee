"""`python -m core search`: better settings looked for, and the best network saved."""

from __future__ import annotations

import argparse
import logging
import sys
from dataclasses import replace

from core.cli.shared import (
    Commands,
    TaskNames,
    add_saving,
    check_free,
    given,
    save,
    show_measured,
    show_saved,
)
from core.errors import InvalidInput
from core.metrics.accuracy import percent
from core.search.config import OBJECTIVES, PRUNERS, SAMPLERS, SETTINGS, SearchConfig
from core.search.space import Space
from core.search.trial import Trial
from core.search.variables import EXAMPLE
from core.tasks.base import Task, get_task, tasks
from core.training.config import BOUNDS, TrainingConfig

_ASKED = ("trials", "seconds", "seed")


def add_commands(commands: Commands) -> None:
    """Adds the commands of this module."""
    command = commands.add_parser(
        "search",
        help="look for better settings of a recipe, and save the best network",
        description="Trains one network after another with settings that a sampler proposes, and"
        " keeps the one that is best on the validation data. Only that one is measured on the test"
        " data. Ctrl+C ends the search with the best one so far.",
    )
    trainable = TaskNames(name for name, task in tasks().items() if not task.needs_own_samples)
    command.add_argument("recipe", metavar="RECIPE", help="ready-made settings to start from")
    command.add_argument("--task", choices=trainable, help="whose recipe it is")
    command.add_argument("--data", metavar="SOURCE", help="data set; default: the best there is")
    command.add_argument(
        "--vary",
        action="append",
        default=[],
        metavar="NAME=VALUES",
        help=f"a setting and how far it may vary: {EXAMPLE}; for each setting once",
    )
    for name, choices in (("sampler", SAMPLERS), ("pruner", PRUNERS), ("objective", OBJECTIVES)):
        default = SearchConfig.__dataclass_fields__[name].default
        command.add_argument(
            f"--{name}", choices=choices, default=default, help=f"default: {default}"
        )
    for name in _ASKED:
        bounds = SETTINGS[name]
        command.add_argument(
            f"--{name}",
            type=int if bounds.whole else float,
            help=f"{bounds.title.lower()}, {bounds.low:g} to {bounds.high:g};"
            f" default: {bounds.default:g}",
        )
    command.add_argument("--epochs", type=int, help="of each run; default: the recipe's")
    add_saving(command)
    command.set_defaults(command=_search)


def search_config(options: argparse.Namespace) -> SearchConfig:
    """Returns the search that the options ask for."""
    task = get_task(options.task) if options.task else _task_of(options.recipe)
    base = TrainingConfig.from_recipe(task, task.recipe(options.recipe), source=options.data or "")
    if options.epochs is not None:
        BOUNDS["epochs"].check("epochs", options.epochs)
        base = replace(base, epochs=options.epochs)
    return SearchConfig(
        base=base,
        space=Space.parse(options.vary),
        sampler=options.sampler,
        pruner=options.pruner,
        objective=options.objective,
        **given(options, _ASKED),
    )


def _task_of(recipe: str) -> Task:
    """Returns the only task that has a recipe of this name."""
    found = [
        task
        for task in tasks().values()
        if not task.needs_own_samples and any(each.name == recipe for each in task.recipes)
    ]
    if len(found) == 1:
        return found[0]
    if found:
        names = " and ".join(task.name for task in found)
        raise InvalidInput(f"{names} each have a recipe called {recipe!r}: choose one by --task.")
    known = sorted({each.name for task in tasks().values() for each in task.recipes})
    raise InvalidInput(f"There is no recipe called {recipe!r}. There are: {', '.join(known)}.")


def _search(options: argparse.Namespace) -> None:
    config = search_config(options)
    check_free(options)
    print(f"{config.most_trials} trials at most, from: {config.base.command}", file=sys.stderr)
    from core.search.local import LocalSearch  # with TensorFlow and Optuna: not before all is known
    from core.training.fit import train  # to be right
    from core.training.testing import judged

    # It advises against making many networks in one process, which is what is wanted here.
    logging.getLogger("tensorflow").setLevel(logging.ERROR)
    search = LocalSearch(config, train)
    try:
        for trial in search.run():
            print(_line(trial), flush=True)
    except KeyboardInterrupt:
        print("The search was stopped.", file=sys.stderr)
    best, model = search.best, search.model
    if best is None or model is None:
        raise InvalidInput("No trial has ended with a network, so there is none to keep.")
    trained = judged(model)
    saved = save(options, trained)
    print(f"best: {_line(best)}")
    print(trained.card.command, file=sys.stderr)
    show_measured(trained.card)
    show_saved(saved)


def _line(trial: Trial) -> str:
    """Writes a trial in a line."""
    settings = ", ".join(
        f"{name} {value if isinstance(value, str) else format(value, '.4g')}"
        for name, value in trial.parameters.items()
    )
    return f"trial {trial.number + 1}: {_outcome(trial)}: {settings}"


def _outcome(trial: Trial) -> str:
    if trial.loss is None or trial.accuracy is None:
        return f"{trial.state} ({trial.reason})"
    ending = {"complete": "", "pruned": "pruned, "}.get(trial.state, f"{trial.state}, ")
    epochs = trial.kept_epoch or len(trial.losses)
    return (
        f"{ending}validation loss {trial.loss:.4f}, accuracy {percent(trial.accuracy)},"
        f" epoch {epochs}, {trial.weights:,} parameters, {trial.seconds:.0f} s"
    )
