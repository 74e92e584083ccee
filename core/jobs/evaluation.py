"""Asking networks about all test examples, in workers: 10,000 pictures take seconds.

The functions with a `Reporter` run in the worker; the classes are what the server makes of them.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from core.data import Labels, Split
from core.datasets import uploads
from core.evaluation.evaluation import Evaluation, Scores, scores_of
from core.models.store import ModelStore, SavedModel
from core.tasks.base import get_task
from core.workers.context import Reporter
from core.workers.pool import Job, Workers
from core.workers.progress import TellsProgress

PORTION = 500  # examples between two events


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
        noise, level = str(card.get("noise", "none")), float(card.get("noise_level", 0))
        return cls(model.task.name, source, noise, level, int(card.get("seed", 0)))

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


def open_parts(
    reporter: Reporter, data: HeldOut, upload: bytes | None = None
) -> tuple[ShownPart, ...]:
    """Loads test examples in a worker and makes them small enough to be kept.

    Args:
        reporter: the ties to the server.
        data: which.
        upload: the file that they are from, if a person has uploaded it. Defaults to none.
    """
    uploads.unpack(upload)
    task = get_task(data.task)

    def shown(split: Split) -> NDArray[np.uint8]:
        if task.channel is not None:
            return np.asarray(split.x.round(), np.uint8)  # (n, 7)
        return np.stack([task.picture(x) for x in split.x])

    return tuple(
        ShownPart(words, shown(split), split.y, split.exhaustive, split.best_accuracy)
        for words, split in _load(data).items()
    )


@dataclass(frozen=True, eq=False)
class MeasuredPart:
    """A network's answers to one test part.

    Args:
        probabilities: float32, shape (n, classes).
        scores: what they are worth.
    """

    probabilities: NDArray[np.float32]
    scores: Scores


def ask(
    reporter: Reporter, folder: str, name: str, data: HeldOut, upload: bytes | None = None
) -> tuple[MeasuredPart, ...]:
    """Asks a model about all test examples, in a worker.

    Args:
        reporter: the ties to the server.
        folder: of the saved models.
        name: of the model, which may be an ensemble.
        data: which examples.
        upload: the file that they are from, if a person has uploaded it. Defaults to none.
    """
    uploads.unpack(upload)
    classifier = ModelStore(Path(folder)).get(name).predictor()
    splits = _load(data).values()
    done, total = 0, sum(map(len, splits))
    started = time.monotonic()
    measured = []
    for split in splits:
        answers = []
        for start in range(0, len(split), PORTION):
            answers.append(classifier.predict(split.x[start : start + PORTION]))
            done += len(answers[-1])
            seconds = time.monotonic() - started
            reporter.tell({"kind": "asked", "done": done, "total": total, "seconds": seconds})
        probabilities = np.concatenate(answers)
        measured.append(MeasuredPart(probabilities, scores_of(probabilities, split.y)))
    return tuple(measured)


@dataclass(frozen=True)
class Opening:
    """The loading of test examples.

    Args:
        job: the work.
    """

    job: Job

    @classmethod
    def start(cls, workers: Workers, data: HeldOut) -> Opening:
        """Hands the loading to the workers, as urgent: the page is empty until it is done."""
        upload = uploads.to_carry(data.source)
        return cls(workers.submit(open_parts, data, upload, urgent=True))

    @property
    def parts(self) -> tuple[ShownPart, ...]:
        """The test parts, the most important first; none before they are loaded."""
        return tuple(self.job.result or ())


@dataclass(frozen=True)
class Asking(TellsProgress):
    """The asking of a model about test examples, as far as it has come.

    Args:
        name: of the model.
        job: the work.
    """

    told: ClassVar[str] = "asked"
    name: str
    job: Job

    @classmethod
    def start(cls, workers: Workers, store: ModelStore, name: str, data: HeldOut) -> Asking:
        """Hands the asking to the workers."""
        upload = uploads.to_carry(data.source)
        return cls(name, workers.submit(ask, str(store.root.resolve()), name, data, upload))

    @property
    def parts(self) -> tuple[MeasuredPart, ...]:
        """What was measured, part by part; none before the end."""
        return tuple(self.job.result or ())


def evaluation_of(shown: ShownPart, measured: MeasuredPart) -> Evaluation:
    """Puts a part's labels and a network's answers to it together."""
    return Evaluation(shown.data, measured.probabilities, shown.y, shown.exhaustive, shown.best)
