"""The pieces of work that worker processes do: training, fine-tuning, measuring, assembling.

The functions with a `Reporter` run in the worker; the classes beside them are what the server
makes of their events. What it makes of a training run is in `core.runs.runs`.
"""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from core.datasets import uploads
from core.evaluation.robustness import NoisePoint, accuracy_by_level, example_limit
from core.handwriting import sample_files
from core.handwriting.arrays import Pictures, SampleLabels
from core.handwriting.config import BaseNetwork, TransferConfig, prepare
from core.inference.predictor import Classifier, Predictor
from core.metrics.accuracy import Accuracy
from core.models.ensemble_builder import check_members, ensemble_card
from core.models.store import ModelStore, SavedModel
from core.tasks.base import Task, get_task
from core.training.checkpoint import Checkpoint
from core.training.config import TrainedModel, TrainingConfig
from core.training.events import EpochDone, LearningRateChanged, event_from_json, event_to_json
from core.training.history import History
from core.workers.commands import Command, check_stopped
from core.workers.context import Reporter
from core.workers.pool import Job, Workers
from core.workers.process_lock import PROCESS_LOCK
from core.workers.progress import Progress, TellsProgress

REPORT_BYTES = 250_000
# As much training as a lost worker may cost, besides the epoch under way. A checkpoint travels
# through three processes into the database: after each of many short epochs that would cost a
# small convolutional run a tenth of its time.
CHECKPOINT_SECONDS = 2.0


def train(
    reporter: Reporter,
    config: TrainingConfig,
    checkpoint: bytes | None,
    changes: tuple[LearningRateChanged, ...],
    paused: bool,
    upload: bytes | None,
    max_examples: int,
) -> TrainedModel | None:
    """Trains in a worker; returns None for a run that was preempted.

    Args:
        reporter: the ties to the server.
        config: the run.
        checkpoint: where to go on, or None.
        changes: learning rates that the person has chosen before.
        paused: whether to wait for a command before the first batch.
        upload: the file that the run learns from, if it is one that a person has uploaded: the
            worker may be on another machine.
        max_examples: as many training examples as this server allows.
    """
    from core.training import fit

    if upload is not None:
        uploads.keep(upload)
    controls = reporter.controls()
    # A scheduler may have given this job to another worker before: that one's place is newer.
    checkpoint = reporter.kept() or checkpoint
    try:
        with PROCESS_LOCK:
            model = fit.train(
                config,
                on_event=lambda event: reporter.tell(event_to_json(event)),
                on_checkpoint=lambda state: reporter.keep(state.to_bytes),
                checkpoint_seconds=CHECKPOINT_SECONDS,
                controls=controls,
                checkpoint=Checkpoint.from_bytes(checkpoint) if checkpoint else None,
                changes=changes,
                paused=paused,
                max_examples=max_examples,
            )
        reporter.finish_keeping()
        return model
    finally:
        controls.close()


def _measure(
    reporter: Reporter, folder: str, name: str, source: str, noise: str
) -> list[dict[str, Any]]:
    model = ModelStore(Path(folder)).get(name)
    return _measure_classifier(reporter, model.predictor(), model.task, source, noise)


def _measure_network(
    reporter: Reporter, network: bytes, task_name: str, source: str, noise: str
) -> list[dict[str, Any]]:
    task = get_task(task_name)
    classifier = Predictor(network, input_shape=task.input_shape, num_classes=len(task.classes))
    return _measure_classifier(reporter, classifier, task, source, noise)


def _measure_classifier(
    reporter: Reporter, classifier: Classifier, task: Task, source: str, noise: str
) -> list[dict[str, Any]]:
    examples = task.source(source).examples(example_limit(task.input_shape))
    points = accuracy_by_level(
        classifier,
        examples,
        task.noise(noise),
        data=task.source(source).title,
        on_point=lambda point: reporter.tell({"kind": "point"} | _point_to_json(point)),
    )
    return [_point_to_json(point) for point in points]


def _point_to_json(point: NoisePoint) -> dict[str, Any]:
    return {
        "level": point.level,
        "accuracy": asdict(point.accuracy),
        "confusion": point.confusion.tolist(),
        "confidence": point.confidence,
        "refused": point.refused,
        "refused_right": point.refused_right,
    }


def _point_from_json(entry: dict[str, Any]) -> NoisePoint:
    return NoisePoint(
        entry["level"],
        Accuracy(**entry["accuracy"]),
        np.array(entry["confusion"], np.int64),
        entry["confidence"],
        entry["refused"],
        entry["refused_right"],
    )


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
        """Hands the measuring to the workers."""
        job = workers.submit(_measure, str(store.root.resolve()), name, source, noise)
        return cls(name, job)

    @classmethod
    def start_for_network(
        cls,
        workers: Workers,
        network: bytes,
        *,
        name: str,
        task_name: str,
        source: str,
        noise: str,
    ) -> NoiseCurve:
        """The same for a network that is not among the saved models: its LiteRT file's bytes.

        Its probabilities are taken as they are. Correcting them would change no answer, but how
        confident it is.
        """
        return cls(name, workers.submit(_measure_network, network, task_name, source, noise))

    @property
    def points(self) -> list[NoisePoint]:
        """The points measured so far, the lowest level first."""
        entries = self.job.result or [e for e in self.job.events if e["kind"] == "point"]
        return [_point_from_json(entry) for entry in entries]


def _fetch(reporter: Reporter, task_name: str, source: str) -> None:
    download = get_task(task_name).source(source).download
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
        """Hands the download to the workers."""
        return cls(workers.submit(_fetch, task_name, source))

    @property
    def progress(self) -> tuple[int, int]:
        """Bytes that have arrived and bytes expected; both 0 before the first."""
        told = Progress.of(self.job.newest("bytes"))
        return told.done, told.total


def fine_tune(
    reporter: Reporter, base: BaseNetwork, samples: bytes, config: TransferConfig
) -> TrainedModel:
    """Fine-tunes a network in a worker.

    Args:
        reporter: the ties to the server.
        base: the network, its files as bytes: the worker may be on another machine.
        samples: the person's samples, as `core.handwriting.sample_files.to_npz` writes them.
        config: the settings.
    """
    controls = reporter.controls()
    try:
        check_stopped(controls)  # it may have been, while it waited
        from core.handwriting import fine_tuning

        with PROCESS_LOCK:
            return fine_tuning.fine_tune(
                base,
                *sample_files.read(samples),
                config,
                on_event=lambda event: reporter.tell(event_to_json(event)),
                controls=controls,
            )
    finally:
        controls.close()


class ModelMaking(ABC):
    """Work that makes a model for one person, who may stop it.

    Attributes:
        job: the work.
    """

    job: Job

    @property
    @abstractmethod
    def share(self) -> float:
        """How much of it is done, 0..1."""

    @property
    def model(self) -> TrainedModel | None:
        """The new model, once it is there."""
        return self.job.result if self.job.state == "finished" else None

    def stop(self) -> None:
        """Ends it, with nothing kept."""
        self.job.send(Command("stop"))


@dataclass(frozen=True)
class FineTuning(ModelMaking):
    """A fine-tuning, as far as it has come.

    Args:
        base: name of the network that it began with.
        config: its settings.
        job: the work.
    """

    base: str
    config: TransferConfig
    job: Job

    @classmethod
    def start(
        cls,
        workers: Workers,
        model: SavedModel,
        x: Pictures,
        y: SampleLabels,
        config: TransferConfig,
    ) -> FineTuning:
        """Hands the fine-tuning to the workers.

        Args:
            workers: the worker processes.
            model: the network to begin with.
            x: uint8, shape (n, 28, 28), the person's samples.
            y: uint8, shape (n,), their digits.
            config: the settings.

        Raises:
            InvalidInput: if there are too few samples, which needs no worker to be seen.
            ModelUnusable: if the network's files are gone or damaged.
        """
        base = BaseNetwork.of(model)
        prepare(x, y, base.card)
        job = workers.submit(fine_tune, base, sample_files.to_npz(x, y), config)
        return cls(model.name, config, job)

    @property
    def history(self) -> History:
        """What it has told so far."""
        told = [entry for entry in self.job.events if entry["kind"] != "worker"]
        return History.of(map(event_from_json, told), epochs_wanted=self.config.epochs)

    @property
    def share(self) -> float:
        """How much of it is done, 0..1."""
        return self.history.share


def assemble(
    reporter: Reporter,
    folder: str,
    members: tuple[str, ...],
    vote: str,
    weights: tuple[float, ...],
    test_time_augmentation: bool,
    source: str,
) -> TrainedModel:
    """Makes an ensemble of saved networks, and measures it, in a worker.

    Args:
        reporter: the ties to the server.
        folder: of the saved models.
        members: names of the networks.
        vote: one of `core.inference.ensemble.VOTES`.
        weights: one for each, or none to have them fitted.
        test_time_augmentation: whether each sees five shifted copies.
        source: name of the data set.
    """
    controls = reporter.controls()
    started: float | None = None

    def tell(member: str, asked: int, total: int) -> None:
        nonlocal started
        check_stopped(controls)
        started = time.monotonic() if started is None else started
        seconds = time.monotonic() - started
        progress = {"member": member, "done": asked, "total": total, "seconds": seconds}
        reporter.tell({"kind": "asked", **progress})

    try:
        check_stopped(controls)
        store = ModelStore(Path(folder))
        card = ensemble_card(
            [store.get(name) for name in members],
            vote=vote,
            weights=weights,
            test_time_augmentation=test_time_augmentation,
            source=source,
            on_progress=tell,
        )
        return TrainedModel({}, card)
    finally:
        controls.close()


@dataclass(frozen=True)
class Assembly(TellsProgress, ModelMaking):
    """The making of an ensemble, as far as it has come.

    Args:
        task: name of what it reads.
        members: names of the networks that vote.
        job: the work.
    """

    told: ClassVar[str] = "asked"
    task: str
    members: tuple[str, ...]
    job: Job

    @classmethod
    def start(
        cls,
        workers: Workers,
        store: ModelStore,
        members: Sequence[str],
        *,
        vote: str,
        weights: Sequence[float] = (),
        test_time_augmentation: bool = False,
        source: str = "",
    ) -> Assembly:
        """Hands the measuring to the workers.

        Args:
            workers: the worker processes.
            store: where the members are.
            members: names of two networks or more.
            vote: one of `core.inference.ensemble.VOTES`.
            weights: one for each, for the weighted vote. Defaults to those that fit best.
            test_time_augmentation: whether each sees five shifted copies. Defaults to False.
            source: name of the data set. Defaults to that of the first member.

        Raises:
            InvalidInput: if they cannot vote together, which needs no worker to be seen.
            ModelUnusable: if one is gone or damaged.
        """
        models = [store.get(name) for name in members]
        task = check_members(
            models, vote=vote, weights=weights, test_time_augmentation=test_time_augmentation
        )
        names = tuple(members)
        job = workers.submit(
            assemble,
            str(store.root.resolve()),
            names,
            vote,
            tuple(weights),
            test_time_augmentation,
            source,
        )
        return cls(task.name, names, job)

    @property
    def member(self) -> str:
        """Name of the network that answers now; empty before the first."""
        return str(self.job.newest("asked").get("member", ""))


def write_tensorboard_logs(reporter: Reporter, epochs: tuple[EpochDone, ...]) -> bytes:
    """Writes a run's logs in a worker, where TensorFlow is; returns a zip file."""
    from core.export.tensorboard import logs

    return logs(epochs)
