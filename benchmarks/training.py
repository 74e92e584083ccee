"""Training in the app, in a worker that tells of all it does, against the same in a bare script.

The app's workers are less urgent than other processes (niceness 10), the script is not: on an idle
machine that costs nothing, on a busy one the ratio is worse than it need be.
"""

from __future__ import annotations

import dataclasses
import json
import subprocess
import sys
import tempfile
import time
from typing import TypeVar

from benchmarks.harness import REPOSITORY, compared, keep
from core.database import Database
from core.runs.manager import Runs
from core.settings import Settings
from core.tasks.base import get_task
from core.training.config import TrainingConfig
from core.training.events import EpochDone, Started
from core.workers.job import Job, JobSpec, Listener
from core.workers.pool import Workers

R = TypeVar("R")

ROUNDS = 5


def _config(task_name: str, recipe: str, source: str, epochs: int) -> TrainingConfig:
    task = get_task(task_name)
    config = TrainingConfig.from_recipe(task, task.recipe(recipe), source=source)
    return dataclasses.replace(config, epochs=epochs)


# For what lasts a few seconds, and for what is over in two.
AIMS = {"guide": 1.05, "convolutional": 1.1}
# Small steps that Python's own time weighs on, and large ones that want all cores.
CONFIGS = {
    "guide": _config("seven-segment", "guide", "generated", 20),
    "convolutional": _config("handwritten", "cnn", "built-in", 10),
}
# Trains the run that each line names; prints seconds on the clock, and those in the loop alone.
SCRIPT = """
import json, sys, time
from benchmarks.training import CONFIGS
from core.training.fit import train

for line in sys.stdin:
    told = []
    train(CONFIGS[line.strip()], on_event=lambda event: told.append((event, time.perf_counter())))
    started = next(moment for event, moment in told if event.kind == "started")
    last, ended = [entry for entry in told if entry[0].kind == "epoch"][-1]
    print(json.dumps([ended - started, last.seconds]), flush=True)
"""


class TimedWorkers(Workers):
    """Workers that note when the server hears of each event."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[tuple[object, float]] = []

    def submit(self, spec: JobSpec[R], *, listener: Listener | None = None) -> Job[R]:
        """Hands work to the workers, and notes what is heard of it."""

        def note(event: object) -> None:
            self.heard.append((event, time.perf_counter()))
            if listener is not None:
                listener(event)

        return super().submit(spec, listener=note)


def seconds_in_the_app(
    runs: Runs, workers: TimedWorkers, config: TrainingConfig
) -> tuple[float, float]:
    """Trains once.

    Returns:
        Seconds from the run's start to its last epoch's end, as the server hears of them, and
        those of the training loop alone, as the worker measures them.
    """
    workers.heard.clear()
    run_id = runs.start(config, owner="benchmark")
    while runs.get(run_id).under_way:
        time.sleep(0.5)  # as often as a page looks: more would take the processor from the run
    started = next(moment for event, moment in workers.heard if isinstance(event, Started))
    ended = max(moment for event, moment in workers.heard if isinstance(event, EpochDone))
    return ended - started, runs.history(run_id).seconds


def seconds_in_the_script(script: subprocess.Popen[str], name: str) -> tuple[float, float]:
    """Has the script train once; returns the same as `seconds_in_the_app`."""
    assert script.stdin is not None
    assert script.stdout is not None
    script.stdin.write(f"{name}\n")
    script.stdin.flush()
    took, in_loop = json.loads(script.stdout.readline())
    return took, in_loop


def main() -> None:
    """Measures both in turn, and keeps what was found."""
    app: dict[str, list[tuple[float, float]]] = {name: [] for name in CONFIGS}
    bare: dict[str, list[tuple[float, float]]] = {name: [] for name in CONFIGS}
    workers = TimedWorkers()
    script = subprocess.Popen(
        [sys.executable, "-c", SCRIPT],
        cwd=REPOSITORY,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with tempfile.TemporaryDirectory() as folder:
        runs = Runs(Database(f"sqlite:///{folder}/runs.sqlite3"), workers, Settings())
        for number in range(ROUNDS + 1):
            for name, config in CONFIGS.items():
                took = seconds_in_the_app(runs, workers, config)
                bare_took = seconds_in_the_script(script, name)
                if number:  # the first round warms both up
                    app[name].append(took)
                    bare[name].append(bare_took)
        runs.close()
    assert script.stdin is not None
    script.stdin.close()
    script.wait()
    workers.close()
    results = {}
    for name, config in CONFIGS.items():
        unit = f"seconds for {config.epochs} epochs, {name}"
        ours, theirs = zip(*app[name], strict=True), zip(*bare[name], strict=True)
        (clock, loop), (bare_clock, bare_loop) = ours, theirs
        results[name] = compared(unit, clock, bare_clock, AIMS[name])
        results[name]["loop_alone"] = compared(f"{unit}, loop alone", loop, bare_loop, AIMS[name])
    keep("training", {"runs": results})


if __name__ == "__main__":
    main()
