from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from core.errors import ModelUnusable
from core.inference.calibration import Calibration, tempered
from core.inference.predictor import Prediction, Predictor
from core.models.loader import load_classifier
from core.models.store import ModelStore
from core.networks.formats import LITERT_FILE
from core.segments.patterns import ALL_PATTERNS


def test_threads_may_share_a_predictor():
    predictor = load_classifier(ModelStore().get("seven-segment"))
    expected = predictor.predict(ALL_PATTERNS).argmax(axis=1).tolist()

    def ask(start):
        # Batches of many sizes make the interpreter change its shape all the time.
        part = ALL_PATTERNS[start : start + 1 + start % 5]
        return predictor.predict(part).argmax(axis=1).tolist()

    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(ask, list(range(120)) * 5))
    for start, answer in zip(list(range(120)) * 5, answers, strict=True):
        assert answer == expected[start : start + 1 + start % 5]


def test_a_wrong_input_does_not_corrupt_the_next_answer():
    predictor = load_classifier(ModelStore().get("seven-segment"))
    before = predictor.predict(ALL_PATTERNS[:1])
    with pytest.raises((RuntimeError, ValueError)):
        predictor.predict(np.ones((2, 6), np.float32))
    assert (predictor.predict(ALL_PATTERNS[:1]) == before).all()


def test_one_answer_is_read_off_the_probabilities():
    prediction = Prediction.of(np.array([0.1, 0.7, 0.2], np.float32))
    assert prediction.digit == 1
    assert prediction.confidence == pytest.approx(0.7)


def test_a_network_with_another_number_of_answers_is_refused():
    data = ModelStore().get("seven-segment").read(LITERT_FILE)
    with pytest.raises(ModelUnusable, match="10 answers"):
        Predictor(data, input_shape=(7,), num_classes=2)


def test_a_missing_file_is_said_in_a_sentence(tmp_path):
    with pytest.raises(ModelUnusable, match="cannot be loaded"):
        Predictor(tmp_path / "nothing.tflite", input_shape=(7,), num_classes=10)


def test_the_temperature_makes_less_sure_and_changes_no_answer():
    model = ModelStore().get("seven-segment")
    bare = load_classifier(model, calibrated=False).predict(ALL_PATTERNS)
    softened = predictor_of(model, Calibration(temperature=3.0)).predict(ALL_PATTERNS)
    np.testing.assert_allclose(softened, tempered(bare, 3.0), rtol=1e-5)
    assert softened.sum(axis=1) == pytest.approx(np.ones(128), abs=1e-5)
    assert softened.max(axis=1).mean() < bare.max(axis=1).mean() - 0.05
    assert (softened.argmax(axis=1) == bare.argmax(axis=1)).all()


def test_what_is_below_the_threshold_is_not_recognised():
    predictor = predictor_of(ModelStore().get("seven-segment"), Calibration(threshold=0.8))
    answers = predictor.answers(ALL_PATTERNS)
    probabilities = predictor.predict(ALL_PATTERNS)
    assert [answer.digit for answer in answers] == probabilities.argmax(axis=1).tolist()
    assert [answer.confidence for answer in answers] == probabilities.max(axis=1).tolist()
    assert [answer.recognised for answer in answers] == (probabilities.max(axis=1) >= 0.8).tolist()
    assert {answer.recognised for answer in answers} == {True, False}
    alone = predictor.predict_one(ALL_PATTERNS[5])
    assert (alone.digit, alone.threshold) == (answers[5].digit, 0.8)
    assert alone.confidence == pytest.approx(answers[5].confidence, abs=1e-6)


def test_without_a_calibration_everything_is_recognised():
    answer = Prediction.of(np.array([0.34, 0.33, 0.33], np.float32))
    assert answer.recognised
    assert not Prediction.of(answer.probabilities, threshold=0.5).recognised
    assert Prediction.of(np.array([0.5, 0.5], np.float32), threshold=0.5).recognised


def predictor_of(model, calibration):
    return Predictor(
        model.read(LITERT_FILE), input_shape=(7,), num_classes=10, calibration=calibration
    )
