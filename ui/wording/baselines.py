"""Simple methods beside a network, in words: what they are, and whether a network is needed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.baselines.judging import MeasuredBaseline, MeasuredBaselines
from core.baselines.learning import MAX_DEPTH, MAX_STEPS, Name
from core.evaluation.model_comparison import PairTest
from core.metrics.accuracy import Accuracy, ExactAccuracy, percent
from core.text import listed
from ui.wording.duration import duration
from ui.wording.mcnemar import in_short

ASK = "Do you need a network?"
WHY = (
    "Before you trust a network, see what simple methods reach on the same data: logistic"
    " regression, a decision tree, nearest neighbours, and a guess that does not even look."
)
# How each is named within a sentence.
SUBJECTS: Mapping[Name, str] = {
    "logistic": "logistic regression",
    "tree": "the decision tree",
    "neighbours": "nearest neighbours",
    "majority": "the majority guess",
}


@dataclass(frozen=True)
class Beside:
    """A network or a simple method as one row of the table.

    Args:
        name: as it is shown.
        accuracy: on the examples that all of the table are judged on, or exact.
        seconds: of training; None if that is not known.
        milliseconds: of an answer; None if that is not known.
        stored: how much it has to keep, such as "7,850 weights".
        subject: how it is named within a sentence; empty for the network.
        test: McNemar's test of the network, first, against it; None for the network, and where the
            accuracy is exact.
        about: what it is, in a sentence; empty for the network.
    """

    name: str
    accuracy: Accuracy | ExactAccuracy
    seconds: float | None
    milliseconds: float | None
    stored: str
    subject: str = ""
    test: PairTest | None = None
    about: str = ""


def about(baseline: MeasuredBaseline, classes: Sequence[str]) -> str:
    """Says in a sentence what a simple method does."""
    match baseline.name:
        case "logistic":
            words = (
                "A network without a hidden layer: each input votes for each class with one weight,"
                " and the highest sum wins."
            )
            if baseline.chosen >= MAX_STEPS:
                words += f" Its training was stopped after {baseline.chosen} steps."
            return words
        case "tree":
            return (
                f"At most {MAX_DEPTH} yes-or-no questions in a row, each about a single input,"
                " lead to the answer."
            )
        case "neighbours":
            if baseline.chosen == 1:
                return (
                    "Keeps the training examples and gives the label of the nearest one (k = 1,"
                    " chosen on the validation data)."
                )
            return (
                f"Keeps the training examples and asks the {baseline.chosen} nearest ones to vote"
                f" (k = {baseline.chosen}, chosen on the validation data)."
            )
        case "majority":
            return (
                f"Always answers “{classes[baseline.chosen]}”, the most frequent class in training,"
                " without looking. Whatever is no better has learned nothing."
            )


def stored(baseline: MeasuredBaseline) -> str:
    """Returns how much a simple method keeps: "7,850 weights", "3,826 examples"."""
    unit = {
        "logistic": "weight",
        "tree": "node",
        "neighbours": "example",
        "majority": "answer",
    }[baseline.name]
    return f"{baseline.size:,} {unit}{'s' * (baseline.size != 1)}"


def weights(parameters: int | None) -> str:
    """Returns how much a network keeps; "–" if that is not known."""
    return "–" if parameters is None else f"{parameters:,} weights"


def rows(
    found: MeasuredBaselines,
    accuracies: Sequence[Accuracy | ExactAccuracy],
    tests: Sequence[PairTest] | None,
    classes: Sequence[str],
) -> list[Beside]:
    """Returns the simple methods' rows.

    Args:
        found: the methods.
        accuracies: of each, on the examples of the table.
        tests: of the network against each; None where the accuracies are exact.
        classes: names of the task's classes.
    """
    return [
        Beside(
            each.title,
            accuracy,
            each.seconds,
            each.milliseconds,
            stored(each),
            SUBJECTS[each.name],
            tests[place] if tests else None,
            about(each, classes),
        )
        for place, (each, accuracy) in enumerate(zip(found.each, accuracies, strict=True))
    ]


def learned_words(found: MeasuredBaselines, classes: Sequence[str]) -> str:
    """Says what simple methods learned from, and what they have never seen."""
    if found.examples < found.available:
        words = (
            f"The simple methods learned from {found.examples:,} of the {found.available:,}"
            " training examples, so that each takes about a second. With all of them they might do"
            " better."
        )
    else:
        words = f"The simple methods learned from the same {found.examples:,} training examples."
    if found.missing:
        names = listed([f"“{classes[each]}”" for each in found.missing], "or")
        words += f" None of these shows {names}, so they never give that answer."
    return words


def verdict(network: Beside, others: Sequence[Beside]) -> str:
    """Says whether a network is needed, as Markdown.

    Args:
        network: the network's row.
        others: the simple methods'.
    """
    better = [other for other in others if _lead(network, other) > 0]
    level = [other for other in others if _lead(network, other) == 0]
    if better:
        return (
            f"**Here, no.** {_upper(_named(better))} {_is(better)} right more often than the"
            f" network{_luck(better)}."
        )
    if not level:
        return (
            f"**Here, yes.** The network is right more often than {_named(others)}{_luck(others)}."
        )
    if all(_certain(other) for other in level):
        equal = f"{_upper(_named(level))} {_is(level)} right exactly as often as the network"
        return f"**Here, no.** {equal}."
    words = (
        "**Perhaps not.** This data does not show that the network is better than"
        f" {_named(level, 'or')}, nor that they are equally good."
    )
    best = network.accuracy.best
    if best is not None and best <= network.accuracy.interval[1]:
        words += f" On average, nothing can be right more often than {percent(best)}."
    return words


def against_words(network: Beside, other: Beside) -> str:
    """Says how a simple method compares with the network, as Markdown."""
    if other.test is not None:
        return in_short(other.test.pair, "the network", "this method", p_value=other.test.p_value)
    points = 100 * (other.accuracy.value - network.accuracy.value)
    if abs(points) < 0.005:
        return "Exactly as often right as the network."
    return f"{abs(points):.2f} points {'above' if points > 0 else 'below'} the network, exactly."


def interval(accuracy: Accuracy | ExactAccuracy) -> str:
    """Returns a 95 % interval in short: "88.8 to 90.1 %"; "exact" where there is none."""
    low, high = accuracy.interval
    return "exact" if low == high else f"{100 * low:.1f} to {percent(high, 1)}"


def seconds_words(seconds: float | None) -> str:
    """Returns a training time: "0.8 s", "under 0.1 s", "2 min 05 s", "–" if it is not known."""
    if seconds is None:
        return "–"
    if seconds >= 100:
        return duration(seconds)
    return "under 0.1 s" if seconds < 0.05 else f"{seconds:.1f} s"


def milliseconds_words(milliseconds: float | None) -> str:
    """Returns the time of an answer: "0.38 ms", "under 0.01 ms", "–" if it is not known."""
    if milliseconds is None:
        return "–"
    return "under 0.01 ms" if milliseconds < 0.005 else f"{milliseconds:.2f} ms"


def _lead(network: Beside, other: Beside) -> int:
    """Returns 1 if a method is better than the network, -1 if it is worse, 0 if not shown."""
    if other.test is None:
        gained = other.accuracy.value - network.accuracy.value
        return 0 if abs(gained) < 5e-5 else (1 if gained > 0 else -1)
    if not other.test.is_decided:
        return 0
    return 1 if other.test.pair.ahead == "second" else -1


def _certain(other: Beside) -> bool:
    return other.test is None or other.test.pair.exhaustive


def _luck(others: Sequence[Beside]) -> str:
    return "" if all(_certain(other) for other in others) else ", and that is hardly luck"


def _named(others: Sequence[Beside], word: str = "and") -> str:
    if len(others) == 4:
        return "all four simple methods" if word == "and" else "any of the four simple methods"
    return listed([other.subject for other in others], word)


def _is(others: Sequence[Beside]) -> str:
    plural = len(others) > 1 or others[0].subject == SUBJECTS["neighbours"]
    return "are" if plural else "is"


def _upper(words: str) -> str:
    return words[0].upper() + words[1:]
