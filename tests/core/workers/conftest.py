"""Workers and jobs' contexts that stand on a scheduler played by hand."""

import pytest

from core.workers.memory import Attendance
from core.workers.pool import Workers
from tests.support.scheduler import HandPlayedScheduler


@pytest.fixture
def scheduler(monkeypatch):
    made = HandPlayedScheduler()

    class Variable:
        def __init__(self, name, client):
            self.name = name

        def set(self, value):
            made.variables[self.name] = value

        def get(self, timeout=None):
            return made.variables[self.name]

        def delete(self):
            del made.variables[self.name]

    monkeypatch.setattr("distributed.get_client", lambda: made)
    monkeypatch.setattr("distributed.get_worker", lambda: made)
    monkeypatch.setattr("distributed.Variable", Variable)
    return made


@pytest.fixture
def by_hand(scheduler, monkeypatch):
    """Real `Workers`, of a cluster whose scheduler is played by hand."""
    monkeypatch.setenv("DASK_SCHEDULER", "tcp://by-hand:8786")

    def connect(address):
        scheduler.status = "running"
        return scheduler

    monkeypatch.setattr("core.workers.pool.connect", connect)
    # Jobs are done in this process, whose Keras the tests after them may be using.
    monkeypatch.setattr("core.workers.context.ATTENDANCE", Attendance(lambda: None))
    return Workers()
