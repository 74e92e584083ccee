"""The guide's five architectures, trained alike: does a deeper or a wider network read better?

They read seven segments, so what each has learned is known exactly: its 128 answers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from core.evaluation.level_matrix import SMALL
from core.search.best_possible import likelihood_of
from core.search.config import SearchConfig
from core.search.space import Choice, Space
from core.segments.bayes import Rule, ceiling, expected_accuracy
from core.tasks.base import get_task
from core.training.config import TrainingConfig

TASK_NAME = "seven-segment"
RECIPES = ("guide-16", "guide-32-16", "guide", "guide-64-32-16", "guide-128-64-32")
# For 100 epochs, measured on four busy cores: from 30 for the smallest to 56.
SECONDS_EACH = 45.0
_EQUAL = 1e-9  # tolerance for the order of summation
_REACHED = 5e-6  # too close to the ceiling for a table of percentages to show


def guide_sweep() -> SearchConfig:
    """Returns a search through the five networks, the smallest first."""
    configs = list(guide_titles())
    sizes = tuple(config.architecture.hidden for config in configs)
    return SearchConfig.comparison(configs[0], Space((Choice("hidden", sizes),)))


def guide_titles() -> dict[TrainingConfig, str]:
    """Returns the titles of the five recipes by their runs, the smallest network first."""
    task = get_task(TASK_NAME)
    recipes = [task.recipe(name) for name in RECIPES]
    return {TrainingConfig.from_recipe(task, recipe): recipe.title for recipe in recipes}


@dataclass(frozen=True)
class GuideResult:
    """The result of one of the five.

    Args:
        title: of the recipe.
        hidden: units of its hidden layers.
        parameters: number of weights.
        seconds: of training.
        accuracy: exact, 0..1.
        ceiling: accuracy that no classifier can beat, 0..1.
    """

    title: str
    hidden: tuple[int, ...]
    parameters: int
    seconds: float
    accuracy: float
    ceiling: float

    @classmethod
    def of(cls, config: TrainingConfig, title: str, seconds: float, rule: Rule) -> GuideResult:
        """Computes a network's exact accuracy from its answers to the 128 patterns."""
        likelihood = likelihood_of(config)
        return cls(
            title=title,
            hidden=config.architecture.hidden,
            parameters=config.parameters,
            seconds=seconds,
            accuracy=expected_accuracy(rule, likelihood),
            ceiling=ceiling(likelihood),
        )


@dataclass(frozen=True)
class DepthEffect:
    """The effect of depth: the best of the shallowest networks against the best of the deepest.

    Args:
        shallow: hidden layers of the shallowest.
        deep: of the deepest.
        shallow_accuracy: the best accuracy of the shallowest networks, 0..1.
        deep_accuracy: the same for the deepest.
    """

    shallow: int
    deep: int
    shallow_accuracy: float
    deep_accuracy: float

    @property
    def verdict(self) -> Literal["helps", "hurts", "neither"]:
        """Whether depth makes a noticeable difference."""
        gained = self.deep_accuracy - self.shallow_accuracy
        if abs(gained) <= SMALL:
            return "neither"
        return "helps" if gained > 0 else "hurts"


@dataclass(frozen=True)
class GuideComparison:
    """Two or more of the five compared.

    Args:
        count: how many there are.
        best: the most accurate; if tied, the one with the fewest parameters.
        worst: the least accurate.
        times: parameters of the largest network over those of the smallest.
        depth: the effect of depth; None if all have the same number of layers.
    """

    count: int
    best: GuideResult
    worst: GuideResult
    times: float
    depth: DepthEffect | None

    @property
    def spread(self) -> float:
        """Difference in accuracy between the best and the worst; exactly 0 if they are equal."""
        between = self.best.accuracy - self.worst.accuracy
        return 0.0 if between < _EQUAL else between

    @property
    def short(self) -> float:
        """Difference in accuracy between the best and the ceiling; exactly 0 if it is reached."""
        below = self.best.ceiling - self.best.accuracy
        return 0.0 if below < _REACHED else below


def compare_guide(results: Sequence[GuideResult]) -> GuideComparison | None:
    """Compares networks of the guide; returns None for fewer than two."""
    if len(results) < 2:
        return None
    parameters = [one.parameters for one in results]
    return GuideComparison(
        len(results),
        max(results, key=lambda one: (round(one.accuracy, 10), -one.parameters)),
        min(results, key=lambda one: one.accuracy),
        max(parameters) / min(parameters),
        _depth(results),
    )


def _depth(results: Sequence[GuideResult]) -> DepthEffect | None:
    layers = [len(one.hidden) for one in results]
    shallow, deep = min(layers), max(layers)
    if shallow == deep:
        return None
    best = [
        max(one.accuracy for one in results if len(one.hidden) == count)
        for count in (shallow, deep)
    ]
    return DepthEffect(shallow, deep, *best)
