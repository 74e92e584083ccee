import numpy as np
import pytest

from core.explain.forward import forward_pass, layer_outputs, scores_of
from core.inference.calibration import Calibration
from core.inference.final_step import FinalStep, softmax
from core.inference.predictor import Classifier
from core.models.keras_layers import read_layers
from core.models.loader import load_classifier
from core.models.store import ModelStore
from core.networks.formats import KERAS_FILE

NAMES = [model.name for model in ModelStore().models()]


def example(task):
    return np.random.default_rng(0).random(task.input_shape, np.float32)


def test_by_hand():
    step = FinalStep(np.log([8.0, 1.0, 27.0]), 3.0, np.float32([2 / 6, 1 / 6, 3 / 6]))
    assert step.divided == pytest.approx(np.log([2, 1, 3]))
    assert step.uncorrected == pytest.approx(np.array([8, 1, 27]) / 36)
    assert (step.winner, step.second) == (2, 0)
    assert step.lead == pytest.approx(np.log(1.5))
    assert step.agrees


def test_scores_that_lead_elsewhere_are_noticed():
    assert not FinalStep(np.log([8.0, 1.0]), 1.0, np.float32([0.5, 0.5])).agrees


def test_softmax_does_not_overflow():
    assert softmax(np.array([1e4, 0.0])).tolist() == [1, 0]


@pytest.mark.keras
@pytest.mark.parametrize("name", NAMES)
def test_the_scores_of_every_bundled_model_lead_to_its_answer(name):
    model = ModelStore().get(name)
    classifier = load_classifier(model)
    x = example(model.task)
    answer = classifier.predict_one(x).probabilities
    assert classifier.temperature == model.calibration.temperature
    if model.is_ensemble:
        votes = classifier.predict_uncalibrated(x[np.newaxis])[0]
        step = FinalStep.of_vote(votes, classifier.temperature, answer)
    else:
        layers = read_layers(model)
        outputs = layer_outputs(layers, x)
        if outputs is None:
            from core.explain.maps import Probe, activations
            from core.networks.keras_files import read_network

            outputs = activations(Probe.of(read_network(model.read(KERAS_FILE))), x)
        scores = scores_of(layers, outputs).astype(np.float64)
        step = FinalStep(scores, classifier.temperature, answer)
        if (flow := forward_pass(layers, x)) is not None:
            assert flow.columns[-1].values == pytest.approx(scores, abs=1e-4)
    assert softmax(step.divided) == pytest.approx(answer, abs=1e-4)
    assert step.agrees


class Votes(Classifier):
    def predict_uncalibrated(self, x):
        return np.float32([[1, 0]])


def test_a_vote_without_any_doubt_has_finite_scores():
    classifier = Votes(Calibration(temperature=2.0))
    answer = classifier.predict(np.zeros((1, 7), np.float32))[0]
    step = FinalStep.of_vote(np.float32([1, 0]), 2.0, answer)
    assert step.scores == pytest.approx([0, np.log(1e-12)])
    assert step.agrees
