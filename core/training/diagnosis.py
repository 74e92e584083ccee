"""A diagnosis of a training run: what is happening, and which numbers show it.

Pure rules on the figures of the epochs so far, the most serious first. They are rules of thumb:
every threshold is a constant with its reason.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import ClassVar, Literal, Protocol

from core.metrics.accuracy import Accuracy, Change, change
from core.training.events import Ending

Kind = Literal[
    "waiting",
    "not-learning",
    "overfitting",
    "underfitting",
    "unstable",
    "diverged",
    "plateau",
    "learning",
    "done",
]

# Unstable: within so many changes from epoch to epoch, so many rises with a fall between them.
SWING_CHANGES = 6  # recent enough that a wild start is forgiven once the curve is calm
SWING_RISES = 2  # a single rise can be an unlucky epoch
SWING_SHARE = 0.25  # of the lower loss: ordinary epochs differ by a few per cent
SWING_NATS = 0.1  # doubling 0.01 to 0.02 is a wiggle that costs no digit

# Not learning: about what guessing would give.
CHANCE_EPOCHS = 3  # the first epochs of a slow start look like guessing too
CHANCE_MARGIN = 0.05  # above 1/classes: always naming the commonest class gains a point or two
CHANCE_LOSS = 0.95  # of ln(classes), the loss of a network that finds all classes equally likely

# Overfitting: validation loss well above its minimum while training loss falls.
OVERFIT_EPOCHS = 4  # since the minimum; shorter rises often mend themselves
OVERFIT_STEADY = 3  # the newest epochs that must all be above, so that one spike does not count
OVERFIT_SHARE = 0.10  # of the minimum: validation loss wavers by a few per cent from luck
OVERFIT_NATS = 0.02  # below this, a tenth more loss is too little to matter
# Of the training loss, fallen since: else both get worse, from another cause.
OVERFIT_TRAINING = 0.05

# Underfitting: late in the run nothing moves, and what was learnt is not even right in training.
WELL_ALONG = 0.5  # of the epochs wanted: earlier, the schedule may still change things
FLAT_EPOCHS = 5  # compared with all before them; fewer would take luck for a trend
FLAT_GAIN = 0.02  # less than this share of the loss gained is flat
ALIKE = 0.03  # training accuracy this much above validation means memory, not lack of it
LOW_ACCURACY = 0.95  # small networks classify more of the clean digits correctly
CEILING_MARGIN = 0.01  # one point: a finite validation set scatters about the best by as much

# Plateau: validation loss as good as stands still.
PLATEAU_EPOCHS = 5  # what learning-rate schedules commonly wait, too
PLATEAU_GAIN = 0.005  # half a per cent in five epochs is not worth the waiting

RECENT_EPOCHS = 5  # over which progress is shown

# Usual learning rates lie between; outside, the rate itself is the first suspect.
HIGH_RATE = 0.01
LOW_RATE = 0.0001


class Epoch(Protocol):
    """The figures of one epoch; `core.training.events.EpochDone` has them.

    `epoch` counts from 1, losses are in nats, and training figures are taken with dropout at work.
    """

    @property
    def epoch(self) -> int: ...  # noqa: D102
    @property
    def loss(self) -> float: ...  # noqa: D102
    @property
    def accuracy(self) -> float: ...  # noqa: D102
    @property
    def val_loss(self) -> float: ...  # noqa: D102
    @property
    def val_accuracy(self) -> float: ...  # noqa: D102
    @property
    def learning_rate(self) -> float: ...  # noqa: D102


@dataclass(frozen=True)
class NothingYet:
    """No epoch is over.

    Args:
        ended: how the run ended; None for one under way.
        epochs_wanted: how many it was asked for.
    """

    ended: Ending | None
    epochs_wanted: int

    @property
    def kind(self) -> Kind:
        """Whether it is waited for, or over."""
        return "waiting" if self.ended is None else "done"


@dataclass(frozen=True)
class Diverged:
    """The loss became NaN or infinite.

    Args:
        bad_epoch: in which.
        last_good: the last epoch before; None if there is none.
        learning_rate: the last that is known; None if none is.
    """

    kind: ClassVar[Kind] = "diverged"
    bad_epoch: int
    last_good: Epoch | None
    learning_rate: float | None


@dataclass(frozen=True)
class Unstable:
    """A loss jumps up and down.

    Args:
        losses: "training" or "validation".
        rises: how often it jumped up.
        epochs: the number of newest epochs that were looked at.
        low: the lowest loss in them, in nats.
        high: the highest.
        largest_rise: the largest from one epoch to the next.
        newest: the newest epoch.
    """

    kind: ClassVar[Kind] = "unstable"
    losses: Literal["training", "validation"]
    rises: int
    epochs: int
    low: float
    high: float
    largest_rise: float
    newest: Epoch


@dataclass(frozen=True)
class NotLearning:
    """The network is no better than guessing.

    Args:
        newest: the newest epoch.
        chance: the accuracy of guessing.
        guess_loss: its loss, in nats.
    """

    kind: ClassVar[Kind] = "not-learning"
    newest: Epoch
    chance: float
    guess_loss: float


@dataclass(frozen=True)
class Overfitting:
    """Validation gets worse while training gets better.

    Args:
        newest: the newest epoch.
        best: that with the lowest validation loss.
        ended: how the run ended; None for one under way.
    """

    kind: ClassVar[Kind] = "overfitting"
    newest: Epoch
    best: Epoch
    ended: Ending | None


@dataclass(frozen=True)
class Underfitting:
    """Late in the run nothing moves, and the network is wrong too often even in training.

    Args:
        newest: the newest epoch.
        best_accuracy: the best possible, where theory gives it.
    """

    kind: ClassVar[Kind] = "underfitting"
    newest: Epoch
    best_accuracy: float | None


@dataclass(frozen=True)
class AtTheCeiling:
    """It cannot get better.

    Args:
        newest: the newest epoch.
        best_accuracy: the best possible; None where nobody knows it, and no validation example
            is left that is not classified correctly.
    """

    kind: ClassVar[Kind] = "done"
    newest: Epoch
    best_accuracy: float | None


@dataclass(frozen=True)
class Plateau:
    """Validation loss stands still.

    Args:
        newest: the newest epoch.
        lowest: the lowest validation loss of the newest epochs, in nats.
        lowest_before: of those before.
        rate_lowered: whether the learning rate was lowered meanwhile.
    """

    kind: ClassVar[Kind] = "plateau"
    newest: Epoch
    lowest: float
    lowest_before: float
    rate_lowered: bool


@dataclass(frozen=True)
class Done:
    """The run is over.

    Args:
        newest: the last epoch.
        best: that with the lowest validation loss.
        ended: how the run ended.
        epochs_wanted: how many epochs it was asked for.
        still_learning: whether it was still getting better.
        out_of_reach: the accuracy that no classifier can beat, where theory gives it and the best
            epoch stays clearly below.
    """

    kind: ClassVar[Kind] = "done"
    newest: Epoch
    best: Epoch
    ended: Ending
    epochs_wanted: int
    still_learning: bool
    out_of_reach: float | None = None


@dataclass(frozen=True)
class Learning:
    """It learns, or at least nothing else is the matter.

    Args:
        newest: the newest epoch.
        before: the one that it is compared with; None for the first.
    """

    kind: ClassVar[Kind] = "learning"
    newest: Epoch
    before: Epoch | None

    @property
    def gaining(self) -> bool:
        """Whether validation got better."""
        new, old = self.newest, self.before
        return old is None or new.val_accuracy > old.val_accuracy or new.val_loss < old.val_loss


Diagnosis = (
    NothingYet
    | Diverged
    | Unstable
    | NotLearning
    | Overfitting
    | Underfitting
    | AtTheCeiling
    | Plateau
    | Done
    | Learning
)


def diagnose(
    epochs: Sequence[Epoch],
    *,
    num_classes: int,
    epochs_wanted: int,
    ended: Ending | None = None,
    best_accuracy: float | None = None,
) -> Diagnosis:
    """Finds what is happening in a run, the most serious first.

    Args:
        epochs: those done so far, the oldest first; none is fine, and so are losses that are not
            numbers.
        num_classes: classes to tell apart; guessing is right once in so many.
        epochs_wanted: how many the run was asked for.
        ended: how the run ended. Defaults to None, for a run under way.
        best_accuracy: the accuracy that no classifier can beat, where theory gives it. Defaults
            to None.
    """
    run = _Run([e for e in epochs if _finite(e)], num_classes, epochs_wanted, ended, best_accuracy)
    if ended == "diverged" or (epochs and not _finite(epochs[-1])):
        return _diverged(run, epochs)
    if not run.epochs:
        return NothingYet(ended, epochs_wanted)
    for rule in _RULES:
        diagnosis = rule(run)
        if diagnosis is not None:
            return diagnosis
    recent = run.epochs[-RECENT_EPOCHS - 1 :]
    return Learning(run.newest, recent[0] if len(recent) > 1 else None)


@dataclass(frozen=True)
class Attempt:
    """What a network reached on test data, and under which conditions.

    Args:
        name: of the run or of the saved model.
        task: name of the task.
        source: name of the data set.
        noise: name of the noise on the data, or "none".
        noise_level: its level.
        figure: the accuracy on the most important test data.
        saved: whether it is a saved model, and no run. Defaults to False.
    """

    name: str
    task: str
    source: str
    noise: str
    noise_level: float
    figure: Accuracy
    saved: bool = False

    def comparable(self, other: Attempt) -> bool:
        """Returns whether both were tested on the same kind and number of examples.

        Not necessarily on the same ones: generated examples come from a run's seed.
        """
        return self._conditions == other._conditions

    @property
    def _conditions(self) -> tuple[object, ...]:
        level = 0.0 if self.noise == "none" else self.noise_level
        figure = self.figure
        return self.task, self.source, self.noise, level, figure.data, figure.total


@dataclass(frozen=True)
class Standing:
    """How a run stands to the best other network on such data.

    Args:
        mine: what the run reached.
        best: what the best of the others reached.
        change: how the best compares with the run, by their 95 % intervals. Which examples each
            network got right is not known here, so there is no sharper test.
    """

    mine: Attempt
    best: Attempt
    change: Change


def standing(mine: Attempt, others: Sequence[Attempt]) -> Standing | None:
    """Compares a run with the best of those that were tested under the same conditions.

    Args:
        mine: the run.
        others: whatever else there is; what was tested otherwise is left out. Of equal ones the
            first counts.

    Returns:
        How they compare, or None if nothing is comparable.
    """
    rivals = [other for other in others if mine.comparable(other)]
    if not rivals:
        return None
    best = max(rivals, key=lambda rival: rival.figure.value)
    return Standing(mine, best, change(mine.figure, best.figure))


def is_usable(rate: float) -> bool:
    """Returns whether a learning rate is a number that can be divided."""
    return math.isfinite(rate) and rate > 0


@dataclass(frozen=True)
class _Run:
    """What the rules look at: the epochs whose figures are all numbers, and the settings."""

    epochs: list[Epoch]
    num_classes: int
    epochs_wanted: int
    ended: Ending | None
    best_accuracy: float | None

    @property
    def newest(self) -> Epoch:
        return self.epochs[-1]

    @property
    def best(self) -> Epoch:
        """The epoch with the lowest validation loss, the first of equal ones."""
        return min(self.epochs, key=lambda e: e.val_loss)

    @property
    def losses(self) -> list[float]:
        return [e.loss for e in self.epochs]

    @property
    def val_losses(self) -> list[float]:
        return [e.val_loss for e in self.epochs]

    @property
    def near_ceiling(self) -> bool:
        if self.best_accuracy is None:
            return False
        return self.newest.val_accuracy >= self.best_accuracy - CEILING_MARGIN


def _finite(epoch: Epoch) -> bool:
    figures = (epoch.loss, epoch.accuracy, epoch.val_loss, epoch.val_accuracy)
    return all(math.isfinite(figure) for figure in figures)


def _gain(losses: Sequence[float], window: int) -> float | None:
    """Returns by which share the best of the newest losses undercuts the best before them.

    None where there are not enough epochs to tell; negative where the newest are worse.
    """
    if len(losses) <= window:
        return None
    before, within = min(losses[:-window]), min(losses[-window:])
    return (before - within) / before if before > 0 else 0.0


def _is_below(gain: float | None, limit: float) -> bool:
    return gain is not None and gain < limit


def _swings(losses: Sequence[float]) -> list[float]:
    """Returns the large changes among the newest losses: rises positive, falls negative."""
    newest = losses[-SWING_CHANGES - 1 :]
    return [
        after - before
        for before, after in pairwise(newest)
        if abs(after - before) >= max(SWING_NATS, SWING_SHARE * min(before, after))
    ]


def _separate_rises(swings: Sequence[float]) -> int:
    """Counts rises, those that follow one another without a fall as one."""
    rising = [swing > 0 for swing in swings]
    return sum(now and not before for before, now in pairwise([False, *rising]))


def _diverged(run: _Run, epochs: Sequence[Epoch]) -> Diverged:
    rate = next((e.learning_rate for e in reversed(epochs) if is_usable(e.learning_rate)), None)
    if not run.epochs:
        return Diverged(1, None, rate)
    return Diverged(max(epochs[-1].epoch, run.newest.epoch + 1), run.newest, rate)


def _unstable(run: _Run) -> Unstable | None:
    both: tuple[tuple[Literal["training", "validation"], list[float]], ...] = (
        ("training", run.losses),
        ("validation", run.val_losses),
    )
    for name, losses in both:
        swings = _swings(losses)
        rises = _separate_rises(swings)
        if rises >= SWING_RISES:
            newest = losses[-SWING_CHANGES - 1 :]
            low, high = min(newest), max(newest)
            return Unstable(name, rises, len(newest), low, high, max(swings), run.newest)
    return None


def _not_learning(run: _Run) -> NotLearning | None:
    new = run.newest
    if run.num_classes < 2 or len(run.epochs) < CHANCE_EPOCHS or run.near_ceiling:
        return None
    chance, guess_loss = 1 / run.num_classes, math.log(run.num_classes)
    if max(new.accuracy, new.val_accuracy) > chance + CHANCE_MARGIN:
        return None
    if new.loss < CHANCE_LOSS * guess_loss:
        return None
    return NotLearning(new, chance, guess_loss)


def _overfitting(run: _Run) -> Overfitting | None:
    new, best = run.newest, run.best
    if new.epoch - best.epoch < OVERFIT_EPOCHS:
        return None
    limit = best.val_loss + max(OVERFIT_NATS, OVERFIT_SHARE * best.val_loss)
    if min(run.val_losses[-OVERFIT_STEADY:]) < limit:
        return None
    if new.loss > (1 - OVERFIT_TRAINING) * best.loss:
        return None
    return Overfitting(new, best, run.ended)


def _underfitting(run: _Run) -> Underfitting | None:
    new = run.newest
    if run.ended is None and new.epoch < WELL_ALONG * run.epochs_wanted:
        return None
    training_gain, val_gain = _gain(run.losses, FLAT_EPOCHS), _gain(run.val_losses, FLAT_EPOCHS)
    if not (_is_below(training_gain, FLAT_GAIN) and _is_below(val_gain, FLAT_GAIN)):
        return None
    # Only training well above validation counts as unlike: dropout holds training back.
    if new.accuracy - new.val_accuracy > ALIKE or new.val_accuracy >= LOW_ACCURACY:
        return None
    return None if run.near_ceiling else Underfitting(new, run.best_accuracy)


def _at_the_ceiling(run: _Run) -> AtTheCeiling | None:
    best = 1.0 if run.best_accuracy is None else run.best_accuracy
    flat = _is_below(_gain(run.val_losses, FLAT_EPOCHS), FLAT_GAIN)
    if run.newest.val_accuracy < best and not (run.near_ceiling and flat):
        return None
    return AtTheCeiling(run.newest, run.best_accuracy)


def _plateau(run: _Run) -> Plateau | None:
    new, losses = run.newest, run.val_losses
    if run.ended is not None or not _is_below(_gain(losses, PLATEAU_EPOCHS), PLATEAU_GAIN):
        return None
    return Plateau(
        new,
        min(losses[-PLATEAU_EPOCHS:]),
        min(losses[:-PLATEAU_EPOCHS]),
        new.learning_rate < run.epochs[-PLATEAU_EPOCHS].learning_rate,
    )


def _done(run: _Run) -> Done | None:
    if run.ended is None:
        return None
    # A run too short to compare may have been cut off while it was learning.
    gain = _gain(run.val_losses, FLAT_EPOCHS)
    still_learning = (
        run.ended != "early"
        and run.best.epoch == run.newest.epoch
        and not _is_below(gain, FLAT_GAIN)
    )
    reached = max(run.newest.val_accuracy, run.best.val_accuracy)
    missed = run.best_accuracy is not None and reached < run.best_accuracy - CEILING_MARGIN
    return Done(
        run.newest,
        run.best,
        run.ended,
        run.epochs_wanted,
        still_learning,
        run.best_accuracy if missed else None,
    )


_RULES: tuple[Callable[[_Run], Diagnosis | None], ...] = (
    _unstable,
    _not_learning,
    _overfitting,
    _underfitting,
    _at_the_ceiling,
    _plateau,
    _done,
)
