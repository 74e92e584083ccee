import shutil

import pytest

from core.errors import Abandoned, InvalidInput, ModelUnusable
from core.jobs.ensemble import EnsembleJob
from core.models.store import ModelStore
from core.networks.formats import LITERT_FILE
from core.workers.commands import Signal
from core.workers.job import WorkerStarted
from core.workers.progress import Progress
from tests.support.jobs import HandPlayedJob, RecordingContext
from tests.support.models import save_copy


@pytest.fixture
def store(tmp_path):
    made = ModelStore(tmp_path)
    for name in ("first", "second"):
        save_copy(made, "seven-segment", name)
    return made


def ensemble(store, **options):
    return EnsembleJob.of(store, ["first", "second"], vote="weighted", **options)


def test_an_ensemble_is_made_in_a_worker_and_its_progress_reported(store):
    played = HandPlayedJob(ensemble(store, weights=(3, 1)))
    job = played.job
    assert (job.spec.task, job.spec.members) == ("seven-segment", ("first", "second"))
    assert (job.progress.note, job.progress.share, job.progress.seconds_left) == ("", 0, None)
    played.emit(WorkerStarted(1), Progress(0, 80, 0.0, "first"))
    assert (job.progress.note, job.progress.share, job.progress.seconds_left) == ("first", 0, None)
    played.emit(Progress(60, 80, 3.0, "second"))
    progress = job.progress
    assert (progress.note, progress.share, progress.seconds_left) == ("second", 0.75, 1.0)
    assert job.result is None
    reports = played.work().reports
    saved = store.save("both", job.result.files, job.result.card)
    assert saved.summary == "weighted mean of first (75.0 %), second (25.0 %)"
    assert list(dict.fromkeys(report.note for report in reports)) == ["first", "second"]
    assert reports[0].done == 0
    assert [report.done for report in reports] == sorted(report.done for report in reports)
    assert len({report.total for report in reports}) == 1


def test_an_ensemble_that_cannot_be_needs_no_worker_to_be_refused(store):
    with pytest.raises(InvalidInput, match="not pictures"):
        ensemble(store, test_time_augmentation=True)
    with pytest.raises(InvalidInput, match="each of the 2"):
        ensemble(store, weights=(1,))
    shutil.rmtree(store.root / "second")
    with pytest.raises(ModelUnusable, match="no model called 'second'"):
        ensemble(store)


def test_a_member_that_goes_while_the_work_waits_is_said_and_a_stop_is_obeyed(store):
    spec = ensemble(store)
    with pytest.raises(Abandoned, match="stopped"):
        spec.run(RecordingContext(Signal("stop")))
    (store.root / "second" / LITERT_FILE).write_bytes(b"something else")
    with pytest.raises(ModelUnusable, match=r"second.*damaged"):
        spec.run(RecordingContext())
    shutil.rmtree(store.root / "second")
    with pytest.raises(ModelUnusable, match="no model called 'second'"):
        spec.run(RecordingContext())


def test_a_stop_is_obeyed_between_two_answers_as_well(store):
    spec = ensemble(store)
    context = RecordingContext(
        listener=lambda event: context.controls.send(Signal("stop")),
    )
    with pytest.raises(Abandoned, match="stopped"):
        spec.run(context)
    assert len(context.reports) == 1
