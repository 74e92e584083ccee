"""Saved models side by side: what each costs, how good it is, and which is the best."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from core.evaluation.benchmark import Measured
from core.evaluation.robustness import NoisePoint
from core.metrics.accuracy import Accuracy, Change, Interval, Measure, apart, change
from core.models.saved_model import SavedModel
from core.networks.formats import LITERT_FILE
from core.segments.bayes import Rule, expected_accuracy
from core.segments.channels import Channel

Kind = Literal["dense", "convolutional", "ensemble"]
KINDS: tuple[Kind, ...] = ("dense", "convolutional", "ensemble")
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
        accuracy: measured as for all the others, or from its card.
        from_card: whether the accuracy is from the card, perhaps on other examples.
        parameters: number of weights; for an ensemble, of all its members.
        kilobytes: size of the LiteRT files.
        training_seconds: from its card; for an ensemble, of all its members.
        milliseconds: median time of an answer to one input.
        robustness: against one noise.
    """

    name: str
    kind: Kind
    accuracy: Accuracy | None = None
    from_card: bool = True
    parameters: int | None = None
    kilobytes: float | None = None
    training_seconds: float | None = None
    milliseconds: float | None = None
    robustness: Robustness | None = None

    @classmethod
    def of(
        cls,
        model: SavedModel,
        members: Sequence[SavedModel],
        *,
        measured: Measured | None = None,
        robustness: Robustness | None = None,
    ) -> Compared:
        """Collects what is known about a model.

        Args:
            model: the model.
            members: the networks that vote in it; none if it is one network.
            measured: what was measured here, if anything.
            robustness: against the chosen noise, if known.
        """
        networks = members if model.is_ensemble else [model]
        figures = model.figures
        return cls(
            name=model.name,
            kind=kind_of(model),
            accuracy=measured.accuracy if measured else (figures[0] if figures else None),
            from_card=measured is None,
            parameters=_whole(_sum(networks, lambda one: one.card.parameters)),
            kilobytes=_sum(networks, _kilobytes),
            training_seconds=_sum(networks, lambda one: one.card.training_seconds),
            milliseconds=measured.milliseconds if measured else None,
            robustness=robustness,
        )


def kind_of(model: SavedModel) -> Kind:
    """Returns the kind of a model."""
    if model.is_ensemble:
        return "ensemble"
    return "convolutional" if model.architecture.filters else "dense"


def in_order(names: Sequence[str]) -> list[str]:
    """Returns the models' names, with the guide's dense and convolutional ones first."""
    return sorted(names, key=lambda name: FIRST.index(name) if name in FIRST else len(FIRST))


@dataclass(frozen=True)
class Duel:
    """A convolutional network against a dense one.

    Args:
        one: the convolutional network.
        other: the dense one.
    """

    one: Compared
    other: Compared

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
        return _change(self.other.accuracy, self.one.accuracy)

    @property
    def robustness_change(self) -> Change | None:
        """Whether it is more robust than the other; None if unknown."""
        return _change(self.other.robustness, self.one.robustness)


@dataclass(frozen=True)
class Leader:
    """The best of some models, and those that may be as good.

    Args:
        best: the best.
        rivals: those that are not clearly worse, since their intervals overlap with its own.
        of_all: whether every other model is among these.
    """

    best: Compared
    rivals: tuple[Compared, ...]
    of_all: bool

    @classmethod
    def of(cls, models: Mapping[str, Compared], measures: Mapping[str, Measure]) -> Leader:
        """Finds the best by a measure; ties go to the first.

        Args:
            models: one or more, by name.
            measures: of each, by name.
        """
        best = max(models, key=lambda name: measures[name].value)
        rivals = tuple(
            model
            for name, model in models.items()
            if name != best and not apart(measures[name].interval, measures[best].interval)
        )
        return cls(models[best], rivals, len(rivals) == len(models) - 1)


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
    duel = Duel(convolutional, dense) if dense and convolutional else None
    if duel and len(known) == 2:
        return Comparison(duel)
    leader = Leader.of(known, accuracies)
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
