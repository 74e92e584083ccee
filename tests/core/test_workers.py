"""Real worker processes, shared by the tests of this file."""

import dataclasses

import psutil
import pytest

from core.architecture import Architecture
from core.jobs import NoiseCurve, Run
from core.noise import LEVELS
from core.store import ModelStore
from core.training import TrainingConfig
from core.workers import LOST, Workers

pytestmark = pytest.mark.slow
PATIENCE = 120  # seconds until a job that hangs fails its test
SMALL = TrainingConfig(
    task="seven-segment",
    source="generated",
    architecture=Architecture((8,)),
    epochs=2,
    batch_size=512,
    noise="flip",
    noise_level=0.1,
)


@pytest.fixture(scope="module")
def workers():
    workers = Workers()
    yield workers
    mine = psutil.Process().children(recursive=True)
    workers.close()
    _, alive = psutil.wait_procs(mine, timeout=15)
    assert not alive


def test_a_run_tells_of_its_progress_and_gives_a_model(workers, tmp_path):
    run = Run.start(workers, SMALL)
    assert run.job.wait(PATIENCE)
    assert run.job.state == "finished", run.job.error
    progress = run.progress
    assert progress.started is not None
    assert progress.started.examples == 22_000
    assert [epoch.epoch for epoch in progress.epochs] == [1, 2]
    assert progress.share == 1
    assert run.trained is not None
    saved = ModelStore(tmp_path).save("mine", run.trained.files, run.trained.card)
    assert saved.figures[0].total == 11_000


def test_a_stopped_run_ends_soon_and_keeps_what_it_learned(workers):
    run = Run.start(workers, dataclasses.replace(SMALL, epochs=100, batch_size=8))
    while not run.progress.batches and run.job.active:
        run.job.wait(0.1)
    run.job.stop()
    assert run.job.wait(PATIENCE)
    assert run.trained is not None, run.job.error
    assert run.trained.card["stopped_early"] is True
    assert run.trained.card["epochs_done"] < 100


def test_a_job_stopped_before_it_began_ends_as_well(workers):
    run = Run.start(workers, dataclasses.replace(SMALL, epochs=100, batch_size=8))
    run.job.stop()
    assert run.job.wait(PATIENCE)
    assert run.trained is not None, run.job.error


def test_a_noise_curve_has_a_point_for_every_level(workers):
    curve = NoiseCurve.start(
        workers, ModelStore(), name="seven-segment", source="generated", noise="flip"
    )
    assert curve.job.wait(PATIENCE)
    assert [point.level for point in curve.points] == list(LEVELS), curve.job.error
    assert curve.points[0].accuracy.value == 1
    assert curve.points[6].accuracy.value == pytest.approx(0.62, abs=0.02)


def test_work_that_fails_says_why(workers):
    curve = NoiseCurve.start(workers, ModelStore(), name="nobody", source="x", noise="flip")
    assert curve.job.wait(PATIENCE)
    assert curve.job.state == "failed"
    assert "no model called" in curve.job.error


def test_a_killed_worker_fails_its_run_and_no_other(workers):
    run = Run.start(workers, dataclasses.replace(SMALL, epochs=100, batch_size=8))
    while not run.progress.batches and run.job.active:
        run.job.wait(0.1)
    (reported,) = {e["pid"] for e in run.job.events if e["kind"] == "worker"}
    psutil.Process(reported).kill()
    assert run.job.wait(PATIENCE)
    assert "ended unexpectedly" in run.job.error
    again = Run.start(workers, SMALL)
    assert again.job.wait(PATIENCE)
    assert again.job.state == "finished", again.job.error


def test_lost_processes_fail_their_work_and_are_replaced(workers):
    run = Run.start(workers, dataclasses.replace(SMALL, epochs=100, batch_size=8))
    while not run.progress.batches and run.job.active:
        run.job.wait(0.1)
    for process in psutil.Process().children(recursive=True):
        process.kill()
    assert run.job.wait(PATIENCE)
    assert run.job.state == "failed"
    assert run.job.error == LOST
    again = Run.start(workers, SMALL)
    assert again.job.wait(PATIENCE)
    assert again.job.state == "finished", again.job.error
