"""Training jobs done in the test's own process; `tests/core/workers/test_pool.py` has workers."""

import dataclasses

import pytest

from core.errors import LimitReached
from core.jobs.training import TrainingJob
from core.networks.architecture import Architecture
from core.training.checkpoint import position_of
from core.training.config import TrainingConfig
from core.training.events import (
    BatchDone,
    EpochDone,
    Finished,
    LearningRateChanged,
    Paused,
    Started,
)
from core.workers.commands import Signal
from core.workers.job import CheckpointSaved
from tests.support.jobs import HandPlayedJob, RecordingContext

CONFIG = TrainingConfig(
    task="seven-segment",
    source="generated",
    architecture=Architecture((8,)),
    epochs=2,
    batch_size=512,
    noise="flip",
    noise_level=0.1,
)
EXAMPLES = 22_000
SPEC = TrainingJob(CONFIG, EXAMPLES)


@pytest.fixture
def save_every_epoch(monkeypatch):
    monkeypatch.setattr("core.jobs.training.CHECKPOINT_SECONDS", 0.0)


def epochs(context):
    return [event.epoch for event in context.emitted if isinstance(event, EpochDone)]


def test_a_training_is_long_and_nobody_waits_before_an_empty_page():
    assert TrainingJob.long
    assert not TrainingJob.urgent


@pytest.mark.keras
@pytest.mark.slow
def test_a_run_emits_its_events_saves_its_checkpoints_and_returns_the_network(save_every_epoch):
    played = HandPlayedJob(SPEC)
    context = played.work()
    assert played.job.events(Started)[0].examples == EXAMPLES
    assert epochs(context) == [1, 2]
    assert isinstance(context.emitted[-1], Finished)
    assert played.job.events(CheckpointSaved) == [CheckpointSaved(1), CheckpointSaved(2)]
    assert [position_of(data).epoch for data in context.checkpoints] == [1, 2]
    assert context.unsaved == 0  # it has waited for them
    assert played.job.result.card.task == "seven-segment"


@pytest.mark.keras
@pytest.mark.slow
def test_a_run_goes_on_from_its_newest_checkpoint(save_every_epoch):
    spec = TrainingJob(dataclasses.replace(CONFIG, epochs=3), EXAMPLES)
    context = RecordingContext()
    spec.run(context)
    first, second, _ = context.checkpoints
    again = dataclasses.replace(spec, checkpoint=first)
    context = RecordingContext()
    again.run(context)
    assert epochs(context) == [2, 3]
    # A scheduler has given it to another worker before, which had come further.
    context = RecordingContext(checkpoint=second)
    again.run(context)
    assert epochs(context) == [3]


@pytest.mark.keras
@pytest.mark.slow
def test_a_run_that_begins_paused_waits_for_commands_and_may_leave_no_network():
    def listen(event):
        if event == Paused(1, 1):
            context.controls.send(Signal("preempt"))

    context = RecordingContext(Signal("step_batch"), listener=listen)
    change = LearningRateChanged(0, 0.25)
    assert dataclasses.replace(SPEC, paused=True, changes=(change,)).run(context) is None
    (batch,) = (event for event in context.emitted if isinstance(event, BatchDone))
    assert batch.learning_rate == pytest.approx(0.25)
    assert context.emitted[-1] == Paused(1, 1, preempted=True)
    assert context.checkpoints


@pytest.mark.keras
@pytest.mark.slow
def test_a_run_with_more_examples_than_the_server_allows_is_refused():
    with pytest.raises(LimitReached, match="999 examples at most"):
        TrainingJob(CONFIG, 999).run(RecordingContext())


@pytest.mark.keras
@pytest.mark.slow
def test_the_file_that_a_run_learns_from_is_there_before_it_begins(monkeypatch, tmp_path):
    monkeypatch.setenv("DIGIT_LAB_UPLOADS", str(tmp_path))
    dataclasses.replace(SPEC, upload=b"a file").run(RecordingContext(Signal("stop")))
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"a file"]
