import numpy as np
import pytest

from core.errors import Abandoned, InvalidInput
from core.handwriting.config import MIN_STEPS, TransferConfig
from core.jobs.fine_tuning import FineTuningJob
from core.models.store import ModelStore
from core.tasks.handwritten import load_builtin
from core.training.events import EpochDone, Finished, Started
from core.training.history import History
from core.workers.commands import Signal
from tests.support.jobs import HandPlayedJob, RecordingContext

SETTINGS = TransferConfig(source="built-in", epochs=1)


@pytest.fixture(scope="module")
def samples():
    split = load_builtin(None, 0, 0).validation
    return (split.x[:40, ..., 0] * 255).round().astype(np.uint8), split.y[:40].astype(np.uint8)


def fine_tuning(samples, model="handwritten-dense"):
    return FineTuningJob.of(ModelStore().get(model), *samples, SETTINGS)


def test_a_fine_tuning_that_cannot_be_needs_no_worker_to_be_refused(samples):
    x, y = samples
    with pytest.raises(InvalidInput, match="There are 9 samples, too few"):
        fine_tuning((x[:9], y[:9]))
    with pytest.raises(InvalidInput, match="does not read handwritten digits"):
        fine_tuning(samples, "seven-segment")
    with pytest.raises(InvalidInput, match="is an ensemble"):
        fine_tuning(samples, "handwritten-ensemble")


def test_one_that_was_stopped_while_it_waited_does_not_begin(samples):
    context = RecordingContext(Signal("stop"))
    with pytest.raises(Abandoned, match="stopped"):
        fine_tuning(samples).run(context)
    assert context.emitted == []


@pytest.mark.keras
@pytest.mark.slow
def test_its_events_are_those_of_a_training_and_its_result_is_the_network(samples):
    played = HandPlayedJob(fine_tuning(samples))
    assert played.job.spec.base.name == "handwritten-dense"
    context = played.work()
    assert played.job.events(Started)[0].batches == MIN_STEPS
    assert [event.epoch for event in played.job.events(EpochDone)] == [1]
    assert isinstance(context.emitted[-1], Finished)
    assert History.of(context.emitted, epochs_wanted=1).share == 1
    assert played.job.result.card.entries["fine_tuned"]["base"]["name"] == "handwritten-dense"
