from functools import cache

import numpy as np
import pytest

from core.explain.forward import LayerOutput
from core.explain.window import convolution_behind
from core.models.keras_layers import read_layers
from core.models.store import ModelStore
from core.networks.formats import KERAS_FILE
from core.networks.saved_layers import SavedLayer

KERNEL = np.array([[1, 0], [0, -2]], np.float32).reshape(2, 2, 1, 1)
LAYER = SavedLayer(
    "c", "Conv2D", {"padding": "same", "strides": [1, 1]}, (KERNEL, np.array([0.5], np.float32))
)
X = np.arange(9, dtype=np.float32).reshape(3, 3, 1)
# Each number minus twice the one below and to the right, 0 outside, plus 0.5.
Y = np.array([[-7.5, -8.5, 2.5], [-12.5, -11.5, 5.5], [6.5, 7.5, 8.5]], np.float32)[..., np.newaxis]
OUTPUTS = (LayerOutput("c", "Conv2D", Y), LayerOutput("r", "ReLU", np.maximum(Y, 0)))
RELU = SavedLayer("r", "ReLU", {})


@cache
def inspected(name):
    from core.explain.maps import Probe, activations
    from core.networks.keras_files import read_network

    model = ModelStore().get(name)
    x = np.random.default_rng(1).random(model.task.input_shape, np.float32)
    probe = Probe.of(read_network(model.read(KERAS_FILE)))
    return read_layers(model), activations(probe, x), x


def test_a_window_by_hand():
    found = convolution_behind((LAYER, RELU), OUTPUTS, 1, X)
    assert (found.number, found.source, found.size) == (0, -1, (3, 3))
    window = found.window(0, 1, 1)
    assert (window.top, window.left) == (1, 1)
    assert window.values[..., 0].tolist() == [[4, 5], [7, 8]]
    assert window.sums.tolist() == [-12]
    assert window.total == -11.5
    edge = found.window(0, 2, 2)
    assert edge.values[..., 0].tolist() == [[8, 0], [0, 0]]
    assert edge.total == 8.5
    assert found.place(0.5, 1.5) == (0, 1)
    assert found.place(99, -99) == (2, 0)


def test_what_the_network_did_not_compute_is_not_explained():
    wrong = LayerOutput("c", "Conv2D", Y + 1)
    assert convolution_behind((LAYER, RELU), (wrong,), 0, X) is None
    bent = LayerOutput("r", "ReLU", Y)
    assert convolution_behind((LAYER, RELU), (OUTPUTS[0], bent), 1, X) is None
    dense = LayerOutput("d", "Dense", np.zeros(3, np.float32))
    assert convolution_behind((LAYER, RELU), (*OUTPUTS, dense), 2, X) is None
    grouped = SavedLayer("c", "Conv2D", {**LAYER.settings, "groups": 2}, LAYER.weights)
    assert convolution_behind((grouped,), OUTPUTS[:1], 0, X) is None


@pytest.mark.keras
@pytest.mark.parametrize(
    ("strides", "padding"), [((2, 2), "same"), ((2, 2), "valid"), ((1, 1), "same")]
)
def test_strides_and_padding_are_those_of_keras(strides, padding):
    import keras

    layer = keras.layers.Conv2D(3, (3, 2), strides=strides, padding=padding)
    x = np.random.default_rng(0).random((7, 8, 2), np.float32)
    made = np.asarray(layer(x[np.newaxis]))[0]
    settings = {"strides": list(strides), "padding": padding}
    saved = SavedLayer("c", "Conv2D", settings, tuple(map(np.asarray, layer.get_weights())))
    found = convolution_behind((saved,), (LayerOutput("c", "Conv2D", made),), 0, x)
    for row in range(made.shape[0]):
        for column in range(made.shape[1]):
            assert found.window(1, row, column).total == pytest.approx(
                made[row, column, 1], abs=1e-5
            )


@pytest.mark.keras
@pytest.mark.parametrize(
    "name", [m.name for m in ModelStore().models("handwritten") if not m.is_ensemble]
)
def test_every_map_of_the_bundled_networks_is_explained_exactly(name):
    layers, outputs, x = inspected(name)
    for number, output in enumerate(outputs):
        if output.kind not in ("Conv2D", "BatchNormalization", "ReLU") or output.values.ndim != 3:
            continue
        found = convolution_behind(layers, outputs, number, x)
        made = outputs[found.number].values
        for index, row, column in ((0, 0, 0), (made.shape[2] - 1, made.shape[0] - 1, 2), (3, 2, 1)):
            total = found.window(index, row, column).total
            assert total == pytest.approx(float(made[row, column, index]), abs=2e-4)
