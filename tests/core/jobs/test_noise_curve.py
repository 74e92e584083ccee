import numpy as np
import pytest

from core.errors import ModelUnusable
from core.evaluation.robustness import NoisePoint
from core.jobs.noise_curve import NoiseCurveJob, points_of
from core.metrics.accuracy import Accuracy
from core.models.store import ModelStore
from core.networks.formats import LITERT_FILE
from core.noise.base import LEVELS
from core.workers.job import WorkerStarted
from tests.support.jobs import HandPlayedJob, RecordingContext, sent

NAMES = {"name": "seven-segment", "task": "seven-segment", "source": "generated", "noise": "flip"}


def curve(**changes):
    return NoiseCurveJob(**NAMES | {"folder": str(ModelStore().root)} | changes)


def point(level):
    confusion = np.array([[4, 1], [0, 5]])
    return NoisePoint(level, Accuracy("data", 9, 10), confusion, 0.8, 2, 1)


@pytest.fixture
def few_examples(monkeypatch):
    monkeypatch.setattr("core.jobs.noise_curve.example_limit", lambda shape: 500)


def test_a_curve_shows_the_points_measured_so_far_and_then_all():
    played = HandPlayedJob(curve())
    assert points_of(played.job) == []
    played.emit(WorkerStarted(1), sent(point(0.0)))
    (first,) = points_of(played.job)
    assert (first.level, first.accuracy.value) == (0.0, 0.9)
    assert first.confusion.tolist() == [[4, 1], [0, 5]]
    assert (first.confidence, first.refused_share, first.refused_right) == (0.8, 0.2, 1)
    played.finish([point(0.0), point(0.025)])
    assert [each.level for each in points_of(played.job)] == [0.0, 0.025]


def test_a_saved_network_is_measured_at_every_level_and_each_point_emitted(few_examples):
    played = HandPlayedJob(curve())
    context = played.work()
    points = points_of(played.job)
    assert [each.level for each in points] == list(LEVELS)
    assert context.emitted[0].confusion.tolist() == points[0].confusion.tolist()
    assert [each.accuracy for each in context.emitted] == [each.accuracy for each in points]
    assert points[0].accuracy.value == 1
    assert points[-1].accuracy.value < 0.5
    assert points[3].accuracy.data == "Generated patterns, bit flip at 0.075"


def test_a_network_that_is_not_saved_is_measured_by_its_file(few_examples):
    file = ModelStore().get("seven-segment").read(LITERT_FILE)
    nowhere = curve(name="new", folder="", network=file).run(RecordingContext())
    saved = curve().run(RecordingContext())
    assert [each.accuracy for each in nowhere] == [each.accuracy for each in saved]


def test_a_network_that_is_gone_is_said():
    with pytest.raises(ModelUnusable, match="no model called 'nobody'"):
        curve(name="nobody").run(RecordingContext())
