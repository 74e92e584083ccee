import numpy as np
import pytest

from core.baselines.learning import NAMES, LearnedFrom
from core.errors import Abandoned, DigitLabError
from core.jobs import baselines
from core.jobs.baselines import (
    BaselineCurvesJob,
    BaselinePoint,
    BaselinesJob,
    NetworkAnswersJob,
    baseline_points,
)
from core.models.store import ModelStore
from core.networks.formats import LITERT_FILE
from core.workers.commands import Signal
from core.workers.progress import Progress
from tests.pages.conftest import measured_points
from tests.support.jobs import HandPlayedJob, RecordingContext

BUILT_IN = LearnedFrom("handwritten", "built-in")
CLEAN = LearnedFrom("seven-segment", "generated", share=0.1)


@pytest.fixture(autouse=True)
def nothing_learned():
    baselines._newest.clear()


def test_methods_are_trained_once_for_several_questions():
    played = HandPlayedJob(BaselinesJob(CLEAN))
    context = played.work()
    found = played.job.result
    assert [each.name for each in found.each] == list(NAMES)
    assert (found.examples, found.available) == (2_200, 2_200)
    assert [str(each.parts[0].accuracy) for each in found.each[1:]] == [
        "100.00 % of 10 (clean patterns), exactly",
        "100.00 % of 10 (clean patterns), exactly",
        "10.00 % of 10 (clean patterns), exactly",
    ]
    assert context.reports[0] == Progress(0, 0, note="")
    assert context.reports[1] == Progress(0, 0, note="Logistic regression")
    assert context.reports[-1] == Progress(40, 40, note="Majority guess")
    (learned,) = baselines._newest.values()
    curves = HandPlayedJob(BaselineCurvesJob(CLEAN, "flip"))
    context = curves.work()
    measured = curves.job.result
    assert list(baselines._newest.values()) == [learned]
    assert (measured.examples, measured.available) == (2_200, 2_200)
    assert [event.name for event in context.emitted if isinstance(event, BaselinePoint)] == [
        name for name in NAMES for _ in measured.points["tree"]
    ]
    assert baseline_points(curves.job) is measured.points


def test_points_of_a_curve_are_known_before_its_end():
    played = HandPlayedJob(BaselineCurvesJob(CLEAN, "flip"))
    points = measured_points(1000)
    played.emit(BaselinePoint("tree", points[0]), BaselinePoint("tree", points[1]))
    played.emit(BaselinePoint("majority", points[0]))
    assert baseline_points(played.job) == {"tree": points[:2], "majority": points[:1]}


def test_saved_models_test_is_the_same_for_simple_methods():
    data = LearnedFrom("seven-segment", "generated", "flip", 0.15, share=0.1)
    found = BaselinesJob(data, common=True).run(RecordingContext())
    assert found.each[0].parts[0].accuracy.total == 10_000
    assert found.each[0].parts[0].accuracy.best == pytest.approx(0.6213, abs=1e-4)
    assert found.each[0].rule.shape == (128, 10)


def test_a_run_s_network_is_right_where_its_card_says_so():
    model = ModelStore().get("seven-segment")
    card = model.card
    data = LearnedFrom(card.task, card.source, card.noise, card.noise_level, card.seed)
    job = NetworkAnswersJob(data, model.read(LITERT_FILE))
    context = RecordingContext()
    answers = job.run(context)
    assert [int(part.sum()) for part in answers.right] == [
        figure.correct for figure in model.figures
    ]
    assert [part.dtype for part in answers.right] == [np.bool_, np.bool_]
    assert answers.milliseconds > 0
    assert context.reports[-1] == Progress(11_010, 11_010)


@pytest.mark.parametrize("job", [BaselinesJob(CLEAN), BaselineCurvesJob(CLEAN, "flip")])
def test_what_nobody_waits_for_stops(job):
    with pytest.raises(Abandoned):
        job.run(RecordingContext(Signal("stop")))


def test_the_file_that_the_examples_are_from_comes_with_the_job(monkeypatch, tmp_path):
    monkeypatch.setenv("DIGIT_LAB_UPLOADS", str(tmp_path))
    gone = LearnedFrom("handwritten", "gone")
    for job in (
        BaselinesJob(gone, upload=b"a file"),
        BaselineCurvesJob(gone, "gaussian", b"a file"),
        NetworkAnswersJob(gone, ModelStore().get("handwritten-dense").read(LITERT_FILE), b"a file"),
    ):
        with pytest.raises(DigitLabError, match="gone"):
            job.run(RecordingContext())
        (path,) = tmp_path.iterdir()
        assert path.read_bytes() == b"a file"
        path.unlink()
