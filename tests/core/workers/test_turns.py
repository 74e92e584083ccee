"""Whose job is next, and which is dropped, with a clock that the tests set."""

from dataclasses import dataclass
from types import SimpleNamespace
from typing import ClassVar

import pytest

from core.workers.commands import Signal
from core.workers.job import JobProducer, JobSpec
from core.workers.turns import DROPPED, MAX_OVERTAKING, PATIENCE_SECONDS, PRESENT_SECONDS, Turns


@dataclass(frozen=True)
class Work(JobSpec[None]):
    def run(self, context):
        return None


class UrgentWork(Work):
    urgent: ClassVar[bool] = True


class KeptWork(Work):
    kept: ClassVar[bool] = True


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock(monkeypatch):
    made = Clock()
    monkeypatch.setattr("core.workers.job.time", SimpleNamespace(monotonic=made))
    return made


@pytest.fixture
def turns(clock):
    return Turns(clock)


def wait(turns, name, *people, spec=Work):
    producer = JobProducer(name, spec())
    for who in people:
        producer.job.ask(who)
    turns.add(producer)
    return producer


def served(turns):
    """Does all that waits, one at a time; returns the jobs' names in the order of their turns."""
    names = []
    while (producer := turns.next(1)) is not None:
        names.append(producer.job.id)
        turns.done(producer.job.id)
        producer.finish(None)
    return names


def test_people_take_turns_and_each_has_their_own_jobs_in_order(turns):
    for name, who in (("a1", "a"), ("a2", "a"), ("a3", "a"), ("b1", "b"), ("c1", "c"), ("b2", "b")):
        wait(turns, name, who)
    assert served(turns) == ["a1", "b1", "c1", "a2", "b2", "a3"]


def test_what_several_wait_for_comes_when_the_first_of_them_has_a_turn(turns):
    for name, people in (("a1", "a"), ("b1", "b"), ("a2", "a"), ("both", "ac")):
        wait(turns, name, *people)
    assert served(turns) == ["a1", "b1", "both", "a2"]


def test_no_more_are_handed_over_than_there_are_places(turns):
    for name in "abc":
        wait(turns, name)
    assert [turns.next(2).job.id for _ in range(2)] == ["a", "b"]
    assert turns.next(2) is None
    turns.done("a")
    assert turns.next(2).job.id == "c"
    assert turns.next(9) is None
    assert turns.busy
    assert not turns.waiting
    for name in "bc":
        turns.done(name)
    assert not turns.busy


def test_urgent_work_goes_first_but_keeps_nobody_out(turns):
    wait(turns, "plain", "a")
    for number in range(MAX_OVERTAKING + 2):
        wait(turns, f"urgent {number}", "b", spec=UrgentWork)
    assert served(turns).index("plain") == MAX_OVERTAKING


def test_who_looks_at_the_page_goes_before_who_has_left(turns, clock):
    wait(turns, "left", "a", spec=UrgentWork)
    looked_at = wait(turns, "looked at", "b")
    clock.now = PRESENT_SECONDS + 1
    looked_at.job.ask("b")
    assert served(turns) == ["looked at", "left"]


def test_work_that_nobody_asks_for_any_more_is_dropped_whether_it_waits_or_runs(turns, clock):
    running, waiting = wait(turns, "running", "a"), wait(turns, "waiting", "a")
    commands = []
    running.attach(commands.append)
    assert turns.next(1) is running
    clock.now = PATIENCE_SECONDS
    turns.drop_unwanted()
    assert running.job.active
    assert waiting.job.active
    clock.now += 1
    turns.drop_unwanted()
    for job in (running.job, waiting.job):
        assert (job.state, job.error, job.dropped, job.lost) == ("failed", DROPPED, True, False)
    assert commands == [Signal("stop")]
    assert turns.next(1) is None
    assert turns.busy  # its worker still has it
    turns.done("running")
    assert not turns.busy


def test_work_that_somebody_else_still_waits_for_is_not_dropped(turns, clock):
    producer = wait(turns, "both", "a", "b")
    for _ in range(5):
        clock.now += PATIENCE_SECONDS - 1
        producer.job.ask("b")
        turns.drop_unwanted()
    assert producer.job.active


@pytest.mark.parametrize(("spec", "people"), [(KeptWork, "a"), (Work, "")])
def test_work_that_is_kept_or_was_never_asked_for_is_not_dropped(turns, clock, spec, people):
    producer = wait(turns, "kept", *people, spec=spec)
    clock.now = 100 * PATIENCE_SECONDS
    assert turns.next(1) is producer
    assert producer.job.active


def test_a_connection_that_comes_back_in_time_finds_its_work(turns, clock):
    producer = wait(turns, "work", "a")
    clock.now = PATIENCE_SECONDS - 1
    producer.job.ask("a")
    clock.now += PATIENCE_SECONDS - 1
    assert turns.next(1) is producer
    assert producer.job.active
