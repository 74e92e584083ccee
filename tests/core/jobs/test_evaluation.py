import numpy as np
import pytest

from core.errors import DigitLabError, InvalidInput
from core.jobs.evaluation import EvaluationJob, HeldOut, TestDataJob, evaluation_of
from core.models.store import ModelStore
from core.tasks.base import get_task
from core.workers.job import WorkerStarted
from core.workers.progress import Progress
from tests.support.jobs import HandPlayedJob, RecordingContext

FOLDER = str(ModelStore().root)
BUILT_IN = HeldOut("handwritten", "built-in")


def test_displays_come_with_the_noise_that_their_network_learned():
    model = ModelStore().get("seven-segment")
    data = HeldOut.of(model, "generated")
    assert (data.noise, data.level) == (
        model.card.noise,
        model.card.noise_level,
    )
    assert data.seed == model.card.seed


def test_pictures_are_the_same_for_all_networks():
    dense, cnn = (ModelStore().get(f"handwritten-{name}") for name in ("dense", "cnn"))
    assert HeldOut.of(dense, "built-in") == HeldOut.of(cnn, "built-in")
    assert HeldOut.of(dense, "built-in") == BUILT_IN


def test_a_seven_segment_network_has_the_accuracy_of_its_card():
    model = ModelStore().get("seven-segment")
    data = HeldOut.of(model, "generated")
    test_data = HandPlayedJob(TestDataJob(data))
    evaluation = HandPlayedJob(EvaluationJob(FOLDER, model.name, data))
    test_data.work()
    reports = evaluation.work().reports
    shown, measured = test_data.job.result, evaluation.job.result
    figures = [evaluation_of(*parts).accuracy for parts in zip(shown, measured, strict=True)]
    assert tuple(figures) == model.figures
    assert shown[0].shown.shape == (11_000, 7)
    assert set(np.unique(shown[0].shown)) == {0, 1}
    assert reports[0] == Progress(0, 11_010)
    assert reports[-1] == Progress(11_010, 11_010)


def test_pictures_are_kept_as_bytes():
    (part,) = TestDataJob(BUILT_IN).run(RecordingContext())
    assert (part.shown.dtype, part.shown.shape) == (np.uint8, (450, 28, 28))
    (test,) = get_task("handwritten").source("built-in").held_out(None, 0.0, 0).tests.values()
    assert np.array_equal(part.y, test.y)
    assert part.shown[3] == pytest.approx(255 * test.x[3, ..., 0], abs=0.51)


def test_an_evaluation_reports_how_far_it_is():
    played = HandPlayedJob(EvaluationJob(FOLDER, "handwritten-dense", BUILT_IN))
    job = played.job
    assert (job.progress.share, job.progress.seconds_left, job.result) == (0, None, None)
    played.emit(WorkerStarted(1), Progress(250, 1000, 2.0))
    assert (job.progress.share, job.progress.seconds_left) == (0.25, pytest.approx(6))
    played.finish(("part",))
    assert job.result == ("part",)


def test_examples_that_are_not_there_are_no_parts():
    played = HandPlayedJob(TestDataJob(HeldOut("handwritten", "nowhere")))
    with pytest.raises(InvalidInput, match="nowhere"):
        played.work()
    played.fail("There is no such data.")
    assert (played.job.result, played.job.error) == (None, "There is no such data.")


def test_test_data_are_urgent_for_a_person_waits_before_an_empty_page():
    assert TestDataJob.urgent
    assert not EvaluationJob.urgent


@pytest.mark.parametrize("job", [TestDataJob, lambda *data: EvaluationJob(FOLDER, "gone", *data)])
def test_the_file_that_the_examples_are_from_comes_with_the_job(monkeypatch, tmp_path, job):
    monkeypatch.setenv("DIGIT_LAB_UPLOADS", str(tmp_path))
    played = HandPlayedJob(job(HeldOut("handwritten", "gone"), b"a file"))
    with pytest.raises(DigitLabError, match="gone"):
        played.work()
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"a file"]
