"""What the server makes of a job's events, fed by hand: no worker process is needed for that."""

import shutil
from dataclasses import asdict
from types import SimpleNamespace
from unittest.mock import MagicMock

import pytest

from core.errors import Abandoned, InvalidInput, ModelUnusable
from core.jobs import jobs
from core.jobs.jobs import Assembly, Download, NoiseCurve
from core.metrics.accuracy import Accuracy
from core.models.store import ModelStore
from core.networks.formats import LITERT_FILE
from core.workers.commands import Command, ControlQueue
from core.workers.pool import URGENT, Job, Workers
from tests.support.models import save_copy
from tests.support.patience import wait_until


def test_a_curve_shows_the_points_measured_so_far_and_then_all():
    def point(level):
        accuracy = asdict(Accuracy("data", 9, 10))
        counts = [[4, 1], [0, 5]]
        measured = {"accuracy": accuracy, "confusion": counts, "confidence": 0.8}
        measured |= {"refused": 2, "refused_right": 1}
        return {"level": level} | measured

    job = Job("job")
    curve = NoiseCurve("name", job)
    assert curve.points == []
    job._add({"kind": "worker"})
    job._add({"kind": "point"} | point(0.0))
    assert [(p.level, p.accuracy.value) for p in curve.points] == [(0.0, 0.9)]
    assert curve.points[0].confusion.tolist() == [[4, 1], [0, 5]]
    assert (curve.points[0].confidence, curve.points[0].refused_share) == (0.8, 0.2)
    job._finish([point(0.0), point(0.025)])
    assert [p.level for p in curve.points] == [0.0, 0.025]


def test_a_download_tells_of_the_bytes_but_not_of_every_piece(monkeypatch):
    def download(tell):
        for done in range(0, 1_000_001, 50_000):
            tell(done, 1_000_000)

    source = SimpleNamespace(download=download)
    task = SimpleNamespace(source=lambda name: source)
    monkeypatch.setattr(jobs, "get_task", lambda name: task)
    job = Job("job")
    fetched = Download(job)
    assert fetched.progress == (0, 0)
    jobs._fetch(SimpleNamespace(tell=job._add), "any", "any")
    assert fetched.progress == (1_000_000, 1_000_000)
    assert len(job.events) == 4
    assert job.state == "running"


class FakeReporter:
    """A worker's ties to a server, without either."""

    def __init__(self, job, *commands):
        self.tell = job._add
        self._queue = ControlQueue()
        self._queue.close = lambda: None
        for command in commands:
            self._queue.send(command)

    def controls(self):
        return self._queue


@pytest.fixture
def store(tmp_path):
    made = ModelStore(tmp_path)
    for name in ("first", "second"):
        save_copy(made, "seven-segment", name)
    return made


def start(store, submitted, **options):
    def submit(work, *arguments):
        submitted.append((work, arguments))
        return Job("job")

    workers = SimpleNamespace(submit=submit)
    return Assembly.start(workers, store, ["first", "second"], vote="weighted", **options)


def test_an_ensemble_is_made_in_a_worker_and_its_progress_told(store):
    submitted = []
    assembly = start(store, submitted, weights=(3, 1))
    (work, arguments), job = submitted[0], assembly.job
    assert (assembly.task, assembly.member, assembly.share) == ("seven-segment", "", 0)
    assert assembly.seconds_left is None
    job._add({"kind": "worker", "pid": 1})
    job._add({"kind": "asked", "member": "first", "done": 0, "total": 80, "seconds": 0.0})
    assert (assembly.member, assembly.share, assembly.seconds_left) == ("first", 0, None)
    job._add({"kind": "asked", "member": "second", "done": 60, "total": 80, "seconds": 3.0})
    assert (assembly.member, assembly.share, assembly.seconds_left) == ("second", 0.75, 1.0)
    made = work(FakeReporter(job), *arguments)
    assert assembly.model is None
    job._finish(made)
    assert assembly.model is made
    saved = store.save("both", made.files, made.card)
    assert saved.summary == "weighted mean of first (75.0 %), second (25.0 %)"


def test_an_ensemble_that_cannot_be_needs_no_worker_to_be_refused(store):
    submitted = []
    with pytest.raises(InvalidInput, match="not pictures"):
        start(store, submitted, test_time_augmentation=True)
    with pytest.raises(InvalidInput, match="each of the 2"):
        start(store, submitted, weights=(1,))
    shutil.rmtree(store.root / "second")
    with pytest.raises(ModelUnusable, match="no model called 'second'"):
        start(store, submitted)
    assert submitted == []


def test_a_member_that_goes_while_the_work_waits_is_said_and_a_stop_is_obeyed(store):
    submitted = []
    start(store, submitted)
    work, arguments = submitted[0]
    with pytest.raises(Abandoned, match="stopped"):
        work(FakeReporter(Job("job"), Command("stop")), *arguments)
    (store.root / "second" / LITERT_FILE).write_bytes(b"something else")
    with pytest.raises(ModelUnusable, match=r"second.*damaged"):
        work(FakeReporter(Job("job")), *arguments)
    shutil.rmtree(store.root / "second")
    with pytest.raises(ModelUnusable, match="no model called 'second'"):
        work(FakeReporter(Job("job")), *arguments)


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


def test_the_newest_event_of_a_kind_is_the_last_one():
    job = Job("job")
    assert job.newest("asked") == {}
    for number in range(3):
        job._add({"kind": "asked", "number": number})
    job._add({"kind": "worker"})
    assert job.newest("asked") == {"kind": "asked", "number": 2}


@pytest.mark.parametrize(("urgent", "priority"), [(True, URGENT), (False, 0)])
def test_what_is_urgent_is_so_to_dask(monkeypatch, urgent, priority):
    client, workers = MagicMock(), Workers()
    monkeypatch.setattr(workers, "_connect", lambda: client)
    job = workers.submit(print, "x", urgent=urgent)
    wait_until(lambda: client.submit.return_value.add_done_callback.called)
    assert client.submit.call_args.args[1:] == (job.id, print, "x")
    assert client.submit.call_args.kwargs["priority"] == priority
