"""A saved model measured in a worker: accuracy, and the time of an answer."""

from __future__ import annotations

from dataclasses import dataclass

from core.datasets import uploads
from core.evaluation.benchmark import (
    TIMED,
    Measured,
    common_test,
    median_milliseconds,
    right_answers,
    words_of_test,
)
from core.metrics.accuracy import accuracy_of_right
from core.models.loader import load_classifier
from core.models.store import ModelStore
from core.workers.context import JobContext
from core.workers.job import JobSpec


@dataclass(frozen=True)
class BenchmarkJob(JobSpec[Measured]):
    """The measuring of a saved model.

    Nothing keeps the computer free for it: an answer takes longer while a network is trained beside
    it, or another model measured. Times are best compared that were taken on an idle computer.

    Args:
        folder: of the saved models.
        name: of the model.
        source: name of the data set that it is judged on.
        upload: the file that this is, if a person has uploaded it. Defaults to none.
    """

    folder: str
    name: str
    source: str
    upload: bytes | None = None

    def run(self, context: JobContext) -> Measured:
        """Measures the model."""
        uploads.unpack(self.upload)
        model = ModelStore(self.folder).get(self.name)
        classifier, test = load_classifier(model), common_test(model.task, self.source)
        milliseconds = median_milliseconds(classifier, test.x[:TIMED])
        context.report(0, len(test))

        def report(done: int) -> None:
            context.check_stopped()
            context.report(done, len(test))

        right = right_answers(classifier, test, on_done=report)
        accuracy = accuracy_of_right(right, test, data=words_of_test(model.task, self.source))
        return Measured(accuracy, milliseconds, right)
