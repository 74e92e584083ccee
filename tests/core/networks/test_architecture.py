import dataclasses

import pytest

from core.errors import InvalidInput
from core.networks.architecture import ARCHITECTURE, Architecture
from core.schema import dump, parse


def test_a_network_is_described_in_one_line():
    network = Architecture((128,), dropout=0.5, batch_norm=True, filters=(32, 64))
    assert network.summary == "conv 32, conv 64, dense 128, batch norm, dropout 0.5"
    assert Architecture((8,)).summary == "dense 8"


def test_a_network_is_frozen_and_can_be_compared():
    assert Architecture([8, 4]) == Architecture((8, 4))
    assert len({Architecture((8,)), Architecture((8,))}) == 1
    with pytest.raises(dataclasses.FrozenInstanceError):
        Architecture((8,)).dropout = 0.5


def test_activation_and_recurrent_layers_are_named_where_they_are():
    network = Architecture((16,), activation="tanh", recurrent=(8,), cell="gru")
    assert network.summary == "gru 8, dense 16, tanh"
    assert Architecture((8,), activation="none").summary == "dense 8, no activation"
    assert Architecture((), recurrent=(8,), activation="tanh").summary == "simple recurrent 8"


def test_without_an_activation_no_layer_stands_for_it():
    names = [layer.name for layer in Architecture((4,), activation="none").layers((7,), 3)]
    assert names == ["Input", "Dense", "Dense, softmax"]
    assert Architecture((4,), activation="gelu").layers((7,), 3)[2].name == "GELU"


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"recurrent": (0,)}, "recurrent layers, each of 1"),
        ({"recurrent": (8,), "filters": (4,)}, "one or the other"),
        ({"activation": "swish"}, "the activation to be one of relu, tanh"),
        ({"recurrent": (8,), "cell": "elman"}, "the cell of recurrent layers to be one of simple"),
    ],
)
def test_what_no_network_can_have_is_refused(settings, words):
    with pytest.raises(InvalidInput, match=words):
        Architecture((8,), **settings)


def test_recurrent_layers_need_a_sequence():
    with pytest.raises(InvalidInput, match="need sequences"):
        Architecture((8,), recurrent=(8,)).layers((7,), 10)


@pytest.mark.parametrize("hidden", [(0,), (10**6,), (8,) * 9])
def test_impossible_layers_are_refused(hidden):
    with pytest.raises(InvalidInput, match="hidden layers"):
        Architecture(hidden)


def test_a_network_without_hidden_layers_is_linear():
    network = Architecture((), output="linear")
    assert network.summary == "no hidden layer, logits"
    assert network.parameter_count((4,), 3) == (4 + 1) * 3


@pytest.mark.parametrize("dropout", [-0.1, 1.0, float("nan")])
def test_impossible_dropout_is_refused(dropout):
    with pytest.raises(InvalidInput, match="dropout"):
        Architecture((8,), dropout)


def test_an_architecture_survives_json():
    network = Architecture((8, 4), 0.5, True, (3, 2))
    assert parse(ARCHITECTURE, dump(ARCHITECTURE, network), "x") == network
    with pytest.raises(InvalidInput):
        parse(ARCHITECTURE, {"hidden": "x"}, "an architecture")


@pytest.mark.parametrize(
    "entry",
    [
        {},
        {"hidden": [8], "dropout": 0.5, "batch_norm": "no"},
        {"hidden": [8], "dropout": "much"},
        {"hidden": [8], "kernel_size": True},
        {"hidden": ["x"], "dropout": 0.5, "batch_norm": False, "filters": []},
        {"hidden": None, "dropout": 0.5, "batch_norm": False, "filters": []},
        {"hidden": [float("inf")], "dropout": 0.5, "batch_norm": False, "filters": []},
        {"hidden": [8], "dropout": 2, "batch_norm": False, "filters": []},
    ],
)
def test_another_description_is_refused(entry):
    with pytest.raises(InvalidInput):
        parse(ARCHITECTURE, entry, "an architecture")
