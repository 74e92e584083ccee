"""Whether a network is needed: each task's bundled network, and four simple methods.

python -m benchmarks.baselines           every task with a network of its own
python -m benchmarks.baselines TASK ...  those that are named
"""

from __future__ import annotations

import sys
from typing import Any

from benchmarks.harness import keep
from core.baselines.judging import against, judge_common
from core.baselines.learning import LearnedFrom, learn
from core.evaluation.benchmark import (
    TIMED,
    common_test,
    exact_accuracy,
    median_milliseconds,
    right_answers,
    usual_noise,
    words_of_test,
)
from core.metrics.accuracy import Accuracy, ExactAccuracy, accuracy_of_right, percent
from core.models.loader import load_classifier
from core.models.saved_model import SavedModel
from core.models.store import ModelStore
from core.segments.bayes import rule_of
from core.segments.patterns import ALL_PATTERNS
from core.tasks.base import Task, tasks


def main() -> None:
    """Measures the tasks that are named, or all, and keeps what was found."""
    store = ModelStore()
    found = []
    for name, task in tasks().items():
        if task.needs_own_samples or (sys.argv[1:] and name not in sys.argv[1:]):
            continue
        models = store.models(name)
        if models:
            found.append(_measured(task, models[0]))
    keep("baselines", {"tasks": found})


def _measured(task: Task, model: SavedModel) -> dict[str, Any]:
    """Returns what a task's network and simple methods reach on its common test."""
    source = task.available_source()
    noise, level = usual_noise(task)
    data = LearnedFrom(task.name, source.name, noise.name if noise else "none", level)
    test = common_test(task, source.name)
    words = words_of_test(task, source.name)
    classifier = load_classifier(model)
    right = right_answers(classifier, test)
    learned = learn(data.load(), classes=len(task.classes), random_state=data.seed)
    found = judge_common(learned, test, task, data=words)
    tests = against(right, [each.parts[0] for each in found.each])
    on = "exact, " if task.channel else f"{len(test):,} "
    print(
        f"\n{task.title}: {on}{words}; simple methods trained on {found.examples:,} of"
        f" {found.available:,} examples"
    )
    card = model.card
    accuracy: Accuracy | ExactAccuracy = accuracy_of_right(right, test, data=words)
    if task.channel is not None:  # theory says what the examples only estimate
        accuracy = exact_accuracy(task, rule_of(classifier.predict(ALL_PATTERNS))) or accuracy
    milliseconds = median_milliseconds(classifier, test.x[:TIMED])
    rows = [_row(model.name, accuracy, card.training_seconds, milliseconds, card.parameters)]
    for each, mcnemar in zip(found.each, tests, strict=True):
        exact = None if each.rule is None else exact_accuracy(task, each.rule)
        row = _row(
            each.title,
            exact or each.parts[0].accuracy,
            each.seconds,
            each.milliseconds,
            each.size,
        )
        rows.append(row if exact else row | {"p_value": mcnemar.p_value})
    return {
        "task": task.name,
        "source": source.name,
        "examples": found.examples,
        "available": found.available,
        "rows": rows,
    }


def _row(
    name: str,
    accuracy: Accuracy | ExactAccuracy,
    seconds: float | None,
    milliseconds: float,
    size: int | None,
) -> dict[str, Any]:
    low, high = accuracy.interval
    interval = "exact" if low == high else f"{percent(low)} to {percent(high)}"
    taken = "–" if seconds is None else f"{seconds:.1f} s"
    print(
        f"  {name:20} {percent(accuracy.value):>8}  {interval:18}  trained {taken:>9}"
        f"  answer {milliseconds:.3f} ms  keeps {size or 0:,}"
    )
    return {
        "name": name,
        "accuracy": accuracy.value,
        "low": low,
        "high": high,
        "training_seconds": None if seconds is None else round(seconds, 2),
        "milliseconds": round(milliseconds, 3),
        "keeps": size,
    }


if __name__ == "__main__":
    main()
