"""`python -m core train`: a network trained and saved."""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace

from core.cli.shared import (
    Commands,
    TaskNames,
    add_numbers,
    add_saving,
    check_free,
    given,
    save,
    show_event,
    show_measured,
    show_saved,
    sizes,
)
from core.networks.architecture import Architecture
from core.tasks.base import get_task, tasks
from core.training.config import BOUNDS, CHOICES, TrainingConfig


def add_commands(commands: Commands) -> None:
    """Adds the commands of this module."""
    command = commands.add_parser("train", help="train a network and save it")
    _add_options(command)
    command.set_defaults(command=_train)


def _add_options(command: argparse.ArgumentParser) -> None:
    trainable = TaskNames(name for name, task in tasks().items() if not task.needs_own_samples)
    command.add_argument("task", choices=trainable)
    add_saving(command)
    command.add_argument("--data", metavar="SOURCE", help="data set; default: the best there is")
    command.add_argument("--recipe", metavar="NAME", help="ready-made settings to start from")
    command.add_argument(
        "--architecture", metavar="NAME", help="a ready-made network to start from"
    )
    command.add_argument("--hidden", type=sizes, help="units of the hidden layers, such as 64,32")
    command.add_argument("--filters", type=sizes, help="filters of each block of convolutions")
    command.add_argument(
        "--recurrent", type=sizes, help="units of the recurrent layers, for sequences"
    )
    command.add_argument("--cell", help="of the recurrent layers: simple, gru or lstm")
    command.add_argument("--activation", help="relu, tanh, sigmoid, gelu or none; default: relu")
    command.add_argument("--dropout", type=float, help="0 to 0.9")
    command.add_argument("--batch-norm", action="store_true", default=None)
    command.add_argument("--kernel-size", type=int, help="of the convolutions: 3, 5 or 7")
    command.add_argument("--convolutions", type=int, help="in each block: 1 to 3")
    command.add_argument("--padding", help="of the convolutions: valid or same")
    command.add_argument("--downsampling", help="of the convolutions: pool or stride")
    command.add_argument(
        "--norm-position", help="of batch normalisation: before or after the activation"
    )
    command.add_argument("--norm-momentum", type=float, help="of batch normalisation")
    command.add_argument("--output", help="softmax or linear")
    command.add_argument("--noise", metavar="NOISE", help="noise on the data, or none")
    for name, choices in CHOICES.items():
        command.add_argument(f"--{name}", choices=choices, help=f"default: {next(iter(choices))}")
    add_numbers(command, BOUNDS)


def training_config(options: argparse.Namespace) -> TrainingConfig:
    """Returns the run that the options of `train` ask for."""
    task = get_task(options.task)
    network = given(options, Architecture.__dataclass_fields__)
    if options.recipe and not options.architecture:
        recipe = task.recipe(options.recipe)
        config = TrainingConfig.from_recipe(task, recipe, source=options.data or "")
        changes = given(options, (*BOUNDS, *CHOICES, "noise"))
        return replace(config, architecture=replace(config.architecture, **network), **changes)
    base = task.architecture(options.architecture or next(iter(task.architectures)))
    if "hidden" in network and not options.architecture:
        # The layers are spelled out, so nothing is taken over from a ready-made network.
        layers = {name: network.get(name, ()) for name in ("filters", "recurrent")}
        base = Architecture(network["hidden"], **layers)
    settings = given(options, (*BOUNDS, *CHOICES))
    noise = options.noise or (task.noises[0].name if task.training_noise_level else "none")
    if "noise_level" not in settings and noise != "none":
        settings["noise_level"] = task.training_noise_level
    return TrainingConfig(
        task=task.name,
        source=options.data or task.available_source().name,
        architecture=replace(base, **network),
        noise=noise,
        **settings,
    )


def _train(options: argparse.Namespace) -> None:
    config = training_config(options)
    check_free(options)
    print(config.command, file=sys.stderr)
    from core.training.fit import train  # TensorFlow: not before the settings are known to be right

    trained = train(config, on_event=show_event)
    assert trained is not None  # only a run with controls can be preempted
    saved = save(options, trained)
    show_measured(trained.card)
    show_saved(saved)
