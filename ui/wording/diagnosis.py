"""The coach's sentences: what a diagnosis of a run means, and what to try."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.metrics.accuracy import Accuracy, Change, percent
from core.text import listed
from core.training.diagnosis import (
    FLAT_EPOCHS,
    FLAT_GAIN,
    HIGH_RATE,
    LOW_RATE,
    PLATEAU_EPOCHS,
    AtTheCeiling,
    Diagnosis,
    Diverged,
    Done,
    Epoch,
    Learning,
    NothingYet,
    NotLearning,
    Overfitting,
    Plateau,
    Standing,
    Underfitting,
    Unstable,
    is_usable,
)
from ui.wording.phrases import plain

_NAMED = 4  # differences between two networks; more would bury what matters


@dataclass(frozen=True)
class Advice:
    """What the coach says.

    Args:
        title: a few words.
        evidence: a sentence with the numbers that show it.
        suggestion: what to try; nothing where there is nothing to do.
    """

    title: str
    evidence: str
    suggestion: str = ""


def advice_on(diagnosis: Diagnosis) -> Advice:
    """Says in plain words how a run goes, and what to try."""
    match diagnosis:
        case NothingYet():
            return _nothing_yet(diagnosis)
        case Diverged():
            return _diverged(diagnosis)
        case Unstable():
            return _unstable(diagnosis)
        case NotLearning():
            return _not_learning(diagnosis)
        case Overfitting():
            return _overfitting(diagnosis)
        case Underfitting():
            return _underfitting(diagnosis)
        case AtTheCeiling():
            return _at_the_ceiling(diagnosis)
        case Plateau():
            return _plateau(diagnosis)
        case Done():
            return _done(diagnosis)
        case Learning():
            return _learning(diagnosis)


def standing_in_words(found: Standing, differences: Sequence[str]) -> str:
    """Says how a run compares with the best other network on such data, as Markdown.

    Args:
        found: the comparison.
        differences: what that network has that the run has not, in words.
    """
    mine, best = found.mine.figure, found.best.figure
    kind = "The saved model" if found.best.saved else "Your run"
    other = f"{kind} “{plain(found.best.name)}” reached {_with_interval(best)}"
    data = "on all the same examples" if best.exhaustive else "on the same kind of test data"
    match found.change:
        case Change.BETTER:
            words = f"{other} {data}, clearly more than this run's {_with_interval(mine)}."
        case Change.WORSE:
            return (
                f"Your best so far {data}: this run's {_with_interval(mine)} is clearly more than"
                f" the best other result, {_with_interval(best)} (“{plain(found.best.name)}”)."
            )
        case Change.SAME:
            return f"{other} {data}: exactly as much as this run."
        case _:
            return (
                f"{other} {data}; this run reached {_with_interval(mine)}. The intervals overlap,"
                " so the difference may be luck."
            )
    if not differences:
        return f"{words} Its settings were the same."
    named = list(differences[:_NAMED])
    if len(differences) > _NAMED:
        named.append(f"{len(differences) - _NAMED} more differences")
    return f"{words} What it did differently: {plain(listed(named))}."


def _nothing_yet(found: NothingYet) -> Advice:
    if found.ended is None:
        return Advice("Waiting", "Epoch 1 is not finished yet.")
    return Advice(
        "Stopped", f"The run ended before the first of {_count(found.epochs_wanted)} was finished."
    )


def _diverged(found: Diverged) -> Advice:
    good = found.last_good
    if good is None:
        evidence = "The loss became NaN in epoch 1, so there is no good epoch."
    else:
        evidence = (
            f"In epoch {found.bad_epoch} the loss became NaN; the last good epoch is"
            f" {good.epoch}, with {_reads(good)} on validation data."
        )
    return Advice(
        "Out of control (diverged)",
        evidence,
        f"The steps were too large. Repeat the run with {_lower(found.learning_rate, 10)}, or with"
        " gradient clipping.",
    )


def _unstable(found: Unstable) -> Advice:
    return Advice(
        "Jumping about (unstable)",
        f"{found.losses.capitalize()} loss jumped up {found.rises} separate times in the last"
        f" {found.epochs} epochs, between {_nats(found.low)} and {_nats(found.high)}, by up to"
        f" {_nats(found.largest_rise)} at once.",
        f"The steps are probably too large: try {_lower(found.newest.learning_rate, 5)}, or"
        " larger batches, whose gradients vary less.",
    )


def _not_learning(found: NotLearning) -> Advice:
    new = found.newest
    rate = new.learning_rate
    if not is_usable(rate):
        suggestion = "Try a learning rate ten times smaller, or ten times larger."
    elif rate >= HIGH_RATE:
        suggestion = f"The learning rate of {rate:g} is high: try {rate / 10:g}."
    elif rate <= LOW_RATE:
        suggestion = f"The learning rate of {rate:g} is low: try {rate * 10:g}."
    else:
        suggestion = f"Try a learning rate of {rate * 5:g} or {rate / 5:g}."
    return Advice(
        "Not learning",
        f"After {_count(new.epoch)} training accuracy is {percent(new.accuracy, 1)}, where"
        f" guessing gives {percent(found.chance, 1)}, and the loss is {_nats(new.loss)}, where"
        f" guessing gives {_nats(found.guess_loss)}.",
        f"{suggestion} If that does not help: less noise, less dropout, or less L2.",
    )


def _overfitting(found: Overfitting) -> Advice:
    new, best = found.newest, found.best
    evidence = (
        f"Since epoch {best.epoch} validation loss rose from {_nats(best.val_loss)} to"
        f" {_nats(new.val_loss)} while training loss fell from {_nats(best.loss)} to"
        f" {_nats(new.loss)}, a gap of {_nats(new.val_loss - new.loss)}"
    )
    if new.accuracy < new.val_accuracy:
        # The losses show it; the accuracies would seem to contradict them.
        evidence += (
            f" (that training accuracy, {percent(new.accuracy, 1)}, is below validation's"
            f" {percent(new.val_accuracy, 1)} can come from dropout, which works in training only)"
        )
    first = f"The network was at its best after epoch {best.epoch}. Next time"
    if found.ended is None:
        first = f"Stop here: the network was at its best after epoch {best.epoch}. Next time"
    return Advice(
        "Memorising (overfitting)",
        f"{evidence}.",
        f"{first} use early stopping, more data or augmentation, more dropout or L2, or a smaller"
        " network.",
    )


def _underfitting(found: Underfitting) -> Advice:
    new = found.newest
    evidence = (
        f"Training accuracy, {percent(new.accuracy, 1)}, and validation accuracy,"
        f" {percent(new.val_accuracy, 1)}, are both low, and in the last {FLAT_EPOCHS} epochs"
        f" neither loss got better by {percent(FLAT_GAIN, 0)}"
    )
    if found.best_accuracy is not None:
        evidence += f"; the best possible is {percent(found.best_accuracy, 1)}"
    return Advice(
        "Learned too little (underfitting)",
        f"{evidence}.",
        "Give it more room: more or larger layers, less dropout, or less L2. A larger learning"
        " rate at the start can help too.",
    )


def _at_the_ceiling(found: AtTheCeiling) -> Advice:
    new, best = found.newest, found.best_accuracy
    if best is None:
        return Advice(
            "All right, as far as can be seen",
            f"After {_count(new.epoch)} all validation examples are classified correctly, so these"
            " cannot show whether it still gets better. How good it is, the test tells.",
        )
    evidence = (
        f"After {_count(new.epoch)} validation accuracy is {percent(new.val_accuracy, 1)}, and"
        f" the best possible is {percent(best, 1)}"
    )
    if new.val_accuracy > best:
        evidence += "; anything above it is luck with the validation examples"
    return Advice("As good as it gets", f"{evidence}.")


def _plateau(found: Plateau) -> Advice:
    rate = found.newest.learning_rate
    if found.rate_lowered:
        suggestion = (
            f"The learning rate has been lowered already, to {rate:g}. If a few more epochs change"
            " nothing, stop here; more data or a larger network may go further."
        )
    else:
        suggestion = f"Try {_lower(rate, 5)}: smaller steps can settle where large ones overshoot."
    return Advice(
        "Standing still (plateau)",
        f"In the last {PLATEAU_EPOCHS} epochs, validation loss fell no lower than"
        f" {found.lowest:.4g}; its minimum before was {found.lowest_before:.4g}.",
        suggestion,
    )


def _done(found: Done) -> Advice:
    new, best = found.newest, found.best
    figures = (
        f"validation accuracy is {percent(new.val_accuracy, 1)}, and validation loss was lowest,"
        f" {_nats(best.val_loss)}, after epoch {best.epoch}."
    )
    suggestion = "It was still getting better at the end: try more epochs." * found.still_learning
    if found.out_of_reach is not None:
        figures += f" The best possible is {percent(found.out_of_reach, 1)}."
        suggestion = suggestion or (
            "It settled too early: try a smaller learning rate, a schedule that lowers it, or a"
            " larger network."
        )
    if found.ended == "early":
        return Advice(
            "Stopped early, as asked",
            f"Validation got no better, so the run ended after {_count(new.epoch)}: {figures}",
            suggestion,
        )
    ending = "Stopped" if found.ended == "stopped" else "Done"
    if found.out_of_reach is not None and found.ended != "stopped":
        ending = "Done, but more is possible"
    words = "Stopped" if found.ended == "stopped" else "Done"
    return Advice(
        ending, f"{words} after {new.epoch} of {_count(found.epochs_wanted)}: {figures}", suggestion
    )


def _learning(found: Learning) -> Advice:
    new, old = found.newest, found.before
    if old is None:
        return Advice(
            "Learning",
            f"The first figures are in: {_reads(new)} on validation data, with a loss of"
            f" {_nats(new.val_loss)}.",
        )
    points = 100 * (new.val_accuracy - old.val_accuracy)
    evidence = (
        f"From epoch {old.epoch} to {new.epoch} validation accuracy went from"
        f" {percent(old.val_accuracy, 1)} to {percent(new.val_accuracy, 1)}"
        f" ({points:+.1f} points), and validation loss from {_nats(old.val_loss)} to"
        f" {_nats(new.val_loss)}."
    )
    if found.gaining:
        return Advice("Learning", evidence)
    return Advice("No gain just now", evidence, "A few more epochs will tell.")


def _with_interval(accuracy: Accuracy) -> str:
    if accuracy.exhaustive:
        return percent(accuracy.value, 1)
    low, high = accuracy.interval
    return f"{percent(accuracy.value, 1)} (95 % interval {percent(low, 1)} to {percent(high, 1)})"


def _lower(rate: float | None, times: int) -> str:
    if rate is None or not is_usable(rate):
        return f"a learning rate {times} times smaller"
    return f"a learning rate of {rate / times:.3g} instead of {rate:.3g}"


def _nats(loss: float) -> str:
    return f"{loss:.3f}" if abs(loss) >= 0.01 else f"{loss:.2g}"


def _count(epochs: int) -> str:
    return f"{epochs} epoch" if epochs == 1 else f"{epochs} epochs"


def _reads(epoch: Epoch) -> str:
    return f"{percent(epoch.val_accuracy, 1)} classified correctly"
