"""How well people's handwriting is read: pen strokes drawn as on the canvas, by writers kept away.

The strokes of six writers, whom no network here has learned from, are drawn with round brushes and
go the page's own way from picture to answer. MNIST's test images are the other yardstick.

    python -m benchmarks.ink [MODEL ...]
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.harness import keep
from core.data import Inputs, Labels
from core.datasets import mnist, non_digits, pen_strokes
from core.datasets.pen_strokes import Pen, PenDigit
from core.imaging.extraction import ink_of
from core.imaging.normalize import normalise, shrink_plainly
from core.inference.calibration import ErrorRate
from core.inference.number import read_number
from core.inference.predictor import Classifier
from core.metrics.accuracy import ACCURACY, Accuracy, percent
from core.models.loader import load_classifier
from core.models.store import ModelStore
from core.schema import dump
from core.tasks.base import get_task

TASK = get_task("handwritten")
PAPER = 1.0
USUAL = Pen(width=20, height=220)
THIRD = replace(USUAL, width=20 / 3, height=220 / 3)
CONDITIONS: Mapping[str, Pen] = {
    "usual: brush 20, in the middle": USUAL,
    "brush 6": replace(USUAL, width=6),
    "brush 40": replace(USUAL, width=40),
    "as large as the canvas": replace(USUAL, height=290),
    "a third of the size, in a corner": replace(THIRD, centre=(0.15, 0.15)),
    "the same with the usual brush": replace(THIRD, width=20, centre=(0.17, 0.17)),
    "tilted 12 degrees to the left": replace(USUAL, rotation=-12),
    "tilted 12 degrees to the right": replace(USUAL, rotation=12),
    "slanted": replace(USUAL, slant=0.3),
}
PLAIN = "without the clean-up: usual"
PLAIN_THIRD = "without the clean-up: a third, in a corner"
WORST = 4
NUMBERS = 150  # of each kind
GAPS = {"well apart": 0.35, "close": 0.12, "touching": -0.06}


def on_canvas(digit: PenDigit, pen: Pen) -> NDArray[np.uint8]:
    """Draws as the canvas sends it: uint8, shape (320, 320, 4), black on white."""
    grey = pen_strokes.draw(digit, pen)
    return np.dstack([grey, grey, grey, np.full_like(grey, 255)])


def inputs(digits: Sequence[PenDigit], pen: Pen, *, plain: bool = False) -> Inputs:
    """Takes drawings the page's way to what the network sees: float32, shape (n, 28, 28, 1)."""
    found = (ink_of(on_canvas(digit, pen), background=PAPER) for digit in digits)
    return np.stack(
        [shrink_plainly(ink) if plain else normalise(ink).network_input for ink in found]
    )


def all_inputs(digits: Sequence[PenDigit]) -> dict[str, Inputs]:
    """Returns what the network sees in each condition."""
    made = {words: inputs(digits, pen) for words, pen in CONDITIONS.items()}
    corner = CONDITIONS["a third of the size, in a corner"]
    made[PLAIN] = inputs(digits, USUAL, plain=True)
    made[PLAIN_THIRD] = inputs(digits, corner, plain=True)
    return made


def measure(
    classifier: Classifier, x: Inputs, y: Labels, words: str
) -> tuple[Accuracy, NDArray[np.int64]]:
    """Returns the accuracy and every answer."""
    answers = classifier.predict(x).argmax(axis=1)
    return Accuracy(words, int((answers == y).sum()), len(y)), answers


def show(accuracy: Accuracy) -> None:
    """Prints a line of the table."""
    low, high = accuracy.interval
    print(f"  {accuracy.data:46} {percent(accuracy.value):>9}  ({percent(low)} to {percent(high)})")


def show_by_digit(answers: NDArray[np.int64], y: Labels) -> dict[str, float]:
    """Prints and returns the accuracy on each digit, in 0..1."""
    shares = {str(d): float((answers[y == d] == d).mean()) for d in range(10)}
    print("  by digit: " + "  ".join(f"{d}: {percent(share, 1)}" for d, share in shares.items()))
    return shares


def show_worst(x: Inputs, answers: NDArray[np.int64], y: Labels) -> None:
    """Prints the most frequent confusions, each with a picture of one."""
    pairs = Counter(zip(y[answers != y].tolist(), answers[answers != y].tolist(), strict=True))
    worst = pairs.most_common(WORST)
    if not worst:
        return
    heads, pictures = [], []
    for (label, answer), count in worst:
        row = np.flatnonzero((y == label) & (answers == answer))[0]
        heads.append(f"{count} x {label} read as {answer}".ljust(30))
        pictures.append(as_text(x[row, ..., 0]))
    print("  " + "".join(heads))
    for lines in zip(*pictures, strict=True):
        print("  " + "  ".join(lines))


def as_text(picture: NDArray[np.float32]) -> list[str]:
    """Draws a picture of 28 by 28 with characters, two rows in each line of 28."""
    blocks = {(False, False): " ", (True, False): "▀", (False, True): "▄", (True, True): "█"}
    strong = picture > 0.4
    return [
        "".join(blocks[bool(top), bool(bottom)] for top, bottom in zip(*rows, strict=True))
        for rows in zip(strong[0::2], strong[1::2], strict=True)
    ]


def write_number(
    digits: Sequence[PenDigit], gap: float, generator: np.random.Generator
) -> NDArray[np.uint8]:
    """Draws digits in a row, as on the wide canvas; the gap is in heights of a digit."""
    height, width = float(generator.uniform(90, 130)), float(generator.uniform(8, 16))
    lows = [np.concatenate(d.strokes)[:, 0].min() for d in digits]
    highs = [np.concatenate(d.strokes)[:, 0].max() for d in digits]
    step = gap + (width / height if gap >= 0 else 0)
    lefts = np.cumsum([0.3, *(h - lo + step for h, lo in zip(highs, lows, strict=True))])
    canvas = (round((lefts[-1] + 0.3) * height), 240)
    sheet = np.full((canvas[1], canvas[0]), 255, np.uint8)
    for digit, left, low in zip(digits, lefts, lows, strict=False):
        centre = ((left - low) * height / canvas[0], 0.5 + generator.uniform(-0.04, 0.04))
        pen = Pen(width=width, height=height, centre=centre, canvas=canvas)
        pen_strokes.draw(digit, pen, onto=sheet)
    return sheet


def read_numbers(classifier: Classifier, digits: Sequence[PenDigit]) -> list[dict[str, Any]]:
    """Prints and returns how many numbers of two to five digits are read correctly."""
    rows = []
    for words, gap in GAPS.items():
        generator = np.random.default_rng(0)
        right_count = exact = 0
        for _ in range(NUMBERS):
            writer = generator.choice(pen_strokes.TEST_WRITERS)
            own = [digit for digit in digits if digit.writer == writer]
            chosen = [own[k] for k in generator.integers(len(own), size=generator.integers(2, 6))]
            sheet = write_number(chosen, gap, generator)
            number = read_number(ink_of(sheet, background=PAPER), classifier)
            right_count += len(number.digits) == len(chosen)
            exact += number.text == "".join(str(digit.label) for digit in chosen)
        print(
            f"  numbers, {words:11} right number of digits: "
            f"{ErrorRate('numbers', right_count, NUMBERS)}"
        )
        print(f"  {'':20} all digits right: {ErrorRate('numbers', exact, NUMBERS)}")
        rows.append({"gap": words, "numbers": NUMBERS, "count": right_count, "exact": exact})
    return rows


def main() -> None:
    """Measures the named models, or all that read handwriting, and keeps what was found."""
    store = ModelStore()
    models = [store.get(name) for name in sys.argv[1:]] or store.models(TASK.name)
    digits = pen_strokes.read(pen_strokes.TEST_WRITERS)
    y = np.array([digit.label for digit in digits], np.int64)
    seen = all_inputs(digits)
    results = []
    for number, model in enumerate(models):
        classifier = load_classifier(model)
        print(f"\n{model.name}: {model.summary}")
        rows = []
        for words, x in seen.items():
            accuracy, answers = measure(classifier, x, y, words)
            show(accuracy)
            rows.append(dump(ACCURACY, accuracy) | {"errors": len(y) - accuracy.correct})
            if words in CONDITIONS:
                by_digit = show_by_digit(answers, y) if number == 0 else {}
                rows[-1] |= {"by_digit": by_digit} if by_digit else {}
                if number == 0 and words == next(iter(CONDITIONS)):
                    show_worst(x, answers, y)
        if mnist.missing() is None:
            test = TASK.source("mnist").examples(10_000)
            accuracy, _ = measure(classifier, test.x, test.y, "MNIST test images")
            show(accuracy)
            rows.append(dump(ACCURACY, accuracy))
        results.append({"model": model.name, "rows": rows, "refusal": refusal(classifier, seen)})
        if number == 0:
            results[-1]["numbers"] = read_numbers(classifier, digits)
    keep("ink", {"writers": list(pen_strokes.TEST_WRITERS), "models": results})


def refusal(classifier: Classifier, seen: Mapping[str, Inputs]) -> list[dict[str, Any]]:
    """Prints and returns how many drawn digits and how many other things are refused."""
    kinds = {"digits": seen[next(iter(CONDITIONS))], **non_digits.for_test(500, random_state=1)}
    rows = []
    for kind, x in kinds.items():
        refused = sum(not answer.recognised for answer in classifier.answers(x))
        print(f"  refused as no digit: {ErrorRate(kind, refused, len(x))}")
        rows.append({"kind": kind, "refused": refused, "total": len(x)})
    return rows


if __name__ == "__main__":
    main()
