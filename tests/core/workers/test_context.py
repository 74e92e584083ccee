"""A job's ties to the server, with a scheduler that is played by hand."""

from collections import defaultdict, deque

import pytest

from core.workers.commands import Command
from core.workers.context import Reporter, TopicControls, control_topic
from core.workers.pool import _sender

KEPT_ENTRIES = 1000  # of a topic, by Dask


class HandPlayedScheduler:
    """Client, worker and scheduler in one."""

    def __init__(self):
        self.topics = defaultdict(lambda: deque(maxlen=KEPT_ENTRIES))
        self.variables = {}

    def log_event(self, topic, message):
        self.topics[topic].append((0.0, message))

    def get_events(self, topic):
        return tuple(self.topics[topic])

    def subscribe_topic(self, topic, handler):
        self.notice = handler


@pytest.fixture
def scheduler(monkeypatch):
    made = HandPlayedScheduler()

    class Variable:
        def __init__(self, name, client):
            self.name = name

        def set(self, value):
            made.variables[self.name] = value

        def get(self):
            return made.variables[self.name]

    monkeypatch.setattr("distributed.get_client", lambda: made)
    monkeypatch.setattr("distributed.get_worker", lambda: made)
    monkeypatch.setattr("distributed.Variable", Variable)
    return made


def received(controls):
    controls._news.set()
    commands = []
    while (command := controls.receive(0)) is not None:
        commands.append(command)
    return commands


def rates(*numbers):
    return [Command("learning_rate", float(number)) for number in numbers]


def test_more_commands_are_heard_than_a_topic_keeps_and_each_once(scheduler):
    controls, send = TopicControls("job", scheduler), _sender(scheduler, "job")
    heard = []
    for command in rates(*range(1500)):
        send(command)
        if command.value % 100 == 99:
            heard += received(controls)
    assert heard == rates(*range(1500))
    assert received(controls) == []


def test_a_command_that_another_has_overtaken_is_heard_too(scheduler):
    controls = TopicControls("job", scheduler)
    for number in (1, 0):
        scheduler.log_event(control_topic("job"), rates(number)[0].to_json() | {"number": number})
        assert received(controls) == rates(number)


def test_what_was_kept_is_found_however_much_was_told_since(scheduler):
    reporter = Reporter("job")
    assert reporter.kept() is None
    reporter.keep(lambda: b"checkpoint")
    reporter.finish_keeping()
    for _ in range(KEPT_ENTRIES):
        reporter.tell({"kind": "batch"})
    assert Reporter("job").kept() == b"checkpoint"
