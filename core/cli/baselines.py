"""`python -m core baselines`: what simple methods reach on a task's data."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from core.baselines.judging import MeasuredBaselines, against, judge
from core.baselines.learning import LearnedFrom, learn
from core.cli.shared import Commands, seed
from core.errors import InvalidInput
from core.evaluation.benchmark import right_answers
from core.evaluation.model_comparison import PairTest
from core.metrics.accuracy import Accuracy, accuracy_of_right, percent
from core.models.loader import load_classifier
from core.models.store import ModelStore
from core.tasks.base import get_task, tasks
from core.training.config import BOUNDS

_SIZES = {
    "logistic": "{:,} weights",
    "tree": "{:,} nodes",
    "neighbours": "{:,} kept examples",
    "majority": "{:,} answer",
}


def add_commands(commands: Commands) -> None:
    """Adds the commands of this module."""
    command = commands.add_parser("baselines", help="train and measure four simple methods")
    learnable = [name for name, task in tasks().items() if not task.needs_own_samples]
    command.add_argument("task", choices=learnable)
    command.add_argument("--data", metavar="SOURCE", help="data set; default: the best there is")
    command.add_argument("--noise", metavar="NOISE", help="noise on the data, or none")
    command.add_argument("--noise-level", type=float, help="default: the task's usual one")
    command.add_argument(
        "--share", type=float, default=1.0, help="part of the training examples; default: 1"
    )
    command.add_argument("--seed", type=seed, default=0, help="of what is random; default: 0")
    command.add_argument("--model", metavar="NAME", help="a saved model to set against them")
    command.set_defaults(command=_baselines)


def learned_from(options: argparse.Namespace) -> LearnedFrom:
    """Returns the data that the options ask for; raises InvalidInput for what does not exist."""
    task = get_task(options.task)
    source = task.source(options.data).name if options.data else task.available_source().name
    level = task.training_noise_level
    noise = options.noise or (task.noises[0].name if level else "none")
    if options.noise_level is not None:
        level = options.noise_level
    if noise == "none":
        level = 0.0
    elif not level:
        raise InvalidInput(f"Say how strong the noise is, such as --noise-level 0.2: {noise}.")
    else:
        task.noise(noise).check_level(level)
    BOUNDS["share"].check("share", options.share)
    return LearnedFrom(task.name, source, noise, level, options.seed, options.share)


def _baselines(options: argparse.Namespace) -> None:
    data = learned_from(options)
    task = get_task(data.task)
    model = ModelStore().get(options.model) if options.model else None
    if model is not None and model.task is not task:
        raise InvalidInput(
            f"{model.name} reads {model.task.title.lower()}, not {task.title.lower()}."
        )
    dataset = data.load()
    learned = learn(
        dataset,
        classes=len(task.classes),
        share=data.share,
        random_state=data.seed,
        on_step=lambda title: print(f"training: {title.lower()}", file=sys.stderr),
    )
    found = judge(learned, dataset.tests, task)
    classifier = load_classifier(model) if model else None
    print(_examples(found, task.classes))
    for place, (words, split) in enumerate(dataset.tests.items()):
        parts = [each.parts[place] for each in found.each]
        rows = [("", "accuracy", "95 % interval", "training", "stored")]
        if model and classifier:
            right = right_answers(classifier, split)
            accuracy = accuracy_of_right(right, split, data=words)
            weights = f"{model.card.parameters:,} weights" if model.card.parameters else "–"
            seconds = model.card.training_seconds
            taken = "–" if seconds is None else f"{seconds:.1f} s"
            rows.append((model.name, *_shares(accuracy), taken, weights))
        for each, part in zip(found.each, parts, strict=True):
            stored = _SIZES[each.name].format(each.size)
            rows.append((each.title, *_shares(part.accuracy), f"{each.seconds:.1f} s", stored))
        best = split.best_accuracy
        limit = f", best possible on average {percent(best)}" if best else ""
        print(f"\n{words}: {len(split):,} examples{limit}")
        print(_table(rows))
        if model and classifier:
            for each, test in zip(found.each, against(right, parts), strict=True):
                print(
                    f"only {model.name} right: {test.pair.only_first:,}; only"
                    f" {each.title.lower()}: {test.pair.only_second:,}" + _p_value(test)
                )


def _p_value(test: PairTest) -> str:
    if test.pair.exhaustive:
        return ""
    p_value = "< 0.001" if test.p_value < 0.001 else f"= {test.p_value:.3f}"
    return f"; McNemar's test, after Holm: p {p_value}"


def _shares(accuracy: Accuracy) -> tuple[str, str]:
    if accuracy.exhaustive:
        return percent(accuracy.value), "exact"
    low, high = accuracy.interval
    return percent(accuracy.value), f"{percent(low)} to {percent(high)}"


def _table(rows: Sequence[Sequence[str]]) -> str:
    """Lays out rows of text, the first cell of each to the left, the others to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join([row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])]) for row in rows
    )


def _examples(found: MeasuredBaselines, classes: Sequence[str]) -> str:
    words = f"trained on {found.examples:,} of {found.available:,} examples"
    if found.missing:
        words += f", none of them of {', '.join(classes[each] for each in found.missing)}"
    return words
