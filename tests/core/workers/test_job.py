"""What whoever asked for a job sees of it, while a producer makes it move."""

import dataclasses
import threading
import time

import pytest

from core.workers.commands import SetLearningRate, Signal
from core.workers.job import Ended, JobProducer, JobSpec, WorkerStarted
from core.workers.progress import Progress
from tests.support.jobs import HandPlayedSlot


@dataclasses.dataclass(frozen=True)
class Sum(JobSpec[int]):
    numbers: tuple[int, ...]

    def run(self, context):
        return sum(self.numbers)


@dataclasses.dataclass(frozen=True)
class Number:
    value: int


WORK = Sum((1, 2))


def producer_of(listener=None):
    return JobProducer("job", WORK, listener)


def test_a_job_knows_what_is_to_be_done_and_since_when():
    job = producer_of().job
    assert (job.id, job.spec, job.state) == ("job", WORK, "waiting")
    assert job.submitted <= time.monotonic()
    assert job.seconds >= 0
    assert (job.result, job.error, job.lost) == (None, "", False)
    assert (job.spec.long, job.spec.urgent) == (False, False)


def test_a_job_waits_until_its_first_event_and_is_active_until_its_end():
    producer = producer_of()
    job = producer.job
    states = [(job.state, job.active)]
    producer.emit(WorkerStarted(1))
    states.append((job.state, job.active))
    producer.finish(3)
    states.append((job.state, job.active))
    assert states == [("waiting", True), ("running", True), ("finished", False)]
    assert job.result == 3


def test_a_job_ends_only_once():
    producer = producer_of()
    assert producer.job.active
    assert not producer.job.wait(0)
    producer.finish(3)
    producer.fail("The worker processes were ended.", lost=True)
    job = producer.job
    assert (job.state, job.result, job.error, job.lost) == ("finished", 3, "", False)
    assert job.wait(0)
    lost = producer_of()
    lost.fail("Lost.", lost=True)
    lost.finish(4)
    lost.fail("Lost again.")
    job = lost.job
    assert (job.state, job.result, job.error, job.lost) == ("failed", None, "Lost.", True)


def test_an_event_that_comes_after_the_end_does_not_bring_a_job_back():
    producer = producer_of()
    producer.fail("Lost.")
    producer.emit(WorkerStarted(1))
    assert producer.job.state == "failed"


def test_commands_before_there_is_anybody_to_obey_are_not_forgotten_and_come_first():
    commands, producer = [], producer_of()
    producer.job.send(SetLearningRate(0.5))
    producer.job.stop()
    producer.attach(commands.append)
    producer.job.send(Signal("pause"))
    assert commands == [SetLearningRate(0.5), Signal("stop"), Signal("pause")]


def test_a_command_does_not_overtake_those_that_wait():
    producer = producer_of()
    job = producer.job
    job.send(Signal("pause"))
    job.send(Signal("resume"))
    sent = []
    other = threading.Thread(target=job.send, args=(Signal("stop"),))

    def send(command):
        if not sent:
            other.start()
            other.join(timeout=0.2)  # as long as it would take to overtake
        sent.append(command.kind)

    producer.attach(send)
    other.join()
    assert sent == ["pause", "resume", "stop"]


def test_a_listener_is_given_everything_and_the_end_last_and_once():
    given = []
    producer = producer_of(given.append)
    producer.emit(WorkerStarted(1))
    producer.emit(Progress(1, 2))
    producer.emit(Number(5))
    producer.fail("Lost.", lost=True)
    producer.finish(3)
    assert given == [WorkerStarted(1), Progress(1, 2), Number(5), Ended()]
    assert producer.job.lost
    assert producer.job.progress == Progress(1, 2)
    assert producer.job.events(object) == []


def test_a_listener_finds_a_job_that_has_ended_when_it_is_told_of_the_end():
    states = []
    producer = producer_of(lambda event: states.append(producer.job.state))
    producer.finish(3)
    assert states == ["finished"]


def test_events_are_handed_out_by_kind_in_their_order_and_as_a_copy():
    producer = producer_of()
    for event in (WorkerStarted(1), Number(5), Progress(1, 2), Number(6)):
        producer.emit(event)
    assert producer.job.events(Number) == [Number(5), Number(6)]
    assert producer.job.events(WorkerStarted) == [WorkerStarted(1)]
    producer.job.events(Number).clear()
    assert len(producer.job.events(Number)) == 2


def test_the_progress_is_what_was_reported_last():
    producer = producer_of()
    assert producer.job.progress == Progress()
    for done in range(3):
        producer.emit(Progress(done, 4, seconds=float(done), note=f"number {done}"))
    producer.emit(WorkerStarted(1))
    assert producer.job.progress == Progress(2, 4, 2.0, "number 2")


@pytest.mark.parametrize("reported", [None, Progress(3, 4, 6.0)])
def test_a_finished_job_is_done_whatever_it_reported(reported):
    producer = producer_of()
    if reported:
        producer.emit(reported)
    producer.finish(3)
    progress = producer.job.progress
    assert (progress.share, progress.seconds_left) == (1.0, 0.0)
    assert progress.seconds == (reported.seconds if reported else 0)


def test_a_job_that_has_failed_is_as_far_as_it_came():
    producer = producer_of()
    producer.emit(Progress(3, 4, 6.0))
    producer.fail("Lost.")
    assert producer.job.progress == Progress(3, 4, 6.0)


def test_the_newest_checkpoint_is_read_from_the_slot_and_discarded_there():
    producer, slot = producer_of(), HandPlayedSlot()
    assert producer.job.latest_checkpoint() is None
    producer.job.discard_checkpoint()
    producer.attach(lambda command: None, slot)
    slot.content = (2, b"checkpoint")
    assert producer.job.latest_checkpoint() == (2, b"checkpoint")
    producer.job.discard_checkpoint()
    assert slot.discarded
    assert producer.job.latest_checkpoint() is None


def test_a_dropped_job_is_told_to_stop_and_has_failed():
    producer, commands = producer_of(), []
    producer.attach(commands.append)
    producer.emit(WorkerStarted(1))
    producer.drop("Nobody waited.")
    job = producer.job
    assert commands == [Signal("stop")]
    assert (job.state, job.error, job.dropped, job.lost) == (
        "failed",
        "Nobody waited.",
        True,
        False,
    )
    finished = producer_of()
    finished.finish(3)
    finished.drop("Nobody waited.")
    assert (finished.job.state, finished.job.dropped) == ("finished", False)
