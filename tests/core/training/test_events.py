import json

import pytest

from core.schema import dump
from core.training.events import (
    EVENT,
    BatchDone,
    EpochDone,
    Failed,
    Finished,
    LearningRateChanged,
    Note,
    Paused,
    Queued,
    Resumed,
    Sample,
    Started,
)


@pytest.mark.parametrize(
    "event",
    [
        Queued(),
        Started(10, 20, 30, 2, 5, 77, 0.65, (Sample(3, "abc"),)),
        BatchDone(1, 2, 0.5, 0.25, 1.5, 0.01),
        EpochDone(1, 0.5, 0.6, 0.7, 0.8, 9.0, 0.01, ((3, 0.5), (4, 0.25))),
        Paused(2, 7, preempted=True),
        Resumed(),
        LearningRateChanged(100, 0.01),
        Note("The worker was lost."),
        Finished("early", 7, 4),
        Failed("No memory."),
    ],
    ids=lambda event: event.kind,
)
def test_events_survive_json(event):
    assert EVENT.validate_python(json.loads(json.dumps(dump(EVENT, event)))) == event
