import numpy as np
import pytest

from core.data import Split
from core.evaluation.robustness import (
    NoisePoint,
    accuracy_by_level,
    confusion_counts,
    example_limit,
)
from core.inference.calibration import Calibration
from core.inference.predictor import Classifier
from core.metrics.accuracy import Accuracy
from core.models.loader import load_classifier
from core.models.store import ModelStore
from core.noise.base import GAUSSIAN, LEVELS
from core.segments.bayes import ceiling
from core.segments.channels import BIT_FLIP
from core.segments.patterns import make_clean


@pytest.fixture(scope="module")
def predictor():
    return load_classifier(ModelStore().get("seven-segment"))


def curve(predictor, **options):
    return accuracy_by_level(predictor, make_clean(500), BIT_FLIP, data="patterns", **options)


def test_there_is_a_point_for_every_level_and_it_is_told_of_at_once(predictor):
    told = []
    points = curve(predictor, on_point=told.append)
    assert [point.level for point in points] == list(LEVELS)
    assert told == points
    assert points[3].accuracy.data == "patterns, bit flip at 0.075"
    assert {point.accuracy.total for point in points} == {5000}


def test_confusions_count_every_example_once(predictor):
    points = curve(predictor, levels=(0.0, 0.2))
    assert (points[0].confusion == 500 * np.eye(10)).all()
    assert points[1].confusion.sum(axis=1).tolist() == [500] * 10
    assert np.trace(points[1].confusion) == points[1].accuracy.correct


def test_confidence_is_the_mean_of_the_largest_and_below_the_threshold_is_refused():
    class Fixed(Classifier):
        """Answers the same to every pair of examples."""

        def predict_uncalibrated(self, x):
            return np.array([[0.9, 0.1], [0.4, 0.6]], np.float32)

    two = Split(np.zeros((2, 7), np.float32), np.array([0, 0]))
    fixed = Fixed(Calibration(threshold=0.7))
    (point,) = accuracy_by_level(fixed, two, BIT_FLIP, data="two", levels=(0.1,))
    assert point.confidence == pytest.approx(0.75)
    assert (point.refused, point.refused_right, point.refused_share) == (1, 0, 0.5)
    assert point.accepted_wrong_share == 0


def test_confusions_by_hand():
    probabilities = np.array([[0.2, 0.8], [0.9, 0.1], [0.4, 0.6]], np.float32)
    assert confusion_counts(probabilities, np.array([0, 0, 1])).tolist() == [[1, 1], [0, 1]]


def test_accuracy_falls_from_all_to_chance_and_beats_no_ceiling(predictor):
    levels = (0.0, 0.1, 0.2, 0.3, 0.5)
    values = [point.accuracy.value for point in curve(predictor, levels=levels)]
    assert values[0] == 1
    assert values == sorted(values, reverse=True)
    for level, value in zip(levels, values, strict=True):
        best = ceiling(BIT_FLIP.likelihood(level))
        assert value <= best + 4 * np.sqrt(best * (1 - best) / 5000)
    assert values[-1] == pytest.approx(0.1, abs=4 * np.sqrt(0.09 / 5000))


def test_the_seed_decides_and_levels_do_not_share_their_noise(predictor):
    levels = (0.2, 0.3)

    def counts(**options):
        return [point.confusion.tolist() for point in curve(predictor, levels=levels, **options)]

    assert counts() == counts()
    assert counts() != counts(random_state=1)

    class Recorder(Classifier):
        def __init__(self):
            super().__init__()
            self.seen = []

        def predict_uncalibrated(self, x):
            self.seen.append(x)
            return np.eye(10, dtype=np.float32)[np.zeros(len(x), int)]

    recorder = Recorder()
    blank = Split(np.full((9, 7), 0.5, np.float32), np.zeros(9, np.int64))
    accuracy_by_level(recorder, blank, GAUSSIAN, data="grey", levels=(0.1, 0.2))
    low, high = ((x - 0.5) for x in recorder.seen)
    assert np.corrcoef(low.ravel(), high.ravel())[0, 1] < 0.9


def test_patterns_cost_less_than_pictures_so_more_are_taken():
    assert example_limit((7,)) == 20_000
    assert example_limit((28, 28, 1)) == 2_000


def test_of_what_is_not_refused_the_wrong_share_is_known():
    none = np.zeros((10, 10), np.int64)
    # 90 of 100 are refused, 17 of them right; of the other 10, 3 are right.
    point = NoisePoint(0.2, Accuracy("made", 20, 100), none, 0.3, 90, 17)
    assert point.accepted_wrong_share == pytest.approx(0.7)
