import pytest

from core.controls import Command, ControlQueue, Pilot


class Now(Pilot):
    """Does not wait in a pause."""

    PAUSE_SECONDS = 0


@pytest.fixture
def controls():
    return ControlQueue()


@pytest.fixture
def pilot(controls):
    return Now(controls)


def obey(controls, pilot, *kinds):
    for kind in kinds:
        controls.send(Command(kind))
    pilot.ask()


def test_a_run_goes_on_until_it_is_paused_and_after_it_is_resumed(controls, pilot):
    obey(controls, pilot)
    assert not pilot.paused
    obey(controls, pilot, "pause")
    assert pilot.paused
    pilot.after_batches()
    pilot.after_epoch()
    assert pilot.paused
    obey(controls, pilot, "resume")
    assert not pilot.paused


def test_a_step_of_a_batch_ends_in_a_pause(controls, pilot):
    obey(controls, pilot, "pause", "step_batch")
    assert pilot.single_batch
    pilot.after_batches()
    assert pilot.paused


def test_a_step_of_an_epoch_ends_in_a_pause_after_the_epoch(controls, pilot):
    obey(controls, pilot, "step_epoch")
    pilot.after_batches()
    assert not pilot.paused
    assert not pilot.single_batch
    pilot.after_epoch()
    assert pilot.paused


def test_a_learning_rate_is_taken_once(controls, pilot):
    controls.send(Command("learning_rate", 0.5))
    pilot.ask()
    assert pilot.take_learning_rate() == 0.5
    assert pilot.take_learning_rate() is None


@pytest.mark.parametrize(("kind", "field"), [("stop", "stopped"), ("park", "parked")])
def test_stop_and_park_are_remembered(controls, pilot, kind, field):
    assert not getattr(pilot, field)
    obey(controls, pilot, kind)
    assert getattr(pilot, field)


def test_a_run_may_begin_with_a_pause(controls):
    assert Now(controls, paused=True).paused


def test_commands_travel_as_plain_values():
    command = Command("learning_rate", 0.25)
    assert Command.from_json(command.to_json()) == command


def test_an_empty_queue_gives_nothing(controls):
    assert controls.receive(0) is None
    assert controls.receive(0.001) is None
