"""The command line: the pages' work without a browser.

    python -m core models
    python -m core segments 1111110 0110000 [--model NAME]
    python -m core read FILE_OR_FOLDER ... [--model NAME]
    python -m core train TASK [--name NAME] [settings]
    python -m core ensemble NAME NAME ... [--vote VOTE] [--weights 2,1,...] [--name NAME]
    python -m core evaluate NAME [--data SOURCE] [--noise NOISE]
    python -m core fine-tune NAME --samples FILE [--name NEW] [settings]

Exit status: 0 when the command did its work, 2 when it could not (an unknown model, say). What is
wrong with a single pattern or picture stands in its own line and stops nothing.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from core import robustness, sample_files, transfer
from core.architecture import Architecture
from core.assembling import ensemble_card
from core.calibration import Calibration
from core.ensemble import VOTES
from core.errors import DigitLabError, InvalidInput, ModelExists
from core.events import EpochDone, Event, Finished, Started
from core.metrics import Accuracy, accuracy_of, percent
from core.reading import answers_to_files, answers_to_patterns
from core.store import ModelStore, SavedModel, check_name
from core.task import Task, task, tasks
from core.training import BOUNDS, CHOICES, Bounds, TrainedModel, TrainingConfig
from core.transfer import BaseNetwork, Outcome, TransferConfig


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command and returns its exit status.

    Args:
        arguments: the words after `python -m core`. Defaults to those of the process.
    """
    options = _parser().parse_args(arguments)
    try:
        options.command(options)
    except DigitLabError as error:
        print(f"python -m core: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:  # the reader, `head` say, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m core",
        description="Digit Lab without a browser.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    command = commands.add_parser("models", help="list the saved models and their figures")
    command.set_defaults(command=_models)

    command = commands.add_parser("segments", help="read seven-segment patterns, a JSON line each")
    command.add_argument("patterns", nargs="+", metavar="PATTERN", help="such as 1111110, a to g")
    command.add_argument("--model", metavar="NAME", help="a saved seven-segment model")
    command.set_defaults(command=_segments)

    command = commands.add_parser(
        "read", help="read digits and numbers in pictures, a JSON line each"
    )
    command.add_argument("paths", nargs="+", type=Path, metavar="FILE_OR_FOLDER")
    command.add_argument("--model", metavar="NAME", help="a saved handwritten-digit model")
    command.set_defaults(command=_read)

    command = commands.add_parser("train", help="train a network and save it")
    _add_training_options(command)
    command.set_defaults(command=_train)

    command = commands.add_parser("ensemble", help="let saved networks vote, and measure them")
    command.add_argument("members", nargs="+", metavar="NAME", help="saved models of one task")
    command.add_argument("--vote", choices=VOTES, default="mean", help="default: mean")
    command.add_argument(
        "--weights",
        type=_weights,
        default=(),
        metavar="2,1,...",
        help="of the weighted vote, one for each; default: what fits the validation data best",
    )
    command.add_argument("--data", metavar="SOURCE", help="data set; default: the first one's")
    command.add_argument(
        "--shifts", action="store_true", help="each looks at the picture moved by a pixel as well"
    )
    command.add_argument("--name", type=check_name_option, help="save under this name")
    command.add_argument("--replace", action="store_true", help="over a model of that name")
    command.set_defaults(command=_ensemble)

    command = commands.add_parser("evaluate", help="measure a saved model on test data")
    command.add_argument("name", metavar="NAME", help="a saved model")
    command.add_argument("--data", metavar="SOURCE", help="data set; default: the card's")
    command.add_argument("--noise", metavar="NOISE", help="accuracy at every level of this noise")
    command.add_argument(
        "--seed", type=int, help="of the test data's noise; default: the card's, 0 for --noise"
    )
    command.set_defaults(command=_evaluate)

    command = commands.add_parser(
        "fine-tune", help="teach a saved model a person's handwriting, and save the new one"
    )
    command.add_argument("base", metavar="NAME", help="a saved handwritten-digit model")
    command.add_argument(
        "--samples",
        type=Path,
        required=True,
        metavar="FILE",
        help="the person's digits: an .npz or .zip file as the page “Your handwriting” offers it",
    )
    command.add_argument("--name", type=check_name_option, help="save under this name")
    command.add_argument("--replace", action="store_true", help="over a model of that name")
    command.add_argument(
        "--data", metavar="SOURCE", help="data set mixed in; default: the best there is"
    )
    _add_numbers(command, transfer.BOUNDS)
    command.set_defaults(command=_fine_tune)
    return parser


def _add_training_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("task", choices=list(tasks()))
    command.add_argument("--name", type=check_name_option, help="save under this name")
    command.add_argument("--replace", action="store_true", help="over a model of that name")
    command.add_argument("--data", metavar="SOURCE", help="data set; default: the best there is")
    command.add_argument("--recipe", metavar="NAME", help="ready-made settings to start from")
    command.add_argument(
        "--architecture", metavar="NAME", help="a ready-made network to start from"
    )
    command.add_argument("--hidden", type=_sizes, help="units of the hidden layers, such as 64,32")
    command.add_argument("--filters", type=_sizes, help="filters of each block of convolutions")
    command.add_argument("--dropout", type=float, help="0 to 0.9")
    command.add_argument("--batch-norm", action="store_true", default=None)
    command.add_argument("--kernel-size", type=int, help="of the convolutions: 3, 5 or 7")
    command.add_argument("--convolutions", type=int, help="in each block: 1 to 3")
    command.add_argument("--padding", help="of the convolutions: valid or same")
    command.add_argument("--downsampling", help="of the convolutions: pool or stride")
    command.add_argument("--norm-position", help="batch normalisation before or after the ReLU")
    command.add_argument("--norm-momentum", type=float, help="of batch normalisation")
    command.add_argument("--output", help="softmax or linear")
    command.add_argument("--noise", metavar="NOISE", help="noise on the data, or none")
    for name, choices in CHOICES.items():
        command.add_argument(f"--{name}", choices=choices, help=f"default: {next(iter(choices))}")
    _add_numbers(command, BOUNDS)


def _add_numbers(command: argparse.ArgumentParser, numbers: Mapping[str, Bounds]) -> None:
    for name, bounds in numbers.items():
        command.add_argument(
            f"--{name.replace('_', '-')}",
            type=int if bounds.whole else float,
            help=f"{bounds.title.lower()}, {bounds.low:g} to {bounds.high:g};"
            f" default: {bounds.default:g}",
        )


def _sizes(text: str) -> tuple[int, ...]:
    if text == "none":
        return ()
    return tuple(int(part) for part in text.split(",") if part)


def _weights(text: str) -> tuple[float, ...]:
    try:
        return tuple(float(part) for part in text.split(","))
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"expected numbers such as 2,1,1, not {text}") from error


def check_name_option(text: str) -> str:
    """Lets argparse show the rule for names."""
    try:
        return check_name(text)
    except InvalidInput as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _model(name: str | None, problem: Task) -> SavedModel:
    """Returns the named model, or the task's default, or any that can do the task."""
    store = ModelStore()
    if name is None:
        usable = store.models(problem.name)
        return usable[0] if usable else store.get(problem.default_model)
    model = store.get(name)
    if model.task is not problem:
        raise InvalidInput(f"{name} reads {model.task.title.lower()}, not {problem.title.lower()}.")
    return model


def _models(options: argparse.Namespace) -> None:
    store = ModelStore()
    for model in store.models():
        print(f"{model.name}: {model.task.title.lower()}, {model.summary}")
        for figure in model.figures:
            print(f"    {figure}")
        print(f"    {model.card['command']}")
    for folder in store.unusable():
        print(f"{folder.name}: cannot be used. {folder.reason}")


def _segments(options: argparse.Namespace) -> None:
    predictor = _model(options.model, task("seven-segment")).predictor()
    for answer in answers_to_patterns(predictor, options.patterns):
        print(json.dumps(answer), flush=True)


def _read(options: argparse.Namespace) -> None:
    predictor = _model(options.model, task("handwritten")).predictor()
    for answer in answers_to_files(predictor, options.paths):
        print(json.dumps(answer), flush=True)


def _config(options: argparse.Namespace) -> TrainingConfig:
    problem = task(options.task)
    network = _given(options, Architecture.__dataclass_fields__)
    if options.recipe and not options.architecture:
        recipe = problem.recipe(options.recipe)
        config = TrainingConfig.from_recipe(problem, recipe, source=options.data or "")
        changes = _given(options, (*BOUNDS, *CHOICES, "noise"))
        return replace(config, architecture=replace(config.architecture, **network), **changes)
    base = problem.architecture(options.architecture or next(iter(problem.architectures)))
    if "hidden" in network and not options.architecture:
        # The layers are spelled out, so nothing is taken over from a ready-made network.
        base = Architecture(network["hidden"], filters=network.get("filters", ()))
    settings = _given(options, (*BOUNDS, *CHOICES))
    noise = options.noise or (problem.noises[0].name if problem.training_noise_level else "none")
    if "noise_level" not in settings and noise != "none":
        settings["noise_level"] = problem.training_noise_level
    return TrainingConfig(
        task=problem.name,
        source=options.data or problem.available_source().name,
        architecture=replace(base, **network),
        noise=noise,
        **settings,
    )


def _given(options: argparse.Namespace, names: Iterable[str]) -> dict[str, Any]:
    """Returns those of the named options that stand in the command."""
    return {name: value for name in names if (value := getattr(options, name)) is not None}


def _train(options: argparse.Namespace) -> None:
    config = _config(options)
    _check_free(options)
    print(config.command, file=sys.stderr)
    from core.fit import train  # TensorFlow: not before the settings are known to be right

    trained = train(config, on_event=_tell)
    assert trained is not None  # only a run with controls can be parked
    _show_measured(trained.card)
    _save(options, trained)


def _check_free(options: argparse.Namespace) -> None:
    """Looks before the work whether the name that its result shall have is free."""
    if options.name and not options.replace and options.name in ModelStore().names():
        raise ModelExists(f"There is a model called {options.name!r}; --replace trains it anew.")


def _save(options: argparse.Namespace, trained: TrainedModel) -> None:
    if options.name:
        saved = ModelStore().save(
            options.name, trained.files, trained.card, replace=options.replace
        )
        print(f"saved in {saved.folder}")


def _ensemble(options: argparse.Namespace) -> None:
    _check_free(options)
    store = ModelStore()
    card = ensemble_card(
        [store.get(name) for name in options.members],
        vote=options.vote,
        weights=options.weights,
        shifts=options.shifts,
        source=options.data or "",
    )
    for name, figures in card["alone"].items():
        for figure in figures:
            print(f"{name} alone: {Accuracy.from_json(figure)}")
    if "weights" in card:
        print(f"weights: {', '.join(f'{weight:g}' for weight in card['weights'])}")
    _show_measured(card)
    _save(options, TrainedModel({}, card))


def _show_measured(card: Mapping[str, Any]) -> None:
    for entry in card["figures"]:
        print(Accuracy.from_json(entry))
    calibration = Calibration.from_json(card.get("calibration"))
    for rate in calibration.refused:
        print(f"refused as no digit: {rate}")
    for rate in calibration.accepted:
        print(f"not refused: {rate}, none of them a digit")


def _fine_tune(options: argparse.Namespace) -> None:
    _check_free(options)
    base = BaseNetwork.of(ModelStore().get(options.base))
    config = TransferConfig(source=options.data or "", **_given(options, transfer.BOUNDS))
    try:
        data = options.samples.read_bytes()
    except OSError as error:
        raise InvalidInput(f"{options.samples} cannot be read ({error.strerror}).") from error
    x, y = sample_files.read(data)
    transfer.prepare(x, y, base.card)
    print(config.command(base.name), file=sys.stderr)
    from core.fine_tuning import fine_tune  # TensorFlow: not before all is known to be right

    tuned = fine_tune(base, x, y, config, on_event=_tell)
    for before, after in Outcome.from_card(tuned.card).rows:
        print(f"before: {before}")
        print(f"after:  {after}")
    _save(options, tuned)


def _tell(event: Event) -> None:
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


def _evaluate(options: argparse.Namespace) -> None:
    model = ModelStore().get(options.name)
    problem = model.task
    source = problem.source(options.data or model.card["source"])
    predictor = model.predictor()
    if options.noise:
        curve = robustness.accuracy_by_level(
            predictor,
            source.examples(robustness.example_limit(problem.input_shape)),
            problem.noise(options.noise),
            data=source.title,
            random_state=options.seed or 0,
        )
        for point in curve:
            print(point.accuracy)
        return
    dataset = model.held_out(source.name, seed=options.seed)
    for words, split in dataset.tests.items():
        print(accuracy_of(predictor.predict(split.x), split, data=words))
