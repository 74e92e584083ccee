from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from core.errors import ModelUnusable
from core.inference import Prediction, Predictor
from core.segments import ALL_PATTERNS
from core.store import LITERT_FILE, ModelStore


def test_threads_may_share_a_predictor():
    predictor = ModelStore().get("seven-segment").predictor()
    expected = predictor.predict(ALL_PATTERNS).argmax(axis=1).tolist()

    def ask(start):
        # Batches of many sizes make the interpreter change its shape all the time.
        part = ALL_PATTERNS[start : start + 1 + start % 5]
        return predictor.predict(part).argmax(axis=1).tolist()

    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(ask, list(range(120)) * 5))
    for start, answer in zip(list(range(120)) * 5, answers, strict=True):
        assert answer == expected[start : start + 1 + start % 5]


def test_a_wrong_input_does_not_spoil_the_next_answer():
    predictor = ModelStore().get("seven-segment").predictor()
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
