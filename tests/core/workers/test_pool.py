"""Real worker processes: training, noise curves, and everything that may end them."""

import contextlib
import dataclasses
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import psutil
import pytest

from core.database import Database
from core.jobs.noise_curve import NoiseCurveJob, points_of
from core.models.store import ModelStore
from core.networks.architecture import Architecture
from core.networks.formats import KERAS_FILE
from core.noise.base import LEVELS
from core.runs.manager import Runs
from core.settings import Settings
from core.training.config import TrainingConfig
from core.workers.commands import SetLearningRate, Signal
from core.workers.job import JobSpec
from core.workers.pool import Workers
from tests.support.patience import PATIENCE, wait_until, wait_until_gone

pytestmark = [pytest.mark.keras, pytest.mark.slow]
REPOSITORY = Path(__file__).resolve().parents[3]
SMALL = TrainingConfig(
    task="seven-segment",
    source="generated",
    architecture=Architecture((8,), 0.2, True),
    epochs=6,
    batch_size=64,
    noise="flip",
    noise_level=0.1,
)
ENDLESS = dataclasses.replace(SMALL, epochs=200, batch_size=8)


def processes_of_cluster(workers):
    """Returns the processes of the cluster of these workers, its scheduler's first.

    Another test may have left one that is just ending.
    """
    cluster = psutil.Process(workers._process.pid)
    return [cluster, *cluster.children(recursive=True)]


@pytest.fixture(scope="module")
def workers():
    workers = Workers()
    yield workers
    mine = processes_of_cluster(workers)
    workers.close()
    wait_until_gone(mine)


@pytest.fixture
def runs(workers, tmp_path):
    made = Runs(Database(f"sqlite:///{tmp_path}/runs.sqlite3"), workers, Settings())
    yield made
    for info in made.of("me"):
        made.delete(info.id, owner="me")
    made.close()


def weights(model, folder):
    import keras

    (folder / KERAS_FILE).write_bytes(model.files[KERAS_FILE])
    return keras.saving.load_model(folder / KERAS_FILE).get_weights()


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """The weights of SMALL when nothing happens to it."""
    from core.training.fit import train

    return weights(train(SMALL), tmp_path_factory.mktemp("undisturbed"))


def finished(runs, run_id):
    wait_until(lambda: not runs.get(run_id).under_way)
    model = runs.result(run_id)
    assert model is not None, runs.history(run_id).error
    return model


def under_way(runs, run_id, epochs=1):
    wait_until(lambda: len(runs.history(run_id).epochs) >= epochs or not runs.get(run_id).under_way)
    assert runs.get(run_id).under_way


def assert_same(model, expected, folder):
    for ours, theirs in zip(weights(model, folder), expected, strict=True):
        assert np.array_equal(ours, theirs)


def test_a_run_tells_of_its_progress_and_gives_a_model(runs, tmp_path, undisturbed):
    run_id = runs.start(SMALL, owner="me")
    model = finished(runs, run_id)
    history = runs.history(run_id)
    assert history.started.examples == 22_000
    assert [epoch.epoch for epoch in history.epochs] == [1, 2, 3, 4, 5, 6]
    assert history.share == 1
    assert_same(model, undisturbed, tmp_path)
    saved = ModelStore(tmp_path / "models").save("mine", model.files, model.card)
    assert saved.figures[0].total == 11_000


def test_commands_are_obeyed_at_once(runs):
    run_id = runs.start(ENDLESS, owner="me")
    under_way(runs, run_id)
    runs.command(run_id, Signal("pause"), owner="me")
    wait_until(lambda: runs.get(run_id).state == "paused")
    step = runs.history(run_id).step
    runs.command(run_id, Signal("step_batch"), owner="me")
    wait_until(lambda: runs.history(run_id).step == step + 1)
    runs.command(run_id, SetLearningRate(0.01), owner="me")
    wait_until(lambda: runs.history(run_id).learning_rate == 0.01)
    runs.command(run_id, Signal("resume"), owner="me")
    wait_until(lambda: runs.get(run_id).state == "running")
    runs.command(run_id, Signal("stop"), owner="me")
    assert finished(runs, run_id).card.entries["ending"] == "stopped"


def test_a_run_whose_worker_is_killed_ends_with_the_same_weights(runs, tmp_path, undisturbed):
    run_id = runs.start(SMALL, owner="me")
    under_way(runs, run_id)
    runs.command(run_id, Signal("pause"), owner="me")
    wait_until(lambda: runs.get(run_id).state == "paused")
    first = runs.history(run_id).started.pid
    psutil.Process(first).kill()
    wait_until(lambda: runs.history(run_id).notes)
    assert runs.get(run_id).state == "paused"
    runs.command(run_id, Signal("resume"), owner="me")
    model = finished(runs, run_id)
    history = runs.history(run_id)
    assert "ended unexpectedly" in history.notes[0]
    assert "stays paused" in history.notes[0]
    assert history.started.pid != first
    assert [epoch.epoch for epoch in history.epochs] == [1, 2, 3, 4, 5, 6]
    assert_same(model, undisturbed, tmp_path)


def test_a_run_goes_on_after_all_processes_were_killed(workers, runs, tmp_path, undisturbed):
    run_id = runs.start(SMALL, owner="me")
    under_way(runs, run_id)
    for process in processes_of_cluster(workers):
        process.kill()
    assert_same(finished(runs, run_id), undisturbed, tmp_path)
    assert runs.history(run_id).notes


def test_a_run_goes_on_by_itself_after_all_workers_were_killed(
    workers, runs, tmp_path, undisturbed
):
    run_id = runs.start(SMALL, owner="me")
    under_way(runs, run_id)
    scheduler, *_ = processes_of_cluster(workers)
    for process in processes_of_cluster(workers)[1:]:
        if "spawn_main" in " ".join(process.cmdline()):
            process.kill()
    assert_same(finished(runs, run_id), undisturbed, tmp_path)
    assert runs.history(run_id).notes
    assert scheduler.is_running()


def test_workers_leave_no_temporary_file_behind(tmp_path, monkeypatch):
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))  # of the processes that start now
    before = set(psutil.Process().children(recursive=True))
    workers = Workers()
    runs = Runs(Database(f"sqlite:///{tmp_path}/runs.sqlite3"), workers, Settings())
    run_id = runs.start(SMALL, owner="me")
    under_way(runs, run_id)
    psutil.Process(runs.history(run_id).started.pid).kill()  # it cannot tidy up
    finished(runs, run_id)
    mine = set(psutil.Process().children(recursive=True)) - before
    runs.close()
    workers.close()
    wait_until_gone([*mine])
    assert list(temporary.iterdir()) == []


SERVER = """
import sys, time
from core.database import Database
from core.settings import Settings
from core.runs.manager import Runs
from core.workers.pool import Workers
from tests.core.workers.test_pool import SMALL

if __name__ == "__main__":
    runs = Runs(Database(sys.argv[1]), Workers(), Settings())
    run_id = runs.start(SMALL, owner="me")
    while not runs.get(run_id).has_checkpoint:
        time.sleep(0.01)
    print(run_id, flush=True)
    time.sleep(600)
"""


def start_server(url, **environment):
    server = subprocess.Popen(
        [sys.executable, "-c", SERVER, url],
        cwd=REPOSITORY,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY), **environment},
        stdout=subprocess.PIPE,
        text=True,
    )
    return server, server.stdout.readline().strip()


def test_a_run_goes_on_after_its_server_was_killed(workers, tmp_path, undisturbed):
    url = f"sqlite:///{tmp_path}/runs.sqlite3"
    server, run_id = start_server(url)
    children = psutil.Process(server.pid).children(recursive=True)
    server.send_signal(signal.SIGKILL)
    server.wait()
    wait_until_gone(children)
    runs = Runs(Database(url), workers, Settings())
    assert runs.get(run_id).state == "interrupted"
    runs.resume(run_id, owner="me")
    assert_same(finished(runs, run_id), undisturbed, tmp_path)
    runs.close()


CLUSTER = """
import sys
from distributed import LocalCluster

if __name__ == "__main__":
    workers = int(sys.argv[1])
    cluster = LocalCluster(n_workers=workers, threads_per_worker=1, dashboard_address=None)
    print(cluster.scheduler_address, flush=True)
    while sys.stdin.readline():
        cluster.scale(workers := workers + 1)
"""


@contextlib.contextmanager
def started_cluster(workers):
    """Starts a Dask cluster with Dask's own settings; each line that it is sent adds a worker."""
    process = subprocess.Popen(
        [sys.executable, "-c", CLUSTER, str(workers)],
        cwd=REPOSITORY,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    children = psutil.Process(process.pid)
    yield process, process.stdout.readline().strip()
    mine = children.children(recursive=True)
    process.stdin.close()
    wait_until_gone([children, *mine])


@pytest.fixture
def cluster():
    """A Dask cluster that somebody else has started."""
    with started_cluster(1) as (_, address):
        yield address


def test_a_run_waits_for_the_first_worker_of_a_scheduler_that_has_none_yet(monkeypatch, tmp_path):
    with started_cluster(0) as (process, address):
        monkeypatch.setenv("DASK_SCHEDULER", address)
        workers = Workers()
        runs = Runs(Database(f"sqlite:///{tmp_path}/runs.sqlite3"), workers, Settings())
        run_id = runs.start(SMALL, owner="me")
        wait_until(lambda: runs.get(run_id).without_workers)
        assert runs.get(run_id).state == "queued"
        process.stdin.write("\n")
        process.stdin.flush()
        finished(runs, run_id)
        runs.close()
        workers.close()


def test_another_cluster_does_the_same_work_and_survives_its_workers(
    cluster, monkeypatch, tmp_path, undisturbed
):
    monkeypatch.setenv("DASK_SCHEDULER", cluster)
    workers = Workers()
    runs = Runs(Database(f"sqlite:///{tmp_path}/runs.sqlite3"), workers, Settings())
    run_id = runs.start(SMALL, owner="me")
    under_way(runs, run_id)
    psutil.Process(runs.history(run_id).started.pid).kill()
    assert_same(finished(runs, run_id), undisturbed, tmp_path)
    assert "ended unexpectedly" in runs.history(run_id).notes[0]
    runs.close()
    workers.close()


def test_a_run_on_another_cluster_ends_when_nobody_waits_for_it(cluster, tmp_path):
    from distributed import Client

    server, _ = start_server(f"sqlite:///{tmp_path}/runs.sqlite3", DASK_SCHEDULER=cluster)
    server.kill()
    server.wait()
    with Client(cluster, set_as_default=False) as client:

        def idle():
            return not any(
                client.run(lambda dask_worker: dask_worker.state.executing_count).values()
            )

        wait_until(idle)


def curve_job(name):
    folder = ModelStore().folder
    return NoiseCurveJob(name, "seven-segment", "generated", "flip", folder=folder)


def test_a_noise_curve_has_a_point_for_every_level_though_runs_fill_the_workers(workers, runs):
    busy = [runs.start(ENDLESS, owner="me") for _ in range(workers.training_slots() + 1)]
    job = workers.submit(curve_job("seven-segment"))
    assert job.wait(PATIENCE)
    points = points_of(job)
    assert [point.level for point in points] == list(LEVELS), job.error
    assert points[0].accuracy.value == 1
    assert points[6].accuracy.value == pytest.approx(0.62, abs=0.02)
    assert all(runs.get(run_id).under_way for run_id in busy)


def test_work_that_fails_says_why(workers):
    job = workers.submit(curve_job("nobody"))
    assert job.wait(PATIENCE)
    assert job.state == "failed"
    assert "no model called" in job.error


def test_an_urgent_job_overtakes_those_that_wait(workers, tmp_path):
    # Classes of this function's own travel to the worker whole: it has no need to import this.
    class NoteJob(JobSpec[None]):
        def __init__(self, diary, name):
            self.diary, self.name = diary, name

        def run(self, context):
            with self.diary.open("a") as file:
                file.write(f"{self.name}\n")

    class UrgentNoteJob(NoteJob):
        urgent = True

    class HoldJob(JobSpec[None]):
        """Keeps its worker busy until a file is there."""

        def __init__(self, until):
            self.until = until

        def run(self, context):
            context.report(0, 1)
            while not self.until.exists():
                time.sleep(0.02)

    diary, until = tmp_path / "diary", tmp_path / "until"
    holding = workers.submit(HoldJob(until))
    wait_until(lambda: holding.state == "running")
    specs = [NoteJob(diary, name) for name in ("first", "second", "third")]
    jobs = [workers.submit(spec) for spec in (*specs, UrgentNoteJob(diary, "urgent"))]
    until.touch()
    assert all(job.wait(PATIENCE) for job in (holding, *jobs)), holding.error
    assert [job.error for job in (holding, *jobs)] == [""] * 5
    assert diary.read_text().split() == ["urgent", "first", "second", "third"]


def test_work_under_way_that_nobody_waits_for_any_more_leaves_its_worker_to_others(
    workers, monkeypatch
):
    monkeypatch.setattr("core.workers.turns.PATIENCE_SECONDS", 0.0)
    monkeypatch.setattr("core.workers.pool.SWEEP_SECONDS", 0.1)

    class EndlessJob(JobSpec[None]):
        def run(self, context):
            while True:
                context.report(0, 1)
                context.check_stopped()
                time.sleep(0.02)

    class Quick(JobSpec[int]):
        def run(self, context):
            return 3

    wait_until(lambda: not workers._sweeping)  # one that has begun before waits for longer
    endless = workers.submit(EndlessJob())
    wait_until(lambda: endless.state == "running")
    another = workers.submit(Quick())
    assert another.active
    endless.ask("visitor")
    assert another.wait(PATIENCE)
    assert another.result == 3
    assert (endless.state, endless.dropped, endless.lost) == ("failed", True, False)
