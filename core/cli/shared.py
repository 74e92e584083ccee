"""What several commands share: options, checks, and how results are printed."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from core.datasets.tables.description import is_table
from core.errors import InvalidInput, ModelExists
from core.inference.calibration import Calibration
from core.metrics.accuracy import percent
from core.models.saved_model import SavedModel, check_name
from core.models.store import ModelStore
from core.schema import Bounds
from core.tasks.base import Task
from core.training.card import Card, TrainedModel
from core.training.config import BOUNDS
from core.training.events import EpochDone, Event, Finished, Started

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]
else:
    Commands = argparse._SubParsersAction


class TaskNames(list[str]):
    """The tasks that a command takes: those in the list, and a person's own table by its name."""

    def __contains__(self, name: object) -> bool:
        return super().__contains__(name) or (isinstance(name, str) and is_table(name))


def add_saving(command: argparse.ArgumentParser) -> None:
    """Adds where a new model goes."""
    command.add_argument("--name", type=model_name, help="save under this name")
    command.add_argument("--replace", action="store_true", help="over a model of that name")


def add_numbers(command: argparse.ArgumentParser, numbers: Mapping[str, Bounds]) -> None:
    """Adds an option for each of these settings."""
    for name, bounds in numbers.items():
        command.add_argument(
            f"--{name.replace('_', '-')}",
            type=int if bounds.whole else float,
            help=f"{bounds.title.lower()}, {bounds.low:g} to {bounds.high:g};"
            f" default: {bounds.default:g}",
        )


def sizes(text: str) -> tuple[int, ...]:
    """Reads the sizes of layers, such as "64,32" or "none"."""
    if text == "none":
        return ()
    return tuple(int(part) for part in text.split(",") if part)


def seed(text: str) -> int:
    """Reads a seed."""
    bounds = BOUNDS["seed"]
    if not text.isdecimal() or int(text) > bounds.high:
        raise argparse.ArgumentTypeError(
            f"expected a whole number from 0 to {bounds.high:.0f}, not {text}"
        )
    return int(text)


def weights(text: str) -> tuple[float, ...]:
    """Reads the weights of a vote, such as "2,1,1"."""
    try:
        return tuple(float(part) for part in text.split(","))
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"expected numbers such as 2,1,1, not {text}") from error


def model_name(text: str) -> str:
    """Lets argparse show the rule for names."""
    try:
        return check_name(text)
    except InvalidInput as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def chosen_model(name: str | None, task: Task) -> SavedModel:
    """Returns the named model, or the task's default, or any that can do the task."""
    store = ModelStore()
    if name is None:
        usable = store.models(task.name)
        return usable[0] if usable else store.get(task.default_model)
    model = store.get(name)
    if model.task is not task:
        raise InvalidInput(f"{name} reads {model.task.title.lower()}, not {task.title.lower()}.")
    return model


def given(options: argparse.Namespace, names: Iterable[str]) -> dict[str, Any]:
    """Returns those of the named options that stand in the command."""
    return {name: value for name in names if (value := getattr(options, name)) is not None}


def check_free(options: argparse.Namespace) -> None:
    """Looks before the work whether the name that its result shall have is free."""
    if options.name and not options.replace and options.name in ModelStore().names():
        raise ModelExists(f"There is a model called {options.name!r}; --replace trains it anew.")


def save(options: argparse.Namespace, trained: TrainedModel) -> SavedModel | None:
    """Saves a new model where the command gives it a name.

    It comes before anything is printed of it: what cannot be printed must not cost the network.
    """
    if not options.name:
        return None
    return ModelStore().save(options.name, trained.files, trained.card, replace=options.replace)


def show_saved(saved: SavedModel | None) -> None:
    """Prints where a model was saved, if it was."""
    if saved is not None:
        print(f"saved in {saved.folder}")


def show_measured(card: Card) -> None:
    """Prints what was measured of a new model."""
    for figure in card.figures:
        print(figure)
    calibration = card.calibration or Calibration()
    for rate in calibration.refused:
        print(f"refused as no digit: {rate}")
    for rate in calibration.accepted:
        print(f"not refused: {rate}, none of them a digit")


def show_event(event: Event) -> None:
    """Prints how a training goes, on standard error."""
    match event:
        case Started():
            print(f"{event.parameters:,} parameters, {event.examples:,} examples", file=sys.stderr)
        case EpochDone():
            print(
                f"epoch {event.epoch}: loss {event.loss:.4f}, accuracy {percent(event.accuracy)},"
                f" validation {percent(event.val_accuracy)}, {event.seconds:.0f} s",
                file=sys.stderr,
            )
        case Finished(ending="early" | "diverged"):
            print(f"kept the weights of epoch {event.kept_epoch}", file=sys.stderr)
