"""Saved models side by side: what each costs, how good it is, and which is the best."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from core.evaluation.benchmark import Measured
from core.evaluation.robustness import NoisePoint
from core.metrics.accuracy import (
    Accuracy,
    Change,
    ExactAccuracy,
    Interval,
    Measure,
    apart,
    change,
)
from core.metrics.paired import PairedAnswers, holm
from core.models.saved_model import SavedModel
from core.networks.formats import LITERT_FILE
from core.segments.bayes import Rule, expected_accuracy
from core.segments.channels import Channel
from core.training.card import ImportedCard

# "simple" is no network, but one of the methods of `core.baselines`.
Kind = Literal["dense", "convolutional", "recurrent", "ensemble", "simple"]
KINDS: tuple[Kind, ...] = ("dense", "convolutional", "recurrent", "ensemble", "simple")
# The guide's two networks, which differ mainly in kind, come first where present.
FIRST = ("handwritten-dense", "handwritten-cnn")
SAME = 1.05  # times: a smaller difference is negligible


@dataclass(frozen=True)
class Robustness:
    """A model's robustness to noise: its mean accuracy over all levels of one noise.

    Args:
        value: 0..1.
        interval: the means of the 95 % intervals' ends, which is wide enough however the levels are
            correlated; a single point where the accuracies are exact.
    """

    value: float
    interval: Interval

    @classmethod
    def exact(cls, rule: Rule, channel: Channel) -> Robustness:
        """Computes it from a network's answers to all 128 patterns, shape (128, 10)."""
        values = [expected_accuracy(rule, channel.likelihood(level)) for level in channel.levels]
        mean = float(np.mean(values))
        return cls(mean, (mean, mean))

    @classmethod
    def measured(cls, points: Sequence[NoisePoint]) -> Robustness:
        """Takes the mean of measured points, one or more."""
        ends = np.array([point.accuracy.interval for point in points])  # (levels, 2)
        low, high = (float(end) for end in ends.mean(axis=0))
        return cls(float(np.mean([point.accuracy.value for point in points])), (low, high))


@dataclass(frozen=True)
class Compared:
    """A saved model in a comparison; unknown values are None.

    Args:
        name: of the model.
        kind: its kind.
        accuracy: exact, or measured as for all the others, or from its card.
        from_card: whether the accuracy is from the card, perhaps on other examples.
        parameters: number of weights; for an ensemble, of all its members.
        kilobytes: size of the LiteRT files.
        training_seconds: from its card; for an ensemble, of all its members.
        milliseconds: median time of an answer to one input.
        robustness: against one noise.
        right: bool, shape (n,), which of the examples that all get it classified correctly.
    """

    name: str
    kind: Kind
    accuracy: Accuracy | ExactAccuracy | None = None
    from_card: bool = True
    parameters: int | None = None
    kilobytes: float | None = None
    training_seconds: float | None = None
    milliseconds: float | None = None
    robustness: Robustness | None = None
    right: NDArray[np.bool_] | None = field(default=None, compare=False, repr=False)

    @classmethod
    def of(
        cls,
        model: SavedModel,
        members: Sequence[SavedModel],
        *,
        exact: ExactAccuracy | None = None,
        measured: Measured | None = None,
        robustness: Robustness | None = None,
    ) -> Compared:
        """Collects what is known about a model.

        Args:
            model: the model.
            members: the networks that vote in it; none if it is one network.
            exact: its exact accuracy, where theory gives it.
            measured: what was measured here, if anything.
            robustness: against the chosen noise, if known.
        """
        networks = members if model.is_ensemble else [model]
        figures = model.figures
        sampled = measured.accuracy if measured else (figures[0] if figures else None)
        return cls(
            name=model.name,
            kind=kind_of(model),
            accuracy=exact or sampled,
            from_card=exact is None and measured is None,
            parameters=_whole(_sum(networks, lambda one: one.card.parameters)),
            kilobytes=_sum(networks, _kilobytes),
            training_seconds=_sum(networks, lambda one: one.card.training_seconds),
            milliseconds=measured.milliseconds if measured else None,
            robustness=robustness,
            right=measured.right if measured else None,
        )


def kind_of(model: SavedModel) -> Kind:
    """Returns the kind of a model."""
    if model.is_ensemble:
        return "ensemble"
    if isinstance(model.card, ImportedCard):
        return model.card.imported.kind
    if model.architecture.recurrent:
        return "recurrent"
    return "convolutional" if model.architecture.filters else "dense"


def in_order(names: Sequence[str]) -> list[str]:
    """Returns the models' names, with the guide's dense and convolutional ones first."""
    return sorted(names, key=lambda name: FIRST.index(name) if name in FIRST else len(FIRST))


@dataclass(frozen=True)
class PairTest:
    """McNemar's test of two models.

    Args:
        pair: how often each is right where the other is not.
        p_value: after Holm's correction for all pairs of models that are compared.
        pairs: how many pairs these are.
    """

    pair: PairedAnswers
    p_value: float
    pairs: int = 1

    @property
    def is_decided(self) -> bool:
        """Whether the one that is ahead is significantly better."""
        return self.pair.is_decided_at(self.p_value)


def pair_tests(models: Sequence[Compared]) -> dict[tuple[str, str], PairTest]:
    """Tests all pairs of models whose answers to the same examples are known.

    All pairs, not only those with the best: which is the best is itself read off the data.

    Returns:
        The tests by the names of the first and the second model, in both orders.
    """
    known = {
        one.name: one.right
        for one in models
        if isinstance(one.accuracy, Accuracy) and one.right is not None
    }
    pairs = {
        (one, other): PairedAnswers.of_right(known[one], known[other])
        for one, other in combinations(known, 2)
        if len(known[one]) == len(known[other])
    }
    corrected = holm({names: pair.p_value for names, pair in pairs.items()})
    found = {}
    for (one, other), pair in pairs.items():
        p_value = corrected[one, other]
        found[one, other] = PairTest(pair, p_value, len(pairs))
        found[other, one] = PairTest(pair.swapped, p_value, len(pairs))
    return found


@dataclass(frozen=True)
class Duel:
    """A convolutional network against a dense one.

    Args:
        one: the convolutional network.
        other: the dense one.
        test: of their accuracies; None where these are exact, or the answers are not known.
    """

    one: Compared
    other: Compared
    test: PairTest | None = None

    @property
    def parameters(self) -> float | None:
        """Its number of parameters over the other's; None if unknown."""
        return _ratio(self.one.parameters, self.other.parameters)

    @property
    def size(self) -> float | None:
        """Its size over the other's."""
        return _ratio(self.one.kilobytes, self.other.kilobytes)

    @property
    def training(self) -> float | None:
        """Its training time over the other's."""
        return _ratio(self.one.training_seconds, self.other.training_seconds)

    @property
    def answer(self) -> float | None:
        """Its answer time over the other's."""
        return _ratio(self.one.milliseconds, self.other.milliseconds)

    @property
    def accuracy_change(self) -> Change | None:
        """Whether it is more accurate than the other; None if unknown."""
        if self.test is None:
            return _change(self.other.accuracy, self.one.accuracy)
        match self.test.pair.ahead:
            case None:
                return Change.SAME
            case "first":
                return Change.BETTER if self.test.is_decided else Change.PERHAPS_BETTER
            case "second":
                return Change.WORSE if self.test.is_decided else Change.PERHAPS_WORSE

    @property
    def robustness_change(self) -> Change | None:
        """Whether it is more robust than the other; None if unknown."""
        return _change(self.other.robustness, self.one.robustness)


@dataclass(frozen=True)
class Leader:
    """The best of some models, and those that may be as good.

    Args:
        best: the best.
        rivals: those that are not clearly worse: by McNemar's test or, where there is none, because
            their intervals overlap with its own.
        of_all: whether every other model is among these.
        tests: of the best, first, and each other model, by the other's name; none where the
            measures are exact, or the answers are not known.
        next_best: the best of those that are clearly worse, if any.
    """

    best: Compared
    rivals: tuple[Compared, ...]
    of_all: bool
    tests: Mapping[str, PairTest] = field(default_factory=dict)
    next_best: Compared | None = None

    @classmethod
    def of(
        cls,
        models: Mapping[str, Compared],
        measures: Mapping[str, Measure],
        tests: Mapping[tuple[str, str], PairTest] | None = None,
    ) -> Leader:
        """Finds the best by a measure; ties go to the first.

        Args:
            models: one or more, by name.
            measures: of each, by name.
            tests: as `pair_tests` returns them. Defaults to none.
        """
        best = max(models, key=lambda name: measures[name].value)
        against = {other: test for (one, other), test in (tests or {}).items() if one == best}

        def is_worse(name: str) -> bool:
            if name in against:
                return against[name].is_decided
            return apart(measures[name].interval, measures[best].interval)

        worse = [name for name in models if name != best and is_worse(name)]
        rivals = tuple(
            model for name, model in models.items() if name != best and name not in worse
        )
        behind = max(worse, key=lambda name: measures[name].value, default=None)
        return cls(
            models[best],
            rivals,
            len(rivals) == len(models) - 1,
            against,
            models[behind] if behind else None,
        )


@dataclass(frozen=True)
class Sizes:
    """How far the models that may be the most accurate differ in size.

    Args:
        smallest: the one with the fewest parameters.
        largest: the one with the most.
    """

    smallest: Compared
    largest: Compared

    @property
    def times(self) -> float:
        """The largest's number of parameters over the smallest's."""
        return (self.largest.parameters or 0) / (self.smallest.parameters or 1)


@dataclass(frozen=True)
class Comparison:
    """The results of comparing measured models.

    Args:
        duel: the first convolutional network against the first dense one; None without both.
        most_accurate: the best of all; None where the duel shows it.
        sizes: of it and its rivals; None if similar or unknown.
        most_robust: the best against the noise; None if a model's robustness is unknown.
    """

    duel: Duel | None = None
    most_accurate: Leader | None = None
    sizes: Sizes | None = None
    most_robust: Leader | None = None


def compare(models: Sequence[Compared]) -> Comparison | None:
    """Compares models by what was measured; returns None for fewer than two.

    Args:
        models: in the order of the table; those whose accuracy is not measured are left out.
    """
    accuracies = {
        one.name: one.accuracy for one in models if one.accuracy is not None and not one.from_card
    }
    known = {one.name: one for one in models if one.name in accuracies}
    if len(known) < 2:
        return None
    dense, convolutional = (
        next((one for one in known.values() if one.kind == kind), None)
        for kind in ("dense", "convolutional")
    )
    tests = pair_tests(list(known.values()))
    duel = (
        Duel(convolutional, dense, tests.get((convolutional.name, dense.name)))
        if dense and convolutional
        else None
    )
    if duel and len(known) == 2:
        return Comparison(duel)
    leader = Leader.of(known, accuracies, tests)
    robust = {name: one.robustness for name, one in known.items() if one.robustness}
    return Comparison(
        duel,
        leader,
        _sizes([leader.best, *leader.rivals]),
        Leader.of(known, robust) if len(robust) == len(known) else None,
    )


def _sizes(models: Sequence[Compared]) -> Sizes | None:
    sized = [one for one in models if one.parameters]
    if len(sized) < 2:
        return None
    sizes = Sizes(
        min(sized, key=lambda one: one.parameters or 0),
        max(sized, key=lambda one: one.parameters or 0),
    )
    return sizes if sizes.times > SAME else None


def _ratio(ours: float | None, theirs: float | None) -> float | None:
    return ours / theirs if ours and theirs else None


def _change(before: Measure | None, after: Measure | None) -> Change | None:
    return change(before, after) if before and after else None


def _sum(
    networks: Sequence[SavedModel], value: Callable[[SavedModel], float | None]
) -> float | None:
    """Sums a value over networks; None if one is unknown."""
    values = [value(network) for network in networks]
    known = [float(one) for one in values if one is not None]
    return sum(known) if known and len(known) == len(values) else None


def _whole(value: float | None) -> int | None:
    return None if value is None else int(value)


def _kilobytes(model: SavedModel) -> float | None:
    try:
        return (model.folder / LITERT_FILE).stat().st_size / 1000
    except OSError:
        return None


@dataclass(frozen=True)
class Quantity:
    """A quantity that models are compared by.

    Args:
        title: with its unit, for axes and columns.
        value: of a model, or None.
        interval: of a model, or None where there is none.
        logarithmic: whether models differ so much in it that an axis should be logarithmic.
        decimals: how many to show.
    """

    title: str
    value: Callable[[Compared], float | None]
    interval: Callable[[Compared], tuple[float, float] | None] = lambda model: None
    logarithmic: bool = False
    decimals: int = 0


def _percents(interval: tuple[float, float] | None) -> tuple[float, float] | None:
    return None if interval is None else (100 * interval[0], 100 * interval[1])


QUANTITIES: Mapping[str, Quantity] = {
    "parameters": Quantity("parameters", lambda one: one.parameters, logarithmic=True),
    "accuracy": Quantity(
        "accuracy (%)",
        lambda one: 100 * one.accuracy.value if one.accuracy else None,
        lambda one: _percents(one.accuracy.interval) if one.accuracy else None,
        decimals=2,
    ),
    "size": Quantity("size (kB)", lambda one: one.kilobytes, logarithmic=True, decimals=1),
    "training": Quantity(
        "training (s)", lambda one: one.training_seconds, logarithmic=True, decimals=1
    ),
    "answer": Quantity(
        "answer time (ms)", lambda one: one.milliseconds, logarithmic=True, decimals=3
    ),
    "robustness": Quantity(
        "robustness (%)",
        lambda one: 100 * one.robustness.value if one.robustness else None,
        lambda one: _percents(one.robustness.interval) if one.robustness else None,
        decimals=2,
    ),
}
