"""How many worker processes and threads suit this machine: runs alone, two at a time, short work.

Every row has a cluster of its own. “Two runs” is the time until both are over, one after the other
where one worker takes runs, at the same time where two do. “Short work” is a noise curve, alone
and while a run goes on.
"""

from __future__ import annotations

import dataclasses
import os
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from benchmarks.harness import keep
from benchmarks.training import CONFIGS
from core.database import Database
from core.jobs.noise_curve import NoiseCurveJob
from core.models.store import ModelStore
from core.runs.manager import Runs
from core.settings import Settings
from core.training.config import TrainingConfig
from core.workers.commands import Signal
from core.workers.pool import Workers

ROUNDS = 2
# Workers, and TensorFlow's threads in each: as many as cores, where that is not said.
SETTINGS: tuple[tuple[int, int | None], ...] = ((2, None), (2, 1), (3, None), (3, 1))
LOOK_SECONDS = 0.05


@contextmanager
def cluster(workers: int, threads: int | None) -> Iterator[tuple[Workers, Runs]]:
    """Runs a cluster of so many workers, whose TensorFlow has so many threads."""
    os.environ["DIGIT_LAB_WORKERS"] = str(workers)
    os.environ.pop("TF_NUM_INTRAOP_THREADS", None)
    if threads:
        os.environ["TF_NUM_INTRAOP_THREADS"] = str(threads)
    with tempfile.TemporaryDirectory() as folder:
        started = Workers()
        runs = Runs(Database(f"sqlite:///{folder}/runs.sqlite3"), started, Settings())
        yield started, runs
        runs.close()
        started.close()


def train(runs: Runs, configs: Sequence[TrainingConfig]) -> float:
    """Trains all at once, as far as there are workers; returns the seconds until all are over."""
    begun = time.perf_counter()
    ids = [runs.start(config, owner="benchmark") for config in configs]
    while any(runs.get(run_id).under_way for run_id in ids):
        time.sleep(LOOK_SECONDS)
    return time.perf_counter() - begun


def measure_curve(workers: Workers) -> float:
    """Measures a noise curve; returns the seconds that took."""
    begun = time.perf_counter()
    spec = NoiseCurveJob(
        "handwritten-cnn",
        "handwritten",
        "built-in",
        "gaussian",
        folder=ModelStore().folder,
    )
    job = workers.submit(spec)
    job.wait()
    if job.error:
        raise SystemExit(job.error)
    return time.perf_counter() - begun


def measure(workers: Workers, runs: Runs) -> dict[str, float]:
    """Returns the seconds of each piece of work, once."""
    guide, convolutional = CONFIGS["guide"], CONFIGS["convolutional"]
    row = {
        "guide": train(runs, [guide]),
        "convolutional": train(runs, [convolutional]),
        "two guides": train(runs, [guide, guide]),
        "short work": measure_curve(workers),
    }
    endless = runs.start(dataclasses.replace(guide, epochs=200), owner="benchmark")
    while not runs.history(endless).epochs:
        time.sleep(LOOK_SECONDS)
    row["short work beside a run"] = measure_curve(workers)
    runs.command(endless, Signal("stop"), owner="benchmark")
    while runs.get(endless).under_way:
        time.sleep(LOOK_SECONDS)
    return row


def main() -> None:
    """Measures every setting, and keeps what was found."""
    rows: list[dict[str, Any]] = []
    print(f"cores: {os.cpu_count()}; seconds, medians of {ROUNDS}")
    for workers, threads in SETTINGS:
        with cluster(workers, threads) as (started, runs):
            rounds = [measure(started, runs) for _ in range(ROUNDS + 1)][1:]
        row = {name: round(statistics.median(r[name] for r in rounds), 2) for name in rounds[0]}
        rows.append({"workers": workers, "threads": threads or "cores", "seconds": row})
        print(f"{workers} workers, {threads or 'all'} threads: {row}", flush=True)
    keep("workers", {"unit": "seconds", "rows": rows})


if __name__ == "__main__":
    main()
