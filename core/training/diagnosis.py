"""A coach for training runs: what is happening, which numbers show it, and what to try.

Pure rules on the figures of the epochs so far, the most serious first. They are rules of thumb:
every threshold is a constant with its reason.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, Protocol

from core.metrics.accuracy import percent
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
OVERFIT_TRAINING = (
    0.05  # of the training loss, fallen since: else both get worse, from another cause
)

# Underfitting: late in the run nothing moves, and what was learnt is not even right in training.
WELL_ALONG = 0.5  # of the epochs wanted: earlier, the schedule may still change things
FLAT_EPOCHS = 5  # compared with all before them; fewer would take luck for a trend
FLAT_GAIN = 0.02  # less than this share of the loss gained is flat
ALIKE = 0.03  # training accuracy this much above validation means memory, not lack of it
LOW_ACCURACY = 0.95  # small networks read more of clean digits rightly than this
CEILING_MARGIN = 0.01  # one point: a finite validation set scatters about the best by as much

# Plateau: validation loss as good as stands still.
PLATEAU_EPOCHS = 5  # what learning-rate schedules commonly wait, too
PLATEAU_GAIN = 0.005  # half a per cent in five epochs is not worth the waiting

RECENT_EPOCHS = 5  # over which progress is told

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
class Advice:
    """What the coach says.

    Args:
        kind: which rule spoke.
        title: a few words.
        evidence: a sentence with the numbers that made the rule say so.
        suggestion: what to try, or "" when there is nothing to do.
    """

    kind: Kind
    title: str
    evidence: str
    suggestion: str


def advise(
    epochs: Sequence[Epoch],
    *,
    num_classes: int,
    epochs_wanted: int,
    ended: Ending | None = None,
    best_accuracy: float | None = None,
) -> Advice:
    """Says in plain words how a run goes and what to try.

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
        return _nothing_yet(run)
    for rule in _RULES:
        advice = rule(run)
        if advice is not None:
            return advice
    return _learning(run)


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


def _diverged(run: _Run, epochs: Sequence[Epoch]) -> Advice:
    if run.epochs:
        good = run.newest
        bad = max(epochs[-1].epoch, good.epoch + 1)
        evidence = (
            f"In epoch {bad} the loss became NaN; the last good epoch is"
            f" {good.epoch}, with {_reads(good)} on validation data."
        )
    else:
        evidence = "In epoch 1 already the loss became NaN, so no epoch is good."
    rate = next((e.learning_rate for e in reversed(epochs) if _usable(e.learning_rate)), None)
    return Advice(
        "diverged",
        "Out of control (diverged)",
        evidence,
        f"The steps were too large. Repeat the run with {_lower(rate, 10)}, or with gradient"
        " clipping.",
    )


def _unstable(run: _Run) -> Advice | None:
    for name, losses in (("Training", run.losses), ("Validation", run.val_losses)):
        swings = _swings(losses)
        rises = _separate_rises(swings)
        if rises >= SWING_RISES:
            newest = losses[-SWING_CHANGES - 1 :]
            return Advice(
                "unstable",
                "Jumping about (unstable)",
                f"{name} loss jumped up {rises} separate times in the last {len(newest)} epochs,"
                f" between {_nats(min(newest))} and {_nats(max(newest))}, by up to"
                f" {_nats(max(swings))} at once.",
                f"The steps are probably too large: try {_lower(run.newest.learning_rate, 5)}, or"
                " larger batches, whose steps agree better with one another.",
            )
    return None


def _not_learning(run: _Run) -> Advice | None:
    new = run.newest
    if run.num_classes < 2 or len(run.epochs) < CHANCE_EPOCHS or run.near_ceiling:
        return None
    chance, guess_loss = 1 / run.num_classes, math.log(run.num_classes)
    if max(new.accuracy, new.val_accuracy) > chance + CHANCE_MARGIN:
        return None
    if new.loss < CHANCE_LOSS * guess_loss:
        return None
    rate = new.learning_rate
    if not _usable(rate):
        suggestion = "Try a learning rate ten times smaller, or ten times larger."
    elif rate >= HIGH_RATE:
        suggestion = f"The learning rate of {rate:g} is high: try {rate / 10:g}."
    elif rate <= LOW_RATE:
        suggestion = f"The learning rate of {rate:g} is low: try {rate * 10:g}."
    else:
        suggestion = f"Try a learning rate of {rate * 5:g} or {rate / 5:g}."
    return Advice(
        "not-learning",
        "Not learning",
        f"After {_count(new.epoch)} training accuracy is {percent(new.accuracy, 1)}, where"
        f" guessing gives {percent(chance, 1)}, and the loss is {_nats(new.loss)}, where guessing"
        f" gives {_nats(guess_loss)}.",
        f"{suggestion} If that does not help: less noise, less dropout, or less L2.",
    )


def _overfitting(run: _Run) -> Advice | None:
    new, best = run.newest, run.best
    if new.epoch - best.epoch < OVERFIT_EPOCHS:
        return None
    limit = best.val_loss + max(OVERFIT_NATS, OVERFIT_SHARE * best.val_loss)
    if min(run.val_losses[-OVERFIT_STEADY:]) < limit:
        return None
    if new.loss > (1 - OVERFIT_TRAINING) * best.loss:
        return None
    evidence = (
        f"Since epoch {best.epoch} validation loss rose from {_nats(best.val_loss)} to"
        f" {_nats(new.val_loss)} while training loss fell from {_nats(best.loss)} to"
        f" {_nats(new.loss)}, a gap of {_nats(new.val_loss - new.loss)} by now"
    )
    if new.accuracy < new.val_accuracy:
        # The losses tell; the accuracies would seem to contradict them.
        evidence += (
            f" (that training accuracy, {percent(new.accuracy, 1)}, is below validation's"
            f" {percent(new.val_accuracy, 1)} can come from dropout, which works in training only)"
        )
    if run.ended is None:
        first = f"Stop here: the network was at its best after epoch {best.epoch}. Next time"
    else:
        first = f"The network was at its best after epoch {best.epoch}. Next time"
    return Advice(
        "overfitting",
        "Learning by heart (overfitting)",
        f"{evidence}.",
        f"{first} use early stopping, more data or augmentation, more dropout or L2, or a smaller"
        " network.",
    )


def _underfitting(run: _Run) -> Advice | None:
    new = run.newest
    if run.ended is None and new.epoch < WELL_ALONG * run.epochs_wanted:
        return None
    training_gain, val_gain = _gain(run.losses, FLAT_EPOCHS), _gain(run.val_losses, FLAT_EPOCHS)
    if not (_is_below(training_gain, FLAT_GAIN) and _is_below(val_gain, FLAT_GAIN)):
        return None
    # Only training well above validation counts as unlike: dropout holds training back.
    if new.accuracy - new.val_accuracy > ALIKE or new.val_accuracy >= LOW_ACCURACY:
        return None
    if run.near_ceiling:
        return None
    evidence = (
        f"Training accuracy, {percent(new.accuracy, 1)}, and validation accuracy,"
        f" {percent(new.val_accuracy, 1)}, are both low, and in the last {FLAT_EPOCHS} epochs"
        f" neither loss got better by {percent(FLAT_GAIN, 0)}"
    )
    if run.best_accuracy is not None:
        evidence += f"; the best possible is {percent(run.best_accuracy, 1)}"
    return Advice(
        "underfitting",
        "Too little learnt (underfitting)",
        f"{evidence}.",
        "Give it more room: more or larger layers, less dropout, or less L2. A larger learning"
        " rate at the start can help too.",
    )


def _at_the_ceiling(run: _Run) -> Advice | None:
    new = run.newest
    best = 1.0 if run.best_accuracy is None else run.best_accuracy
    flat = _is_below(_gain(run.val_losses, FLAT_EPOCHS), FLAT_GAIN)
    if new.val_accuracy < best and not (run.near_ceiling and flat):
        return None
    evidence = (
        f"After {_count(new.epoch)} validation accuracy is {percent(new.val_accuracy, 1)}, and"
        f" the best that is possible is {percent(best, 1)}"
    )
    if new.val_accuracy > best:
        evidence += "; this much more is luck with the validation examples"
    return Advice("done", "As good as it gets", f"{evidence}.", "")


def _plateau(run: _Run) -> Advice | None:
    new = run.newest
    if run.ended is not None or not _is_below(_gain(run.val_losses, PLATEAU_EPOCHS), PLATEAU_GAIN):
        return None
    if new.learning_rate < run.epochs[-PLATEAU_EPOCHS].learning_rate:
        suggestion = (
            f"The learning rate has been lowered already, to {new.learning_rate:g}. If a few more"
            " epochs change nothing, stop here; more data or a larger network may go further."
        )
    else:
        suggestion = (
            f"Try {_lower(new.learning_rate, 5)}: smaller steps can settle where large ones"
            " overshoot."
        )
    return Advice(
        "plateau",
        "Standing still (plateau)",
        f"In the last {PLATEAU_EPOCHS} epochs validation loss came no lower than"
        f" {min(run.val_losses[-PLATEAU_EPOCHS:]):.4g}, after"
        f" {min(run.val_losses[:-PLATEAU_EPOCHS]):.4g} before.",
        suggestion,
    )


def _done(run: _Run) -> Advice | None:
    new, best = run.newest, run.best
    if run.ended is None:
        return None
    figures = (
        f"validation accuracy is {percent(new.val_accuracy, 1)}, and validation loss was lowest,"
        f" {_nats(best.val_loss)}, after epoch {best.epoch}."
    )
    if run.ended == "early":
        return Advice(
            "done",
            "Stopped early, as asked",
            f"Validation got no better, so the run ended after {_count(new.epoch)}: {figures}",
            "",
        )
    # A run too short to compare may have been cut off while it was learning.
    gain = _gain(run.val_losses, FLAT_EPOCHS)
    still_learning = best.epoch == new.epoch and not _is_below(gain, FLAT_GAIN)
    ending = "Stopped" if run.ended == "stopped" else "Done"
    return Advice(
        "done",
        ending,
        f"{ending} after {new.epoch} of {_count(run.epochs_wanted)}: {figures}",
        "It was still getting better at the end: try more epochs." if still_learning else "",
    )


def _learning(run: _Run) -> Advice:
    new, old = run.newest, run.epochs[-RECENT_EPOCHS - 1 :][0]
    if len(run.epochs) == 1:
        evidence = (
            f"The first figures are in: {_reads(new)} on validation data, with a loss of"
            f" {_nats(new.val_loss)}."
        )
        return Advice("learning", "Learning", evidence, "")
    points = 100 * (new.val_accuracy - old.val_accuracy)
    evidence = (
        f"From epoch {old.epoch} to {new.epoch} validation accuracy went from"
        f" {percent(old.val_accuracy, 1)} to {percent(new.val_accuracy, 1)}"
        f" ({points:+.1f} points), and validation loss from {_nats(old.val_loss)} to"
        f" {_nats(new.val_loss)}."
    )
    if new.val_accuracy > old.val_accuracy or new.val_loss < old.val_loss:
        return Advice("learning", "Learning", evidence, "")
    return Advice("learning", "No gain just now", evidence, "A few more epochs will tell.")


def _nothing_yet(run: _Run) -> Advice:
    if run.ended is None:
        return Advice("waiting", "Waiting", "No epoch is over yet (0 so far).", "")
    return Advice(
        "done",
        "Stopped",
        f"The run ended before the first of {_count(run.epochs_wanted)} was over.",
        "",
    )


_RULES: tuple[Callable[[_Run], Advice | None], ...] = (
    _unstable,
    _not_learning,
    _overfitting,
    _underfitting,
    _at_the_ceiling,
    _plateau,
    _done,
)


def _usable(rate: float) -> bool:
    return math.isfinite(rate) and rate > 0


def _lower(rate: float | None, times: int) -> str:
    if rate is None or not _usable(rate):
        return f"a learning rate {times} times smaller"
    return f"a learning rate of {rate / times:.3g} instead of {rate:.3g}"


def _nats(loss: float) -> str:
    return f"{loss:.3f}" if abs(loss) >= 0.01 else f"{loss:.2g}"


def _count(epochs: int) -> str:
    return f"{epochs} epoch" if epochs == 1 else f"{epochs} epochs"


def _reads(epoch: Epoch) -> str:
    return f"{percent(epoch.val_accuracy, 1)} classified correctly"
