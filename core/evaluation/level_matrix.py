"""Networks trained at different levels of a noise, tested at every level: which is best where?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

from core.evaluation.robustness import NoisePoint
from core.metrics.paired import PairedAnswers, holm
from core.segments.bayes import Rule, best_rule, ceiling, expected_accuracy
from core.segments.channels import Channel

Matrix = NDArray[np.float64]  # (trained, tested)
Mask = NDArray[np.bool_]
# Exact accuracies are rounded to this many decimals, so that summation adds no differences.
_DECIMALS = 10
# A difference in accuracy that nobody would notice: half a percentage point.
SMALL = 0.005


@dataclass(frozen=True)
class Loss:
    """The largest loss of accuracy against the best.

    Args:
        trained: training level of the network that loses it.
        tested: the level of the test.
        share: accuracy lost, 0..1.
        by_all: whether every network loses more than half as much at that level.
    """

    trained: float
    tested: float
    share: float
    by_all: bool


@dataclass(frozen=True)
class Gap:
    """Two networks that clearly differ at one test level.

    Args:
        tested: the level of the test.
        worse: training level of the worse one.
        worse_accuracy: its accuracy, 0..1.
        better: training level of the better one.
        better_accuracy: its accuracy, 0..1.
    """

    tested: float
    worse: float
    worse_accuracy: float
    better: float
    better_accuracy: float


@dataclass(frozen=True)
class AllRounder:
    """The network with the best mean accuracy over all test levels.

    Args:
        trained: its training level.
        mean: its mean accuracy, 0..1.
        price: accuracy that it loses without noise, 0..1; 0 if that may be chance.
    """

    trained: float
    mean: float
    price: float


@dataclass(frozen=True, eq=False)
class LevelMatrix:
    """Accuracy by the level of training and the level of the test.

    Args:
        trained: training level of each row, ascending.
        tested: test level of each column, ascending.
        accuracy: float64, shape (trained, tested), 0..1; NaN where not known yet.
        low: lower ends of the 95 % intervals; equal to `accuracy` where that is exact.
        high: upper ends.
        ceiling: float64, shape (tested,): accuracy that no classifier can beat, or None where
            theory does not give it.
        right: bool, shape (trained, tested, examples), which of the same examples each network
            classified correctly; None where it is not known, or where the accuracy is exact.
    """

    trained: tuple[float, ...]
    tested: tuple[float, ...]
    accuracy: Matrix
    low: Matrix
    high: Matrix
    ceiling: NDArray[np.float64] | None = None
    right: NDArray[np.bool_] | None = None

    @classmethod
    def exact(
        cls, trained: Sequence[float], rules: Sequence[Rule | None], channel: Channel
    ) -> LevelMatrix:
        """Computes the exact accuracy of networks that read displays, without a single example.

        Args:
            trained: training level of each network, ascending.
            rules: float64, shape (128, 10) each, from `core.segments.bayes.rule_of`; None for a
                network that does not exist yet.
            channel: the noise.
        """
        likelihoods = [channel.likelihood(level) for level in channel.levels]
        accuracy = np.full((len(rules), len(likelihoods)), np.nan)
        for row, rule in enumerate(rules):
            if rule is not None:
                accuracy[row] = [expected_accuracy(rule, each) for each in likelihoods]
        accuracy = accuracy.round(_DECIMALS)
        best = np.array([ceiling(each) for each in likelihoods]).round(_DECIMALS)
        return cls(tuple(trained), channel.levels, accuracy, accuracy, accuracy, best)

    @classmethod
    def measured(
        cls,
        trained: Sequence[float],
        curves: Sequence[Sequence[NoisePoint]],
        tested: Sequence[float],
    ) -> LevelMatrix:
        """Collects what has been measured so far.

        Args:
            trained: training level of each network, ascending.
            curves: the measured points of each network.
            tested: all levels at which they are, or will be, measured.
        """
        table = np.full((3, len(trained), len(tested)), np.nan)
        for row, points in enumerate(curves):
            for point in points:
                if point.level in tested:
                    ends = point.accuracy.interval
                    table[:, row, list(tested).index(point.level)] = point.accuracy.value, *ends
        accuracy, low, high = table
        right = _right(curves, tested)
        return cls(tuple(trained), tuple(tested), accuracy, low, high, right=right)

    @property
    def is_exact(self) -> bool:
        """Whether the accuracies were computed instead of measured."""
        return self.ceiling is not None

    @property
    def known(self) -> LevelMatrix:
        """The same, with only the networks that are known at every test level."""
        rows = np.isfinite(self.accuracy).all(axis=1)
        trained = tuple(np.asarray(self.trained)[rows].tolist())
        accuracy, low, high = (table[rows] for table in (self.accuracy, self.low, self.high))
        right = None if self.right is None else self.right[rows]
        return LevelMatrix(trained, self.tested, accuracy, low, high, self.ceiling, right)

    @property
    def lost(self) -> Matrix:
        """Accuracy lost against the ceiling, or else against the best network at that level."""
        best = self.ceiling if self.ceiling is not None else np.fmax.reduce(self.accuracy)
        return np.maximum(best - self.accuracy, 0)

    @property
    def best(self) -> Mask:
        """Which networks are best at each test level, ties included: shape (trained, tested)."""
        return np.asarray(self.accuracy >= np.fmax.reduce(self.accuracy))

    @cached_property
    def rivals(self) -> Mask:
        """Which networks may be best: McNemar's test does not find them worse than the best one.

        The p-values of a test level are corrected by Holm's method. Without the answers to each
        example, and where accuracies are exact, intervals that overlap decide.
        """
        if self.right is None:
            return np.asarray(self.high >= np.fmax.reduce(np.where(self.best, self.low, -1)))
        found = np.zeros(self.accuracy.shape, bool)
        for column, accuracies in enumerate(self.accuracy.T):
            known = np.flatnonzero(np.isfinite(accuracies))
            if not known.size:
                continue
            first = int(known[accuracies[known].argmax()])
            pairs = {
                int(row): PairedAnswers.of_right(self.right[first, column], self.right[row, column])
                for row in known
                if row != first
            }
            corrected = holm({row: pair.p_value for row, pair in pairs.items()})
            found[first, column] = True
            for row, pair in pairs.items():
                found[row, column] = not pair.is_decided_at(corrected[row])
        return found

    @property
    def winners(self) -> Mask:
        """Which networks are clearly the best at a test level: the only rival in their column."""
        rivals = self.rivals
        return np.asarray(rivals & (rivals.sum(axis=0) == 1))

    @property
    def largest_loss(self) -> Loss:
        """The largest loss against the best."""
        lost = self.lost
        row, column = np.unravel_index(int(lost.argmax()), lost.shape)
        most = float(lost[row, column])
        everywhere = float(lost[:, column].min()) > most / 2
        return Loss(self.trained[row], self.tested[column], most, everywhere)

    @property
    def clearest_gap(self) -> Gap | None:
        """The largest clear difference between training levels; None if there is none."""
        clear = np.where(self.rivals, 0, self.lost)
        if not clear.any():
            return None
        worse, column = np.unravel_index(int(clear.argmax()), clear.shape)
        accuracies = self.accuracy[:, column]
        better = int(accuracies.argmax())
        return Gap(
            self.tested[column],
            self.trained[worse],
            float(accuracies[worse]),
            self.trained[better],
            float(accuracies[better]),
        )

    @property
    def all_rounder(self) -> AllRounder | None:
        """The best network if all test levels are equally likely; None if there is no clear one."""
        means = self.accuracy.mean(axis=1)
        best = int(means.argmax())
        if means[best] - np.sort(means)[-2] <= SMALL:
            return None
        free = self.tested[0] > 0 or bool(self.rivals[best, 0])
        return AllRounder(
            self.trained[best], float(means[best]), 0.0 if free else float(self.lost[best, 0])
        )


def _right(
    curves: Sequence[Sequence[NoisePoint]], tested: Sequence[float]
) -> NDArray[np.bool_] | None:
    """Collects the answers to each example; None unless all points have them."""
    answers = [point.right for points in curves for point in points if point.level in tested]
    kept = [each for each in answers if each is not None]
    if not kept or len(kept) < len(answers):
        return None
    found = np.zeros((len(curves), len(tested), len(kept[0])), bool)
    for row, points in enumerate(curves):
        for point in points:
            if point.level in tested and point.right is not None:
                found[row, list(tested).index(point.level)] = point.right
    return found


@lru_cache(maxsize=64)
def one_rule_is_best_everywhere(channel: Channel) -> bool:
    """Returns whether a single rule is optimal at every level of a noise."""
    common = np.ones(best_rule(channel.likelihood(0)).shape, bool)
    for level in channel.levels:
        rule = best_rule(channel.likelihood(level))
        silent = rule.sum(axis=1, keepdims=True) == 0  # it cannot arise: any answer is fine
        common &= (rule > 0) | silent
    return bool(common.any(axis=1).all())
