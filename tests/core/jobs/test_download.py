from types import SimpleNamespace

import pytest

from core.jobs.download import DownloadJob
from core.workers.progress import Progress
from tests.support.jobs import HandPlayedJob, RecordingContext


@pytest.fixture
def source(monkeypatch):
    """A data set that tests say how to download."""
    made = SimpleNamespace(download=None)
    task = SimpleNamespace(source=lambda name: made)
    monkeypatch.setattr("core.jobs.download.get_task", lambda name: task)
    return made


def test_a_download_reports_the_bytes_but_not_every_piece(source):
    def download(report):
        for done in range(0, 1_000_001, 50_000):
            report(done, 1_000_000)

    source.download = download
    played = HandPlayedJob(DownloadJob("any", "any"))
    assert played.job.progress == Progress(0, 0)
    context = RecordingContext(listener=played.emit)
    played.spec.run(context)
    assert played.job.progress == Progress(1_000_000, 1_000_000)
    assert context.reports == [
        Progress(0, 0),
        Progress(250_000, 1_000_000),
        Progress(500_000, 1_000_000),
        Progress(750_000, 1_000_000),
        Progress(1_000_000, 1_000_000),
    ]
    assert context.emitted == []
    assert played.job.state == "running"


def test_a_data_set_that_needs_no_download_is_there_at_once(source):
    played = HandPlayedJob(DownloadJob("any", "any"))
    assert played.work().reports == []
    assert played.job.state == "finished"
