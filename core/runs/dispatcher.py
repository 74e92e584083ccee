"""Hands waiting runs to free workers."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from core.datasets import uploads
from core.errors import DigitLabError
from core.jobs.training import TrainingJob
from core.runs.live import LiveRun, TrainingRun
from core.runs.lives import Lives
from core.runs.shared_slots import SharedSlots
from core.runs.tries import Tries
from core.training.events import Failed
from core.workers.commands import Signal
from core.workers.pool import Workers

# Until it is looked again what went wrong in here, and whether workers have come or gone.
RETRY_SECONDS = 1.0
# Takes an event of a run's job, from any thread.
Hear = Callable[[LiveRun, TrainingRun, object], None]


class Dispatcher:
    """Hands the queued runs of this server to workers, and asks paused ones to leave theirs.

    Args:
        lives: the runs.
        workers: where they are done.
        shared: the places of workers that other servers use as well.
        max_examples: as many training examples as this server allows.
        tries: does what may fail.
        hear: told what the runs' jobs emit.

    Attributes:
        slots: how many runs can be done at a time, when last counted; None while none needs a
            worker.
    """

    def __init__(
        self,
        lives: Lives,
        workers: Workers,
        shared: SharedSlots,
        max_examples: int,
        tries: Tries,
        hear: Hear,
    ) -> None:
        self._lives = lives
        self._workers = workers
        self._shared = shared
        self._max_examples = max_examples
        self._tries = tries
        self._hear = hear
        self.slots: int | None = None
        self._counted = 0.0  # when that was
        self._full_with: int | None = None  # runs at work, when there was no place for one more

    def dispatch(self) -> None:
        """Starts what can be started now."""
        waiting, busy = self._lives.waiting(), self._lives.busy()
        self._give_back()
        if not waiting and not busy:
            self.slots = None
            return
        nothing_new = not waiting or self._full_with == len(busy)
        if nothing_new and time.monotonic() - self._counted < RETRY_SECONDS:
            return
        try:
            self._counted = time.monotonic()
            slots = self.slots = self._workers.training_slots()
            shared = self._workers.shared
        except DigitLabError as error:
            self.slots = None
            with self._lives.lock:
                for live in waiting:
                    live.add(Failed(str(error)), state="failed")
            return
        free = slots - len(busy)
        for live in self._lives.waiting():
            if free <= 0 or (shared and not self._take_slot(live, slots)):
                break
            with self._lives.lock:
                if live.waits:
                    self._tries.do(f"Starting run {live.info.id}", self._hand_over, live)
                free -= live.job is not None
        self._preempt(slots, shared)
        busy = self._lives.busy()
        paused = any(live.info.state == "paused" for live in busy)
        self._full_with = len(busy) if self._lives.waiting() and not paused else None

    def _take_slot(self, live: LiveRun, slots: int) -> bool:
        live.slot = live.slot or self._shared.take(live.info.id, slots)
        return live.slot

    def _give_back(self) -> None:
        """Gives places back whose runs have left their workers."""
        left = [live for live in self._lives.all() if live.slot and live.job is None]
        if left:
            self._shared.give_back([live.info.id for live in left])
            for live in left:
                live.slot = False

    def _preempt(self, slots: int, shared: bool) -> None:
        """Asks paused runs to leave their workers to those that wait, whosever they are."""
        paused = [
            live
            for live in self._lives.busy()
            if live.info.state == "paused" and not live.preempting
        ]
        if not paused:
            return
        wanted = len(self._lives.waiting()) + len(self._lives.busy())
        if shared:
            wanted += self._shared.elsewhere()
        if wanted <= slots:
            return
        with self._lives.lock:
            for live in paused:
                if live.info.state == "paused" and live.job:
                    live.preempting = True
                    live.job.send(Signal("preempt"))

    def _hand_over(self, live: LiveRun) -> None:
        source = live.info.config.source
        try:
            upload = uploads.must_carry(source)
        except DigitLabError as error:
            live.add(Failed(str(error)), state="failed")
            return
        commands = list(live.pending)
        if commands and all(command.kind == "learning_rate" for command in commands):
            commands.append(Signal("resume"))  # for it waits, that no step is done before them
        holder: list[TrainingRun] = []
        ready = threading.Event()

        def listen(event: object) -> None:
            ready.wait()
            self._hear(live, holder[0], event)

        spec = TrainingJob(
            live.info.config,
            self._max_examples,
            checkpoint=live.checkpoint,
            changes=live.history.changes,
            paused=bool(commands),
            slow=live.history.slow,
            upload=upload,
            test=not live.info.search,
        )
        job = self._workers.submit(spec, listener=listen)
        holder.append(job)
        self._lives.handed_over(live)
        live.job, live.pending = job, []
        live.urgent, live.preempting, live.begun = False, False, False
        ready.set()
        for command in commands:
            job.send(command)
