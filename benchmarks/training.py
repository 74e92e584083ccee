"""Training in the app, in a worker that tells of all it does, against the same in a bare script."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
import tempfile
import time

from benchmarks.harness import REPOSITORY, compare
from core.database import Database
from core.limits import Limits
from core.runs import Runs
from core.task import task
from core.training import TrainingConfig
from core.workers import Workers

ROUNDS = 5
EPOCHS = 20
AIM = 1.05
SEVEN_SEGMENT = task("seven-segment")
CONFIG = dataclasses.replace(
    TrainingConfig.from_recipe(SEVEN_SEGMENT, SEVEN_SEGMENT.recipe("guide")), epochs=EPOCHS
)
# Trains as often as it is told to, each time after a small run that warms it up.
SCRIPT = """
import dataclasses, sys, time
from benchmarks.training import CONFIG
from core.fit import train

train(dataclasses.replace(CONFIG, epochs=1))
for line in sys.stdin:
    times = []
    train(CONFIG, on_event=lambda event: times.append((event.kind, time.perf_counter())))
    started = next(moment for kind, moment in times if kind == "started")
    print(max(moment for kind, moment in times if kind == "epoch") - started, flush=True)
"""


def seconds_in_the_app(runs: Runs) -> float:
    """Trains once and returns the seconds from the run's start to its last epoch's end."""
    run_id = runs.start(CONFIG, owner="benchmark")
    while runs.history(run_id).started is None:
        time.sleep(0.005)
    started = time.perf_counter()
    while len(runs.history(run_id).epochs) < EPOCHS:
        time.sleep(0.005)
    took = time.perf_counter() - started
    while runs.get(run_id).under_way:
        time.sleep(0.01)
    return took


def main() -> None:
    """Measures both in turn, and keeps what was found."""
    app: list[float] = []
    bare: list[float] = []
    workers = Workers()
    script = subprocess.Popen(
        [sys.executable, "-c", SCRIPT],
        cwd=REPOSITORY,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert script.stdin is not None
    assert script.stdout is not None
    with tempfile.TemporaryDirectory() as folder:
        runs = Runs(Database(f"sqlite:///{folder}/runs.sqlite3"), workers, Limits())
        for number in range(ROUNDS + 1):
            took = seconds_in_the_app(runs)
            script.stdin.write("again\n")
            script.stdin.flush()
            bare_took = float(script.stdout.readline())
            if number:  # the first round warms both up
                app.append(took)
                bare.append(bare_took)
        runs.close()
    script.stdin.close()
    script.wait()
    workers.close()
    compare("training", f"seconds for {EPOCHS} epochs of the Guide recipe", app, bare, AIM)


if __name__ == "__main__":
    main()
