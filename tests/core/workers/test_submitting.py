"""How `Workers` hands a job to Dask and hears of it, with a scheduler that is played by hand."""

import os
from dataclasses import dataclass
from types import SimpleNamespace
from typing import ClassVar

import pytest
from distributed import CancelledError, KilledWorker

from core.errors import DigitLabError, InvalidInput, WorkersUnavailable
from core.workers.commands import Signal
from core.workers.context import run_job
from core.workers.job import CheckpointSaved, Ended, JobSpec, WorkerStarted
from core.workers.pool import KILLED, LOST, URGENT
from core.workers.progress import Progress
from tests.support.patience import PATIENCE, wait_until


@dataclass(frozen=True)
class Counted:
    number: int


@dataclass(frozen=True)
class Count(JobSpec[int]):
    upto: int

    def run(self, context):
        for number in range(self.upto):
            context.report(number, self.upto)
            context.emit(Counted(number))
        context.save_checkpoint(lambda: b"all")
        context.finish_saving()
        return self.upto


class UrgentCount(Count):
    urgent: ClassVar[bool] = True


class LongCount(Count):
    long: ClassVar[bool] = True


@dataclass(frozen=True)
class Fail(JobSpec[None]):
    error: Exception

    def run(self, context):
        raise self.error


@dataclass(frozen=True)
class UntilStopped(JobSpec[None]):
    def run(self, context):
        context.check_stopped()


@pytest.mark.parametrize(("spec", "priority"), [(UrgentCount(3), URGENT), (Count(3), 0)])
def test_what_is_urgent_is_so_to_dask(by_hand, scheduler, spec, priority):
    job = by_hand.submit(spec)
    task = scheduler.task()
    assert (task.function, task.arguments) == (run_job, (job.id, spec))
    assert task.options["priority"] == priority
    assert task.options["key"] == job.id


def test_jobs_are_named_after_their_kind_and_each_has_a_name_of_its_own(by_hand, scheduler):
    ids = {by_hand.submit(Count(number)).id for number in range(3)}
    scheduler.task(3)
    assert len(ids) == 3
    assert all(name.startswith("Count-") for name in ids)


def test_what_the_work_emits_and_returns_comes_to_its_job(by_hand, scheduler):
    job = by_hand.submit(Count(3))
    task = scheduler.task()
    assert (job.state, job.progress) == ("waiting", Progress())
    task.work()
    assert (job.state, job.result, job.error) == ("finished", 3, "")
    assert job.events(WorkerStarted) == [WorkerStarted(os.getpid())]
    assert job.events(Counted) == [Counted(0), Counted(1), Counted(2)]
    assert job.events(CheckpointSaved) == [CheckpointSaved(1)]
    assert job.latest_checkpoint() == (1, b"all")
    assert task.released
    assert scheduler.handlers == {}


def test_a_listener_is_given_what_the_work_emits(by_hand, scheduler):
    given = []
    job = by_hand.submit(Count(1), listener=given.append)
    scheduler.task().work()
    assert [type(event) for event in given] == [
        WorkerStarted,
        Progress,
        Counted,
        CheckpointSaved,
        Ended,
    ]
    assert job.events(Counted) == []


def test_a_command_finds_the_work_whenever_it_was_sent(by_hand, scheduler):
    job = by_hand.submit(UntilStopped())
    job.stop()
    scheduler.task().work()
    assert (job.state, job.lost) == ("failed", False)
    assert "stopped" in job.error
    another = by_hand.submit(UntilStopped())
    task = scheduler.task(2)
    another.send(Signal("pause"))
    task.work()
    assert another.state == "finished"


@pytest.mark.parametrize(
    ("error", "words", "lost"),
    [
        (InvalidInput("Too few samples."), "Too few samples.", False),
        (ValueError("negative"), "The worker process failed (ValueError: negative).", False),
        (KilledWorker("job", None, 0), KILLED, True),
        (CancelledError("job"), LOST, True),
    ],
)
def test_work_that_fails_says_why_and_whether_its_worker_is_gone(
    by_hand, scheduler, error, words, lost
):
    job = by_hand.submit(Fail(error))
    scheduler.task().work()
    assert (job.state, job.error, job.lost) == ("failed", words, lost)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (WorkersUnavailable("No scheduler answers."), "No scheduler answers."),
        (OSError("broken pipe"), "could not be handed to a worker process (broken pipe)"),
    ],
)
def test_work_that_cannot_be_handed_over_says_why(by_hand, monkeypatch, error, words):
    def connect(address):
        raise error

    monkeypatch.setattr("core.workers.pool.connect", connect)
    job = by_hand.submit(Count(3))
    assert job.wait(PATIENCE)
    assert job.state == "failed"
    assert words in job.error
    if isinstance(error, DigitLabError):
        with pytest.raises(type(error), match=words):
            by_hand.training_slots()


def test_short_work_without_a_worker_is_a_sentence_and_a_run_waits(by_hand, scheduler):
    scheduler.workers = 0
    assert by_hand.training_slots() == 0
    short = by_hand.submit(Count(3))
    assert short.wait(PATIENCE)
    assert (short.state, short.error) == ("failed", "No worker process is running.")
    run = by_hand.submit(LongCount(3))
    scheduler.task().work()
    assert run.result == 3


def test_a_run_finds_a_worker_of_our_own_cluster_that_all_were_just_killed_in(
    by_hand, scheduler, monkeypatch
):
    monkeypatch.setattr(by_hand, "_process", SimpleNamespace(poll=lambda: None))
    monkeypatch.setattr(by_hand, "_client", scheduler)
    scheduler.workers = 0
    run = by_hand.submit(LongCount(3))
    task = scheduler.task()
    assert not task.options["workers"]  # any that comes
    task.work()
    assert run.result == 3


def test_jobs_under_way_are_lost_when_the_cluster_is_ended(by_hand, scheduler):
    job = by_hand.submit(Count(3))
    task = scheduler.task()
    by_hand.close()
    assert (job.state, job.lost) == ("failed", True)
    task.work()
    assert job.state == "failed"


def test_a_cluster_that_has_died_is_replaced_and_its_jobs_are_lost(by_hand, scheduler):
    first = by_hand.submit(Count(3))
    scheduler.task()
    scheduler.status = "closed"
    second = by_hand.submit(Count(3))
    scheduler.task(2).work()
    wait_until(lambda: not second.active)
    assert (first.state, first.error, first.lost) == ("failed", LOST, True)
    assert second.result == 3
