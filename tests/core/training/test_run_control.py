import pytest

from core.training.run_control import RunControl
from core.workers.commands import COMMAND, ControlQueue, SetLearningRate, Signal


class Now(RunControl):
    """Does not wait in a pause."""

    PAUSE_SECONDS = 0


@pytest.fixture
def controls():
    return ControlQueue()


@pytest.fixture
def control(controls):
    return Now(controls)


def obey(controls, control, *kinds):
    for kind in kinds:
        controls.send(Signal(kind))
    control.poll()


def test_a_run_goes_on_until_it_is_paused_and_after_it_is_resumed(controls, control):
    obey(controls, control)
    assert not control.paused
    obey(controls, control, "pause")
    assert control.paused
    control.after_batches()
    control.after_epoch()
    assert control.paused
    obey(controls, control, "resume")
    assert not control.paused


def test_slow_motion_waits_between_epochs_until_a_command_comes(controls):
    waits = []

    class Watched(ControlQueue):
        def receive(self, timeout):
            waits.append(timeout)
            return super().receive(0)

    controls = Watched()
    control = RunControl(controls, slow=True)
    control.linger(0.5)
    assert 0 < waits.pop() <= 0.5
    controls.send(SetLearningRate(0.1))
    control.linger(0.5)  # heard at once; the rest of the wait is still waited
    assert control.take_learning_rate() == 0.1
    assert len(waits) == 2
    controls.send(Signal("fast"))
    control.linger(0.5)
    assert not control.slow
    assert len(waits) == 3
    control.linger(0.5)
    assert len(waits) == 3  # fast: no wait at all


@pytest.mark.parametrize("kind", ["pause", "stop", "step_batch", "fast"])
def test_a_command_ends_the_wait_of_slow_motion(controls, kind):
    control = Now(controls)
    obey(controls, control, "slow")
    assert control.slow
    controls.send(Signal(kind))
    control.linger(3600)  # returns, or the test never ends


def test_a_step_of_a_batch_ends_in_a_pause(controls, control):
    obey(controls, control, "pause", "step_batch")
    assert control.single_batch
    control.after_batches()
    assert control.paused


def test_a_step_of_an_epoch_ends_in_a_pause_after_the_epoch(controls, control):
    obey(controls, control, "step_epoch")
    control.after_batches()
    assert not control.paused
    assert not control.single_batch
    control.after_epoch()
    assert control.paused


def test_a_learning_rate_is_taken_once(controls, control):
    controls.send(SetLearningRate(0.5))
    control.poll()
    assert control.take_learning_rate() == 0.5
    assert control.take_learning_rate() is None


@pytest.mark.parametrize(("kind", "field"), [("stop", "stopped"), ("preempt", "preempted")])
def test_stop_and_preempt_are_remembered(controls, control, kind, field):
    assert not getattr(control, field)
    obey(controls, control, kind)
    assert getattr(control, field)


def test_a_run_may_begin_with_a_pause(controls):
    assert Now(controls, paused=True).paused


def test_commands_travel_as_plain_values():
    for command in (SetLearningRate(0.25), Signal("pause")):
        assert COMMAND.validate_python(COMMAND.dump_python(command)) == command


def test_an_empty_queue_gives_nothing(controls):
    assert controls.receive(0) is None
    assert controls.receive(0.001) is None
