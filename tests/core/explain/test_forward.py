from dataclasses import replace

import numpy as np
import pytest

from core.explain.forward import (
    Column,
    Connection,
    ForwardPass,
    forward_pass,
    layer_outputs,
    scores_of,
)
from core.models.keras_layers import read_layers
from core.models.loader import load_classifier
from core.models.store import ModelStore
from core.networks.saved_layers import SavedLayer
from core.segments.patterns import ALL_PATTERNS


def array(*rows):
    return np.array(rows, np.float32)


def dense(weights, bias, activation="linear"):
    return SavedLayer("d", "Dense", {"activation": activation}, (weights, np.float32(bias)))


RELU = SavedLayer("r", "ReLU", {})
# Two inputs, two hidden units, two classes. With (1, 2): 1 - 2 = -1 -> 0 and 3 + 2 + 1 = 6.
LAYERS = (
    dense(array([1, 3], [-1, 1]), [0, 1]),
    RELU,
    dense(array([5, 7], [2, -1]), [0, 4], "softmax"),
)
X = array(1, 2)


def test_every_layer_by_hand():
    hidden, bent, answer = layer_outputs(LAYERS, X)
    assert hidden.values == pytest.approx([-1, 6])
    assert bent.values == pytest.approx([0, 6])
    assert answer.values == pytest.approx(np.exp([12, -2]) / np.exp([12, -2]).sum())


def test_the_forward_pass_ends_before_the_softmax():
    flow = forward_pass(LAYERS, X)
    assert [(column.kind, column.layer) for column in flow.columns] == [
        ("input", 0),
        ("hidden", 1),
        ("scores", 0),
    ]
    assert flow.columns[1].values == pytest.approx([0, 6])
    assert flow.columns[2].values == pytest.approx([12, -2])


def test_the_strongest_connections_are_as_many_in_each_layer_and_none_is_zero():
    flow = forward_pass(LAYERS, X)
    assert flow.strongest(2) == (Connection(0, 0, 1, 3, 3), Connection(1, 1, 0, 2, 12))
    after_hidden = [line for line in flow.strongest(60) if line.column == 1]
    assert [(line.source, line.signal) for line in after_hidden] == [(1, 12), (1, -6)]


def test_the_lines_that_decided_lead_back_from_the_winner():
    weights = (array([1, 0, 4], [-5, 2, 3]), array([1, 0], [2, 9], [-3, 1]))
    flow = ForwardPass(
        (
            Column("input", array(1, 1)),
            Column("hidden", array(0, 2, 7)),
            Column("scores", array(0)),
        ),
        weights,
    )
    # Into class 0: 7 × -3 from the last unit, 2 × 2 from the middle one, nothing from the first.
    assert [
        (line.column, line.source, line.target, line.signal) for line in flow.decisive(0, 2)
    ] == [
        (1, 2, 0, -21),
        (1, 1, 0, 4),
        (0, 0, 2, 4),
        (0, 1, 2, 3),
        (0, 1, 1, 2),
    ]
    assert len(flow.decisive(0, 1)) == 2


def test_the_scores_are_found_before_a_softmax_of_any_kind():
    logits = array(1, 3)
    outputs = layer_outputs(LAYERS, X)
    assert scores_of(LAYERS, outputs) == pytest.approx([12, -2])
    plain = (dense(np.eye(2, dtype=np.float32), [0, 0]), SavedLayer("s", "Softmax", {}))
    assert scores_of(plain, layer_outputs(plain, logits)) == pytest.approx(logits)
    assert scores_of(plain[:1], layer_outputs(plain[:1], logits)) == pytest.approx(logits)
    # An answer that the last layer did not make of the output before it: a branch lies between.
    other = (*outputs[:2], replace(outputs[2], values=array(0.5, 0.5)))
    assert scores_of(LAYERS, other) is None


def test_a_dark_display_sends_no_signal():
    assert not [line for line in forward_pass(LAYERS, 0 * X).strongest(60) if line.column == 0]


def test_batch_normalisation_by_hand():
    norm = SavedLayer(
        "n", "BatchNormalization", {"epsilon": 0.0}, (array(2), array(1), array(3), array(4))
    )
    (output,) = layer_outputs([norm], array(7))
    assert output.values == pytest.approx([2 * (7 - 3) / 2 + 1])


@pytest.mark.parametrize(
    "layer",
    [
        SavedLayer("c", "Conv2D", {}, (np.zeros((3, 3, 1, 1), np.float32),)),
        SavedLayer("r", "ReLU", {"negative_slope": 0.1}),
        SavedLayer("d", "Dense", {"activation": "selu"}, (array([1], [1]),)),
    ],
)
def test_what_is_not_known_is_left_to_keras(layer):
    assert layer_outputs([layer], X) is None
    assert forward_pass([layer, *LAYERS], X) is None


@pytest.mark.parametrize("name", ["seven-segment", "seven-segment-flip"])
def test_it_gives_what_the_saved_network_answers(name):
    model = ModelStore().get(name)
    layers = read_layers(model)
    scores = np.stack([forward_pass(layers, x).columns[-1].values for x in ALL_PATTERNS])
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    expected = load_classifier(model, calibrated=False).predict(ALL_PATTERNS)
    assert powers / powers.sum(axis=1, keepdims=True) == pytest.approx(expected, abs=1e-5)
