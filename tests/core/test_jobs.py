"""What the server makes of a job's events, fed by hand: no worker process is needed for that."""

from dataclasses import asdict
from types import SimpleNamespace

from core import jobs
from core.controls import Command
from core.jobs import Download, NoiseCurve
from core.metrics import Accuracy
from core.workers import Job


def test_a_curve_shows_the_points_measured_so_far_and_then_all():
    def point(level):
        accuracy = asdict(Accuracy("data", 9, 10))
        return {"level": level, "accuracy": accuracy, "confusion": [[4, 1], [0, 5]]}

    job = Job("job")
    curve = NoiseCurve("name", job)
    assert curve.points == []
    job._add({"kind": "worker"})
    job._add({"kind": "point"} | point(0.0))
    assert [(p.level, p.accuracy.value) for p in curve.points] == [(0.0, 0.9)]
    assert curve.points[0].confusion.tolist() == [[4, 1], [0, 5]]
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


def test_a_command_before_there_is_anybody_to_obey_is_not_forgotten():
    sent = []
    job = Job("job")
    job.send(Command("stop"))
    job._attach(sent.append, None)
    job.send(Command("pause"))
    assert sent == [Command("stop"), Command("pause")]


def test_a_listener_hears_everything_and_the_end_last():
    heard = []
    job = Job("job", heard.append)
    job._add({"kind": "worker"})
    job._fail("Lost.", lost=True)
    assert [entry["kind"] for entry in heard] == ["worker", "ended"]
    assert job.lost
    assert job.events == []


def test_events_are_handed_out_as_a_copy():
    job = Job("job")
    job._add({"kind": "worker"})
    job.events.clear()
    assert len(job.events) == 1
