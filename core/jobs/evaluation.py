"""Test examples loaded, and networks evaluated on all of them, in workers: it takes seconds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from core.data import Labels, Split
from core.datasets import uploads
from core.evaluation.evaluation import Evaluation, Scores, scores_of
from core.models.loader import load_classifier
from core.models.saved_model import SavedModel
from core.models.store import ModelStore
from core.tasks.base import get_task
from core.workers.context import JobContext
from core.workers.job import JobSpec

PORTION = 500  # examples between two reports


@dataclass(frozen=True)
class HeldOut:
    """Which test examples are meant: all that is needed to load them again.

    Args:
        task: name of the task.
        source: name of its data set.
        noise: name of the noise on it. Defaults to none.
        level: of the noise. Defaults to 0.
        seed: of what is random in it. Defaults to 0.
    """

    task: str
    source: str
    noise: str = "none"
    level: float = 0.0
    seed: int = 0

    @classmethod
    def of(cls, model: SavedModel, source: str) -> HeldOut:
        """Returns what a model is judged on.

        Pictures are taken as they are, so that all models see the same. Displays come with the
        noise that the model was trained on: the clean ones are ten patterns that any can read.
        """
        if model.task.channel is None:
            return cls(model.task.name, source)
        card = model.card
        return cls(card.task, source, card.noise, card.noise_level, card.seed)

    def load(self) -> Mapping[str, Split]:
        """Loads the test parts, keyed by display name, the most important first.

        Raises:
            InvalidInput: if there is no such data set.
            DataUnavailable: if the data is not there.
        """
        task = get_task(self.task)
        noise = None if self.noise == "none" else task.noise(self.noise)
        return task.source(self.source).held_out(noise, self.level, self.seed).tests


# A second model is mostly asked about the same examples.
_load = lru_cache(maxsize=1)(HeldOut.load)


@dataclass(frozen=True, eq=False)
class ShownPart:
    """One test part as the server keeps it, to be looked at.

    Args:
        data: in words, what it is.
        shown: uint8, shape (n, height, width), the pictures; for displays (n, 7), the patterns.
        y: int64, shape (n,), the labels.
        exhaustive: whether the examples are all that exist.
        best: the accuracy that no classifier can beat, where theory gives it.
    """

    data: str
    shown: NDArray[np.uint8]
    y: Labels
    exhaustive: bool
    best: float | None


@dataclass(frozen=True, eq=False)
class MeasuredPart:
    """A network's answers to one test part.

    Args:
        probabilities: float32, shape (n, classes).
        scores: what they are worth.
    """

    probabilities: NDArray[np.float32]
    scores: Scores


@dataclass(frozen=True)
class TestDataJob(JobSpec[tuple[ShownPart, ...]]):
    """The loading of test examples, made small enough to be kept: the page is empty before.

    Args:
        data: which.
        upload: the file that they are from, if a person has uploaded it. Defaults to none.
    """

    __test__: ClassVar[bool] = False  # no test of pytest's
    urgent: ClassVar[bool] = True
    data: HeldOut
    upload: bytes | None = None

    def run(self, context: JobContext) -> tuple[ShownPart, ...]:
        """Loads the test parts, the most important first."""
        context.check_stopped()  # it may have been, while it waited
        uploads.unpack(self.upload)
        task = get_task(self.data.task)

        def shown(split: Split) -> NDArray[np.uint8]:
            if task.channel is not None:
                return np.asarray(split.x.round(), np.uint8)  # (n, 7)
            return np.stack([task.picture(x) for x in split.x])

        return tuple(
            ShownPart(words, shown(split), split.y, split.exhaustive, split.best_accuracy)
            for words, split in _load(self.data).items()
        )


@dataclass(frozen=True)
class EvaluationJob(JobSpec[tuple[MeasuredPart, ...]]):
    """The evaluation of a saved model on all test examples. Its progress counts examples.

    Args:
        folder: of the saved models.
        name: of the model, which may be an ensemble.
        data: which examples.
        upload: the file that they are from, if a person has uploaded it. Defaults to none.
    """

    folder: str
    name: str
    data: HeldOut
    upload: bytes | None = None

    def run(self, context: JobContext) -> tuple[MeasuredPart, ...]:
        """Has the model answer, part by part."""
        uploads.unpack(self.upload)
        classifier = load_classifier(ModelStore(self.folder).get(self.name))
        splits = _load(self.data).values()
        done, total = 0, sum(map(len, splits))
        context.report(done, total)
        measured = []
        for split in splits:
            answers = []
            for start in range(0, len(split), PORTION):
                context.check_stopped()
                answers.append(classifier.predict(split.x[start : start + PORTION]))
                done += len(answers[-1])
                context.report(done, total)
            probabilities = np.concatenate(answers)
            measured.append(MeasuredPart(probabilities, scores_of(probabilities, split.y)))
        return tuple(measured)


def evaluation_of(shown: ShownPart, measured: MeasuredPart) -> Evaluation:
    """Puts a part's labels and a network's answers to it together."""
    return Evaluation(shown.data, measured.probabilities, shown.y, shown.exhaustive, shown.best)
