"""The pieces of work that worker processes do: training a network, measuring a noise curve.

The functions with a `Reporter` run in the worker; the classes beside them are what the server
makes of their events.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from core.metrics import Accuracy
from core.robustness import NoisePoint, accuracy_by_level, example_limit
from core.store import ModelStore
from core.task import task
from core.training import (
    BatchDone,
    EpochDone,
    Started,
    TrainedModel,
    TrainingConfig,
    event_from_json,
    event_to_json,
)
from core.workers import Job, Reporter, Workers

REPORT_BYTES = 250_000


def _train(reporter: Reporter, config: TrainingConfig) -> TrainedModel:
    from core.fit import train

    return train(
        config,
        on_event=lambda event: reporter.tell(event_to_json(event)),
        should_stop=reporter.should_stop,
    )


@dataclass(frozen=True)
class Run:
    """A training run and all that the server knows of it.

    Args:
        config: what was asked for.
        job: the work.
    """

    config: TrainingConfig
    job: Job

    @classmethod
    def start(cls, workers: Workers, config: TrainingConfig) -> Run:
        """Hands the run to the next free worker."""
        return cls(config, workers.submit(_train, config))

    @property
    def progress(self) -> Progress:
        """Where the run stands now."""
        events = [event_from_json(e) for e in self.job.events if e["kind"] != "worker"]
        started = next((event for event in events if isinstance(event, Started)), None)
        epochs = tuple(event for event in events if isinstance(event, EpochDone))
        batches = tuple(event for event in events if isinstance(event, BatchDone))
        return Progress(self.config.epochs, started, batches, epochs)

    @property
    def trained(self) -> TrainedModel | None:
        """The network and its card, once the run has finished."""
        result = self.job.result
        return result if isinstance(result, TrainedModel) else None


@dataclass(frozen=True)
class Progress:
    """How far a run has come, as numbers.

    Args:
        epochs_wanted: how many epochs were asked for.
        started: size of network and data, once the worker has them.
        batches: the batch reports so far.
        epochs: the epochs done so far.
    """

    epochs_wanted: int
    started: Started | None
    batches: tuple[BatchDone, ...]
    epochs: tuple[EpochDone, ...]

    @property
    def share(self) -> float:
        """Share of all batches that is done, 0..1."""
        if self.started is None:
            return 0.0
        done = float(len(self.epochs))
        if self.batches and self.batches[-1].epoch > len(self.epochs):
            done += self.batches[-1].batch / self.started.batches
        return min(1.0, done / self.epochs_wanted)

    @property
    def epoch(self) -> int:
        """The epoch under way, from 1."""
        return min(len(self.epochs) + 1, self.epochs_wanted)

    @property
    def seconds_left(self) -> float | None:
        """Estimated time left in seconds, or None while there is nothing to judge by."""
        newest: list[BatchDone | EpochDone] = [*self.batches[-1:], *self.epochs[-1:]]
        last = max((event.seconds for event in newest), default=0.0)
        # The first batch includes building the network's graph, so that it tells nothing.
        if len(self.batches) < 3 or self.share == 0:
            return None
        first = self.batches[0].seconds
        return (last - first) / self.share * (1 - self.share)


def _measure(
    reporter: Reporter, folder: str, name: str, source: str, noise: str
) -> list[dict[str, Any]]:
    model = ModelStore(Path(folder)).get(name)
    examples = model.task.source(source).examples(example_limit(model.task.input_shape))
    points = accuracy_by_level(
        model.predictor(),
        examples,
        model.task.noise(noise),
        data=model.task.source(source).title,
        on_point=lambda point: reporter.tell({"kind": "point"} | _point_to_json(point)),
    )
    return [_point_to_json(point) for point in points]


def _point_to_json(point: NoisePoint) -> dict[str, Any]:
    return {"level": point.level, "accuracy": asdict(point.accuracy)}


@dataclass(frozen=True)
class NoiseCurve:
    """A network's accuracy over all levels of one noise, as far as it is measured.

    Args:
        name: of the model.
        job: the work.
    """

    name: str
    job: Job

    @classmethod
    def start(
        cls, workers: Workers, store: ModelStore, *, name: str, source: str, noise: str
    ) -> NoiseCurve:
        """Hands the measuring to the next free worker."""
        job = workers.submit(_measure, str(store.root.resolve()), name, source, noise)
        return cls(name, job)

    @property
    def points(self) -> list[NoisePoint]:
        """The points measured so far, the lowest level first."""
        entries = self.job.result or [e for e in self.job.events if e["kind"] == "point"]
        return [NoisePoint(e["level"], Accuracy(**e["accuracy"])) for e in entries]


def _fetch(reporter: Reporter, task_name: str, source: str) -> None:
    download = task(task_name).source(source).download
    told = 0

    def tell(done: int, total: int) -> None:
        nonlocal told
        if done - told >= REPORT_BYTES or done == total:
            told = done
            reporter.tell({"kind": "bytes", "done": done, "total": total})

    if download is not None:
        download(tell)


@dataclass(frozen=True)
class Download:
    """The fetching of a data set, as far as it has come.

    Args:
        job: the work.
    """

    job: Job

    @classmethod
    def start(cls, workers: Workers, *, task_name: str, source: str) -> Download:
        """Hands the download to the next free worker."""
        return cls(workers.submit(_fetch, task_name, source))

    @property
    def progress(self) -> tuple[int, int]:
        """Bytes that have arrived and bytes expected; both 0 before the first."""
        told = [event for event in self.job.events if event["kind"] == "bytes"]
        return (told[-1]["done"], told[-1]["total"]) if told else (0, 0)
