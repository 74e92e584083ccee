"""Training itself. Imports TensorFlow: for worker processes and the command line only."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import keras

from core.data import Dataset
from core.errors import LimitReached
from core.networks.builder import parameter_count
from core.networks.formats import LITERT_FILE
from core.networks.keras_files import versions, write_network
from core.schema import dump
from core.training.card import TrainedModel, parse_card
from core.training.checkpoint import Checkpoint
from core.training.config import CONFIG, TrainingConfig
from core.training.events import (
    SLOW_SECONDS,
    Ending,
    Event,
    Finished,
    LearningRateChanged,
    Paused,
    Resumed,
)
from core.training.run_control import RunControl
from core.training.schedule import should_stop_early
from core.training.testing import UNTESTED, measure
from core.training.trainer import Trainer
from core.workers.commands import ControlQueue, Controls


def train(
    config: TrainingConfig,
    *,
    on_event: Callable[[Event], None] = lambda event: None,
    on_checkpoint: Callable[[Checkpoint], None] | None = None,
    checkpoint_seconds: float = 0.0,
    controls: Controls | None = None,
    checkpoint: Checkpoint | None = None,
    changes: Sequence[LearningRateChanged] = (),
    paused: bool = False,
    slow: bool = False,
    max_examples: int | None = None,
    test: bool = True,
) -> TrainedModel | None:
    """Trains one network, and judges it on the test data when that is over, unless told not to.

    Args:
        config: all that decides the run.
        on_event: told of the start, of batches a few times a second, and of every epoch.
        on_checkpoint: given the run's state where it is paused or preempted, after the first epoch,
            and after later ones.
        checkpoint_seconds: of training that lie between two of these states at least. Defaults to
            0: there is one after every epoch.
        controls: where the person's commands arrive.
        checkpoint: where to go on. Defaults to the beginning.
        changes: learning rates that the person has chosen before, so that steps which are done
            again are done with the same.
        paused: whether to wait for a command before the first batch.
        slow: whether to wait between epochs, so that the run can be watched. Defaults to False.
        max_examples: as many training examples as are allowed. Defaults to any number.
        test: whether the network is judged on the test data. Of many runs among which one is
            chosen, only that one is: see `core.training.testing`. Defaults to True.

    Returns:
        The network's files and card, or None if the run was preempted.

    Raises:
        DataUnavailable: if the data set is not there.
        LimitReached: if it has more training examples than are allowed.
        TrainingDiverged: if the loss became NaN before one epoch is over.
    """
    keras.backend.clear_session()
    run = Trainer(config, checkpoint, changes)
    examples = len(run.dataset.train)
    if max_examples is not None and examples > max_examples:
        raise LimitReached(
            f"On this server a run may learn from {max_examples:,} examples at most, so that others"
            f" get their turn. This one has {examples:,}: choose a smaller share of the data."
        )
    on_event(run.started())
    control = RunControl(controls or ControlQueue(), paused=paused, slow=slow)
    keeper = _Keeper(run, on_checkpoint or (lambda state: None), checkpoint_seconds)
    ending = _drive(run, control, on_event, keeper)
    if ending is None:
        return None
    run.keep_the_right_weights(ending)
    model = _trained_model(run, ending, test=test)
    on_event(Finished(ending, len(run.val_losses), run.kept_epoch))
    return model


class _Keeper:
    """Hands out checkpoints, but not so often that they would hold up a run of short epochs."""

    def __init__(
        self, run: Trainer, on_checkpoint: Callable[[Checkpoint], None], seconds: float
    ) -> None:
        self._run, self._on_checkpoint, self._seconds = run, on_checkpoint, seconds
        self._kept_at = -math.inf

    def keep(self) -> None:
        self._on_checkpoint(self._run.checkpoint())
        self._kept_at = self._run.seconds

    def after_epoch(self) -> None:
        if self._run.seconds - self._kept_at >= self._seconds:
            self.keep()


def _drive(
    run: Trainer, control: RunControl, on_event: Callable[[Event], None], keeper: _Keeper
) -> Ending | None:
    """Trains until the end, obeying commands on the way; returns None for a preempted run."""
    told_paused = False
    while not run.complete:
        control.poll()
        if (rate := control.take_learning_rate()) is not None:
            on_event(run.change_learning_rate(rate))
        if control.stopped:
            # The history must say where exactly: the run's code stops there, too.
            if (last := run.report()) is not None:
                on_event(last)
            return "stopped"
        if control.paused:
            if not told_paused or control.preempted:
                keeper.keep()
                on_event(Paused(len(run.val_losses) + 1, run.batch, preempted=control.preempted))
                told_paused = True
            if control.preempted:
                return None
            continue
        control.preempted = False  # it was asked of a pause that is over
        if told_paused:
            on_event(Resumed())
            told_paused = False
        report = run.advance(single_batch=control.single_batch)
        if run.diverged:
            return "diverged"
        if report is not None:
            on_event(report)
        control.after_batches()
        if run.batch == run.batches:
            done = run.end_epoch()
            if done is None:
                return "diverged"
            on_event(done)
            keeper.after_epoch()
            control.after_epoch()
            if should_stop_early(run.val_losses, run.config.early_stopping):
                return "early"
            if not run.complete:
                control.linger(SLOW_SECONDS)
    return "complete"


def _trained_model(run: Trainer, ending: Ending, *, test: bool) -> TrainedModel:
    """Saves the network, and measures on the test data what was saved."""
    files = write_network(run.loop.model, logits=run.config.architecture.output == "linear")
    measured = measure(files[LITERT_FILE], run.task, run.dataset) if test else UNTESTED
    card = _card(run.config, run.dataset) | {
        **measured,
        "parameters": parameter_count(run.loop.model),
        "epochs_done": len(run.val_losses),
        "kept_epoch": run.kept_epoch,
        "ending": ending,
        "stopped_early": ending == "stopped",
        "training_seconds": round(run.seconds, 1),
    }
    return TrainedModel(files, parse_card(card))


def _card(config: TrainingConfig, dataset: Dataset) -> dict[str, Any]:
    table = config.get_task().table
    return {
        **dump(CONFIG, config),
        **({"table": table.entries} if table else {}),
        "examples": {"train": len(dataset.train), "validation": len(dataset.validation)},
        "versions": versions(),
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "command": config.command,
    }
