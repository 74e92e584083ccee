import io
import zipfile

import numpy as np
import pytest

from core.errors import ModelUnusable
from core.explain.forward import layer_outputs
from core.models.keras_layers import read_layers
from core.models.store import ModelStore
from core.networks.formats import KERAS_FILE
from core.networks.saved_layers import parse_layers


def test_layers_come_in_order_with_their_weights():
    layers = read_layers(ModelStore().get("handwritten-cnn"))
    assert [layer.kind for layer in layers] == [
        *("Conv2D", "ReLU", "MaxPooling2D") * 2,
        *("Flatten", "Dense", "ReLU", "Dropout", "Dense"),
    ]
    shapes = [tuple(weights.shape for weights in layer.weights) for layer in layers]
    assert shapes[3] == ((3, 3, 32, 64), (64,))
    assert shapes[1] == ()
    assert layers[-1].settings["activation"] == "softmax"


@pytest.mark.parametrize("data", [b"", b"no zip file"])
def test_what_is_no_network_gets_a_sentence(data):
    with pytest.raises(ModelUnusable, match="made"):
        parse_layers(data, name="made")


def test_a_network_that_is_none_of_keras_gets_a_sentence():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("config.json", '{"class_name": "MyOwn", "config": {}}')
        archive.writestr("model.weights.h5", b"")
    with pytest.raises(ModelUnusable, match="cannot be read"):
        parse_layers(file.getvalue(), name="made")


@pytest.mark.keras
@pytest.mark.keras
@pytest.mark.slow
def test_the_layers_of_a_network_that_branches_are_read():
    keras = pytest.importorskip("keras")
    from core.networks.keras_files import write_network

    inputs = keras.Input((4,))
    first = keras.layers.Dense(3, name="first")
    beside = keras.layers.Dense(3, name="beside")
    last = keras.layers.Dense(2, activation="softmax", name="last")
    x = first(inputs)
    x = keras.layers.Add(name="together")([x, beside(x)]) * 2.0
    model = keras.Model(inputs, last(x))
    layers = parse_layers(write_network(model, logits=False)[KERAS_FILE], name="made")
    found = {layer.name: layer for layer in layers}
    assert list(found)[:3] == ["first", "beside", "together"]
    for layer in (first, beside, last):
        kernel, bias = layer.get_weights()
        assert np.array_equal(found[layer.name].weights[0], kernel)
        assert np.array_equal(found[layer.name].weights[1], bias)
    # Only Keras, in a worker, can reckon through it.
    assert layer_outputs(layers, np.zeros(4, np.float32)) is None


@pytest.mark.keras
@pytest.mark.slow
def test_a_layer_that_is_used_twice_gets_a_sentence():
    keras = pytest.importorskip("keras")
    from core.networks.keras_files import write_network

    inputs = keras.Input((4,))
    twice = keras.layers.Dense(4, activation="relu")
    model = keras.Model(inputs, keras.layers.Dense(2)(twice(twice(inputs))))
    with pytest.raises(ModelUnusable, match="cannot be read"):
        parse_layers(write_network(model, logits=True)[KERAS_FILE], name="made")
