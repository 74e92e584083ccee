"""What the server makes of a job's events, fed by hand: no worker process is needed for that."""

from dataclasses import asdict
from types import SimpleNamespace

import pytest

from core import jobs
from core.architecture import Architecture
from core.jobs import Download, NoiseCurve, Progress, Run
from core.metrics import Accuracy
from core.training import (
    BatchDone,
    EpochDone,
    Started,
    TrainedModel,
    TrainingConfig,
    event_to_json,
)
from core.workers import Job

STARTED = Started(parameters=100, examples=1000, batches=10)


def batch(epoch, number, seconds=1.0):
    return BatchDone(epoch, number, 0.5, 0.8, seconds)


def epoch(number, seconds=1.0):
    return EpochDone(number, 0.5, 0.8, 0.6, 0.7, seconds)


@pytest.mark.parametrize(
    ("started", "batches", "epochs", "share", "under_way"),
    [
        (None, (), (), 0.0, 1),
        (STARTED, (), (), 0.0, 1),
        (STARTED, (batch(1, 5),), (), 0.125, 1),
        (STARTED, (batch(1, 5),), (epoch(1),), 0.25, 2),
        (STARTED, (batch(1, 5), batch(2, 5)), (epoch(1),), 0.375, 2),
        (STARTED, (batch(4, 10),), (epoch(1), epoch(2), epoch(3), epoch(4)), 1.0, 4),
    ],
)
def test_progress_counts_epochs_and_the_batches_of_the_one_under_way(
    started, batches, epochs, share, under_way
):
    progress = Progress(4, started, batches, epochs)
    assert progress.share == pytest.approx(share)
    assert progress.epoch == under_way


def test_the_time_left_is_unknown_first_and_then_follows_from_the_share():
    early = Progress(2, STARTED, (batch(1, 1), batch(1, 2)), ())
    assert early.seconds_left is None
    # From 1 to 5 seconds for half of the work: 4 more for the other half.
    batches = (batch(1, 1, 1.0), batch(1, 5, 3.0), batch(1, 10, 4.9))
    assert Progress(2, STARTED, batches, (epoch(1, 5.0),)).seconds_left == pytest.approx(4.0)
    done = Progress(1, STARTED, batches, (epoch(1, 5.0),))
    assert done.seconds_left == 0


def test_a_run_sorts_its_events():
    job = Job("job")
    run = Run(
        TrainingConfig(
            task="seven-segment", source="generated", architecture=Architecture((8,)), epochs=2
        ),
        job,
    )
    assert run.progress == Progress(2, None, (), ())
    job._add({"kind": "worker", "pid": 1})
    for event in (STARTED, batch(1, 3), epoch(1), batch(2, 4)):
        job._add(event_to_json(event))
    assert run.progress == Progress(2, STARTED, (batch(1, 3), batch(2, 4)), (epoch(1),))
    assert run.trained is None
    trained = TrainedModel({}, {})
    job._finish(trained)
    assert run.trained is trained


def test_a_curve_shows_the_points_measured_so_far_and_then_all():
    def point(level):
        return {"level": level, "accuracy": asdict(Accuracy("data", 9, 10))}

    job = Job("job")
    curve = NoiseCurve("name", job)
    assert curve.points == []
    job._add({"kind": "worker"})
    job._add({"kind": "point"} | point(0.0))
    assert [(p.level, p.accuracy.value) for p in curve.points] == [(0.0, 0.9)]
    job._finish([point(0.0), point(0.025)])
    assert [p.level for p in curve.points] == [0.0, 0.025]


def test_a_download_tells_of_the_bytes_but_not_of_every_piece(monkeypatch):
    def download(tell):
        for done in range(0, 1_000_001, 50_000):
            tell(done, 1_000_000)

    source = SimpleNamespace(download=download)
    problem = SimpleNamespace(source=lambda name: source)
    monkeypatch.setattr(jobs, "task", lambda name: problem)
    job = Job("job")
    fetched = Download(job)
    assert fetched.progress == (0, 0)
    jobs._fetch(SimpleNamespace(tell=job._add), "any", "any")
    assert fetched.progress == (1_000_000, 1_000_000)
    assert len(job.events) == 4
    assert job.state == "running"


def test_a_job_ends_only_once():
    job = Job("job")
    assert job.active
    assert not job.wait(0)
    job._finish("done")
    job._fail("The worker processes were ended.")
    assert (job.state, job.result, job.error) == ("finished", "done", "")
    assert job.wait(0)
    lost = Job("lost")
    lost._fail("Lost.")
    lost._finish("late")
    assert (lost.state, lost.result, lost.error) == ("failed", None, "Lost.")


def test_a_stop_before_there_is_anything_to_stop_is_not_forgotten():
    stopped = []
    job = Job("job")
    job.stop()
    assert job.stopping
    job._attach(lambda: stopped.append("now"))
    assert stopped == ["now"]


def test_events_are_handed_out_as_a_copy():
    job = Job("job")
    job._add({"kind": "worker"})
    job.events.clear()
    assert len(job.events) == 1
