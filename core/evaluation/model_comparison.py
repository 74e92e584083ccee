"""Saved models side by side: what each costs, how good it is, and what that shows in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from core.evaluation.benchmark import Measured
from core.evaluation.robustness import NoisePoint
from core.metrics.accuracy import Accuracy, percent
from core.models.saved_model import SavedModel
from core.networks.formats import LITERT_FILE
from core.segments.bayes import Rule, expected_accuracy
from core.segments.channels import Channel
from core.text import listed

Kind = Literal["dense", "convolutional", "ensemble"]
KINDS: tuple[Kind, ...] = ("dense", "convolutional", "ensemble")
# The two of the guide, which differ in this above all, stand first where they are there.
FIRST = ("handwritten-dense", "handwritten-cnn")
_SAME = 1.05  # times: what differs by less is called about the same


@dataclass(frozen=True)
class Robustness:
    """How much noise a model bears: the mean of its accuracies at all levels of one noise.

    Args:
        value: 0..1.
        interval: the means of the 95 % intervals' ends, which is wide enough however the levels
            hang together; a single point where the accuracies are exact.
    """

    value: float
    interval: tuple[float, float]

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
    """A saved model among others; what is not known (yet) is None.

    Args:
        name: of the model.
        kind: what it is made of.
        accuracy: measured as for all the others, or what its card says.
        from_card: whether it is what the card says, perhaps on other examples.
        parameters: number of weights; of an ensemble, of all its members.
        kilobytes: size of the LiteRT files.
        training_seconds: as its card says; of an ensemble, of all its members.
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
        """Brings together what is known of a model.

        Args:
            model: the model.
            members: the networks that vote in it; none if it is one network.
            measured: what was measured here, if it was.
            robustness: against the noise that is looked at, if it is known.
        """
        networks = members if model.is_ensemble else [model]
        figures = model.figures
        return cls(
            name=model.name,
            kind=kind_of(model),
            accuracy=measured.accuracy if measured else (figures[0] if figures else None),
            from_card=measured is None,
            parameters=_whole(_sum(networks, lambda one: one.card.get("parameters"))),
            kilobytes=_sum(networks, _kilobytes),
            training_seconds=_sum(networks, lambda one: one.card.get("training_seconds")),
            milliseconds=measured.milliseconds if measured else None,
            robustness=robustness,
        )


def kind_of(model: SavedModel) -> Kind:
    """Returns what a model is made of."""
    if model.is_ensemble:
        return "ensemble"
    return "convolutional" if model.architecture.filters else "dense"


def in_order(names: Sequence[str]) -> list[str]:
    """Returns models' names with the dense and the convolutional one of the guide first."""
    return sorted(names, key=lambda name: FIRST.index(name) if name in FIRST else len(FIRST))


def findings(models: Sequence[Compared], noise: str) -> list[str]:
    """Says in a few sentences what the comparison shows; nothing of what is not measured.

    Args:
        models: in the order of the table; those whose accuracy is not measured are left out.
        noise: title of the noise whose robustness is known.
    """
    known = [one for one in models if one.accuracy is not None and not one.from_card]
    if len(known) < 2:
        return []
    sentences = []
    dense, convolutional = (_first(known, kind) for kind in ("dense", "convolutional"))
    if dense and convolutional:
        sentences += _against(convolutional, dense, noise)
    if len(known) > 2 or not sentences:
        sentences += _best(known, noise)
    return sentences


def _first(models: Sequence[Compared], kind: str) -> Compared | None:
    return next((one for one in models if one.kind == kind), None)


def _against(one: Compared, other: Compared, noise: str) -> list[str]:
    """Compares two models, the one against the other."""
    costs = [
        _times(one.parameters, other.parameters, "the parameters"),
        _times(one.kilobytes, other.kilobytes, "the size"),
        _times(one.training_seconds, other.training_seconds, "the training time"),
        _times(one.milliseconds, other.milliseconds, "the time for an answer"),
    ]
    named = f"Against **{other.name}** ({other.kind}), **{one.name}** ({one.kind})"
    said = [cost for cost in costs if cost]
    sentences = [f"{named} has {listed(said)}." if said else f"{named}:"]
    assert one.accuracy is not None
    assert other.accuracy is not None
    sentences.append(f"It is {_more_accurate(one.accuracy, other.accuracy)}")
    if one.robustness and other.robustness:
        ours, theirs = one.robustness.value, other.robustness.value
        sentences.append(
            f"Over all levels of “{noise}” it is right on {percent(ours, 1)} on average, the other"
            f" on {percent(theirs, 1)}"
            + (
                "."
                if _apart(one.robustness.interval, other.robustness.interval)
                else ", which may be chance."
            )
        )
    return sentences


def _more_accurate(ours: Accuracy, theirs: Accuracy) -> str:
    points = 100 * (ours.value - theirs.value)
    word = "more" if points > 0 else "less"
    pair = f"{percent(ours.value)} against {percent(theirs.value)}"
    if points == 0:
        return f"exactly as accurate ({pair})."
    verdict = (
        "the 95 % intervals do not overlap, so this is hardly chance."
        if _apart(ours.interval, theirs.interval)
        else "the 95 % intervals overlap, so it may be chance."
    )
    return f"{abs(points):.2f} points {word} accurate ({pair}); {verdict}"


def _best(models: Sequence[Compared], noise: str) -> list[str]:
    """Names the most accurate, and what it costs to come near it; then the most robust."""
    accuracies = {one.name: one.accuracy for one in models if one.accuracy is not None}
    best = max(accuracies, key=lambda name: accuracies[name].value)
    near = [
        one
        for one in models
        if one.name == best or not _apart(accuracies[one.name].interval, accuracies[best].interval)
    ]
    sentence = f"Most accurate is **{best}** with {percent(accuracies[best].value)}"
    sentence += f" ({accuracies[best].data})"
    others = [f"**{one.name}**" for one in near if one.name != best]
    if len(near) == len(models):
        sentence += ", but all the 95 % intervals overlap with its own: it may be chance."
    elif others:
        verb = "is" if len(others) == 1 else "are"
        sentence += f"; {listed(others)} {verb} not clearly worse (the 95 % intervals overlap)."
    else:
        sentence += "; no other's 95 % interval overlaps with its own."
    sentences = [sentence]
    sized = [one for one in near if one.parameters]
    if len(sized) > 1:
        small = min(sized, key=lambda one: one.parameters or 0)
        large = max(sized, key=lambda one: one.parameters or 0)
        times = (large.parameters or 0) / (small.parameters or 1)
        if times > _SAME:
            sentences.append(
                f"Of these, **{small.name}** is the smallest: {large.name} has"
                f" {_factor(times)} times as many parameters."
            )
    bearing = {one.name: one.robustness for one in models if one.robustness}
    if len(bearing) == len(models):
        sentences.append(_most_robust(bearing, noise))
    return sentences


def _most_robust(bearing: Mapping[str, Robustness], noise: str) -> str:
    best = max(bearing, key=lambda name: bearing[name].value)
    equals = [
        f"**{name}**"
        for name, one in bearing.items()
        if name != best and not _apart(one.interval, bearing[best].interval)
    ]
    sentence = f"**{best}** bears “{noise}” best: right on {percent(bearing[best].value, 1)} on"
    sentence += " average over all its levels"
    if equals:
        verb = "is" if len(equals) == 1 else "are"
        sentence += f"; {listed(equals)} {verb} not clearly worse"
    return f"{sentence}."


def _times(ours: float | None, theirs: float | None, what: str) -> str:
    """Returns "2.1 times the parameters", or nothing where one of the two is not known."""
    if not ours or not theirs:
        return ""
    if max(ours, theirs) / min(ours, theirs) < _SAME:
        return f"about {what}".replace("about the", "about the same")
    return f"{_factor(ours / theirs)} times {what}"


def _factor(times: float) -> str:
    return f"{times:.0f}" if times >= 10 else f"{times:.2g}"


def _apart(one: tuple[float, float], other: tuple[float, float]) -> bool:
    least = 1e-9  # exact values have no width, and are rounded
    return one[0] > other[1] + least or other[0] > one[1] + least


def _sum(
    networks: Sequence[SavedModel], value: Callable[[SavedModel], float | None]
) -> float | None:
    """Adds up what is known of every network; None if one is not known."""
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
    """Something that models are compared by.

    Args:
        title: with its unit, for axes and columns.
        value: of a model, or None.
        interval: of a model, or None where there is none.
        logarithmic: whether models differ so much in it that an axis should count in factors.
        decimals: how many to write.
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
