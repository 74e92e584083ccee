"""`python -m core evaluate`: a saved model measured on test data."""

from __future__ import annotations

import argparse

from core.cli.shared import Commands, seed
from core.evaluation import robustness
from core.metrics.accuracy import accuracy_of
from core.models.loader import load_classifier
from core.models.store import ModelStore


def add_commands(commands: Commands) -> None:
    """Adds the commands of this module."""
    command = commands.add_parser("evaluate", help="measure a saved model on test data")
    command.add_argument("name", metavar="NAME", help="a saved model")
    command.add_argument("--data", metavar="SOURCE", help="data set; default: the card's")
    command.add_argument("--noise", metavar="NOISE", help="accuracy at every level of this noise")
    command.add_argument(
        "--seed", type=seed, help="of the test data's noise; default: the card's, 0 for --noise"
    )
    command.set_defaults(command=_evaluate)


def _evaluate(options: argparse.Namespace) -> None:
    model = ModelStore().get(options.name)
    task = model.task
    source = task.source(options.data or model.card.source)
    predictor = load_classifier(model)
    if options.noise:
        curve = robustness.accuracy_by_level(
            predictor,
            source.examples(robustness.example_limit(task.input_shape)),
            task.noise(options.noise),
            data=source.title,
            ceiling=source.ceiling,
            random_state=options.seed or 0,
        )
        for point in curve:
            print(point.accuracy)
        return
    dataset = model.held_out(source.name, seed=options.seed)
    for words, split in dataset.tests.items():
        print(accuracy_of(predictor.predict(split.x), split, data=words))
