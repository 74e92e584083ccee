"""What a job has of the server, with a scheduler that is played by hand."""

from types import SimpleNamespace

import pytest

from core.errors import Abandoned
from core.workers.checkpoint_slot import CheckpointSlot
from core.workers.commands import COMMAND, SetLearningRate, Signal
from core.workers.context import JobContext, TopicControls, control_topic
from core.workers.job import CheckpointSaved, JobSpec
from core.workers.progress import Progress
from tests.support.scheduler import KEPT_ENTRIES


class Work(JobSpec):
    def run(self, context):
        return None


@pytest.fixture
def job(by_hand, scheduler):
    """A job that was handed over; its work is played by hand, too."""
    made = by_hand.submit(Work())
    scheduler.task()
    return made


def received(controls):
    commands = []
    while (command := controls.receive(0)) is not None:
        commands.append(command)
    return commands


def rates(*numbers):
    return [SetLearningRate(float(number)) for number in numbers]


def test_more_commands_are_received_than_a_topic_keeps_and_each_once(scheduler, job):
    controls = TopicControls(job.id, scheduler)
    commands = []
    for command in rates(*range(1500)):
        job.send(command)
        if command.learning_rate % 100 == 99:
            commands += received(controls)
    assert commands == rates(*range(1500))
    scheduler.notify(control_topic(job.id))
    assert received(controls) == []


def test_a_command_that_another_has_overtaken_is_received_too(scheduler):
    controls = TopicControls("job", scheduler)
    for number in (1, 0):
        entry = COMMAND.dump_python(rates(number)[0]) | {"number": number}
        scheduler.log_event(control_topic("job"), entry)
        assert received(controls) == rates(number)


def test_commands_that_came_before_the_work_began_are_received(scheduler, job):
    job.send(Signal("pause"))
    context = JobContext(job.id)
    assert received(context.controls) == [Signal("pause")]
    assert context.controls is context.controls
    context.close()
    assert control_topic(job.id) not in scheduler.handlers


def test_work_that_is_stopped_is_abandoned_and_other_commands_do_not_matter_to_it(job):
    context = JobContext(job.id)
    context.check_stopped()
    job.send(Signal("pause"))
    context.check_stopped()
    job.stop()
    with pytest.raises(Abandoned, match="stopped"):
        context.check_stopped()


@pytest.mark.parametrize("state", [None, "released"])
def test_work_for_which_nobody_waits_any_more_is_abandoned(scheduler, monkeypatch, state):
    monkeypatch.setattr("core.workers.context.CHECK_SECONDS", 0.0)
    context = JobContext("job")
    context.check_stopped()
    del scheduler.known["job"]
    if state:
        scheduler.known["job"] = SimpleNamespace(state=state)
    with pytest.raises(Abandoned, match="Nobody waits"):
        context.check_stopped()


def test_what_was_saved_is_found_however_much_was_emitted_since(scheduler):
    context = JobContext("job")
    assert context.latest_checkpoint() is None
    context.save_checkpoint(lambda: b"checkpoint")
    context.finish_saving()
    for _ in range(KEPT_ENTRIES):
        context.emit(Progress(1, 2))
    assert JobContext("job").latest_checkpoint() == b"checkpoint"


def test_checkpoints_are_numbered_on_in_the_second_life_that_a_scheduler_gives_a_job(
    scheduler, job
):
    first = JobContext(job.id)
    for data in (b"first", b"second"):
        first.save_checkpoint(lambda data=data: data)
    first.finish_saving()
    assert job.latest_checkpoint() == (2, b"second")
    second = JobContext(job.id)
    assert second.latest_checkpoint() == b"second"
    second.save_checkpoint(lambda: b"third")
    second.finish_saving()
    assert job.events(CheckpointSaved) == [CheckpointSaved(number) for number in (1, 2, 3)]
    assert job.latest_checkpoint() == (3, b"third")


def test_a_checkpoint_that_could_not_be_made_is_told_when_it_is_waited_for(scheduler):
    def make():
        raise OSError("No space left.")

    context = JobContext("job")
    context.save_checkpoint(make)
    with pytest.raises(OSError, match="No space"):
        context.finish_saving()


def test_a_discarded_checkpoint_is_gone(scheduler):
    slot = CheckpointSlot(scheduler, "job")
    assert slot.latest() is None
    slot.discard()  # which does no harm
    slot.save(1, b"checkpoint")
    assert CheckpointSlot(scheduler, "job").latest() == (1, b"checkpoint")
    assert CheckpointSlot(scheduler, "another").latest() is None
    slot.discard()
    assert slot.latest() is None
    assert scheduler.variables == {}


def test_time_is_counted_from_the_first_report(job, monkeypatch):
    now = iter([100.0, 103.0, 104.5])
    context = JobContext(job.id)
    monkeypatch.setattr("core.workers.context.time", SimpleNamespace(monotonic=lambda: next(now)))
    reported = []
    for done, note in ((0, ""), (20, "counting"), (30, "")):
        context.report(done, 40, note=note)
        reported.append(job.progress)
    assert reported == [
        Progress(0, 40, 0.0),
        Progress(20, 40, 3.0, "counting"),
        Progress(30, 40, 4.5),
    ]
    assert job.progress.seconds_left == pytest.approx(1.5)
