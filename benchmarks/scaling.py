"""How many runs are done in a minute by so many workers, and what each costs beside its training.

A scheduler and its workers are processes of their own, as `DASK_SCHEDULER` names them. Real runs
show what more workers bring as far as this machine's cores go; each computes on one core. Beyond
that runs sleep where they would compute (`benchmarks.sleeping`), and all else is real: queue,
scheduler, follower, checkpoints, database. Up to 16 of these workers share a process. The database
is a SQLite file, or what DATABASE_URL names, which should be empty.

“Efficiency” is the time that the runs would take if nothing cost any, divided by what they take.
What a run and an epoch cost is found from short runs of one epoch and of many.
"""

from __future__ import annotations

import contextlib
import dataclasses
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
from distributed import Client
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from benchmarks.harness import REPOSITORY, keep
from benchmarks.sleeping import SleepingWorkers
from core.database import Database, RunRow
from core.networks.architecture import Architecture
from core.runs.info import UNDER_WAY
from core.runs.manager import Runs
from core.settings import Settings, settings
from core.training import preload
from core.training.config import TrainingConfig
from core.workers.pool import Workers

AIM = 0.9
REAL_RUNS = 8  # by each worker
LOOK_SECONDS = 0.2
SLEEPERS_AT_ONCE = 16  # workers in one process
SLEEPERS = (1, 4, 16, 32, 64)
EPOCHS, EPOCH_SECONDS = 8, 0.5  # of a sleeping run
TURNS = 3  # of each worker
COST_WORKERS, COST_TURNS = 16, 4
COST_EPOCHS = (1, 21)
COST_SECONDS = 2.0  # of a run, however many epochs it has
RUN = TrainingConfig(
    task="seven-segment",
    source="generated",
    architecture=Architecture((64, 32)),
    epochs=5,
    batch_size=64,
    noise="flip",
    noise_level=0.15,
)
SHORT = dataclasses.replace(RUN, epochs=1)
LIMITS = Settings(max_runs=100_000, max_kept_runs=100_000)


class TimedDatabase(Database):
    """A database that knows how long its transactions have taken, and how many there were."""

    def __init__(self, url: str | None) -> None:
        super().__init__(url)
        self.seconds = 0.0
        self.count = 0
        self._lock = threading.Lock()

    @contextlib.contextmanager
    def session(self) -> Iterator[Session]:
        """Opens a session, and counts its time."""
        begun = time.perf_counter()
        try:
            with super().session() as session:
                yield session
        finally:
            with self._lock:
                self.seconds += time.perf_counter() - begun
                self.count += 1

    def busy(self) -> bool:
        """Returns whether a run is under way; by a look that costs little, and is not counted."""
        with super().session() as session:
            left = select(func.count()).where(RunRow.state.in_(UNDER_WAY))
            return bool(session.scalar(left))


class Cluster:
    """A scheduler, and workers that are added one after the other. Ends with the `with`.

    Args:
        folder: for its files.
        own: whether each worker is a process, for runs that compute.
    """

    def __init__(self, folder: Path, *, own: bool) -> None:
        self._folder = folder
        self._own = own
        self._stack = contextlib.ExitStack()
        self.workers = 0
        file = folder / "scheduler.json"
        options = ("--host", "127.0.0.1", "--port", "0", "--no-dashboard")
        self.scheduler = psutil.Process(
            self._start("dask", "scheduler", *options, "--scheduler-file", str(file)).pid
        )
        while not file.exists():
            time.sleep(0.05)
        self.client = self._stack.enter_context(Client(scheduler_file=str(file)))
        self.address = self.client.scheduler.address

    def __enter__(self) -> Cluster:
        return self

    def __exit__(self, *what: object) -> None:
        self._stack.close()

    def grow(self, runs: int) -> None:
        """Adds workers until there are enough for so many runs, and the one that is kept free."""
        missing = runs + 1 - self.workers
        if self._own:
            options = ("--nthreads", "1", "--no-nanny", "--no-dashboard", "--memory-limit", "0")
            for _ in range(missing):
                folder = ("--local-directory", str(self._folder))
                self._start("dask", "worker", self.address, *options, *folder)
        else:
            for first in range(0, missing, SLEEPERS_AT_ONCE):
                here = min(SLEEPERS_AT_ONCE, missing - first)
                self._start("benchmarks.sleeping", self.address, str(here))
        self.workers += missing
        while len(self.client.nthreads()) < self.workers:
            time.sleep(0.05)

    def _start(self, *command: str) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            [sys.executable, "-m", *command],
            cwd=REPOSITORY,
            env={**os.environ, "PYTHONPATH": str(REPOSITORY), "TF_NUM_INTRAOP_THREADS": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

        def end() -> None:
            process.kill()
            process.wait()

        self._stack.callback(end)
        return process


@contextlib.contextmanager
def server(cluster: Cluster, workers: Workers) -> Iterator[tuple[Runs, TimedDatabase]]:
    """Runs a server whose runs are done by a cluster's workers."""
    os.environ["DASK_SCHEDULER"] = cluster.address
    with tempfile.TemporaryDirectory() as folder:
        database = TimedDatabase(settings().database_url or f"sqlite:///{folder}/runs.sqlite3")
        runs = Runs(database, workers, LIMITS)
        try:
            yield runs, database
        finally:
            runs.close()
            workers.close()


def do(runs: Runs, database: TimedDatabase, count: int, config: TrainingConfig) -> float:
    """Does so many runs; returns the seconds until all are over and stored."""
    begun = time.perf_counter()
    ids = runs.start_all([(config, "")] * count, owner="benchmark")
    while database.busy():
        time.sleep(LOOK_SECONDS)
    took = time.perf_counter() - begun
    for run_id in ids:
        info = runs.get(run_id)
        if info.state != "finished":
            raise SystemExit(f"A run has failed: {info.error}")
        runs.delete(run_id, owner="benchmark")
    return took


def real() -> list[dict[str, Any]]:
    """Measures runs that compute, by one worker and by as many as there are cores."""
    rows: list[dict[str, Any]] = []
    with (
        tempfile.TemporaryDirectory() as folder,
        Cluster(Path(folder), own=True) as cluster,
        server(cluster, Workers()) as (runs, database),
    ):
        for workers in range(1, (os.cpu_count() or 1) + 1):
            cluster.grow(workers)
            cluster.client.run(preload.load)
            do(
                runs, database, 2 * workers, dataclasses.replace(RUN, epochs=1)
            )  # the first takes longer
            count = REAL_RUNS * workers
            seconds = do(runs, database, count, RUN)
            row = {
                "workers": workers,
                "runs": count,
                "seconds": round(seconds, 2),
                "runs_per_minute": round(60 * count / seconds, 1),
            }
            row["efficiency"] = round(
                row["runs_per_minute"] / workers / (rows or [row])[0]["runs_per_minute"], 3
            )
            rows.append(row)
            print(f"real runs: {row}", flush=True)
    return rows


def asleep() -> tuple[list[dict[str, Any]], dict[str, dict[str, float]]]:
    """Measures runs that sleep, by one worker to 64; and what a run and an epoch cost."""
    rows: list[dict[str, Any]] = []
    cost: dict[str, dict[str, float]] = {}
    workers = SleepingWorkers()
    with (
        tempfile.TemporaryDirectory() as folder,
        Cluster(Path(folder), own=False) as cluster,
        server(cluster, workers) as (runs, database),
    ):
        for number in SLEEPERS:
            cluster.grow(number)
            workers.seconds = 0.0
            do(
                runs, database, 2 * number, dataclasses.replace(RUN, epochs=1)
            )  # connects all of them
            if number == COST_WORKERS:
                cost = costs(runs, database, workers, cluster)
            workers.seconds = EPOCH_SECONDS
            count = TURNS * number
            seconds = do(runs, database, count, dataclasses.replace(RUN, epochs=EPOCHS))
            ideal = TURNS * EPOCHS * EPOCH_SECONDS
            row = {
                "workers": number,
                "runs": count,
                "seconds": round(seconds, 2),
                "runs_per_minute": round(60 * count / seconds, 1),
                "efficiency": round(ideal / seconds, 3),
            }
            rows.append(row)
            print(f"sleeping runs: {row}", flush=True)
    return rows, cost


def costs(
    runs: Runs, database: TimedDatabase, workers: SleepingWorkers, cluster: Cluster
) -> dict[str, dict[str, float]]:
    """Returns what a run without epochs and an epoch cost, in milliseconds: by part."""

    def spent() -> dict[str, float]:
        thread = next(
            each for each in psutil.Process().threads() if each.id == runs._thread.native_id
        )
        scheduler = cluster.scheduler.cpu_times()
        return {
            "scheduler, processor": scheduler.user + scheduler.system,
            "server, processor": time.process_time(),
            "of that: queue and follower": thread.user_time + thread.system_time,
            "database, waited for": database.seconds,
            "transactions": database.count / 1000,  # a number, not a time
        }

    count = COST_WORKERS * COST_TURNS
    found = []
    for epochs in COST_EPOCHS:
        workers.seconds = COST_SECONDS / epochs
        before = spent()
        do(runs, database, count, dataclasses.replace(RUN, epochs=epochs))
        found.append(
            {name: 1000 * (after - before[name]) / count for name, after in spent().items()}
        )
    few, many = COST_EPOCHS
    cost = {}
    for name in found[0]:
        epoch = (found[1][name] - found[0][name]) / (many - few)
        cost[name] = {"run": round(found[0][name] - few * epoch, 2), "epoch": round(epoch, 3)}
        print(f"{name:30} {cost[name]['run']:8.2f} for a run, {cost[name]['epoch']:7.3f} an epoch")
    return cost


def main() -> None:
    """Measures all of it, and keeps what was found."""
    begun = time.perf_counter()
    print(f"cores: {os.cpu_count()}; aim for the efficiency: {AIM}")
    real_rows = real()
    sleeping_rows, cost = asleep()
    print(f"{time.perf_counter() - begun:.0f} s")
    url = settings().database_url or "sqlite"
    keep(
        "scaling",
        {
            "database": url.partition(":")[0],
            "aim": AIM,
            "real": {"epochs": RUN.epochs, "rows": real_rows},
            "sleeping": {"run_seconds": EPOCHS * EPOCH_SECONDS, "rows": sleeping_rows},
            "cost_ms": cost,
        },
    )


if __name__ == "__main__":
    main()
