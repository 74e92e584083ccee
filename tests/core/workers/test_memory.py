import sys
import threading
from types import SimpleNamespace
from unittest.mock import MagicMock

import pytest

from core.workers.memory import Attendance, release_memory
from tests.support.patience import PATIENCE, wait_until


def test_soon_after_the_last_job_memory_is_released_once():
    released = MagicMock()
    attendance = Attendance(released, seconds=0.01)
    with attendance.job(), attendance.job():
        pass
    wait_until(lambda: released.called)
    assert released.call_count == 1


def test_a_job_that_comes_soon_finds_everything_as_it_was():
    released = MagicMock()
    attendance = Attendance(released, seconds=PATIENCE)
    with attendance.job():
        pass
    waiting = attendance._timer
    with attendance.job():
        assert waiting.finished.is_set()  # cancelled
        assert attendance._timer is None
    released.assert_not_called()
    attendance._timer.cancel()


def test_no_job_begins_while_memory_is_released():
    begun, go_on, order = threading.Event(), threading.Event(), []

    def release():
        begun.set()
        go_on.wait(PATIENCE)
        order.append("released")

    attendance = Attendance(release, seconds=0)
    with attendance.job():
        pass
    assert begun.wait(PATIENCE)

    def work():
        with attendance.job():
            order.append("job")

    job = threading.Thread(target=work)
    job.start()
    go_on.set()
    job.join(PATIENCE)
    assert order[:2] == ["released", "job"]  # after the job it is released again


def test_a_job_that_fails_counts_as_over():
    released = MagicMock()
    attendance = Attendance(released, seconds=0)
    with pytest.raises(ValueError, match="no"), attendance.job():
        raise ValueError("no")
    wait_until(lambda: released.called)


def test_keras_is_cleared_where_it_is_loaded_and_not_loaded_for_that(monkeypatch):
    clear = MagicMock()
    backend = SimpleNamespace(clear_session=clear)
    monkeypatch.setitem(sys.modules, "keras", SimpleNamespace(backend=backend))
    release_memory()
    clear.assert_called_once()
    monkeypatch.delitem(sys.modules, "keras")
    release_memory()
    assert "keras" not in sys.modules
