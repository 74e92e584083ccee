"""Dask, played by hand: a job's way from `Workers` into its work and back, in one process."""

import contextlib
from collections import defaultdict, deque
from concurrent.futures import Future
from types import SimpleNamespace

from tests.support.patience import wait_until

KEPT_ENTRIES = 1000  # of a topic, by Dask


class HandPlayedTask(Future):
    """What a client returns for work that it was given.

    Attributes:
        function: the work.
        arguments: of it.
        options: how it is to be done.
        awaited: whether somebody wants to hear of its end.
        released: whether its result is needed no more.
    """

    def __init__(self, function, arguments, options):
        super().__init__()
        self.function, self.arguments, self.options = function, arguments, options
        self.awaited = self.released = False

    def add_done_callback(self, callback):
        super().add_done_callback(callback)
        self.awaited = True

    def release(self):
        self.released = True

    def work(self):
        """Does the work here and now."""
        try:
            self.set_result(self.function(*self.arguments))
        except Exception as error:
            self.set_exception(error)


class HandPlayedScheduler:
    """Client, worker and scheduler in one.

    Attributes:
        topics: the newest entries of each.
        handlers: of those topics that somebody has subscribed to.
        variables: their values.
        tasks: what there is to do, oldest first.
        workers: how many it has.
        known: the state of each task that the worker has, by its name.
    """

    status = "running"

    def __init__(self):
        self.topics = defaultdict(lambda: deque(maxlen=KEPT_ENTRIES))
        self.handlers = {}
        self.variables = {}
        self.tasks = []
        self.workers = 2
        self.known = {"job": SimpleNamespace(state="executing")}
        self.state = SimpleNamespace(tasks=self.known)

    def log_event(self, topic, message):
        self.topics[topic].append((0.0, message))
        self.notify(topic)

    def notify(self, topic):
        """Tells whoever has subscribed to a topic of its newest entry, maybe once more."""
        if topic in self.handlers:
            answer = self.handlers[topic](self.topics[topic][-1])
            if answer is not None:  # a coroutine that waits for nothing
                with contextlib.suppress(StopIteration):
                    answer.send(None)

    def get_events(self, topic):
        return tuple(self.topics[topic])

    def subscribe_topic(self, topic, handler):
        self.handlers[topic] = handler

    def unsubscribe_topic(self, topic):
        del self.handlers[topic]

    def submit(self, function, *arguments, **options):
        self.tasks.append(HandPlayedTask(function, arguments, options))
        self.known[options["key"]] = SimpleNamespace(state="executing")
        return self.tasks[-1]

    def wait_for_workers(self, count, timeout):
        if self.workers < count:
            raise TimeoutError

    def nthreads(self):
        return {f"tcp://worker:{number}": 1 for number in range(self.workers)}

    def close(self, timeout):
        self.status = "closed"

    def task(self, number=1):
        """Waits until so many tasks were handed over, and returns the newest of these."""
        wait_until(lambda: len(self.tasks) >= number and self.tasks[number - 1].awaited)
        return self.tasks[number - 1]
