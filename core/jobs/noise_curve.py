"""A network's accuracy over all levels of one noise, measured in a worker."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.datasets import uploads
from core.evaluation.robustness import NoisePoint, accuracy_by_level, example_limit
from core.inference.predictor import Classifier, Predictor
from core.models.loader import load_classifier
from core.models.store import ModelStore
from core.tasks.base import get_task
from core.workers.context import JobContext
from core.workers.job import Job, JobSpec


@dataclass(frozen=True)
class NoiseCurveJob(JobSpec[Sequence[NoisePoint]]):
    """The measuring of a noise curve; each `NoisePoint` is an event as well.

    Args:
        name: of the network, for people.
        task: name of the task.
        source: name of the data set.
        noise: name of the noise.
        folder: of the saved models, where the network is one of them. Defaults to none.
        network: its LiteRT file otherwise. Its probabilities are taken as they are: calibration
            would change no answer, only the confidence. Defaults to none.
        upload: the file that the data set is, if a person has uploaded it. Defaults to none.
    """

    name: str
    task: str
    source: str
    noise: str
    folder: str = ""
    network: bytes = b""
    upload: bytes | None = None

    def run(self, context: JobContext) -> Sequence[NoisePoint]:
        """Measures the network at every level."""
        uploads.unpack(self.upload)
        task = get_task(self.task)
        source = task.source(self.source)

        def emit(point: NoisePoint) -> None:
            context.check_stopped()
            context.emit(point)

        return accuracy_by_level(
            self._classifier(),
            source.examples(example_limit(task.input_shape)),
            task.noise(self.noise),
            data=source.title,
            ceiling=source.ceiling,
            on_point=emit,
        )

    def _classifier(self) -> Classifier:
        if self.folder:
            return load_classifier(ModelStore(self.folder).get(self.name))
        task = get_task(self.task)
        return Predictor(self.network, input_shape=task.input_shape, num_classes=len(task.classes))


Curve = Job[Sequence[NoisePoint]]


def points_of(curve: Curve) -> Sequence[NoisePoint]:
    """Returns the points measured so far, the lowest level first."""
    return curve.result or curve.events(NoisePoint)
