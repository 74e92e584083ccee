"""Networks trained at different levels of a noise, tested at every level: who is best where?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from core.evaluation.robustness import NoisePoint
from core.metrics.accuracy import percent
from core.segments.bayes import Rule, best_rule, ceiling, expected_accuracy
from core.segments.channels import Channel
from core.text import listed

Matrix = NDArray[np.float64]  # (trained, tested)
# Exact accuracies are rounded to so many decimals, that adding up makes no differences of its own.
_DECIMALS = 10
# A share of the displays so small that nobody would notice it: half a point.
SMALL = 0.005


@dataclass(frozen=True, eq=False)
class LevelMatrix:
    """Accuracy by the level of training and the level of the test.

    Args:
        trained: level of each row's training, rising.
        tested: level of each column's test, rising.
        accuracy: float64, shape (trained, tested), 0..1; NaN where it is not known yet.
        low: lower ends of the 95 % intervals; equal to `accuracy` where that is exact.
        high: upper ends.
        ceiling: float64, shape (tested,): what no classifier can beat, or None where theory does
            not give it.
    """

    trained: tuple[float, ...]
    tested: tuple[float, ...]
    accuracy: Matrix
    low: Matrix
    high: Matrix
    ceiling: NDArray[np.float64] | None = None

    @classmethod
    def exact(
        cls, trained: Sequence[float], rules: Sequence[Rule | None], channel: Channel
    ) -> LevelMatrix:
        """Computes what networks that read displays are worth, without a single example.

        Args:
            trained: level of each network's training, rising.
            rules: float64, shape (128, 10) each, from `core.segments.bayes.rule_of`; None for a
                network that is not there yet.
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
        """Puts together what was measured so far.

        Args:
            trained: level of each network's training, rising.
            curves: the points measured of each.
            tested: all levels at which they are, or will be, measured.
        """
        table = np.full((3, len(trained), len(tested)), np.nan)
        for row, points in enumerate(curves):
            for point in points:
                if point.level in tested:
                    ends = point.accuracy.interval
                    table[:, row, list(tested).index(point.level)] = point.accuracy.value, *ends
        accuracy, low, high = table
        return cls(tuple(trained), tuple(tested), accuracy, low, high)

    @property
    def is_exact(self) -> bool:
        """Whether the accuracies were computed instead of measured."""
        return self.ceiling is not None

    @property
    def known(self) -> LevelMatrix:
        """The same without the networks that are not known at every test level yet."""
        rows = np.isfinite(self.accuracy).all(axis=1)
        trained = tuple(np.asarray(self.trained)[rows].tolist())
        accuracy, low, high = (table[rows] for table in (self.accuracy, self.low, self.high))
        return LevelMatrix(trained, self.tested, accuracy, low, high, self.ceiling)

    @property
    def lost(self) -> Matrix:
        """Shares below the best: what theory allows, or else the best network at that level."""
        best = self.ceiling if self.ceiling is not None else np.fmax.reduce(self.accuracy)
        return np.maximum(best - self.accuracy, 0)

    @property
    def best(self) -> NDArray[np.bool_]:
        """Which networks are best at each test level, shape (trained, tested); ties are several."""
        return np.asarray(self.accuracy >= np.fmax.reduce(self.accuracy))

    @property
    def rivals(self) -> NDArray[np.bool_]:
        """Which networks may be best: their interval reaches that of the best one."""
        return np.asarray(self.high >= np.fmax.reduce(np.where(self.best, self.low, -1)))


def findings(matrix: LevelMatrix, channel: Channel | None = None) -> list[str]:
    """Says in two or three sentences what a matrix shows; nothing of fewer than two networks.

    Args:
        matrix: the numbers; networks that are not known everywhere are left out.
        channel: the noise, where the numbers are exact.
    """
    matrix = matrix.known
    if len(matrix.trained) < 2:
        return []
    sentences = [_who_is_best(matrix), _cost(matrix)]
    sentences.append(_theory(matrix, channel) if channel else _choice(matrix))
    return [sentence for sentence in sentences if sentence]


@lru_cache(maxsize=64)
def one_rule_is_best_everywhere(channel: Channel) -> bool:
    """Returns whether one table of answers is the best possible at every level of a noise."""
    common = np.ones(best_rule(channel.likelihood(0)).shape, bool)
    for level in channel.levels:
        rule = best_rule(channel.likelihood(level))
        silent = rule.sum(axis=1, keepdims=True) == 0  # it cannot arise, so any answer will do
        common &= (rule > 0) | silent
    return bool(common.any(axis=1).all())


def _who_is_best(matrix: LevelMatrix) -> str:
    """Names the test levels at which one network alone is best, and those at which none is."""
    rivals = matrix.rivals
    alone = rivals.sum(axis=0) == 1
    if not alone.any():
        if matrix.is_exact:
            if rivals.all():
                return "All the networks are exactly equally good at every test level."
            return "At every test level several networks share the first place."
        return (
            "At no test level is one network clearly the best: the differences lie within the 95 %"
            " intervals."
        )
    winners = [
        f"the one trained at **{level:g}** is best at {_ranges(matrix.tested, wins)}"
        for level, wins in zip(matrix.trained, rivals & alone, strict=True)
        if wins.any()
    ]
    sentence = f"Tested level by level, {'; '.join(winners)}."
    if not alone.all():
        why = (
            "several share the first place"
            if matrix.is_exact
            else "the first ones cannot be told apart: their 95 % intervals overlap"
        )
        sentence += f" At {_ranges(matrix.tested, ~alone)} {why}."
    return sentence


def _cost(matrix: LevelMatrix) -> str:
    """Says what the choice of the training level can cost at most."""
    lost = matrix.lost
    row, column = np.unravel_index(int(lost.argmax()), lost.shape)
    worst, level, most = matrix.trained[row], matrix.tested[column], float(lost.max())
    if matrix.is_exact and most == 0:
        return "All of them reach the best possible accuracy at every level."
    if matrix.is_exact and most <= SMALL:
        return f"None is ever more than {100 * most:.2g} points below the best possible."
    if matrix.is_exact:
        everybody = float(lost[:, column].min()) > most / 2
        return (
            f"The largest loss against the best possible is {100 * most:.1f} points, at test level"
            f" **{level:g}**: "
            + (
                "all of them lose there, whatever they were trained at."
                if everybody
                else f"by the network trained at **{worst:g}**."
            )
        )
    clear = np.where(matrix.rivals, 0, lost)
    if not clear.any():
        return "Nowhere does the choice of the training level cost more than chance explains."
    row, column = np.unravel_index(int(clear.argmax()), clear.shape)
    best = int(matrix.accuracy[:, column].argmax())
    return (
        f"The choice matters most at test level **{matrix.tested[column]:g}**: the network trained"
        f" at **{matrix.trained[row]:g}** is right on"
        f" {percent(matrix.accuracy[row, column], 1)}, the one trained at"
        f" **{matrix.trained[best]:g}** on {percent(matrix.accuracy[best, column], 1)}."
    )


def _choice(matrix: LevelMatrix) -> str:
    """Names the best training level for a noise of unknown strength, if there is one."""
    means = matrix.accuracy.mean(axis=1)
    best = int(means.argmax())
    if means[best] - np.sort(means)[-2] <= SMALL:
        return ""
    sentence = (
        "Where every test level is equally frequent, training at"
        f" **{matrix.trained[best]:g}** pays most: {percent(means[best], 1)} on average"
    )
    if matrix.tested[0] > 0 or matrix.rivals[best, 0]:
        return f"{sentence}."
    behind = 100 * float(matrix.lost[best, 0])
    return f"{sentence}. The price is {behind:.1f} points where there is no noise."


def _theory(matrix: LevelMatrix, channel: Channel) -> str:
    noise = channel.title[0].lower() + channel.title[1:]
    if not one_rule_is_best_everywhere(channel):
        return (
            f"Theory says that no network can be best at every level: with “{noise}” the best"
            " answer to some patterns changes with the level."
        )
    reason = (
        f"Theory says that the training level need not matter: with “{noise}” there are answers"
        " that are the best possible at every level"
    )
    if float(matrix.lost.max()) <= SMALL:
        return f"{reason}, and whoever has learnt them at one level knows them for all."
    return (
        f"{reason}. What is lost here is lost in learning: at low levels some patterns hardly ever"
        " come up, at high ones they say little."
    )


def _ranges(levels: Sequence[float], chosen: NDArray[np.bool_]) -> str:
    """Writes the chosen levels briefly, as "0.05, 0.1 to 0.3 and 0.5"."""
    parts: list[list[float]] = []
    before = -2
    for index in np.flatnonzero(chosen).tolist():
        if index == before + 1:
            parts[-1].append(levels[index])
        else:
            parts.append([levels[index]])
        before = index
    words = [f"{part[0]:g}" if len(part) == 1 else f"{part[0]:g} to {part[-1]:g}" for part in parts]
    return listed(words)
