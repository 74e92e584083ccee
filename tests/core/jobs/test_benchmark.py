from core.evaluation.benchmark import Measured
from core.jobs.benchmark import BenchmarkJob
from core.models.store import ModelStore
from core.workers.progress import Progress
from tests.support.jobs import HandPlayedJob, RecordingContext, sent

FLIP = BenchmarkJob(str(ModelStore().root), "seven-segment-flip", "generated")


def test_a_model_is_measured_and_what_is_found_comes_back_whole():
    played = HandPlayedJob(FLIP)
    job = played.job
    assert (job.progress.share, job.result) == (0.0, None)
    context = RecordingContext(listener=played.emit)
    found = played.spec.run(context)
    assert 0 < job.progress.share <= 1
    assert context.reports[0] == Progress(0, 10_000)
    assert context.reports[-1] == Progress(10_000, 10_000)
    played.finish(sent(found))
    measured = job.result
    assert isinstance(measured, Measured)
    assert measured == found
    assert measured.accuracy.total == 10_000
    low, high = measured.accuracy.interval
    assert low < measured.accuracy.best < high  # this network reaches the best possible
    assert 0 < measured.milliseconds < 1000


def test_a_measuring_that_has_failed_has_found_nothing():
    played = HandPlayedJob(FLIP)
    played.fail("The worker processes were lost.")
    assert not played.job.active
    assert played.job.result is None
