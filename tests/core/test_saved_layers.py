import io
import zipfile

import pytest

from core.errors import ModelUnusable
from core.saved_layers import parse_layers, read_layers
from core.store import ModelStore


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


def test_a_network_that_is_no_chain_gets_a_sentence():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("config.json", '{"class_name": "Functional", "config": {}}')
        archive.writestr("model.weights.h5", b"")
    with pytest.raises(ModelUnusable, match="no plain chain"):
        parse_layers(file.getvalue(), name="made")
