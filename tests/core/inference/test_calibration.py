import json

import numpy as np
import pytest

from core.data import Split
from core.errors import InvalidInput
from core.inference import calibration
from core.inference.calibration import (
    CALIBRATION,
    REFUSED_SHARE,
    Calibration,
    ErrorRate,
    best_temperature,
    calibrate,
    tempered,
)
from core.metrics.reliability import calibration_error
from core.schema import dump, parse

SURE = np.eye(10, dtype=np.float32)[3]
UNSURE = np.full(10, 0.1, np.float32)
FULL = Calibration(
    1.5, 0.6, 0.03, None, (ErrorRate("digits", 1, 200),), (ErrorRate("letters", 2, 50),)
)


def softmax(logits):
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return (powers / powers.sum(axis=1, keepdims=True)).astype(np.float32)


def made(temperature, count=4000):
    """Returns probabilities that are too sure, and labels as often right as they ought to be."""
    generator = np.random.default_rng(0)
    logits = generator.normal(0, 2, (count, 10))
    chances = softmax(logits).astype(float).cumsum(axis=1)
    labels = (generator.random((count, 1)) > chances[:, :-1]).sum(axis=1)
    return softmax(logits * temperature), labels.astype(np.int64)


@pytest.mark.parametrize("temperature", [0.5, 1, 3])
def test_the_temperature_of_made_probabilities_is_found(temperature):
    probabilities, labels = made(temperature)
    found = best_temperature(probabilities, labels)
    assert found == pytest.approx(temperature, rel=0.07)
    repaired = tempered(probabilities, found)
    assert calibration_error(repaired, labels) < 0.03
    assert (repaired.argmax(axis=1) == probabilities.argmax(axis=1)).all()


@pytest.mark.parametrize("temperature", [0.05, 0.7, 4, 20])
def test_tempered_rows_are_probabilities_even_where_some_are_nothing(temperature):
    rows = np.stack([SURE, UNSURE, softmax(np.arange(10.0)[np.newaxis])[0]])
    changed = tempered(rows, temperature)
    assert changed.dtype == np.float32
    assert changed.sum(axis=1) == pytest.approx(np.ones(3), abs=1e-6)
    assert changed[1] == pytest.approx(UNSURE)
    assert (changed[2].max() < rows[2].max()) == (temperature > 1)


def test_the_calibration_error_is_the_mean_gap_of_the_bins():
    confidence = np.array([0.9, 0.9, 0.62, 0.62], np.float32)
    probabilities = np.stack([confidence, 1 - confidence], axis=1)
    # One of two right at 0.9, both at 0.62: gaps 0.4 and 0.38, equally often.
    assert calibration_error(probabilities, np.array([0, 1, 0, 0])) == pytest.approx(0.39)
    certain = np.array([[1, 0], [0, 1]], np.float32)
    assert calibration_error(certain, np.array([0, 1])) == 0
    assert calibration_error(certain, np.array([1, 0])) == 1


def test_what_is_refused_and_accepted_by_mistake_is_counted():
    probabilities, labels = made(3)
    tests = {
        "important": Split(np.stack([SURE, SURE, UNSURE]), np.array([3, 4, 3])),
        "other": Split(np.stack([SURE]), np.array([3])),
    }
    out_of_distribution = {
        "letters": np.stack([UNSURE, UNSURE, SURE, UNSURE]),
        "shapes": SURE[np.newaxis],
    }
    found = calibrate(lambda x: x, Split(probabilities, labels), tests, out_of_distribution)
    refused = (found.apply(probabilities).max(axis=1) < found.threshold).mean()
    assert REFUSED_SHARE / 2 < refused <= REFUSED_SHARE
    assert found.refused == (ErrorRate("important", 1, 3), ErrorRate("other", 0, 1))
    assert found.accepted == (ErrorRate("letters", 1, 4), ErrorRate("shapes", 1, 1))
    # Of two at 1 one is right, which is a gap of 1; the one at 0.1 is wrong.
    assert found.error_before == pytest.approx((1 + 0.1) / 3, abs=1e-5)
    assert found.error_after == pytest.approx(found.error_before, abs=1e-3)


def test_a_threshold_close_to_one_does_not_refuse_everything(monkeypatch):
    monkeypatch.setattr(calibration, "best_temperature", lambda probabilities, labels: 1.0)
    rows = np.tile(np.array([0.99997, 0.00003], np.float32), (50, 1))
    validation = Split(rows, np.zeros(50, np.int64))
    found = calibrate(lambda x: x, validation, {"digits": validation}, {})
    assert found.refused == (ErrorRate("digits", 0, 50),)


def test_a_calibration_comes_back_from_the_card():
    assert (
        parse(CALIBRATION, json.loads(json.dumps(dump(CALIBRATION, FULL))), "a calibration") == FULL
    )


def test_without_a_calibration_nothing_changes():
    nothing = Calibration()
    probabilities, _ = made(3, 20)
    np.testing.assert_array_equal(nothing.apply(probabilities), probabilities)
    assert nothing.threshold == 0


@pytest.mark.parametrize("entry", [[], "text", 7, [1, 2]])
def test_what_is_no_calibration_is_refused(entry):
    with pytest.raises(InvalidInput, match=r"\."):
        parse(CALIBRATION, entry, "a calibration")


@pytest.mark.parametrize(
    "change",
    [
        {"temperature": 0},
        {"temperature": 100},
        {"temperature": float("nan")},
        {"temperature": "warm"},
        {"temperature": 10**400},
        {"threshold": -0.1},
        {"threshold": 1.1},
        {"error_before": float("nan")},
        {"error_after": 2},
        {"refused": None},
        {"refused": [3]},
        {"refused": [{"data": "digits", "errors": 5, "total": 3}]},
        {"accepted": [{"data": "letters", "errors": 0, "total": 0}]},
        {"accepted": [{"data": "letters", "errors": -1, "total": 3}]},
        {"accepted": [{"data": "letters", "errors": float("inf"), "total": 3}]},
        {"accepted": [{"data": "letters"}]},
    ],
    ids=str,
)
def test_impossible_values_are_refused(change):
    with pytest.raises(InvalidInput, match=r"\."):
        parse(CALIBRATION, dump(CALIBRATION, FULL) | change, "a calibration")


def test_an_error_rate_says_of_how_many_and_how_sure_that_is():
    said = str(ErrorRate("letters", 1, 200))
    assert said.startswith("0.50 % of 200 letters, 95 % interval 0.0")
