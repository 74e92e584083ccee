"""Simple methods that nobody trained, with made-up answers."""

import numpy as np

from core.baselines.judging import Judged, MeasuredBaseline, MeasuredBaselines
from core.baselines.learning import NAMES
from core.metrics.accuracy import Accuracy
from core.segments.bayes import nearest_rule

SIZES = {"logistic": 80, "tree": 255, "neighbours": 500, "majority": 1}
CHOSEN = {"logistic": 48, "tree": 7, "neighbours": 5, "majority": 0}


def right(count, total=1000):
    """Which of `total` examples are classified correctly: the first `count`."""
    return np.arange(total) < count


def measured_baselines(*parts, total=1000, validation=(60, 50, 40, 10), **numbers):
    """Returns the four methods.

    Args:
        parts: for each test part its name, how many of its examples each of the four gets right,
            and whether it is exhaustive.
        total: number of examples in each part.
        validation: how many of 100 validation examples each gets right.
        numbers: anything else that `MeasuredBaselines` takes.
    """

    def judged(data, count, exhaustive):
        return Judged(Accuracy(data, count, total, exhaustive), right(count, total))

    each = tuple(
        MeasuredBaseline(
            name,
            0.5,
            SIZES[name],
            CHOSEN[name],
            Accuracy("validation examples", validation[place], 100),
            tuple(judged(data, counts[place], whole) for data, counts, whole in parts),
            0.2,
            nearest_rule(),
        )
        for place, name in enumerate(NAMES)
    )
    return MeasuredBaselines(
        each, **{"examples": 500, "available": 500, "missing": (), "numbers": 7, **numbers}
    )


def methods_tables(app):
    """Returns the HTML of the tables that set simple methods beside a network."""
    bodies = [element.proto.body for element in app.get("html")]
    return [body for body in bodies if 'class="digit-lab-methods"' in body]
