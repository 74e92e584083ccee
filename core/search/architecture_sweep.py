"""The guide's five architectures, trained alike: does a deeper or a wider network read better?

They read seven lamps, so what each has learnt is known exactly: its answers to all 128 patterns.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.evaluation.level_matrix import SMALL
from core.metrics.accuracy import percent
from core.segments.bayes import Likelihood, Rule, ceiling, expected_accuracy, mixed
from core.segments.channels import Channel
from core.tasks.base import get_task
from core.training.config import TrainingConfig

TASK_NAME = "seven-segment"
RECIPES = ("guide-16", "guide-32-16", "guide", "guide-64-32-16", "guide-128-64-32")
# Of 100 epochs, measured on four cores with other work to do: from 30 for the smallest to 56.
SECONDS_EACH = 45.0
_EQUAL = 1e-9  # sums of the same numbers in another order


def guide_configs() -> list[tuple[TrainingConfig, str]]:
    """Returns the five runs, the smallest network first, ready for `Runs.start_all`."""
    task = get_task(TASK_NAME)
    recipes = [task.recipe(name) for name in RECIPES]
    return [(TrainingConfig.from_recipe(task, recipe), recipe.title) for recipe in recipes]


def likelihood_of(config: TrainingConfig) -> Likelihood:
    """Returns what happens to each digit in a run's own test: float64, shape (10, 128).

    That is one part clean to ten parts noisy.
    """
    noise = config.get_task().noise(config.noise)
    assert isinstance(noise, Channel)
    return mixed((10, noise.likelihood(config.noise_level)), (1, noise.likelihood(0)))


@dataclass(frozen=True)
class GuideResult:
    """What came of one of the five.

    Args:
        title: of the recipe.
        hidden: units of its layers.
        parameters: number of weights.
        seconds: of training.
        accuracy: exact, 0..1.
        ceiling: what no classifier beats, 0..1.
    """

    title: str
    hidden: tuple[int, ...]
    parameters: int
    seconds: float
    accuracy: float
    ceiling: float

    @classmethod
    def of(cls, config: TrainingConfig, title: str, seconds: float, rule: Rule) -> GuideResult:
        """Works out a network's exact accuracy from its answers to the 128 patterns."""
        likelihood = likelihood_of(config)
        return cls(
            title=title,
            hidden=config.architecture.hidden,
            parameters=config.parameters,
            seconds=seconds,
            accuracy=expected_accuracy(rule, likelihood),
            ceiling=ceiling(likelihood),
        )


def guide_findings(results: Sequence[GuideResult]) -> list[str]:
    """Says whether size and depth pay; nothing of fewer than two networks."""
    if len(results) < 2:
        return []
    best = max(results, key=lambda one: (round(one.accuracy, 10), -one.parameters))
    worst = min(results, key=lambda one: one.accuracy)
    small = min(results, key=lambda one: one.parameters)
    large = max(results, key=lambda one: one.parameters)
    short = 100 * (best.ceiling - best.accuracy)
    reach = (
        "which is the best possible"
        if short < 0.0005
        else f"{_points(short)} below the best possible {percent(best.ceiling)}"
    )
    between = best.accuracy - worst.accuracy
    if between < _EQUAL:
        all_of_them = "Both" if len(results) == 2 else f"All {len(results)}"
        who = f"{all_of_them} networks are equally good: exactly {percent(best.accuracy)}"
    else:
        who = f"Best is **{best.title}** with exactly {percent(best.accuracy)}"
    sentences = [f"{who}, {reach}."]
    times = f"the largest network has {large.parameters / small.parameters:.0f} times the weights"
    if between < _EQUAL:
        sentences.append(f"Size brings nothing: {times} of the smallest.")
    elif between <= SMALL:
        sentences.append(
            f"Between the best and the worst lie {_points(100 * between)}, although {times} of the"
            " smallest."
        )
    else:
        sentences.append(
            f"**{worst.title}** is worst, {_points(100 * between)} behind; {times} of the smallest."
        )
    return [*sentences, *_depth(results)]


def _depth(results: Sequence[GuideResult]) -> list[str]:
    """Compares the best of the networks with fewest layers and the best with most."""
    flat, deep = (wanted(len(one.hidden) for one in results) for wanted in (min, max))
    if flat == deep:
        return []
    of_flat, of_deep = (
        max(one.accuracy for one in results if len(one.hidden) == layers) for layers in (flat, deep)
    )
    gained = of_deep - of_flat
    pair = (
        f"{_layers(deep)} at their best give {percent(of_deep)}, {_layers(flat)} {percent(of_flat)}"
    )
    if abs(gained) <= SMALL:
        verdict = "**Depth does not pay here**"
        reason = (
            ": seven lamps make 128 patterns, and a small network has room for the answers to all"
            " of them."
        )
    elif gained > 0:
        verdict, reason = "**Depth pays here**", "."
    else:
        verdict, reason = "**Depth costs here**", ": more layers were harder to train."
    return [f"{verdict} ({pair}){reason}"]


def _layers(count: int) -> str:
    return "one hidden layer" if count == 1 else f"{count} hidden layers"


def _points(points: float) -> str:
    return f"{points:.2g} points" if points >= 0.001 else "less than 0.001 points"
